"""Scenes of a place left dirty: a rubbish heap by a market wall, a canal; and the same places cleaned."""

from __future__ import annotations

import math
from functools import partial

from PIL import Image, ImageDraw, ImageFilter, ImageOps

from webapp.demo.picture import matter, town
from webapp.demo.picture.brush import (
    Brush,
    Colour,
    Point,
    Size,
    fill,
    levels,
    mask_of,
    ramp,
    shaded,
    shadow,
    tinted,
)
from webapp.demo.picture.camera import Camera, Plan, paste_quad

SIZE = (1200, 900)
_BAGS: list[Colour] = [
    *[(222, 222, 218)] * 3,
    *[(198, 196, 188)] * 2,
    *[(36, 36, 40)] * 4,
    (62, 62, 66),
    (186, 132, 136),
    (132, 156, 172),
    (176, 166, 104),
    (134, 66, 60),
    (110, 132, 104),
]
_WALLS: list[Colour] = [(214, 178, 88), (196, 190, 170), (150, 180, 174), (206, 170, 140)]


def rubbish(brush: Brush, after: bool) -> Image.Image:
    """Against a market wall: bags, boxes and peelings, or a wet swept floor and two bins."""
    camera = Camera(*SIZE, horizon=brush.near(235, 20), focal=860, eye=1.5)
    picture = Image.new("RGB", SIZE, (120, 120, 116))
    _wall(brush, picture, camera)
    plan = Plan.blank(-5.4, 5.4, 1.8, 5.05, 110, (0, 0, 0))
    plan.image.paste(matter.concrete(brush, plan.image.size, (128, 123, 114), (184, 178, 166)))
    matter.cracks(
        brush, plan.image, [plan.px(brush.near(0, 3), brush.near(3.2, 1)) for _ in range(4)], 180, 1
    )
    (_wet if after else _seep)(brush, plan)
    plan.shade(brush, 1.6, 0.3)
    plan.lay(picture, camera)
    _foot_of_wall(picture, camera)
    (_bins if after else _heap)(brush, picture, camera)
    return picture


def _wall(brush: Brush, picture: Image.Image, camera: Camera) -> None:
    texture = matter.plaster(brush, (1100, 420), brush.chance.choice(_WALLS))
    draw = ImageDraw.Draw(texture)
    for x in range(0, 1101, 275):
        draw.rectangle((x - 14, 0, x + 14, 420), fill=(150, 140, 122))
        draw.line((x + 15, 0, x + 15, 420), fill=(84, 78, 68), width=4)
    draw.rectangle((0, 0, 1100, 26), fill=(140, 130, 114))
    draw.rectangle((0, 26, 1100, 34), fill=(78, 72, 64))
    high = 3.1
    paste_quad(
        picture,
        shaded(texture, brush.fractal(texture.size, 420, 5), 0.78),
        camera.many((-5.6, high, 5), (5.6, high, 5), (5.6, 0, 5), (-5.6, 0, 5)),
    )
    top = round(camera.at(0, high, 5)[1])
    if top > 4:
        picture.paste(town.sky(brush, (picture.width, top), (150, 176, 204), (214, 220, 222), 0.7), (0, 0))


def _foot_of_wall(picture: Image.Image, camera: Camera) -> None:
    shadow(picture, camera.many((-5.5, 0.1, 5), (5.5, 0.1, 5), (5.5, 0, 4.8), (-5.5, 0, 4.8)), 9, 0.4)


def _seep(brush: Brush, plan: Plan) -> None:
    """Black water that runs out from under the heap."""
    for _ in range(7):
        x = brush.near(0, 2.2)
        shape = brush.blob(
            plan.px(x, brush.near(3.5, 0.35)), (brush.near(70, 30), brush.near(60, 20)), 20, 0.35
        )
        shadow(plan.image, shape, 7, 0.5)
    scraps = [plan.px(brush.near(0, 3.4), brush.chance.uniform(2.7, 4.4)) for _ in range(140)]
    matter.leaves(
        brush, plan.image, scraps, 4.5, [(206, 202, 190), (96, 106, 66), (140, 112, 78), (60, 56, 52)]
    )


