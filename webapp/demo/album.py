"""The demo's photos: drawn once, kept in the data folder, redrawn as the worker would."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from webapp.demo import paint
from webapp.operations import photos
from webapp.operations.house import House

Copies = list[tuple[int, int, bytes]]


class Album:
    """Photos by name, "manhole/before/1": the scene, the side and the seed."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._folder = house.config.data / "demo-photos" / paint.VERSION
        self._copies: dict[str, Copies] = {}

    def prepare(self, names: Iterable[str]) -> None:
        """Draw what was not drawn before. Pillow works outside the interpreter's lock, so threads help."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with ThreadPoolExecutor(max_workers=2) as pool:
            for data, copies in pool.map(self._prepared, names):
                self._copies[hashlib.sha256(data).hexdigest()] = copies

    def _prepared(self, name: str) -> tuple[bytes, Copies]:
        data = self._drawn(name)
        return data, self._redrawn(name, data)

    def _drawn(self, name: str) -> bytes:
        path = self._folder / (name.replace("/", "-") + ".jpg")
        if not path.exists():
            _write(path, paint.photo(*_parts(name)))
        return path.read_bytes()

    def _redrawn(self, name: str, data: bytes) -> Copies:
        """The copies of `photos.redraw`, from the cache when it holds them for exactly this photo."""
        stem = name.replace("/", "-") + "-" + hashlib.sha256(data).hexdigest()[:12]
        found = sorted(self._folder.glob(f"{stem}.*.copy"), key=lambda path: int(path.suffixes[-2][1:].split("x")[0]))
        if len(found) == len(photos.WIDTHS):
            return [(*_size(path), path.read_bytes()) for path in found]
        copies = photos.redraw(data)
        for width, height, copy in copies:
            _write(self._folder / f"{stem}.{width}x{height}.copy", copy)
        return copies

    def kept(self, name: str) -> photos.Kept:
        """The photo as an upload that was judged and sealed."""
        data = self._drawn(name)
        return photos.keep(self.house.vault, self.house.media, data, self.house.config.max_upload_bytes)

    def copies(self, sha256: str) -> Copies:
        return self._copies[sha256]


def _parts(name: str) -> tuple[str, str, int]:
    scene, side, seed = name.split("/")
    return scene, side, int(seed)


def _size(path: Path) -> tuple[int, int]:
    width, height = path.suffixes[-2][1:].split("x")
    return int(width), int(height)


def _write(path: Path, data: bytes) -> None:
    new = path.with_suffix(".new")
    new.write_bytes(data)
    os.replace(new, path)
