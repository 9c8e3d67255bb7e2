"""Scenes with a street in depth: a pothole with rain in it, a sign that fell."""

from __future__ import annotations

import math

from PIL import Image, ImageDraw, ImageFilter, ImageOps

from webapp.demo.picture import matter, town
from webapp.demo.picture.brush import Brush, Colour, Point, Size, around, fill, levels, shaded, shadow, tinted
from webapp.demo.picture.camera import Camera, Plan, paste_quad

SIZE = (1200, 900)
_SKY: Colour = (214, 220, 224)


def pothole(brush: Brush, after: bool) -> Image.Image:
    """A two-lane road after rain: a hole full of water, or the patch that closed it."""
    camera = Camera(*SIZE, horizon=brush.near(250, 18), focal=900, eye=1.45)
    picture = _street(brush, camera)
    plan = Plan.blank(-3.6, 3.6, 1.9, 26, 84, (0, 0, 0))
    plan.image.paste(matter.asphalt(brush, plan.image.size, (84, 84, 86), (150, 148, 146)))
    _lines(brush, plan)
    centre = (brush.near(-0.45, 0.2), 4.1)
    if after:
        _patch(brush, plan, centre)
    else:
        _holes(brush, plan, centre)
    if after:
        plan.shade(brush, 1.4, 0.3)
    plan.lay(picture, camera, bands=4)
    _verge(brush, picture, camera)
    if not after:
        _mirror_sky(brush, picture, camera, centre)
    town.haze(picture, camera.horizon, (206, 210, 212), 0.42)
    return picture


def _street(brush: Brush, camera: Camera) -> Image.Image:
    picture = town.sky(brush, SIZE, (150, 172, 196), _SKY, 0.9)
    town.trees_behind(brush, picture, camera.horizon + 12, 120)
    town.street_wall(brush, picture, camera, -6.4, 9, 46)
    town.street_wall(brush, picture, camera, 6.4, 9, 46)
    town.street_trees(brush, picture, camera, ((5.2, 21), (-5.4, 16), (5.0, 11.5)))
    for z in (30, 20, 12):
        foot, top = camera.at(-4.6, 0, z), camera.at(-4.6, 8, z)
        town.pole(brush, picture, foot, top, 0.3 * camera.focal / z, 150)
    draw = ImageDraw.Draw(picture)
    for high in (7.6, 7.2, 5.6, 5.3):
        for near, far in ((6, 12), (12, 20), (20, 30)):
            town.wire(
                draw, camera.at(-4.6, high, near), camera.at(-4.6, high, far), 10 * 12 / far, (52, 54, 58), 2
            )
    return picture


def _lines(brush: Brush, plan: Plan) -> None:
    """Worn paint: dashes in the middle, a line at each edge."""
    paint = Image.new("L", plan.image.size, 0)
    draw = ImageDraw.Draw(paint)
    for z in range(2, 26, 4):
        draw.polygon(plan.box(0.55, 0.68, z, z + 2.0), fill=220)
    for x in (-3.2, 3.2):
        draw.polygon(plan.box(x - 0.06, x + 0.06, 1.9, 26), fill=190)
    worn = levels(brush.fractal(paint.size, 60, 5), 60, 150)
    plan.image.paste((214, 212, 204), mask=Image.composite(paint, Image.new("L", paint.size, 0), worn))


def _holes(brush: Brush, plan: Plan, centre: Point) -> None:
    _hole(brush, plan, centre, 0.86, 0.6)
    _hole(brush, plan, (centre[0] + 1.35, centre[1] + 1.7), 0.34, 0.3)
    _hole(brush, plan, (centre[0] - 0.5, centre[1] + 4.4), 0.5, 0.46)


