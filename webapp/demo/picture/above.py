"""Scenes overhead: a street lamp at dusk, a tree on the wires, sagging cables; and the same set right."""

from __future__ import annotations

import math

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from webapp.demo.picture import matter, town
from webapp.demo.picture.brush import Brush, Colour, Point, glow, levels, mask_of, ramp, tinted
from webapp.demo.picture.camera import Camera, Plan

TALL = (900, 1200)
_NOTHING: Colour = (255, 0, 255)  # where a scene of the night is still empty: its sky


def lamp(brush: Brush, after: bool) -> Image.Image:
    """A lane at nightfall, upright picture: the lamp dark, or the lane in its light."""
    camera = Camera(*TALL, horizon=brush.near(760, 15), focal=900, eye=1.5)
    scene = Image.new("RGB", TALL, _NOTHING)
    town.trees_behind(brush, scene, camera.horizon + 8, 110)
    town.street_wall(brush, scene, camera, -3.6, 5, 40, lit=True)
    town.street_wall(brush, scene, camera, 3.6, 6, 40, lit=True)
    _lane(brush, scene, camera)
    picture = _nightfall(brush, scene, 0.34 if after else 0.3)
    head = _lamp_post(brush, picture, camera)
    if after:
        picture = _light(brush, picture, camera, head)
    return picture


def _lane(brush: Brush, picture: Image.Image, camera: Camera) -> None:
    plan = Plan.blank(-3.6, 3.6, 2.6, 40, 44, (0, 0, 0))
    plan.image.paste(matter.concrete(brush, plan.image.size, (98, 94, 88), (150, 144, 134)))
    draw = ImageDraw.Draw(plan.image)
    for z in range(3, 40, 4):
        draw.line(plan.pts((-3.6, z), (3.6, z)), fill=(70, 66, 62), width=2)
    plan.lay(picture, camera, bands=4)


