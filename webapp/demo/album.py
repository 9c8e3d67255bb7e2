"""The demo's photos: drawn once, kept in the data folder, put into cases as uploads would be."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from webapp.demo import draw, paint
from webapp.operations import photos
from webapp.operations.house import House
from webapp.pictures.redraw import KEPT, WIDTHS


class Album:
    """Photos by name, "manhole/before/1": the scene, the side and the seed."""

    def __init__(self, house: House) -> None:
        self.house = house
        drawn_for = "-".join(map(str, (paint.VERSION, *WIDTHS, KEPT)))
        self._folder = house.config.data / "demo-photos" / drawn_for
        self._copies: dict[str, draw.Copies] = {}

    def prepare(self, names: Iterable[str]) -> None:
        """Draw what was not drawn before, and have the copies of everything at hand."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        wanted = list(dict.fromkeys(names))
        missing = [name for name in wanted if not draw.path_of(self._folder, name, "zip").exists()]
        if missing:
            draw.draw_all(self._folder, missing)
        for name in wanted:
            copies = draw.unpacked(draw.path_of(self._folder, name, "zip"))
            self._copies[hashlib.sha256(self._photo(name)).hexdigest()] = copies

    def kept(self, name: str) -> photos.Kept:
        """The photo as an upload that was judged and sealed."""
        house = self.house
        return photos.keep(house.vault, house.media, self._photo(name), house.config.max_upload_bytes)

    def copies(self, sha256: str) -> draw.Copies:
        """What the worker would have made of the photo with that hash."""
        return self._copies[sha256]

    def _photo(self, name: str) -> bytes:
        return draw.path_of(self._folder, name, "jpg").read_bytes()
