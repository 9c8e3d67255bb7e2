"""Photos for the demo: a scene, before or after somebody worked on it, as a phone would have taken it."""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image, ImageOps

from webapp.demo.picture import above, finish, place, road, street
from webapp.demo.picture.brush import Brush

VERSION = "3"  # raise it when a picture changes, so that cached ones are drawn again

Scene = Callable[[Brush, bool], Image.Image]
SCENES: dict[str, Scene] = {
    "manhole": road.manhole,
    "pothole": street.pothole,
    "sign": street.sign,
    "rubbish": place.rubbish,
    "canal": place.canal,
    "lamp": above.lamp,
    "tree": above.tree,
    "cables": above.cables,
}
NIGHT = frozenset({"lamp"})


def photo(scene: str, side: str, seed: int) -> bytes:
    """The JPEG of `scene` on the side "before" or "after". The same arguments give the same bytes.

    Both sides of one seed show the same place. Raises KeyError for a scene that nobody paints.
    """
    brush = Brush(f"{scene}/{seed}")
    drawing = SCENES[scene](brush, side == "after")
    if seed % 2:
        drawing = ImageOps.mirror(drawing)
    warmth = brush.chance.uniform(-0.03, 0.05)
    image = finish.developed(brush, drawing, noise=7.0 if scene in NIGHT else 3.6, warmth=warmth)
    return finish.jpeg(brush, image, 15.5 + 0.5 * brush.chance.random(), 108.0 + 0.6 * brush.chance.random())
