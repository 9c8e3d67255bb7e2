"""The process that redraws one picture: bytes on standard input, an answer on standard output, then it ends.

The answer is one line of JSON and, behind it, the copies one after the other. It is read by
`webapp.pictures.pool`, which believes none of it: a decoder may have been taken over by then.
"""

from __future__ import annotations

import io
import json
import sys

from PIL import Image, ImageCms

from webapp.pictures.confine import Limits, confine, limit
from webapp.pictures.judge import BadPhoto
from webapp.pictures.redraw import redraw

_ORIENTATION = 0x0112


def answer(data: bytes) -> bytes:
    """What is written for a picture: sizes and copies, or the code of what is wrong with it."""
    try:
        copies = redraw(data)
    except BadPhoto as bad:
        return json.dumps({"bad": bad.code}).encode() + b"\n"
    sizes = [[copy.width, copy.height, len(copy.data)] for copy in copies]
    return b"".join([json.dumps({"copies": sizes}).encode() + b"\n", *(copy.data for copy in copies)])


def warm_up() -> None:
    """Draw something with notes and a profile once: what Pillow imports late must be there before files
    are given up."""
    notes = Image.Exif()
    notes[_ORIENTATION] = 6
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for kind in ("JPEG", "PNG", "WEBP"):
        out = io.BytesIO()
        Image.new("RGB", (8, 8)).save(out, kind, exif=notes, icc_profile=profile, xmp=b"<x/>")
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
