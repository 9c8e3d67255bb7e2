"""What is drawn is what the photographer saw: upright, in the right colours, in sizes worth having."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from tests.pictures import corpus
from tests.pictures.corpus import BLUE, GREEN, RED, WHITE
from webapp.pictures.redraw import KEPT, WIDTHS, redraw

# What stands in the file's corners once a camera held that way is turned upright:
# top left, top right, bottom left, bottom right (the EXIF standard, tag 0x0112).
UPRIGHT = {
    1: (RED, GREEN, BLUE, WHITE),
    2: (GREEN, RED, WHITE, BLUE),
    3: (WHITE, BLUE, GREEN, RED),
    4: (BLUE, WHITE, RED, GREEN),
    5: (RED, BLUE, GREEN, WHITE),
    6: (BLUE, RED, WHITE, GREEN),
    7: (WHITE, GREEN, BLUE, RED),
    8: (GREEN, WHITE, RED, BLUE),
}


def drawn(data: bytes) -> Image.Image:
    """The copy that is kept, opened again."""
    return Image.open(io.BytesIO(redraw(data)[-1].data))


def corners(image: Image.Image) -> list[tuple[int, ...]]:
    width, height = image.size
    places = [(x, y) for y in (height // 4, 3 * height // 4) for x in (width // 4, 3 * width // 4)]
    return [image.convert("RGB").getpixel(place) for place in places]


def assert_like(found: list[tuple[int, ...]], wanted: tuple[tuple[int, ...], ...], slack: int = 14) -> None:
    for one, other in zip(found, wanted, strict=True):
        assert all(abs(a - b) <= slack for a, b in zip(one, other, strict=True)), (found, wanted)


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("make", [corpus.jpeg, corpus.webp])
def test_all_eight_orientations_come_out_upright(make, orientation: int):
    image = drawn(make(orientation))
    assert image.size == ((320, 240) if orientation < 5 else (240, 320))
    assert_like(corners(image), UPRIGHT[orientation], 24)


@pytest.mark.parametrize("orientation", UPRIGHT)
def test_a_heic_is_turned_once_and_not_twice(orientation: int):
    image = drawn(corpus.heic(orientation))
    assert image.size == ((320, 240) if orientation < 5 else (240, 320))
    assert_like(corners(image), UPRIGHT[orientation], 24)


@pytest.mark.parametrize(
    "make", [corpus.cmyk_jpeg, corpus.palette_png, corpus.png, lambda: corpus.animated("PNG"),
             lambda: corpus.animated("WEBP"), corpus.portrait_shot, corpus.wide_gamut_jpeg, corpus.huge_notes],
    ids=["cmyk", "palette", "png", "animated png", "animated webp", "two in one", "bad profile", "huge notes"],
)  # fmt: skip
def test_colours_survive_and_of_a_film_the_first_picture(make):
    assert_like(corners(drawn(make())), UPRIGHT[1], 30)


def test_a_profile_is_applied_before_it_is_dropped():
    swapped = drawn(corpus.swapped_profile())
    assert_like(corners(swapped)[:1], (RED[::-1],), 12)


def test_sixteen_bits_become_eight_without_losing_the_lights():
    image = drawn(corpus.sixteen_bit_png())
    ramp = [image.getpixel((x, 32))[0] for x in (0, 64, 128, 192, 255)]
    assert all(abs(value - x) < 4 for value, x in zip(ramp, (0, 64, 128, 192, 255), strict=True))


def test_what_is_transparent_is_white():
    assert_like(corners(drawn(corpus.see_through_png())), ((255,) * 3,) * 4, 2)


def test_widths_and_a_kept_copy_of_full_useful_size():
    copies = redraw(corpus.large_jpeg(4_000, 3_000))
    assert [copy.width for copy in copies] == [*WIDTHS, KEPT]
    assert all(abs(copy.height - copy.width * 3 / 4) <= 1 for copy in copies)


def test_nothing_is_enlarged():
    assert [copy.width for copy in redraw(corpus.jpeg())] == [320]
    assert [copy.width for copy in redraw(corpus.large_jpeg(640, 480))] == [480, 640]


def test_a_long_narrow_picture_keeps_its_shape():
    copies = redraw(corpus.large_jpeg(64, 8_000))
    assert (copies[-1].width, copies[-1].height) == (20, KEPT)


def test_the_same_picture_gives_the_same_bytes():
    assert redraw(corpus.jpeg()) == redraw(corpus.jpeg())
