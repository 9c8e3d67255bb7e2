"""The process that redraws one picture: bytes on standard input, an answer on standard output, then it ends.

The answer is one line of JSON and, behind it, the copies one after the other. It is read by
`webapp.pictures.pool`, which believes none of it: a decoder may have been taken over by then.
"""

from __future__ import annotations

import io
import json
import sys

from PIL import Image

from webapp.pictures.confine import Limits, confine, limit
from webapp.pictures.judge import BadPhoto
from webapp.pictures.redraw import redraw


def answer(data: bytes) -> bytes:
    """What is written for a picture: sizes and copies, or the code of what is wrong with it."""
    try:
        copies = redraw(data)
    except BadPhoto as bad:
        return json.dumps({"bad": bad.code}).encode() + b"\n"
    sizes = [[copy.width, copy.height, len(copy.data)] for copy in copies]
    return b"".join([json.dumps({"copies": sizes}).encode() + b"\n", *(copy.data for copy in copies)])


def warm_up() -> None:
    """Draw something once, so that whatever Pillow imports late is there before files are given up."""
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG")
    redraw(out.getvalue())


def main(arguments: list[str]) -> None:
    """Wait for a picture, redraw it, end. Nothing comes when it is no longer needed."""
    warm_up()
    limit(Limits(*map(int, arguments)))
    confine()
    data = sys.stdin.buffer.read()
    if data:
        sys.stdout.buffer.write(answer(data))


if __name__ == "__main__":
    main(sys.argv[1:])
