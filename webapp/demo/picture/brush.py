"""Noise, stains and light: what makes a drawing look like something a phone saw."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

Colour = tuple[int, int, int]
Point = tuple[float, float]
Size = tuple[int, int]


class Brush:
    """A seeded hand: the same seed draws the same picture, byte for byte."""

    def __init__(self, seed: str) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - a picture, not a key
        self._shades: dict[tuple[Colour, int], list[Colour]] = {}

    def white(self, size: Size) -> Image.Image:
        return Image.frombytes("L", size, self.chance.randbytes(size[0] * size[1]))

    def fractal(self, size: Size, cell: float, octaves: int = 4) -> Image.Image:
        """Clouds whose largest lumps are `cell` pixels wide, stretched over all greys."""
        if cell >= 24 and size[0] * size[1] > 300_000:
            # Nobody sees the difference at half size, and it costs a quarter.
            half = (size[0] // 2, size[1] // 2)
            return self.fractal(half, cell / 2, octaves).resize(size, Image.Resampling.BILINEAR)
        out: Image.Image | None = None
        for octave in range(octaves):
            step = cell / 2**octave
            grid = (max(3, math.ceil(size[0] / step)), max(3, math.ceil(size[1] / step)))
            layer = self.white(grid).resize(size, Image.Resampling.BICUBIC)
            out = layer if out is None else Image.blend(out, layer, 0.36)
        assert out is not None
        return ImageOps.autocontrast(out, cutoff=1)

    def grain(self, size: Size, deviation: float) -> Image.Image:
        """Fine noise around mid-grey, nearly bell-shaped."""
        mean = Image.blend(self.white(size), self.white(size), 0.5)
        return mean.point([round(128 + (value - 127.5) * deviation / 52) for value in range(256)])

    def near(self, value: float, spread: float) -> float:
        return value + self.chance.uniform(-spread, spread)

    def vary(self, colour: Colour, spread: int) -> Colour:
        """A neighbour of that colour, one of sixteen drawn once: leaves and bags ask for thousands."""
        shades = self._shades.get((colour, spread))
        if shades is None:
            shades = self._shades[colour, spread] = [self._neighbour(colour, spread) for _ in range(16)]
        return shades[int(self.chance.random() * 16)]

    def _neighbour(self, colour: Colour, spread: int) -> Colour:
        shift = self.chance.randint(-spread, spread)
        red, green, blue = (
            max(0, min(255, part + shift + self.chance.randint(-spread // 3, spread // 3))) for part in colour
        )
        return red, green, blue

    def blob(self, centre: Point, radii: Point, points: int = 18, rough: float = 0.22) -> list[Point]:
        """A closed uneven outline."""
        turn = self.chance.uniform(0, math.tau)
        outline = []
        for index in range(points):
            angle = turn + math.tau * index / points
            stretch = 1 + self.chance.uniform(-rough, rough)
            outline.append(
                (
                    centre[0] + radii[0] * stretch * math.cos(angle),
                    centre[1] + radii[1] * stretch * math.sin(angle),
                )
            )
        return outline

    def crack(self, start: Point, heading: float, length: float, step: float = 9) -> list[Point]:
        """A wandering line."""
        line = [start]
        for _ in range(int(length / step)):
            heading += self.chance.uniform(-0.55, 0.55)
            x, y = line[-1]
            line.append((x + step * math.cos(heading), y + step * math.sin(heading)))
        return line


def whole(point: Point) -> tuple[int, int]:
    return round(point[0]), round(point[1])


def tinted(grey: Image.Image, dark: Colour, light: Colour) -> Image.Image:
    return ImageOps.colorize(grey, dark, light)


def levels(grey: Image.Image, low: float, high: float) -> Image.Image:
    """Greys stretched so that `low` becomes black and `high` white."""
    span = max(1e-6, high - low)
    return grey.point([max(0, min(255, round((value - low) * 255 / span))) for value in range(256)])


def shaded(image: Image.Image, light: Image.Image, floor: float) -> Image.Image:
    """`image` under `light` (white leaves it, black takes it down to `floor` of its brightness)."""
    curve = light.point([round(255 * floor + value * (1 - floor)) for value in range(256)])
    return ImageChops.multiply(image, Image.merge("RGB", (curve, curve, curve)))


def cooled(image: Image.Image, light: Image.Image, dark: Colour) -> Image.Image:
    """Shadow with a colour of its own: where `light` is black the image is multiplied by `dark`."""
    return ImageChops.multiply(image, ImageOps.colorize(light, dark, (255, 255, 255)))


def mask_of(size: Size, *shapes: Sequence[Point], soft: float = 0) -> Image.Image:
    mask = Image.new("L", size, 0)
    draw = ImageDraw.Draw(mask)
    for shape in shapes:
        draw.polygon(list(shape), fill=255)
    return mask.filter(ImageFilter.GaussianBlur(soft)) if soft else mask


def around(image: Image.Image, shape: Sequence[Point], soft: float) -> tuple[Point, Image.Image] | None:
    """A soft mask of `shape` only as large as it must be, and where in `image` it belongs."""
    margin = 3 * soft + 2
    left = max(0, int(min(x for x, _ in shape) - margin))
    top = max(0, int(min(y for _, y in shape) - margin))
    right = min(image.width, int(max(x for x, _ in shape) + margin))
    bottom = min(image.height, int(max(y for _, y in shape) + margin))
    if right - left < 2 or bottom - top < 2:
        return None
    return (left, top), mask_of(
        (right - left, bottom - top), [(x - left, y - top) for x, y in shape], soft=soft
    )


def fill(
    image: Image.Image, shape: Sequence[Point], make: Callable[[Size], Image.Image], soft: float = 0.0
) -> None:
    """Fill a shape with a texture that is made just large enough."""
    found = around(image, shape, soft)
    if found:
        (left, top), mask = found
        image.paste(make(mask.size), (int(left), int(top)), mask)


def shadow(image: Image.Image, shape: Sequence[Point], soft: float, strength: float) -> None:
    """Let a shadow of that outline fall on `image`."""
    found = around(image, shape, soft)
    if found:
        (left, top), mask = found
        dark = Image.new("RGB", mask.size, (20, 21, 27))
        image.paste(
            dark, (int(left), int(top)), mask.point([round(value * strength) for value in range(256)])
        )


def ramp(size: Size, top: Colour, bottom: Colour, bend: float = 1.0) -> Image.Image:
    """A vertical gradient."""
    column = Image.new("L", (1, size[1]))
    column.putdata([round(255 * (y / max(1, size[1] - 1)) ** bend) for y in range(size[1])])
    return ImageOps.colorize(column.resize(size), top, bottom)


def glow(size: Size, centre: Point, radius: float, colour: Colour, strength: float = 1.0) -> Image.Image:
    """Light around a point on black, to be added to a picture."""
    side = max(2, round(2 * radius))
    disc = ImageOps.invert(Image.radial_gradient("L")).resize((side, side))
    disc = disc.point([round(255 * strength * (max(0, value - 60) / 195) ** 2.2) for value in range(256)])
    out = Image.new("RGB", size)
    out.paste(
        ImageOps.colorize(disc, (0, 0, 0), colour), (round(centre[0] - radius), round(centre[1] - radius))
    )
    return out


def dapple(brush: Brush, size: Size, cell: float, share: float = 0.5) -> Image.Image:
    """Light through leaves: white in the sun, black in the shade, soft between."""
    small = (max(4, size[0] // 2), max(4, size[1] // 2))
    clouds = brush.fractal(small, cell / 2, 5)
    middle = 255 * share
    light = levels(clouds, middle - 22, middle + 22).filter(ImageFilter.BoxBlur(cell / 60))
    return light.resize(size, Image.Resampling.BILINEAR)
