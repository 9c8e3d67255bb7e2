"""Surfaces seen from above or from the front: asphalt, tiles, plaster, leaves, plastic."""

from __future__ import annotations

import math

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from webapp.demo.picture.brush import (
    Brush,
    Colour,
    Point,
    Size,
    cooled,
    dapple,
    levels,
    mask_of,
    shaded,
    tinted,
)


def asphalt(
    brush: Brush, size: Size, dark: Colour = (88, 88, 90), light: Colour = (158, 156, 152)
) -> Image.Image:
    """Old asphalt: stones, stains, paler where wheels ran."""
    stones = Image.blend(brush.white(size), brush.fractal(size, 7, 2), 0.55)
    base = tinted(stones, dark, light)
    base = shaded(base, brush.fractal(size, size[0] / 2.2, 5), 0.84)
    dust = levels(brush.fractal(size, size[0] / 2, 4), 110, 255).point([v // 3 for v in range(256)])
    base.paste((150, 138, 118), mask=dust)
    return base


def fresh_asphalt(brush: Brush, size: Size) -> Image.Image:
    stones = Image.blend(brush.white(size), brush.fractal(size, 5, 2), 0.4)
    return shaded(tinted(stones, (30, 31, 34), (78, 78, 82)), brush.fractal(size, size[0] / 2, 3), 0.82)


def concrete(
    brush: Brush, size: Size, dark: Colour = (128, 124, 116), light: Colour = (188, 182, 172)
) -> Image.Image:
    fine = Image.blend(brush.fractal(size, 60, 5), brush.white(size), 0.22)
    return shaded(tinted(fine, dark, light), brush.fractal(size, size[0] / 2, 4), 0.7)


def tiles(brush: Brush, size: Size, side: float, colours: tuple[Colour, Colour]) -> Image.Image:
    """Pavement tiles in two colours with dirty joints; some have sunk, some are chipped."""
    image = Image.new("RGB", size, (84, 78, 70))
    draw = ImageDraw.Draw(image)
    across, down = math.ceil(size[0] / side), math.ceil(size[1] / side)
    for row in range(down):
        for column in range(across):
            x, y, gap = column * side, row * side, max(1.0, side * 0.03)
            colour = brush.vary(colours[(row + column) % 2], 11)
            draw.rectangle((x + gap, y + gap, x + side - gap, y + side - gap), fill=colour)
            if brush.chance.random() < 0.07:
                corner = brush.blob((x + gap, y + gap), (side * 0.3, side * 0.25), 7, 0.4)
                draw.polygon(corner, fill=(104, 96, 86))
    image = Image.blend(
        image, ImageChops.overlay(image, tinted(brush.white(size), (90, 90, 90), (166, 166, 166))), 0.5
    )
    return shaded(image, brush.fractal(size, side * 5, 5), 0.55)


def plaster(brush: Brush, size: Size, colour: Colour) -> Image.Image:
    """A lime-washed wall: rain streaks from above, damp and dirt from below, bits fallen off."""
    dark: Colour = tuple(round(part * 0.88) for part in colour)  # type: ignore[assignment]
    wall = tinted(Image.blend(brush.fractal(size, 90, 5), brush.white(size), 0.12), dark, colour)
    streaks = brush.white((max(3, size[0] // 7), 6)).resize(size, Image.Resampling.BICUBIC)
    wall = shaded(wall, levels(streaks, 0, 170), 0.88)
    damp = Image.linear_gradient("L").resize(size)
    damp = ImageChops.multiply(levels(damp, 120, 255), brush.fractal(size, 50, 4))
    wall = Image.composite(
        Image.new("RGB", size, (74, 72, 60)), wall, damp.point([round(v * 0.5) for v in range(256)])
    )
    bare = levels(brush.fractal(size, size[1] / 3, 5), 196, 206)
    wall.paste(tinted(brush.fractal(size, 12, 2), (120, 108, 94), (158, 146, 128)), mask=bare)
    return wall


def in_dapple(brush: Brush, image: Image.Image, cell: float, share: float = 0.5) -> Image.Image:
    return cooled(image, dapple(brush, image.size, cell, share), (144, 148, 162))


def leaves(brush: Brush, image: Image.Image, spots: list[Point], size: float, colours: list[Colour]) -> None:
    """Small leaves lying or hanging about the given points, each with its own turn and light."""
    draw = ImageDraw.Draw(image)
    rnd = brush.chance.random
    for x, y in spots:
        angle, length = rnd() * math.tau, size * (0.6 + 0.7 * rnd())
        dx, dy = math.cos(angle) * length, math.sin(angle) * length
        colour = brush.vary(colours[int(rnd() * len(colours))], 16)
        draw.polygon(
            (x - dx, y - dy, x - dy * 0.42, y + dx * 0.42, x + dx, y + dy, x + dy * 0.42, y - dx * 0.42),
            fill=colour,
        )


def foliage(
    brush: Brush, size: Size, clumps: list[tuple[float, float, float]], tones: list[Colour], leaf: float
) -> Image.Image:
    """A crown of leaves on nothing (RGBA): clumps lit from above, dark below and within."""
    image = Image.new("RGBA", size, (0, 0, 0, 0))
    for x, y, radius in clumps:
        for level, tone in enumerate(tones):
            reach = radius * (1.06 - 0.2 * level)
            lift = -radius * 0.24 * level
            count = int(34 * (radius / leaf) ** 1.15 / (1 + 0.5 * level))
            spots = [_within(brush, (x, y + lift), reach, 0.78) for _ in range(count)]
            leaves(brush, image, spots, leaf, [tone])
    return image


def _within(brush: Brush, centre: Point, radius: float, squash: float) -> Point:
    angle, distance = brush.chance.random() * math.tau, radius * math.sqrt(brush.chance.random())
    return centre[0] + distance * math.cos(angle), centre[1] + distance * squash * math.sin(angle)


def crumple(brush: Brush, size: Size) -> Image.Image:
    """Creases of thin plastic, for cutting bags out of: broad folds with a few hard lights."""
    bumps = brush.fractal(size, 90, 4).filter(ImageFilter.GaussianBlur(2.0))
    creases = ImageOps.autocontrast(bumps.filter(ImageFilter.EMBOSS), cutoff=2).filter(
        ImageFilter.GaussianBlur(0.8)
    )
    return Image.blend(creases, bumps, 0.5)


def bag(brush: Brush, creases: Image.Image, radius: float, colour: Colour) -> tuple[Image.Image, Image.Image]:
    """One stuffed bag and its outline: lit from above, in shade below, tied at the top."""
    side = max(8, round(radius * 2.9))
    x = brush.chance.randrange(max(1, creases.width - side))
    y = brush.chance.randrange(max(1, creases.height - side))
    grey = creases.crop((x, y, x + side, y + side)).rotate(brush.chance.choice((0, 90, 180, 270)))
    dark: Colour = tuple(round(part * 0.4) for part in colour)  # type: ignore[assignment]
    light: Colour = tuple(min(255, round(part * 1.1 + 16)) for part in colour)  # type: ignore[assignment]
    skin = tinted(grey, dark, light)
    fall = (
        Image.radial_gradient("L")
        .resize((side * 2, side * 2))
        .crop((side // 2, round(side * 0.72), side // 2 + side, round(side * 0.72) + side))
    )
    skin = shaded(skin, ImageOps.invert(fall), 0.22)
    middle = (side / 2, side / 2 + radius * 0.15)
    body = brush.blob(middle, (radius * brush.near(1.0, 0.2), radius * brush.near(0.78, 0.16)), 17, 0.13)
    tip = (side / 2 + brush.near(0, radius * 0.5), side / 2 - radius * brush.near(1.05, 0.2))
    knot = [
        (middle[0] - radius * 0.45, middle[1] - radius * 0.5),
        (tip[0] - radius * 0.2, tip[1]),
        (tip[0] + radius * 0.16, tip[1] + 2),
        (middle[0] + radius * 0.4, middle[1] - radius * 0.5),
    ]
    return skin, mask_of((side, side), body, knot, soft=0.8)


def cracks(brush: Brush, image: Image.Image, starts: list[Point], length: float, width: int = 2) -> None:
    """Cracks with one lit edge."""
    draw = ImageDraw.Draw(image)
    for start in starts:
        line = brush.crack(start, brush.chance.uniform(0, math.tau), brush.near(length, length * 0.5))
        draw.line([(x + 1, y + 2) for x, y in line], fill=(168, 164, 156), width=1)
        draw.line(line, fill=(38, 37, 38), width=width)


def pebbles(brush: Brush, image: Image.Image, spots: list[Point], size: float, colours: list[Colour]) -> None:
    draw = ImageDraw.Draw(image)
    for x, y in spots:
        radius = size * brush.chance.uniform(0.4, 1.4)
        shape = brush.blob((x, y), (radius, radius * 0.8), 6, 0.3)
        draw.polygon([(a + radius * 0.5, b + radius * 0.45) for a, b in shape], fill=(36, 35, 36))
        draw.polygon(shape, fill=brush.vary(brush.chance.choice(colours), 18))
