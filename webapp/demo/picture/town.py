"""What stands along a street in a small Vietnamese town: tube houses, poles, wires, trees, sky."""

from __future__ import annotations

import math

from PIL import Image, ImageDraw, ImageFilter

from webapp.demo.picture.brush import Brush, Colour, Point, Size, levels, ramp, shaded, tinted
from webapp.demo.picture.camera import Camera, paste_quad
from webapp.demo.picture.matter import foliage, plaster

PASTELS: list[Colour] = [
    (214, 190, 122),
    (196, 206, 198),
    (222, 206, 184),
    (168, 190, 206),
    (206, 168, 142),
    (226, 224, 214),
    (178, 198, 160),
]
GREENS: list[Colour] = [(28, 36, 24), (46, 58, 34), (72, 88, 48), (108, 124, 72)]


def sky(brush: Brush, size: Size, top: Colour, low: Colour, clouds: float = 0.6) -> Image.Image:
    image = ramp(size, top, low, 0.8)
    # Turned, because noise made on a grid shows its rows; flattened, as clouds are seen from the side.
    wide = max(size)
    veil = brush.fractal((wide, wide), wide / 2.6, 6).rotate(27, Image.Resampling.BICUBIC)
    inner = veil.crop((wide // 5, wide // 5, wide - wide // 5, wide - wide // 5))
    lying = inner.resize((size[0] * 2, size[1])).crop((size[0] // 2, 0, size[0] // 2 + size[0], size[1]))
    soft = levels(lying, 70, 250).filter(ImageFilter.GaussianBlur(5))
    image.paste((240, 240, 238), mask=soft.point([round(v * clouds) for v in range(256)]))
    return image


def facade(brush: Brush, wide: int, high: int, colour: Colour, *, lit: bool = False) -> Image.Image:
    """A tube house: roll door, awning, floors with windows and balconies."""
    image = plaster(brush, (wide, high), colour)
    draw = ImageDraw.Draw(image)
    floor = wide * 0.72
    floors = max(1, int((high - floor) / floor) + 1)
    for level in range(1, floors):
        top = high - floor * (level + 1) + floor * 0.2
        _window(brush, draw, wide * 0.16, top, wide * 0.84, top + floor * 0.56, lit=lit)
        if brush.chance.random() < 0.7:
            _balcony(draw, wide, top + floor * 0.36, floor * 0.3)
        draw.rectangle((0, top + floor * 0.72, wide, top + floor * 0.78), fill=brush.vary(colour, 20))
    _shop(brush, draw, wide, high, floor, lit=lit)
    return shaded(image, brush.fractal((wide, high), wide / 2, 4), 0.62)


def _window(
    brush: Brush,
    draw: ImageDraw.ImageDraw,
    left: float,
    top: float,
    right: float,
    bottom: float,
    *,
    lit: bool,
) -> None:
    on = lit and brush.chance.random() < 0.45
    glass = brush.vary((255, 206, 128) if on else (48, 56, 62), 14)
    draw.rectangle((left - 2, top - 2, right + 2, bottom + 2), fill=(206, 200, 188))
    draw.rectangle((left, top, right, bottom), fill=glass)
    for part in range(1, 4):
        x = left + (right - left) * part / 4
        draw.line((x, top, x, bottom), fill=(150, 146, 138), width=2)
    draw.line(
        (left, top + (bottom - top) * 0.28, right, top + (bottom - top) * 0.28), fill=(150, 146, 138), width=2
    )


def _balcony(draw: ImageDraw.ImageDraw, wide: int, top: float, high: float) -> None:
    for step in range(0, wide, 7):
        draw.line((step, top, step, top + high), fill=(70, 68, 66), width=1)
    for y in (top, top + high):
        draw.line((0, y, wide, y), fill=(90, 88, 84), width=3)


def _shop(brush: Brush, draw: ImageDraw.ImageDraw, wide: int, high: int, floor: float, *, lit: bool) -> None:
    top = high - floor * 0.82
    colour = brush.vary(
        brush.chance.choice([(118, 126, 132), (96, 106, 116), (130, 120, 106), (104, 110, 102)]), 12
    )
    if brush.chance.random() < 0.45:
        _open_shop(brush, draw, wide, high, top, lit=lit)
    else:
        draw.rectangle((wide * 0.08, top, wide * 0.92, high), fill=colour)
        for y in range(int(top), high, 5):
            draw.line(
                (wide * 0.08, y, wide * 0.92, y), fill=tuple(round(part * 0.8) for part in colour), width=1
            )
    faded = brush.vary(
        brush.chance.choice(
            [(142, 84, 76), (92, 116, 138), (98, 126, 104), (166, 146, 104), (128, 124, 120)]
        ),
        16,
    )
    _signboard(brush, draw, wide, top - floor * 0.3, top - floor * 0.08)
    draw.polygon(
        [
            (wide * 0.04, top - floor * 0.04),
            (wide * 0.96, top - floor * 0.04),
            (wide, top + floor * 0.14),
            (0, top + floor * 0.14),
        ],
        fill=faded,
    )
    for x in range(0, wide, max(4, wide // 9)):
        draw.line(
            (x, top - floor * 0.04, x, top + floor * 0.14),
            fill=brush.vary(faded, 26),
            width=max(1, wide // 30),
        )
    draw.rectangle((0, top + floor * 0.14, wide, top + floor * 0.22), fill=(52, 50, 50))


def _open_shop(
    brush: Brush, draw: ImageDraw.ImageDraw, wide: int, high: int, top: float, *, lit: bool
) -> None:
    """A dark room with shelves of small bright things."""
    draw.rectangle((wide * 0.08, top, wide * 0.92, high), fill=(214, 176, 120) if lit else (40, 37, 36))
    for shelf in range(1, 4):
        foot, x = top + (high - top) * (0.28 + 0.22 * shelf), wide * 0.12
        draw.line((wide * 0.1, foot, wide * 0.9, foot), fill=(66, 60, 54), width=max(1, wide // 60))
        while x < wide * 0.86:
            side = wide * brush.chance.uniform(0.02, 0.06)
            tone = brush.vary(
                brush.chance.choice([(92, 74, 62), (70, 76, 84), (98, 92, 78), (78, 56, 52)]), 18
            )
            draw.rectangle((x, foot - side * brush.chance.uniform(0.9, 2.2), x + side * 0.8, foot), fill=tone)
            x += side * brush.chance.uniform(1.0, 2.4)


def _signboard(brush: Brush, draw: ImageDraw.ImageDraw, wide: int, top: float, bottom: float) -> None:
    """A board with strokes that read as lettering from across the street, and say nothing."""
    back, ink = brush.chance.choice(
        [
            ((134, 52, 48), (226, 214, 170)),
            ((52, 82, 118), (224, 224, 220)),
            ((204, 198, 184), (120, 52, 50)),
            ((70, 104, 82), (226, 220, 196)),
        ]
    )
    draw.rectangle((wide * 0.05, top, wide * 0.95, bottom), fill=brush.vary(back, 14))
    x, tall = wide * 0.14, bottom - top
    while x < wide * 0.84:
        step = tall * brush.chance.uniform(0.14, 0.34)
        if brush.chance.random() < 0.87:
            _letter(
                brush,
                draw,
                (x, top + tall * 0.3, x + step * 0.62, top + tall * 0.7),
                ink,
                max(1, round(tall * 0.08)),
            )
        x += step


def _letter(
    brush: Brush, draw: ImageDraw.ImageDraw, box: tuple[float, float, float, float], ink: Colour, width: int
) -> None:
    """Strokes like a letter's, of no alphabet."""
    left, top, right, bottom = box
    if brush.chance.random() < 0.75:
        draw.line((left, top, left, bottom), fill=ink, width=width)
    if brush.chance.random() < 0.4:
        draw.line((right, top, right, bottom), fill=ink, width=width)
    for y in brush.chance.sample((top, (top + bottom) / 2, bottom), brush.chance.randint(1, 2)):
        draw.line((left, y, right, y), fill=ink, width=width)


def street_trees(brush: Brush, picture: Image.Image, camera: Camera, spots: tuple[Point, ...]) -> None:
    """Roadside trees at (right, ahead) in metres, the far ones first."""
    for x, z in sorted(spots, key=lambda spot: -spot[1]):
        scale = camera.focal / z
        foot, fork = camera.at(x, 0, z), camera.at(x + brush.near(0, 0.3), 2.6, z)
        pole(brush, picture, foot, fork, 0.28 * scale, 84)
        top = brush.near(4.3, 0.5)
        clumps = [
            (*camera.at(x + brush.near(0, 1.5), top + brush.near(0, 1.1), z), brush.near(0.95, 0.25) * scale)
            for _ in range(9)
        ]
        crown = foliage(brush, picture.size, clumps, GREENS, max(2.6, 0.13 * scale))
        picture.paste(crown, (0, 0), crown)


def street_wall(
    brush: Brush,
    picture: Image.Image,
    camera: Camera,
    x: float,
    near: float,
    far: float,
    *,
    lit: bool = False,
) -> None:
    """Houses along one side of the street, the far ones first."""
    fronts = []
    z = near
    while z < far:
        deep = brush.chance.uniform(4.2, 6.2)
        fronts.append((z, z + deep, brush.chance.choice([4.2, 7.2, 7.6, 10.4])))
        z += deep
    for front, back, high in reversed(fronts):
        scale = min(40.0, 1.3 * camera.focal / front)
        texture = facade(
            brush,
            max(24, int((back - front) * scale)),
            max(24, int(high * scale)),
            brush.chance.choice(PASTELS),
            lit=lit,
        )
        if x < 0:
            texture = texture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        if brush.chance.random() < 0.35:
            _gable(picture, camera, x, front, high, texture)
        quad = camera.many((x, high, front), (x, high, back), (x, 0, back), (x, 0, front))
        paste_quad(picture, texture, quad)


def _gable(
    picture: Image.Image, camera: Camera, x: float, front: float, high: float, texture: Image.Image
) -> None:
    """The bare side of a house that is taller than its neighbour."""
    side = (
        texture.crop((0, 0, texture.width // 2, texture.height // 3))
        .filter(ImageFilter.GaussianBlur(9))
        .point(lambda v: v * 0.7)
    )
    reach = 6.0 if x > 0 else -6.0
    quad = camera.many((x, high, front), (x + reach, high, front), (x + reach, 0, front), (x, 0, front))
    paste_quad(picture, side, quad)


def haze(picture: Image.Image, horizon: float, colour: Colour, strength: float) -> None:
    """Air between us and what is far: strongest at the horizon."""
    high = picture.height
    column = Image.new("L", (1, high))
    column.putdata(
        [round(255 * strength * math.exp(-(((y - horizon) / (high * 0.13)) ** 2))) for y in range(high)]
    )
    picture.paste(colour, mask=column.resize(picture.size))


def pole(brush: Brush, picture: Image.Image, foot: Point, top: Point, wide: float, tone: int = 150) -> None:
    """A concrete pole, round: light from one side, thinner above."""
    side = math.ceil(wide * 1.2) + 2
    long = max(4, round(math.hypot(top[0] - foot[0], top[1] - foot[1])))
    row = Image.new("L", (side, 1))
    row.putdata(
        [
            round(
                tone
                * (0.42 + 0.75 * math.sin(math.pi * min(0.98, max(0.02, (i + side * 0.25) / side * 0.86))))
            )
            for i in range(side)
        ]
    )
    body = row.resize((side, long))
    body = Image.blend(body, brush.fractal((side, long), 40, 4), 0.16)
    texture = shaded(tinted(body, (18, 18, 20), (214, 208, 198)), brush.fractal((side, long), 160, 3), 0.7)
    half, less = wide / 2, wide * 0.36
    paste_quad(
        picture,
        texture,
        [
            (top[0] - less, top[1]),
            (top[0] + less, top[1]),
            (foot[0] + half, foot[1]),
            (foot[0] - half, foot[1]),
        ],
    )


def wire(draw: ImageDraw.ImageDraw, a: Point, b: Point, sag: float, colour: Colour, width: int = 2) -> None:
    """A hanging line between two points; a parabola is near enough to a chain."""
    points = []
    for step in range(41):
        t = step / 40
        points.append((a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t + 4 * sag * t * (1 - t)))
    draw.line(points, fill=colour, width=width, joint="curve")


def trees_behind(
    brush: Brush, picture: Image.Image, base: float, high: float, left: float = 0, right: float | None = None
) -> None:
    """A band of far trees, soft."""
    right = picture.width if right is None else right
    clumps = []
    x = left
    while x < right:
        radius = brush.near(high * 0.45, high * 0.18)
        clumps.append((x, base - brush.near(high * 0.45, high * 0.2), radius))
        x += radius * 0.85
    ImageDraw.Draw(picture).rectangle((left, base - high * 0.25, right, base + 6), fill=(70, 80, 58))
    ImageDraw.Draw(picture).rectangle((left, base + 2, right, picture.height), fill=(146, 144, 136))
    crown = foliage(
        brush, picture.size, clumps, [(44, 56, 38), (66, 82, 50), (92, 108, 66)], max(3.0, high / 16)
    )
    crown = crown.filter(ImageFilter.GaussianBlur(1.1))
    picture.paste(crown, (0, 0), crown)
