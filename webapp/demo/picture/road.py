"""Scenes on a roadway: a broken manhole, a pothole, a fallen sign; and the same places mended."""

from __future__ import annotations

import math
from itertools import pairwise

from PIL import Image, ImageDraw, ImageFilter, ImageOps

from webapp.demo.picture import matter
from webapp.demo.picture.brush import Brush, Point, Size, fill, levels, shaded, shadow, tinted, whole
from webapp.demo.picture.camera import Camera, Plan, paste_quad

SIZE = (1200, 900)
_CONCRETE = (176, 170, 158)


def manhole(brush: Brush, after: bool) -> Image.Image:
    """Looking down at the edge of a road: gutter, kerb, pavement, and a cover that is or is not there."""
    camera = Camera(*SIZE, horizon=-190, focal=980, eye=brush.near(1.5, 0.08))
    picture = Image.new("RGB", SIZE, (90, 90, 90))
    plan = Plan.blank(-5.2, 0.75, 1.25, 8.4, 210, (0, 0, 0))
    plan.image.paste(matter.asphalt(brush, plan.image.size))
    _gutter(brush, plan)
    where = (-0.12, 2.55)
    (_new_cover if after else _broken_cover)(brush, plan, where)
    _litter(brush, plan, few=after)
    plan.lay(picture, camera)
    _kerb(brush, picture, camera, 0.75)
    if not after:
        _warning_branch(brush, picture, camera, where)
    return matter.in_dapple(brush, picture, 420, 0.36)


def _gutter(brush: Brush, plan: Plan) -> None:
    left, right = plan.px(0.3, 1)[0], plan.px(0.75, 1)[0]
    strip = matter.concrete(brush, (round(right - left), plan.image.height), (112, 108, 100), (166, 160, 150))
    plan.image.paste(strip, (round(left), 0))
    draw = ImageDraw.Draw(plan.image)
    for z in range(2, 9):
        draw.line(plan.pts((0.3, z - 0.4), (0.75, z - 0.4)), fill=(78, 74, 68), width=3)
    seam = [plan.px(brush.near(0.3, 0.012), z / 10) for z in range(10, 84)]
    draw.line(seam, fill=(66, 64, 62), width=5)


def _broken_cover(brush: Brush, plan: Plan, where: Point) -> None:
    x, z = where
    image, draw = plan.image, ImageDraw.Draw(plan.image)
    frame = plan.box(x - 0.46, x + 0.46, z - 0.46, z + 0.46)
    side = round(0.92 * plan.scale)
    slab = matter.concrete(brush, (side, side), (120, 114, 104), (186, 180, 168))
    image.paste(slab, whole(frame[0]))
    draw.line([*frame, frame[0]], fill=(66, 62, 58), width=5)
    centre = plan.px(x, z)
    outline = brush.blob((centre[0] - 8, centre[1] + 10), (0.33 * plan.scale, 0.31 * plan.scale), 26, 0.15)
    _pit(brush, image, outline)
    _lip(brush, image, outline)
    _bars(brush, image, outline)
    matter.cracks(brush, image, [brush.chance.choice(outline) for _ in range(9)], 90, 3)
    spots = [_about(brush, centre, 150) for _ in range(60)]
    matter.pebbles(brush, image, spots, 6, [(168, 162, 150), (134, 128, 118), (190, 184, 172)])


def _pit(brush: Brush, image: Image.Image, outline: list[Point]) -> None:
    """The hole: its far wall catches light, the bottom is black water."""

    def wall(size: Size) -> Image.Image:
        stone = tinted(brush.fractal(size, 26, 4), (12, 11, 11), (112, 100, 84))
        fall = Image.linear_gradient("L").resize(size)
        return shaded(stone, levels(ImageOps.invert(fall), 130, 270), 0.03)

    fill(image, outline, wall, soft=0.8)


def _lip(brush: Brush, image: Image.Image, outline: list[Point]) -> None:
    """The thickness of the broken slab, seen on the far side of the hole."""
    draw = ImageDraw.Draw(image)
    middle = sum(y for _, y in outline) / len(outline)
    ordered = [*outline, outline[0]]
    for (ax, ay), (bx, by) in pairwise(ordered):
        deep = 24 if (ay + by) / 2 < middle else 4
        tone = brush.vary((150, 142, 128) if deep > 5 else (84, 80, 74), 10)
        draw.polygon([(ax, ay), (bx, by), (bx, by + deep), (ax, ay + deep)], fill=tone)
    draw.line(ordered, fill=(206, 200, 188), width=2)


