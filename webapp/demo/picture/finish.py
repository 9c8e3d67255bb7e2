"""From a drawing to a phone's photo: exposure, lens, sensor, JPEG with the phone's own notes in it."""

from __future__ import annotations

import io

from PIL import Image, ImageChops, ImageEnhance, ImageOps

from webapp.demo.picture.brush import Brush

LONG = 1600
SHORT = 1200
# Noise of a small sensor: more of it in the dark.
_CAMERAS = (("samsung", "SM-A155F"), ("Xiaomi", "23106RN0DA"), ("OPPO", "CPH2591"), ("Apple", "iPhone 12"))


def developed(brush: Brush, drawing: Image.Image, *, noise: float = 3.6, warmth: float = 0.0) -> Image.Image:
    """`drawing` as the phone would keep it, 1600 pixels long."""
    size = (LONG, SHORT) if drawing.width > drawing.height else (SHORT, LONG)
    image = drawing.resize(size, Image.Resampling.BICUBIC)
    image = _balanced(image, warmth)
    image = _vignetted(image)
    return _grained(brush, image, noise)


def _balanced(image: Image.Image, warmth: float) -> Image.Image:
    red, green, blue = image.split()
    red = red.point([min(255, round(v * 1.06 * (1 + warmth))) for v in range(256)])
    blue = blue.point([min(255, round(v * 1.06 * (1 - warmth))) for v in range(256)])
    green = green.point([min(255, round(v * 1.06)) for v in range(256)])
    image = Image.merge("RGB", (red, green, blue))
    curve = [
        round(255 * (0.5 + 0.5 * (abs(2 * x - 1) ** 0.93) * (1 if x >= 0.5 else -1)))
        for x in (v / 255 for v in range(256))
    ]
    return ImageEnhance.Color(image.point(curve * 3)).enhance(0.88)


def _vignetted(image: Image.Image) -> Image.Image:
    fall = ImageOps.invert(Image.radial_gradient("L").resize(image.size))
    curve = fall.point([round(255 * min(1.0, 0.80 + 0.20 * min(1.0, v / 120))) for v in range(256)])
    return ImageChops.multiply(image, Image.merge("RGB", (curve, curve, curve)))


def _grained(brush: Brush, image: Image.Image, noise: float) -> Image.Image:
    light = brush.grain(image.size, noise)
    # Colour noise is coarser: the sensor has fewer red and blue points.
    half = (image.width // 2, image.height // 2)
    tint = Image.merge("RGB", [brush.grain(half, noise * 0.6) for _ in range(3)]).resize(image.size)
    image = ImageChops.add(image, tint, 1, -128)
    return ImageChops.add(image, Image.merge("RGB", (light, light, light)), 1, -128)


def jpeg(brush: Brush, photo: Image.Image, lat: float, lon: float) -> bytes:
    """The file a phone would send: camera and position in its EXIF, none of which may reach a public copy."""
    maker, model = brush.chance.choice(_CAMERAS)
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = maker, model
    exif[0x0131] = "HDR+"
    exif.get_ifd(0x8825).update({1: "N", 2: _degrees(lat), 3: "E", 4: _degrees(lon)})
    out = io.BytesIO()
    photo.save(out, "JPEG", quality=82, exif=exif)
    return out.getvalue()


def _degrees(value: float) -> tuple[float, float, float]:
    degrees, minutes = int(value), (value % 1) * 60
    return float(degrees), float(int(minutes)), round((minutes % 1) * 60, 2)
