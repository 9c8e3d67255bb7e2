"""Draws photos into the album's folder: `python -m webapp.demo.draw FOLDER NAME...`, a process of its own.

A program rather than a forked copy of its caller, which may have threads and an open database.
"""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

from webapp.demo import paint
from webapp.operations import photos

Copies = list[tuple[int, int, bytes]]
PROCESSES = max(1, min(4, os.cpu_count() or 1))
_ROOT = Path(__file__).resolve().parents[2]


class DrawingFailed(RuntimeError):
    """A drawing process ended badly; the message is what it said."""


def draw_all(folder: Path, names: Sequence[str]) -> None:
    """Draw `names`, spread over the cores. Raises DrawingFailed."""
    running = [_start(folder, names[part::PROCESSES]) for part in range(PROCESSES) if names[part::PROCESSES]]
    said = [process.communicate()[1] for process in running]
    for process, errors in zip(running, said, strict=True):
        if process.returncode:
            raise DrawingFailed(errors.decode(errors="replace")[-2000:])


def _start(folder: Path, names: Sequence[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 (our own program)
        [sys.executable, "-m", "webapp.demo.draw", str(folder), *names],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={"PYTHONPATH": str(_ROOT)},
    )


def path_of(folder: Path, name: str, kind: str) -> Path:
    return folder / f"{name.replace('/', '-')}.{kind}"


def draw(folder: Path, name: str) -> None:
    """One photo and what the worker would make of it. The copies come last: they say that both are there."""
    scene, side, seed = name.split("/")
    data = paint.photo(scene, side, int(seed))
    _put(path_of(folder, name, "jpg"), data)
    new = path_of(folder, name, "new")
    with zipfile.ZipFile(new, "w") as archive:
        for width, height, copy in photos.redraw(data):
            archive.writestr(f"{width}x{height}.jpg", copy)
    os.replace(new, path_of(folder, name, "zip"))


def unpacked(path: Path) -> Copies:
    """The copies in one file: width, height, JPEG, the largest last."""
    with zipfile.ZipFile(path) as archive:
        sizes = [name.removesuffix(".jpg").split("x") for name in archive.namelist()]
        return [(int(w), int(h), archive.read(f"{w}x{h}.jpg")) for w, h in sizes]


def _put(path: Path, data: bytes) -> None:
    new = path.with_suffix(".new")
    new.write_bytes(data)
    os.replace(new, path)


def main(arguments: Sequence[str]) -> None:
    folder = Path(arguments[0])
    for name in arguments[1:]:
        draw(folder, name)


if __name__ == "__main__":
    main(sys.argv[1:])