def _bars(brush: Brush, image: Image.Image, outline: list[Point]) -> None:
    """Rusty reinforcement that reaches into the hole."""
    draw = ImageDraw.Draw(image)
    for start in brush.chance.sample(outline, 6):
        cx, cy = sum(p[0] for p in outline) / len(outline), sum(p[1] for p in outline) / len(outline)
        share = brush.chance.uniform(0.35, 0.8)
        end = (
            start[0] + (cx - start[0]) * share + brush.near(0, 9),
            start[1] + (cy - start[1]) * share + brush.near(0, 15),
        )
        draw.line([start, end], fill=(52, 32, 22), width=8)
        draw.line([start, end], fill=(132, 78, 48), width=3)


def _new_cover(brush: Brush, plan: Plan, where: Point) -> None:
    x, z = where
    image, draw = plan.image, ImageDraw.Draw(plan.image)
    mortar = brush.blob(plan.px(x, z), (0.76 * plan.scale, 0.74 * plan.scale), 26, 0.07)
    fill(image, mortar, lambda size: matter.concrete(brush, size, (122, 122, 120), (172, 171, 167)), soft=1.5)
    _yellow_box(brush, plan, x, z)
    draw.polygon(plan.box(x - 0.41, x + 0.41, z - 0.41, z + 0.41), fill=(26, 27, 29))
    iron = _iron(brush, round(0.78 * plan.scale))
    image.paste(iron, whole(plan.px(x - 0.39, z + 0.39)))


def _iron(brush: Brush, side: int) -> Image.Image:
    """A square cast-iron cover: raised studs, a rim, two lifting holes."""
    plate = tinted(
        Image.blend(brush.fractal((side, side), 20, 3), brush.white((side, side)), 0.3),
        (44, 46, 50),
        (88, 91, 96),
    )
    draw = ImageDraw.Draw(plate)
    for row in range(9):
        for column in range(9):
            x, y = 18 + column * (side - 36) / 8, 18 + row * (side - 36) / 8
            draw.ellipse((x - 7, y - 5, x + 7, y + 9), fill=(22, 23, 25))
            draw.ellipse((x - 7, y - 7, x + 7, y + 6), fill=(108, 112, 118))
            draw.ellipse((x - 4, y - 5, x + 3, y + 1), fill=(142, 146, 152))
    draw.rectangle((1, 1, side - 2, side - 2), outline=(126, 130, 136), width=5)
    for x in (side * 0.22, side * 0.78):
        draw.rounded_rectangle((x - 12, side / 2 - 7, x + 12, side / 2 + 7), 6, fill=(8, 8, 9))
    return plate


