"""A pinhole camera over a flat ground: metres to pixels, and textures into perspective."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from PIL import Image, ImageDraw, ImageFilter

from webapp.demo.picture.brush import Brush, Colour, Point, cooled, dapple

Spot = tuple[float, float, float]  # right, up, ahead, in metres


@dataclass(frozen=True, slots=True)
class Camera:
    """`horizon` is in pixels from the top and may lie above the picture; `focal` in pixels."""

    width: int
    height: int
    horizon: float
    focal: float
    eye: float

    def at(self, x: float, y: float, z: float) -> Point:
        scale = self.focal / z
        return self.width / 2 + x * scale, self.horizon + (self.eye - y) * scale

    def many(self, *spots: Spot) -> list[Point]:
        return [self.at(*spot) for spot in spots]


def paste_quad(
    image: Image.Image, texture: Image.Image, quad: Sequence[Point], mask: Image.Image | None = None
) -> None:
    """Stretch `texture` over four corners: top left, top right, bottom right, bottom left."""
    xs, ys = [p[0] for p in quad], [p[1] for p in quad]
    left, top = max(0, int(min(xs)) - 1), max(0, int(min(ys)) - 1)
    right, bottom = min(image.width, int(max(xs)) + 2), min(image.height, int(max(ys)) + 2)
    if right <= left or bottom <= top:
        return
    texture, mask = _reduced(texture, mask, (max(xs) - min(xs)), (max(ys) - min(ys)))
    w, h = texture.size
    moved = [(x - left, y - top) for x, y in quad]
    # A little inside the edge: beyond it Pillow reads black, which would draw a seam.
    e = 1.5
    data = _homography(moved, [(e, e), (w - e, e), (w - e, h - e), (e, h - e)])
    size = (right - left, bottom - top)
    how = Image.Resampling.BICUBIC
    patch = texture.transform(size, Image.Transform.PERSPECTIVE, data, how)
    cover = Image.new("L", size, 0)
    ImageDraw.Draw(cover).polygon(moved, fill=255)
    if mask is not None:
        inner = mask.transform(size, Image.Transform.PERSPECTIVE, data, how)
        cover.paste(inner, mask=cover)
    image.paste(patch, (left, top), cover)


def _reduced(
    texture: Image.Image, mask: Image.Image | None, width: float, height: float
) -> tuple[Image.Image, Image.Image | None]:
    """A smaller texture where it would shrink much, or its detail would sparkle."""
    factor = int(min(texture.width / max(1, width), texture.height / max(1, height)))
    if factor < 2:
        return texture, mask
    return texture.reduce(factor), mask.reduce(factor) if mask else None


def _homography(source: Sequence[Point], target: Sequence[Point]) -> list[float]:
    """The eight numbers that take each source corner to its target."""
    rows = []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y, u])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y, v])
    return _solved(rows)


def _solved(rows: list[list[float]]) -> list[float]:
    count = len(rows)
    for column in range(count):
        pivot = max(range(column, count), key=lambda row: abs(rows[row][column]))
        rows[column], rows[pivot] = rows[pivot], rows[column]
        lead = rows[column][column]
        rows[column] = [value / lead for value in rows[column]]
        for other in range(count):
            if other != column and (factor := rows[other][column]):
                rows[other] = [a - factor * b for a, b in zip(rows[other], rows[column], strict=True)]
    return [row[-1] for row in rows]


@dataclass(frozen=True, slots=True)
class Plan:
    """A stretch of ground seen from above, drawn flat and then laid into the picture.

    `scale` is pixels a metre; the image's top edge is the far one.
    """

    image: Image.Image
    left: float
    near: float
    scale: float

    @classmethod
    def blank(cls, left: float, right: float, near: float, far: float, scale: float, fill: Colour) -> Plan:
        size = (round((right - left) * scale), round((far - near) * scale))
        return cls(Image.new("RGB", size, fill), left, near, scale)

    @property
    def far(self) -> float:
        return self.near + self.image.height / self.scale

    @property
    def right(self) -> float:
        return self.left + self.image.width / self.scale

    def px(self, x: float, z: float) -> Point:
        return (x - self.left) * self.scale, (self.far - z) * self.scale

    def pts(self, *spots: Point) -> list[Point]:
        return [self.px(x, z) for x, z in spots]

    def box(self, left: float, right: float, near: float, far: float) -> list[Point]:
        return self.pts((left, far), (right, far), (right, near), (left, near))

    def shade(self, brush: Brush, metres: float, share: float) -> None:
        """Shadows of leaves on the ground; `share` of it lies in them."""
        light = dapple(brush, self.image.size, metres * self.scale, share)
        self.image.paste(cooled(self.image, light, (138, 142, 158)))

    def lay(self, picture: Image.Image, camera: Camera, up: float = 0.0, bands: int = 3) -> None:
        """Put the ground into the picture, in bands, so that the far ones may use a coarser texture."""
        # Softened a little, for close to the eye every drawn edge is magnified.
        ground = self.image.filter(ImageFilter.BoxBlur(0.6))
        edges = [self.near * (self.far / self.near) ** (index / bands) for index in range(bands + 1)]
        for near, far in reversed(list(pairwise(edges))):
            top, bottom = self.px(0, far)[1], self.px(0, near)[1]
            strip = ground.crop((0, round(top), self.image.width, round(bottom)))
            quad = camera.many(
                (self.left, up, far), (self.right, up, far), (self.right, up, near), (self.left, up, near)
            )
            paste_quad(picture, _thinned(strip, quad), quad)


def _thinned(strip: Image.Image, quad: Sequence[Point]) -> Image.Image:
    factor = int(strip.height / max(1.0, abs(quad[2][1] - quad[1][1])) / 1.5)
    across = int(strip.width / max(1.0, abs(quad[2][0] - quad[3][0])) / 1.2)
    if max(factor, across) < 2:
        return strip
    return strip.reduce((max(1, min(across, 6)), max(1, min(factor, 8))))
