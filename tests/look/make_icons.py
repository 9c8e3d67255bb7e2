"""Draws static/icons/*.png: the letters over a small ribbon. Run: python tests/look/make_icons.py"""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

ICONS = Path(__file__).resolve().parents[2] / "static" / "icons"
TEAL, WHITE, PALE = (10, 90, 102), (255, 255, 255), (124, 173, 180)
FONTS = ("NotoSans-Bold.ttf", "DejaVuSans-Bold.ttf", "/usr/share/fonts/truetype/noto/NotoSans-Bold.ttf")
# Four terms as (start, width, filled) in parts of the ribbon's length.
RIBBON = ((0.0, 0.12, 1.0), (0.16, 0.2, 1.0), (0.4, 0.36, 0.55), (0.8, 0.2, 0.0))


def font(size: int) -> ImageFont.FreeTypeFont:
    for name in FONTS:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    raise SystemExit("no bold font with Vietnamese letters was found")


def draw(side: int, *, maskable: bool) -> Image.Image:
    big = side * 4
    image = Image.new("RGBA", (big, big), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((0, 0, big - 1, big - 1), radius=0 if maskable else big * 0.22, fill=TEAL)
    scale = 0.78 if maskable else 1.0  # Android may cut a maskable icon down to a circle of 80 %.
    pen.text(
        (big / 2, big * (0.5 - 0.07 * scale)),
        "H\u0110",
        font=font(int(big * 0.40 * scale)),
        fill=WHITE,
        anchor="mm",
    )
    left, length = big * (0.5 - 0.3 * scale), big * 0.6 * scale
    top, height = big * (0.5 + 0.2 * scale), big * 0.075 * scale
    for start, width, filled in RIBBON:
        x, wide = left + start * length, width * length
        pen.rounded_rectangle((x, top, x + wide, top + height), radius=height * 0.3, fill=PALE)
        if filled:
            pen.rounded_rectangle((x, top, x + wide * filled, top + height), radius=height * 0.3, fill=WHITE)
    return image.resize((side, side), Image.Resampling.LANCZOS)


def main() -> None:
    ICONS.mkdir(parents=True, exist_ok=True)
    for name, side, maskable in (
        ("icon-48", 48, False),  # in a browser's tab
        ("icon-192", 192, False),  # a first visit brings it with the manifest
        ("icon-512", 512, False),
        ("maskable-512", 512, True),
    ):
        # Three colours and their edges: a palette holds them in a fifth of the bytes.
        draw(side, maskable=maskable).quantize(32).save(ICONS / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