def _yellow_box(brush: Brush, plan: Plan, x: float, z: float) -> None:
    """Yellow hatching painted round the cover; the road shows through where the paint is thin."""
    paint = Image.new("L", plan.image.size, 0)
    draw = ImageDraw.Draw(paint)
    outer, inner = 0.72, 0.45
    for offset in range(-9, 10):
        a = offset * 0.21
        draw.line(plan.pts((x - outer, z - outer + a), (x + outer, z + outer + a)), fill=235, width=24)
    frame = Image.new("L", plan.image.size, 0)
    ring = ImageDraw.Draw(frame)
    ring.polygon(plan.box(x - outer, x + outer, z - outer, z + outer), fill=255)
    ring.polygon(plan.box(x - inner, x + inner, z - inner, z + inner), fill=0)
    edge = ImageDraw.Draw(paint)
    for half in (outer, inner):
        box = plan.box(x - half, x + half, z - half, z + half)
        edge.line([*box, box[0]], fill=240, width=20)
    paint = Image.composite(paint, Image.new("L", paint.size, 0), frame)
    worn = levels(brush.white(paint.size), 0, 120)
    paint = Image.composite(paint, paint.point([v // 2 for v in range(256)]), worn)
    plan.image.paste((226, 176, 32), mask=paint.filter(ImageFilter.GaussianBlur(0.7)))


def _litter(brush: Brush, plan: Plan, *, few: bool) -> None:
    along = [plan.px(brush.near(0.66, 0.09), brush.chance.uniform(1.3, 8)) for _ in range(26 if few else 150)]
    matter.leaves(brush, plan.image, along, 9, [(112, 84, 42), (146, 116, 54), (84, 66, 40), (104, 112, 54)])
    about = [
        plan.px(brush.chance.uniform(-2.5, 0.7), brush.chance.uniform(1.3, 8))
        for _ in range(10 if few else 36)
    ]
    matter.leaves(brush, plan.image, about, 9, [(120, 92, 48), (150, 124, 62)])
    grit = [plan.px(brush.near(0.5, 0.24), brush.chance.uniform(1.3, 7)) for _ in range(120)]
    matter.pebbles(brush, plan.image, grit, 2.6, [(150, 140, 124), (110, 104, 96)])


def _kerb(brush: Brush, picture: Image.Image, camera: Camera, x: float, high: float = 0.16) -> None:
    """A kerb of cast stones with its shadow in the gutter, and tiles behind it."""
    near, far = 1.25, 8.4
    pavement = Plan.blank(x + 0.2, x + 3.6, near, far, 160, (0, 0, 0))
    pavement.image.paste(matter.tiles(brush, pavement.image.size, 48, ((154, 104, 88), (176, 164, 142))))
    pavement.lay(picture, camera, up=high)
    face = matter.concrete(brush, (900, 60), (134, 128, 116), (188, 182, 170))
    top = matter.concrete(brush, (900, 70), (158, 152, 142), (208, 203, 194))
    for strip in (face, top):
        draw = ImageDraw.Draw(strip)
        for step in range(0, 900, 122):
            draw.line((step, 0, step, strip.height), fill=(72, 68, 62), width=3)
    paste_quad(
        picture,
        top,
        camera.many((x, high, far), (x, high, near), (x + 0.2, high, near), (x + 0.2, high, far))[::-1],
    )
    _face(picture, camera, face, x, high, near, far)
    gloom = camera.many((x - 0.07, 0, far), (x, 0, far), (x, 0, near), (x - 0.09, 0, near))
    shadow(picture, gloom, 5, 0.4)


def _face(
    picture: Image.Image, camera: Camera, face: Image.Image, x: float, high: float, near: float, far: float
) -> None:
    dark = face.point(lambda v: v * 0.62)
    paste_quad(picture, dark, camera.many((x, high, far), (x, high, near), (x, 0, near), (x, 0, far)))


def _warning_branch(brush: Brush, picture: Image.Image, camera: Camera, where: Point) -> None:
    """What neighbours do: a branch with a red plastic bag, stuck into the hole."""
    x, z = where
    foot, top = camera.at(x + 0.02, -0.3, z + 0.02), camera.at(x + 0.22, 0.98, z + 0.25)
    lean = (foot[0] + 150, foot[1] + 16)
    shadow(picture, [foot, (foot[0] + 7, foot[1]), lean, (lean[0], lean[1] + 4)], 4, 0.35)
    draw = ImageDraw.Draw(picture)
    _stick(brush, draw, foot, top, 11)
    twigs = []
    for share in (0.42, 0.55, 0.68, 0.8, 0.92, 1.0):
        start = (foot[0] + (top[0] - foot[0]) * share, foot[1] + (top[1] - foot[1]) * share)
        end = (start[0] + brush.near(0, 95), start[1] - brush.near(58, 34))
        _stick(brush, draw, start, end, 4)
        twigs += [_about(brush, end, 34) for _ in range(26)] + [_about(brush, start, 20) for _ in range(5)]
    matter.leaves(brush, picture, twigs, 10, [(52, 74, 32), (82, 104, 44), (118, 132, 62), (38, 52, 26)])
    spot = (foot[0] + (top[0] - foot[0]) * 0.72, foot[1] + (top[1] - foot[1]) * 0.72)
    skin, cover = matter.bag(brush, matter.crumple(brush, (200, 200)), 34, (206, 42, 36))
    picture.paste(skin, (round(spot[0] - 20), round(spot[1] - 30)), cover)


def _stick(brush: Brush, draw: ImageDraw.ImageDraw, a: Point, b: Point, width: int) -> None:
    middle = ((a[0] + b[0]) / 2 + brush.near(0, width), (a[1] + b[1]) / 2)
    draw.line([a, middle, b], fill=(48, 36, 26), width=width, joint="curve")
    draw.line([(x - width * 0.2, y) for x, y in (a, middle, b)], fill=(116, 92, 66), width=max(1, width // 3))


def _about(brush: Brush, centre: Point, reach: float) -> Point:
    angle, far = brush.chance.uniform(0, math.tau), reach * math.sqrt(brush.chance.random())
    return centre[0] + far * math.cos(angle), centre[1] + far * math.sin(angle)