def _nightfall(brush: Brush, scene: Image.Image, level: float) -> Image.Image:
    """The last light in the sky; all else in blue darkness but for lit windows."""
    red, green, blue = scene.split()
    empty = ImageChops.darker(
        levels(red, 150, 190),
        ImageChops.darker(levels(blue, 150, 190), ImageChops.invert(levels(green, 60, 110))),
    )
    warm = levels(ImageChops.subtract(red, blue), 84, 104)
    windows = ImageChops.darker(warm, levels(red, 205, 225)).filter(ImageFilter.GaussianBlur(1))
    dark = ImageChops.multiply(
        scene.point(lambda v: round(v * level)), Image.new("RGB", scene.size, (168, 180, 222))
    )
    dark.paste(
        scene.point(lambda v: round(v * 0.92)), mask=windows.point([round(v * 0.8) for v in range(256)])
    )
    sky = ramp(scene.size, (30, 42, 80), (224, 150, 104), 2.1)
    cloud = brush.fractal((scene.width // 3, scene.height), 220, 5).resize(scene.size)
    sky.paste((70, 62, 88), mask=levels(cloud, 110, 240).point([round(v * 0.5) for v in range(256)]))
    return Image.composite(sky, dark, empty)


def _lamp_post(brush: Brush, picture: Image.Image, camera: Camera) -> Point:
    """Concrete post with an arm; returns where the light sits."""
    z = 7.2
    foot, top = camera.at(1.9, 0, z), camera.at(1.9, 6.0, z)
    town.pole(brush, picture, foot, top, 0.22 * camera.focal / z, 56)
    draw = ImageDraw.Draw(picture)
    for high, far_high in ((5.6, 5.5), (5.3, 5.2), (4.6, 4.7)):
        town.wire(draw, camera.at(1.9, high, z), camera.at(1.9, far_high, 30), 4, (16, 18, 24), 2)
        town.wire(draw, camera.at(1.9, high, z), camera.at(2.6, high, 3), 10, (16, 18, 24), 3)
    head = camera.at(0.55, 6.15, z)
    elbow = camera.at(1.7, 6.2, z)
    draw.line([camera.at(1.9, 5.5, z), elbow, head], fill=(36, 38, 44), width=9, joint="curve")
    hx, hy = head
    draw.polygon(
        [(hx - 46, hy - 2), (hx - 30, hy - 14), (hx + 26, hy - 12), (hx + 34, hy + 2), (hx - 10, hy + 9)],
        fill=(58, 60, 66),
    )
    draw.polygon(
        [(hx - 40, hy + 1), (hx + 14, hy + 2), (hx - 8, hy + 10), (hx - 30, hy + 9)], fill=(88, 90, 94)
    )
    return hx - 14, hy + 6


def _light(brush: Brush, picture: Image.Image, camera: Camera, head: Point) -> Image.Image:
    """The lamp on: a bright head, a cone in the damp air, a pool on the ground and on the walls."""
    size = picture.size
    draw = ImageDraw.Draw(picture)
    draw.ellipse((head[0] - 26, head[1] - 9, head[0] + 26, head[1] + 10), fill=(255, 246, 224))
    pool = camera.at(0.5, 0, 7.2)
    cone = mask_of(
        size,
        [
            (head[0] - 18, head[1]),
            (head[0] + 18, head[1]),
            (pool[0] + 390, pool[1] + 150),
            (pool[0] - 420, pool[1] + 150),
        ],
        soft=60,
    )
    lit = picture.point(lambda v: min(255, round(v * 4.6 + 8)))
    lit = ImageChops.multiply(lit, Image.new("RGB", size, (255, 232, 190)))
    ground = Image.new("L", size, 0)
    ImageDraw.Draw(ground).ellipse((pool[0] - 560, pool[1] - 150, pool[0] + 560, pool[1] + 330), fill=255)
    ground = ground.resize((size[0] // 6, size[1] // 6)).filter(ImageFilter.GaussianBlur(18)).resize(size)
    reach = ImageChops.lighter(ground, cone.point([round(v * 0.55) for v in range(256)]))
    picture = Image.composite(lit, picture, reach)
    for radius, strength in ((70, 1.0), (230, 0.34), (560, 0.22)):
        picture = ImageChops.add(picture, glow(size, head, radius, (255, 226, 170), strength))
    return picture


# A tree on the wires


def tree(brush: Brush, after: bool) -> Image.Image:
    """A tree leaning into the power line by the road, or cut back and propped."""
    camera = Camera(*TALL, horizon=brush.near(820, 15), focal=880, eye=1.5)
    low: Colour = (214, 220, 224) if after else (188, 194, 200)
    picture = town.sky(brush, TALL, (116, 154, 200) if after else (136, 148, 164), low, 0.8)
    town.trees_behind(brush, picture, camera.horizon + 8, 110)
    town.street_wall(brush, picture, camera, 5.2, 7, 40)
    _roadside(brush, picture, camera)
    town.pole(brush, picture, camera.at(-0.7, 0, 15), camera.at(-0.7, 8.2, 15), 0.26 * camera.focal / 15, 150)
    _crown_and_wires(brush, picture, camera, leaning=not after)
    town.pole(
        brush, picture, camera.at(-0.9, 0, 6.2), camera.at(-0.9, 8.4, 6.2), 0.26 * camera.focal / 6.2, 160
    )
    _cross_arm(picture, camera, 6.2)
    return picture


def _roadside(brush: Brush, picture: Image.Image, camera: Camera) -> None:
    road = Plan.blank(-0.6, 5.2, 2.6, 36, 44, (0, 0, 0))
    road.image.paste(matter.asphalt(brush, road.image.size))
    verge = Plan.blank(-12, -0.5, 2.6, 36, 36, (0, 0, 0))
    earth = matter.concrete(brush, verge.image.size, (108, 98, 80), (164, 154, 128))
    grass = levels(brush.fractal(verge.image.size, 60, 5), 100, 150)
    earth.paste(tinted(brush.fractal(verge.image.size, 7, 2), (54, 68, 36), (112, 128, 70)), mask=grass)
    verge.image.paste(earth)
    for plan in (verge, road):
        plan.shade(brush, 1.5, 0.4)
        plan.lay(picture, camera, bands=4)


def _crown_and_wires(brush: Brush, picture: Image.Image, camera: Camera, *, leaning: bool) -> None:
    z = 8.2
    foot = camera.at(-2.9, 0, z)
    fork = camera.at(-1.2, 3.9, z) if leaning else camera.at(-2.75, 2.9, z)
    s = camera.focal / z
    draw = ImageDraw.Draw(picture)
    if not leaning:
        _lines(draw, camera, 0.0)
    _trunk(brush, picture, foot, fork, 0.34 * s)
    centre = (-0.55, 5.3) if leaning else (-2.75, 3.9)
    spread, count = (2.0, 34) if leaning else (0.8, 13)
    clumps = [
        (
            *camera.at(centre[0] + brush.near(0, spread), centre[1] + brush.near(0, spread * 0.62), z),
            brush.near(0.46, 0.2) * s,
        )
        for _ in range(count)
    ]
    for x, y, _ in clumps:
        draw.line(
            [fork, ((fork[0] + x) / 2 + brush.near(0, 14), (fork[1] + y) / 2), (x, y)],
            fill=(58, 48, 38),
            width=max(3, round(0.06 * s)),
            joint="curve",
        )
    crown = matter.foliage(brush, picture.size, clumps, town.GREENS, 0.1 * s)
    picture.paste(crown, (0, 0), crown)
    if leaning:
        # Pressed down where the crown lies on them, then half hidden by leaves again.
        _lines(draw, camera, 46.0)
        over = matter.foliage(brush, picture.size, clumps[:7], town.GREENS, 0.1 * s)
        picture.paste(over, (0, 0), over)
    else:
        _props(brush, picture, camera, foot, fork)


def _lines(draw: ImageDraw.ImageDraw, camera: Camera, press: float) -> None:
    """Wires from the near pole to the far one and over our head; pressed down by the tree."""
    for x, high in ((-1.5, 8.0), (-0.9, 8.1), (-0.3, 8.0), (-0.9, 6.6), (-0.9, 6.2)):
        near, far = camera.at(x, high, 6.2), camera.at(x + 0.2, high - 0.1, 15)
        town.wire(draw, near, far, 6 + press, (26, 27, 30), 3)
        town.wire(draw, near, camera.at(x, high, 2.2), 8, (26, 27, 30), 4)
        town.wire(draw, far, camera.at(x + 0.3, high, 36), 3, (40, 42, 46), 2)


def _cross_arm(picture: Image.Image, camera: Camera, z: float) -> None:
    draw = ImageDraw.Draw(picture)
    draw.line([camera.at(-1.7, 7.8, z), camera.at(-0.1, 7.8, z)], fill=(92, 92, 94), width=10)
    for x in (-1.5, -0.9, -0.3):
        px, py = camera.at(x, 7.95, z)
        draw.rounded_rectangle((px - 6, py - 16, px + 6, py + 8), 4, fill=(122, 78, 62))


def _trunk(brush: Brush, picture: Image.Image, foot: Point, fork: Point, wide: float) -> None:
    town.pole(brush, picture, foot, fork, wide, 78)
    draw = ImageDraw.Draw(picture)
    for _ in range(60):
        t = brush.chance.random()
        x = foot[0] + (fork[0] - foot[0]) * t + brush.near(0, wide * 0.3)
        y = foot[1] + (fork[1] - foot[1]) * t
        draw.line(
            (x, y, x + brush.near(0, 3), y + brush.chance.uniform(6, 22)),
            fill=brush.vary((54, 46, 38), 12),
            width=2,
        )


def _props(brush: Brush, picture: Image.Image, camera: Camera, foot: Point, fork: Point) -> None:
    """Poles that hold the trunk, and pale cuts where branches were."""
    draw = ImageDraw.Draw(picture)
    hold = (foot[0] + (fork[0] - foot[0]) * 0.6, foot[1] + (fork[1] - foot[1]) * 0.6)
    for dx in (-1.3, 1.2):
        end = camera.at(-2.9 + dx, 0, 7.9)
        draw.line([hold, end], fill=(104, 88, 62), width=11)
        draw.line([(hold[0] - 2, hold[1]), (end[0] - 2, end[1])], fill=(168, 148, 112), width=3)
    for _ in range(5):
        x, y = brush.near(fork[0], 34), brush.near(fork[1] - 20, 40)
        draw.ellipse((x - 9, y - 7, x + 9, y + 7), fill=(206, 178, 130), outline=(92, 76, 54), width=2)


# Cables


def cables(brush: Brush, after: bool) -> Image.Image:
    """A pole with too many cables: hanging to head height with a broken end, or bound and lifted."""
    camera = Camera(*TALL, horizon=brush.near(850, 15), focal=860, eye=1.5)
    picture = town.sky(brush, TALL, (122, 160, 204), (216, 222, 224), 0.8)
    town.trees_behind(brush, picture, camera.horizon + 8, 90)
    town.street_wall(brush, picture, camera, -4.6, 5.5, 42)
    town.street_wall(brush, picture, camera, 6.4, 9, 42)
    _pavement(brush, picture, camera)
    for z in (26, 15):
        town.pole(
            brush, picture, camera.at(-1.1, 0, z), camera.at(-1.1, 7.6, z), 0.27 * camera.focal / z, 150
        )
    (_bundle if after else _tangle)(brush, picture, camera)
    town.pole(
        brush, picture, camera.at(-1.1, 0, 5.4), camera.at(-1.1, 7.8, 5.4), 0.27 * camera.focal / 5.4, 160
    )
    if not after:
        _coils(brush, picture, camera)
    return picture


def _pavement(brush: Brush, picture: Image.Image, camera: Camera) -> None:
    for plan, texture in (
        (Plan.blank(0.4, 6.4, 2.6, 36, 40, (0, 0, 0)), matter.asphalt),
        (Plan.blank(-4.6, 0.4, 2.6, 36, 60, (0, 0, 0)), None),
    ):
        if texture:
            plan.image.paste(texture(brush, plan.image.size))
        else:
            plan.image.paste(matter.tiles(brush, plan.image.size, 20, ((156, 132, 114), (172, 164, 148))))
        plan.shade(brush, 1.5, 0.36)
        plan.lay(picture, camera, up=0.0 if texture else 0.02, bands=4)


def _tangle(brush: Brush, picture: Image.Image, camera: Camera) -> None:
    """Dozens of cables, each with its own sag; one bundle has come down, one end lies on the pavement."""
    draw = ImageDraw.Draw(picture)
    for near, far in ((15, 26), (5.4, 15), (1.9, 5.4)):
        for _ in range(30):
            high, lower = brush.near(5.6, 0.6), brush.near(5.6, 0.6)
            sag = abs(brush.chance.gauss(0, 0.5)) * camera.focal / far
            tone = brush.chance.randint(16, 52)
            town.wire(
                draw,
                camera.at(brush.near(-1.1, 0.14), high, near),
                camera.at(brush.near(-1.1, 0.14), lower, far),
                sag,
                (tone, tone, tone + 3),
                max(2, round(24 / far)),
            )
    for _ in range(11):
        a, b = (
            camera.at(-1.05, brush.near(5.2, 0.2), 5.4),
            camera.at(brush.near(-1.0, 0.1), brush.near(5.2, 0.2), 15),
        )
        town.wire(draw, a, b, brush.near(215, 36), (24, 24, 27), 4)
    end = camera.at(0.05, 0.03, 4.3)
    start = camera.at(-1.0, 5.0, 5.4)
    for shift in (0, 14, 30):
        curl = [
            start,
            (start[0] + 60 + shift, start[1] + 230),
            (start[0] + 74 + shift, end[1] - 160),
            (end[0] + shift, end[1]),
            (end[0] + 110 + shift, end[1] + 24),
            (end[0] + 66 + shift, end[1] + 52),
        ]
        draw.line(_smooth(curl), fill=(22, 22, 25), width=5, joint="curve")


def _coils(brush: Brush, picture: Image.Image, camera: Camera) -> None:
    """Spare cable hung on the pole in rings, and grey boxes with their doors open."""
    draw = ImageDraw.Draw(picture)
    x, y = camera.at(-1.1, 4.6, 5.4)
    for _ in range(16):
        a, b = brush.near(52, 16), brush.near(64, 18)
        cx, cy = x + brush.near(18, 16), y + brush.near(30, 26)
        tone = brush.chance.randint(18, 50)
        draw.ellipse((cx - a, cy - b, cx + a, cy + b), outline=(tone, tone, tone + 3), width=4)
    for high, shift in ((3.4, -30), (3.0, 26)):
        bx, by = camera.at(-1.1, high, 5.4)
        draw.rectangle(
            (bx + shift - 32, by - 40, bx + shift + 32, by + 40),
            fill=(150, 152, 150),
            outline=(88, 90, 90),
            width=3,
        )
        draw.line((bx + shift - 32, by - 6, bx + shift + 32, by - 6), fill=(110, 112, 110), width=2)


def _bundle(brush: Brush, picture: Image.Image, camera: Camera) -> None:
    """The same cables in two tight bundles with ties, high up."""
    draw = ImageDraw.Draw(picture)
    for near, far in ((15, 26), (5.4, 15), (1.9, 5.4)):
        for high in (6.3, 6.0):
            a, b = camera.at(-1.1, high, near), camera.at(-1.1, high, far)
            wide = max(4, round(78 / far))
            town.wire(draw, a, b, 9 * 15 / far, (28, 28, 31), wide)
            town.wire(
                draw,
                (a[0] - 1, a[1] - wide * 0.3),
                (b[0] - 1, b[1] - wide * 0.3),
                9 * 15 / far,
                (86, 88, 92),
                max(1, wide // 4),
            )
            _ties(draw, a, b, 9 * 15 / far, wide)
    bx, by = camera.at(-1.1, 4.9, 5.4)
    draw.rectangle(
        (bx - 34, by - 44, bx + 34, by + 44), fill=(176, 178, 176), outline=(100, 102, 102), width=3
    )


def _ties(draw: ImageDraw.ImageDraw, a: Point, b: Point, sag: float, wide: int) -> None:
    for step in range(1, 12):
        t = step / 12
        x, y = a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t + 4 * sag * t * (1 - t)
        draw.line((x, y - wide * 0.8, x, y + wide * 0.8), fill=(214, 214, 208), width=max(1, wide // 3))


def _smooth(points: list[Point]) -> list[Point]:
    """A curve through the points (Catmull-Rom)."""
    padded = [points[0], *points, points[-1]]
    out = []
    for i in range(1, len(padded) - 2):
        p0, p1, p2, p3 = padded[i - 1 : i + 3]
        for step in range(12):
            t = step / 12
            out.append(tuple(_spline(p0[k], p1[k], p2[k], p3[k], t) for k in (0, 1)))
    return [*out, points[-1]]  # type: ignore[list-item]


def _spline(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * math.pow(t, 3)
    )