def _hole(brush: Brush, plan: Plan, centre: Point, wide: float, deep: float) -> None:
    """Broken edge, gravel bed, muddy water in the middle."""
    image, middle = plan.image, plan.px(*centre)
    outline = brush.blob(middle, (wide * plan.scale, deep * plan.scale), 30, 0.17)
    halo = brush.blob(middle, (wide * plan.scale * 1.7, deep * plan.scale * 1.7), 22, 0.25)
    _muddy(image, halo)
    shadow(image, [(x, y - 3) for x, y in outline], 2, 0.75)
    inner = [(middle[0] + (x - middle[0]) * 0.95, middle[1] + (y - middle[1]) * 0.93 + 4) for x, y in outline]
    fill(image, inner, lambda size: _bed(brush, size), soft=2)
    water = _water(brush, middle, wide, deep, plan.scale)
    fill(image, water, lambda size: Image.new("RGB", size, (98, 88, 74)), soft=3)
    ring = [_on_ring(brush, middle, wide * plan.scale, deep * plan.scale) for _ in range(90)]
    matter.pebbles(brush, image, ring, 3.0, [(140, 134, 124), (112, 106, 98), (164, 156, 144)])
    matter.cracks(brush, image, [brush.chance.choice(outline) for _ in range(7)], 70, 2)


def _bed(brush: Brush, size: Size) -> Image.Image:
    grit = Image.blend(brush.fractal(size, 9, 3), brush.white(size), 0.3)
    return tinted(grit, (58, 50, 42), (150, 136, 116))


