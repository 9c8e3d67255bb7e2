"""The demo's photos: drawn once, kept in the data folder, redrawn as the worker would."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from webapp.demo import paint
from webapp.operations import photos
from webapp.operations.house import House
from webapp.pictures.redraw import KEPT, WIDTHS

Copies = list[tuple[int, int, bytes]]


class Album:
    """Photos by name, "manhole/before/1": the scene, the side and the seed."""

    def __init__(self, house: House) -> None:
        self.house = house
        drawn_for = "-".join(map(str, (paint.VERSION, *WIDTHS, KEPT)))
        self._folder = house.config.data / "demo-photos" / drawn_for
        self._copies: dict[str, Copies] = {}

    def prepare(self, names: Iterable[str]) -> None:
        """Draw what was not drawn before. Pillow works outside the interpreter's lock, so threads help."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with ThreadPoolExecutor(max_workers=2) as pool:
            for data, copies in pool.map(self._prepared, dict.fromkeys(names)):
                self._copies[hashlib.sha256(data).hexdigest()] = copies

    def _prepared(self, name: str) -> tuple[bytes, Copies]:
        data = self._drawn(name)
        return data, self._redrawn(name, data)

    def _drawn(self, name: str) -> bytes:
        path = self._path(name, "jpg")
        if not path.exists():
            _replace(path, paint.photo(*_parts(name)))
        return path.read_bytes()

    def _redrawn(self, name: str, data: bytes) -> Copies:
        """The copies the worker would make of it."""
        path = self._path(name, "zip")
        if not path.exists():
            _pack(path, [tuple(copy) for copy in photos.redraw(data)])
        return _unpack(path)

    def _path(self, name: str, kind: str) -> Path:
        return self._folder / f"{name.replace('/', '-')}.{kind}"

    def kept(self, name: str) -> photos.Kept:
        """The photo as an upload that was judged and sealed."""
        data = self._drawn(name)
        return photos.keep(self.house.vault, self.house.media, data, self.house.config.max_upload_bytes)

    def copies(self, sha256: str) -> Copies:
        return self._copies[sha256]


def _parts(name: str) -> tuple[str, str, int]:
    scene, side, seed = name.split("/")
    return scene, side, int(seed)


def _pack(path: Path, copies: Copies) -> None:
    new = path.with_suffix(".new-zip")
    with zipfile.ZipFile(new, "w") as archive:
        for width, height, data in copies:
            archive.writestr(f"{width}x{height}.jpg", data)
    os.replace(new, path)


def _unpack(path: Path) -> Copies:
    with zipfile.ZipFile(path) as archive:
        sizes = [name.removesuffix(".jpg").split("x") for name in archive.namelist()]
        return [(int(w), int(h), archive.read(f"{w}x{h}.jpg")) for w, h in sizes]


def _replace(path: Path, data: bytes) -> None:
    new = path.with_suffix(".new")
    new.write_bytes(data)
    os.replace(new, path)