def _wet(brush: Brush, plan: Plan) -> None:
    """Hosed down: darker patches with the sky in them."""
    wet = levels(brush.fractal(plan.image.size, 320, 5), 128, 158)
    dark = plan.image.point(lambda v: round(v * 0.74))
    plan.image.paste(dark, mask=wet)
    shine = levels(brush.fractal(plan.image.size, 240, 4), 176, 214).point([v // 3 for v in range(256)])
    plan.image.paste((196, 204, 208), mask=shine)


def _heap(brush: Brush, picture: Image.Image, camera: Camera) -> None:
    """Back to front and top to bottom, so that each bag lies on the ones behind it."""
    base = camera.at(0, 0, 4.2)
    shadow(picture, brush.blob((base[0], base[1] + 20), (520, 120), 26, 0.12), 24, 0.6)
    creases = matter.crumple(brush, (420, 420))
    items = [_place(brush) for _ in range(210)]
    for x, y, z in sorted(items, key=lambda spot: (-spot[2], -spot[1])):
        _item(brush, picture, camera, creases, (x, y, z))
    peel = [
        camera.at(brush.near(0, 2.3), brush.chance.uniform(0.0, 0.22), brush.chance.uniform(3.1, 4))
        for _ in range(240)
    ]
    matter.leaves(
        brush,
        picture,
        peel,
        8,
        [(110, 128, 62), (168, 128, 74), (86, 70, 48), (204, 198, 186), (150, 154, 90)],
    )
    flies = ImageDraw.Draw(picture)
    for _ in range(26):
        fx, fy = brush.near(600, 420), brush.near(430, 150)
        flies.ellipse((fx, fy, fx + 3, fy + 2), fill=(20, 20, 20))


def _place(brush: Brush) -> tuple[float, float, float]:
    """Where in the heap: higher towards its middle and the wall."""
    x = max(-2.5, min(2.5, brush.chance.gauss(0, 1.15)))
    z = 3.35 + 1.5 * brush.chance.random()
    crest = 1.08 * math.exp(-((x / 1.5) ** 2)) * min(1.0, max(0.1, (z - 3.1) / 1.1))
    return x, crest * brush.chance.random() ** 0.6, z


def _item(
    brush: Brush, picture: Image.Image, camera: Camera, creases: Image.Image, spot: tuple[float, float, float]
) -> None:
    centre, scale = camera.at(*spot), camera.focal / spot[2]
    if brush.chance.random() < 0.13:
        _box(brush, picture, centre, 0.24 * scale)
        return
    radius = brush.near(0.19, 0.09) * scale
    skin, cover = matter.bag(brush, creases, radius, brush.vary(brush.chance.choice(_BAGS), 14))
    where = (round(centre[0] - skin.width / 2), round(centre[1] - skin.height / 2 - radius * 0.4))
    under = (where[0] + round(radius * 0.15), where[1] + round(radius * 0.3))
    picture.paste(
        (26, 25, 26), under, cover.filter(ImageFilter.GaussianBlur(3)).point([v // 2 for v in range(256)])
    )
    picture.paste(skin, where, cover)


def _box(brush: Brush, picture: Image.Image, centre: Point, side: float) -> None:
    """A cardboard or foam box: two faces and a lid, tilted."""
    card = brush.vary(brush.chance.choice([(164, 128, 88), (142, 110, 76), (224, 226, 224)]), 10)
    lean, (x, y) = brush.near(0, side * 0.25), centre
    front = [
        (x - side, y - side * 0.5),
        (x + side * 0.4, y - side * 0.5 + lean),
        (x + side * 0.4, y + side * 0.5 + lean),
        (x - side, y + side * 0.5),
    ]
    cheek = [front[1], (x + side, y - side * 0.85 + lean), (x + side, y + side * 0.1 + lean), front[2]]
    lid = [front[0], (x - side * 0.4, y - side * 0.95), cheek[1], front[1]]
    shadow(picture, [(a + 6, b + 10) for a, b in front], 6, 0.4)
    for shape, light in ((front, 0.78), (cheek, 0.5), (lid, 1.0)):
        tone: Colour = tuple(round(part * light) for part in card)  # type: ignore[assignment]
        low: Colour = tuple(round(part * light * 0.72) for part in card)  # type: ignore[assignment]
        fill(picture, shape, partial(_card_of, brush, low, tone), soft=0.5)


def _card_of(brush: Brush, low: Colour, tone: Colour, size: Size) -> Image.Image:
    return tinted(brush.fractal(size, 20, 3), low, tone)


def _bins(brush: Brush, picture: Image.Image, camera: Camera) -> None:
    """Two wheeled bins against the wall, where the heap was."""
    for x, colour in ((-0.55, (44, 104, 62)), (0.45, (40, 92, 128))):
        _bin(brush, picture, camera, x, colour)


def _bin(brush: Brush, picture: Image.Image, camera: Camera, x: float, colour: Colour) -> None:
    z, s = 4.35, camera.focal / 4.35
    cx, cy = camera.at(x, 0, z)
    shadow(
        picture,
        [(cx - 0.36 * s, cy - 8), (cx + 0.7 * s, cy - 8), (cx + 0.6 * s, cy + 16), (cx - 0.3 * s, cy + 16)],
        9,
        0.55,
    )
    dark: Colour = tuple(round(part * 0.5) for part in colour)  # type: ignore[assignment]
    body = [
        (cx - 0.36 * s, cy - 0.92 * s),
        (cx + 0.36 * s, cy - 0.92 * s),
        (cx + 0.29 * s, cy - 0.04 * s),
        (cx - 0.29 * s, cy - 0.04 * s),
    ]

    def moulded(size: Size) -> Image.Image:
        row = Image.new("L", (size[0], 1))
        row.putdata(
            [
                round(255 * (0.5 + 0.5 * math.sin(math.pi * (0.1 + 0.75 * i / size[0]))))
                for i in range(size[0])
            ]
        )
        return shaded(tinted(row.resize(size), dark, colour), brush.fractal(size, 60, 4), 0.7)

    fill(picture, body, moulded, soft=0.8)
    lid = [
        (cx - 0.4 * s, cy - 0.98 * s),
        (cx - 0.34 * s, cy - 1.1 * s),
        (cx + 0.34 * s, cy - 1.1 * s),
        (cx + 0.4 * s, cy - 0.98 * s),
        (cx + 0.38 * s, cy - 0.9 * s),
        (cx - 0.38 * s, cy - 0.9 * s),
    ]
    fill(picture, lid, lambda size: ramp(size, tuple(min(255, p + 46) for p in colour), dark), soft=0.8)  # type: ignore[arg-type]
    draw = ImageDraw.Draw(picture)
    for wheel in (-0.24, 0.2):
        draw.ellipse(
            (cx + (wheel - 0.06) * s, cy - 0.12 * s, cx + (wheel + 0.08) * s, cy + 0.02 * s),
            fill=(24, 24, 25),
        )
    for y in (0.7, 0.45, 0.2):
        draw.line((cx - 0.31 * s, cy - y * s, cx + 0.31 * s, cy - y * s), fill=dark, width=2)


# A canal between concrete banks


def canal(brush: Brush, after: bool) -> Image.Image:
    """A drain canal behind houses: black and full of scum, or clear between washed banks."""
    camera = Camera(*SIZE, horizon=brush.near(255, 16), focal=820, eye=2.4)
    picture = town.sky(brush, SIZE, (140, 170, 200), (218, 222, 222), 0.85)
    town.trees_behind(brush, picture, camera.horizon + 14, 130)
    town.street_wall(brush, picture, camera, -6.2, 9, 40)
    town.street_trees(brush, picture, camera, ((5.6, 24), (5.2, 15), (-5.4, 18)))
    _water(brush, picture, camera, clear=after)
    _banks(brush, picture, camera, clean=after)
    town.haze(picture, camera.horizon, (208, 214, 212), 0.34)
    return picture


def _water(brush: Brush, picture: Image.Image, camera: Camera, *, clear: bool) -> None:
    plan = Plan.blank(-2.1, 2.1, 2.5, 34, 56, (0, 0, 0))
    tones: tuple[Colour, Colour] = ((58, 78, 64), (104, 124, 104)) if clear else ((18, 20, 18), (50, 50, 42))
    plan.image.paste(tinted(brush.fractal(plan.image.size, 90, 5), *tones))
    if not clear:
        _scum(brush, plan)
    plan.lay(picture, camera, up=-0.75, bands=4)
    _reflect(brush, picture, camera, 0.5 if clear else 0.2)
    if not clear:
        _floating(brush, picture, camera)


def _reflect(brush: Brush, picture: Image.Image, camera: Camera, strength: float) -> None:
    """Sky and trees upside down in the water, broken by ripples."""
    top = round(camera.at(0, -0.75, 34)[1])
    shape = camera.many((-2.1, -0.75, 34), (2.1, -0.75, 34), (2.1, -0.75, 2.5), (-2.1, -0.75, 2.5))
    mirror = ImageOps.flip(picture.crop((0, 0, picture.width, top))).filter(ImageFilter.GaussianBlur(3))
    sheet = Image.new("RGB", picture.size, (190, 200, 204))
    sheet.paste(mirror.resize((picture.width, picture.height - top)), (0, top))
    ripples = brush.white((60, 260)).resize((picture.width, picture.height), Image.Resampling.BICUBIC)
    light = ripples.point([round(v * strength * 0.5 + 255 * strength * 0.5) for v in range(256)])
    picture.paste(
        sheet,
        mask=Image.composite(light, Image.new("L", light.size, 0), mask_of(picture.size, shape, soft=1)),
    )


def _scum(brush: Brush, plan: Plan) -> None:
    foam = levels(brush.fractal(plan.image.size, 120, 6), 150, 186)
    plan.image.paste(
        tinted(brush.fractal(plan.image.size, 8, 2), (112, 112, 98), (178, 176, 162)),
        mask=foam.point([round(v * 0.5) for v in range(256)]),
    )
    oil = levels(brush.fractal(plan.image.size, 200, 5), 168, 208).point([v // 3 for v in range(256)])
    plan.image.paste((74, 92, 62), mask=oil)


def _floating(brush: Brush, picture: Image.Image, camera: Camera) -> None:
    creases = matter.crumple(brush, (320, 320))
    spots = [(brush.chance.uniform(-1.9, 1.9), 2.9 + 17 * brush.chance.random() ** 2) for _ in range(110)]
    spots += [(brush.near(-1.75, 0.3), brush.chance.uniform(3, 9)) for _ in range(50)]
    for x, z in sorted(spots, key=lambda spot: -spot[1]):
        scale, centre = camera.focal / z, camera.at(x, -0.75, z)
        skin, cover = matter.bag(
            brush,
            creases,
            max(4.0, brush.near(0.13, 0.07) * scale),
            brush.vary(brush.chance.choice(_BAGS), 14),
        )
        size = (skin.width, max(3, round(skin.height * 0.5)))
        where = (round(centre[0] - size[0] / 2), round(centre[1] - size[1] / 2))
        picture.paste(skin.resize(size), where, cover.resize(size))
    scraps = [
        camera.at(brush.chance.uniform(-2, 2), -0.75, 2.8 + 12 * brush.chance.random() ** 2)
        for _ in range(300)
    ]
    matter.leaves(
        brush, picture, scraps, 5, [(206, 204, 194), (98, 108, 62), (146, 120, 78), (170, 172, 170)]
    )


def _banks(brush: Brush, picture: Image.Image, camera: Camera, *, clean: bool) -> None:
    """Sloping concrete, a tide mark of dirt, a path and grass above."""
    for side in (-1, 1):
        slope = matter.concrete(brush, (900, 160), (120, 116, 106), (182, 176, 164))
        draw = ImageDraw.Draw(slope)
        for x in range(0, 900, 90):
            draw.line((x, 0, x, 160), fill=(84, 80, 72), width=3)
        mark = (
            ImageOps.invert(Image.linear_gradient("L"))
            .resize(slope.size)
            .point([255 - v for v in range(256)])
        )
        dirt = mark.point([max(0, v - (190 if clean else 110)) for v in range(256)])
        slope.paste((40, 40, 30), mask=dirt)
        inner, outer = side * 2.05, side * 2.9
        paste_quad(
            picture,
            slope,
            camera.many((outer, 0, 34), (outer, 0, 2.3), (inner, -0.75, 2.3), (inner, -0.75, 34)),
        )
        plan = Plan.blank(2.9 if side > 0 else -6.2, 16.0 if side > 0 else -2.9, 2.2, 34, 30, (0, 0, 0))
        ground = tinted(brush.fractal(plan.image.size, 40, 5), (104, 96, 78), (166, 156, 130))
        grass = levels(brush.fractal(plan.image.size, 60, 5), 108, 150)
        ground.paste(tinted(brush.fractal(plan.image.size, 7, 2), (54, 68, 36), (116, 130, 74)), mask=grass)
        plan.image.paste(ground)
        plan.shade(brush, 1.4, 0.35)
        plan.lay(picture, camera, bands=4)
    tufts = [
        camera.at(
            s * brush.near(3.0, 0.12), brush.chance.uniform(0, 0.2), 2.6 + 14 * brush.chance.random() ** 2
        )
        for s in (-1, 1)
        for _ in range(240)
    ]
    matter.leaves(brush, picture, tufts, 8, [(70, 88, 44), (100, 116, 60), (54, 68, 36)])