def _muddy(image: Image.Image, halo: list[Point]) -> None:
    """Dried mud that wheels carried out of the hole."""
    found = around(image, halo, 24)
    if found:
        (left, top), mask = found
        mud = Image.new("RGB", mask.size, (128, 116, 98))
        image.paste(mud, (int(left), int(top)), mask.point([v // 2 for v in range(256)]))


def _water(brush: Brush, middle: Point, wide: float, deep: float, scale: float) -> list[Point]:
    return brush.blob((middle[0], middle[1] + 3), (wide * scale * 0.76, deep * scale * 0.72), 26, 0.08)


def _on_ring(brush: Brush, centre: Point, wide: float, deep: float) -> Point:
    angle, far = brush.chance.uniform(0, math.tau), brush.chance.uniform(0.8, 1.5)
    return centre[0] + wide * far * math.cos(angle), centre[1] + deep * far * math.sin(angle)


def _mirror_sky(brush: Brush, picture: Image.Image, camera: Camera, centre: Point) -> None:
    """Still water shows what is behind it upside down."""
    middle = camera.at(centre[0], -0.02, centre[1])
    scale = camera.focal / centre[1]
    spot = brush.blob(middle, (0.6 * scale, 0.6 * scale * camera.eye / centre[1] * 0.68), 40, 0.05)
    far = picture.crop((0, 0, picture.width, round(camera.horizon)))
    sheet = ImageOps.flip(far).filter(ImageFilter.GaussianBlur(2))
    found = around(picture, spot, 3)
    if found is None:
        return
    (left, top), mask = found
    piece = sheet.crop((int(left), 0, int(left) + mask.width, min(sheet.height, 3 * mask.height))).resize(
        mask.size
    )
    piece = Image.blend(piece, Image.new("RGB", mask.size, (112, 100, 82)), 0.38)
    picture.paste(piece, (int(left), int(top)), mask.point([round(v * 0.86) for v in range(256)]))


def _patch(brush: Brush, plan: Plan, centre: Point) -> None:
    """Fresh black asphalt with a sealed, slightly shiny joint."""
    x, z = centre
    image = plan.image
    shape = plan.box(x - 1.35, x + 1.3, z - 0.95, z + 1.1)
    shape = [(a + brush.near(0, 5), b + brush.near(0, 5)) for a, b in shape]
    fill(image, shape, lambda size: matter.fresh_asphalt(brush, size), soft=1.2)
    far = plan.box(x - 0.9, x + 0.3, z + 3.7, z + 5.2)
    fill(image, far, lambda size: matter.fresh_asphalt(brush, size), soft=1.2)
    draw = ImageDraw.Draw(image)
    for box in (shape, far):
        draw.line([*box, box[0]], fill=(22, 22, 24), width=8)
        draw.line([*box, box[0]], fill=(74, 74, 78), width=2)
    dust = [_on_ring(brush, plan.px(x, z), 1.3 * plan.scale, plan.scale) for _ in range(60)]
    matter.pebbles(brush, image, dust, 1.4, [(60, 60, 62), (120, 116, 110)])


def _verge(brush: Brush, picture: Image.Image, camera: Camera) -> None:
    """Earth and grass between road and houses."""
    for side in (-1, 1):
        plan = Plan.blank(min(side * 3.5, side * 6.6), max(side * 3.5, side * 6.6), 1.9, 30, 40, (0, 0, 0))
        earth = tinted(brush.fractal(plan.image.size, 40, 5), (92, 82, 64), (158, 144, 116))
        grass = levels(brush.fractal(plan.image.size, 70, 5), 110, 160)
        earth.paste(tinted(brush.fractal(plan.image.size, 8, 2), (52, 66, 34), (112, 126, 68)), mask=grass)
        plan.image.paste(earth)
        plan.lay(picture, camera, bands=4)
    tufts = [
        camera.at(s * brush.near(3.7, 0.25), brush.chance.uniform(0, 0.16), brush.chance.uniform(2, 14))
        for s in (-1, 1)
        for _ in range(260)
    ]
    matter.leaves(brush, picture, tufts, 8, [(70, 88, 42), (98, 114, 56), (56, 70, 36)])


# A fallen sign


def sign(brush: Brush, after: bool) -> Image.Image:
    """A no-parking sign at a corner: flat on the pavement, or upright again."""
    camera = Camera(*SIZE, horizon=brush.near(330, 14), focal=960, eye=1.5)
    picture = town.sky(brush, SIZE, (126, 162, 200), (216, 222, 224), 0.8)
    town.trees_behind(brush, picture, camera.horizon + 10, 100)
    town.street_wall(brush, picture, camera, -7.5, 6.5, 44)
    town.street_wall(brush, picture, camera, 5.2, 7.5, 44)
    town.street_trees(brush, picture, camera, ((-6.6, 22), (4.3, 24), (-6.4, 13), (4.4, 15)))
    road = Plan.blank(-7.5, 1.2, 2.1, 30, 56, (0, 0, 0))
    road.image.paste(matter.asphalt(brush, road.image.size))
    road.shade(brush, 1.5, 0.38)
    road.lay(picture, camera, bands=4)
    pavement = Plan.blank(1.2, 5.2, 2.1, 30, 80, (0, 0, 0))
    pavement.image.paste(matter.tiles(brush, pavement.image.size, 24, ((156, 128, 110), (172, 162, 146))))
    _foot(brush, pavement, (2.0, 5.2), broken=not after)
    pavement.shade(brush, 1.5, 0.42)
    pavement.lay(picture, camera, up=0.14, bands=4)
    edge = camera.many((1.2, 0.14, 30), (1.2, 0.14, 2.1), (1.2, 0, 2.1), (1.2, 0, 30))
    paste_quad(picture, matter.concrete(brush, (800, 40)).point(lambda v: v * 0.7), edge)
    town.haze(picture, camera.horizon, (214, 218, 218), 0.35)
    (_upright if after else _fallen)(brush, picture, camera)
    return picture


def _face(brush: Brush, side: int) -> tuple[Image.Image, Image.Image]:
    """Blue disc, red rim and red cross: no stopping, no parking. Scratched and sun-bleached."""
    big = side * 2
    image = Image.new("RGB", (big, big), (176, 30, 36))
    draw = ImageDraw.Draw(image)
    rim = big * 0.09
    draw.ellipse((rim, rim, big - rim, big - rim), fill=(24, 72, 150))
    middle, reach = big / 2, big * 0.33
    for dy in (-1, 1):
        draw.line(
            (middle - reach, middle - dy * reach, middle + reach, middle + dy * reach),
            fill=(182, 32, 38),
            width=round(big * 0.1),
        )
    image = image.resize((side, side), Image.Resampling.LANCZOS)
    image = Image.blend(image, Image.new("RGB", image.size, (206, 206, 204)), 0.12)
    image = shaded(image, brush.fractal((side, side), side / 2, 5), 0.72)
    mask = Image.new("L", (big, big), 0)
    ImageDraw.Draw(mask).ellipse((2, 2, big - 3, big - 3), fill=255)
    return image, mask.resize((side, side), Image.Resampling.LANCZOS)


def _upright(brush: Brush, picture: Image.Image, camera: Camera) -> None:
    x, z = 2.0, 5.2
    scale = camera.focal / z
    foot, top = camera.at(x, 0.14, z), camera.at(x, 2.75, z)
    gloom = camera.many((x, 0.14, z), (x + 0.07, 0.14, z), (x + 2.4, 0.14, z + 1.7), (x + 2.3, 0.14, z + 1.7))
    shadow(picture, gloom, 4, 0.4)
    _banded_post(brush, picture, foot, top, 0.085 * scale)
    face, mask = _face(brush, round(0.78 * scale))
    centre = camera.at(x, 2.4, z - 0.05)
    picture.paste(face, (round(centre[0] - face.width / 2), round(centre[1] - face.height / 2)), mask)


def _banded_post(brush: Brush, picture: Image.Image, foot: Point, top: Point, wide: float) -> None:
    """A steel post in red and white bands, round by its shading."""
    long = max(8, round(math.hypot(top[0] - foot[0], top[1] - foot[1])))
    side = max(8, round(wide))
    body = Image.new("RGB", (side, long))
    draw = ImageDraw.Draw(body)
    band = long / 7
    for index in range(8):
        draw.rectangle(
            (0, index * band, side, (index + 1) * band), fill=(206, 204, 198) if index % 2 else (170, 40, 38)
        )
    row = Image.new("L", (side, 1))
    row.putdata(
        [round(255 * (0.45 + 0.55 * math.sin(math.pi * (0.15 + 0.7 * i / side)))) for i in range(side)]
    )
    body = shaded(shaded(body, row.resize(body.size), 0.2), brush.fractal(body.size, 60, 4), 0.68)
    dx, dy = (top[1] - foot[1]) / long * wide / 2, (foot[0] - top[0]) / long * wide / 2
    quad = [
        (top[0] + dx, top[1] + dy),
        (top[0] - dx, top[1] - dy),
        (foot[0] - dx, foot[1] - dy),
        (foot[0] + dx, foot[1] + dy),
    ]
    paste_quad(picture, body, quad)


def _fallen(brush: Brush, picture: Image.Image, camera: Camera) -> None:
    """Post across the pavement into the road, the disc lying bent beside it."""
    foot, head = camera.at(2.15, 0.16, 5.1), camera.at(0.15, 0.1, 3.35)
    scale = camera.focal / 4.2
    under = [
        (foot[0], foot[1] + 6),
        (head[0], head[1] + 8),
        (head[0] + 10, head[1] + 24),
        (foot[0] + 16, foot[1] + 16),
    ]
    shadow(picture, under, 7, 0.6)
    _banded_post(brush, picture, foot, head, 0.085 * scale)
    face, mask = _face(brush, 300)
    x, z, r = -0.28, 3.05, 0.42
    quad = camera.many(
        (x - r, 0.2, z + r), (x + r, 0.12, z + r * 0.8), (x + r * 0.9, 0.02, z - r), (x - r, 0.0, z - r)
    )
    shade = [(a, b + 12) for a, b in quad]
    shadow(picture, shade, 9, 0.6)
    paste_quad(picture, face, quad, mask)


def _foot(brush: Brush, plan: Plan, where: Point, *, broken: bool) -> None:
    """The concrete foot of the post: fresh, or torn out with tiles about."""
    centre = plan.px(*where)
    outline = brush.blob(centre, (34, 30) if broken else (26, 26), 16, 0.3 if broken else 0.08)
    tone = ((76, 62, 48), (140, 120, 96)) if broken else ((150, 148, 142), (198, 196, 190))
    fill(plan.image, outline, lambda size: tinted(brush.fractal(size, 12, 3), *tone), soft=1)
    if broken:
        spots = [_on_ring(brush, centre, 40, 36) for _ in range(40)]
        matter.pebbles(brush, plan.image, spots, 4, [(164, 154, 138), (150, 116, 96), (120, 106, 90)])
