"""Each file of the corpus gets its designed answer: in the request, from its header; in the worker, in a child."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from tests.pictures import corpus
from webapp.operations.photos import MAX_FILES
from webapp.pictures.judge import BadPhoto, judge
from webapp.pictures.pool import Pool
from webapp.pictures.segments import BARE, segments

LIMIT = 25 * 1024 * 1024
ROOT = Path(__file__).parents[2]
JPEG, PNG, WEBP, HEIC = "image/jpeg", "image/png", "image/webp", "image/heic"
DRAWN = "drawn"


@dataclass(frozen=True)
class Answer:
    """`header` is the type, or the code of the refusal; `worker` is DRAWN or the code; None: never asked."""

    make: Callable[[], bytes]
    header: str
    worker: str | None = None


DESIGNED = {
    "jpeg": Answer(corpus.jpeg, JPEG, DRAWN),
    "png": Answer(corpus.png, PNG, DRAWN),
    "webp": Answer(corpus.webp, WEBP, DRAWN),
    "heic": Answer(corpus.heic, HEIC, DRAWN),
    "jpeg and zip in one": Answer(corpus.jpeg_and_zip, JPEG, DRAWN),
    "script in the comment": Answer(corpus.jpeg_with_script, JPEG, DRAWN),
    "film behind the picture": Answer(corpus.motion_photo, JPEG, DRAWN),
    "two pictures in one": Answer(corpus.portrait_shot, JPEG, DRAWN),
    "svg": Answer(corpus.svg, "unreadable"),
    "eps": Answer(corpus.eps, "unreadable"),
    "html": Answer(corpus.html, "unreadable"),
    "pdf": Answer(corpus.pdf, "unreadable"),
    "gif": Answer(corpus.gif, "unreadable"),
    "tiff": Answer(corpus.tiff, "unreadable"),
    "nothing at all": Answer(bytes, "empty"),
    "larger than the limit": Answer(lambda: corpus.jpeg() + bytes(LIMIT), "too_large"),
    "png of 900 megapixels": Answer(corpus.png_bomb, "too_many_pixels"),
    "heic of 108 megapixels": Answer(corpus.heic_bomb, "too_many_pixels"),
    "webp with the largest canvas": Answer(corpus.webp_canvas, "too_many_pixels"),
    "png of 51 megapixels": Answer(lambda: corpus.png_bomb(10_200, 5_000), "too_many_pixels"),
    "jpeg of 200 megapixels": Answer(lambda: corpus.large_jpeg(16_320, 12_240), JPEG, DRAWN),
    "jpeg of 201 megapixels": Answer(lambda: corpus.large_jpeg(16_320, 12_320), "too_many_pixels"),
    "cut short": Answer(corpus.cut_short, JPEG, "unreadable"),
    "cut in the header": Answer(corpus.cut_in_header, "unreadable"),
    "png cut short": Answer(corpus.png_cut_short, PNG, "unreadable"),
    "cmyk": Answer(corpus.cmyk_jpeg, JPEG, DRAWN),
    "sixteen bits": Answer(corpus.sixteen_bit_png, PNG, DRAWN),
    "transparent": Answer(corpus.see_through_png, PNG, DRAWN),
    "palette": Answer(corpus.palette_png, PNG, DRAWN),
    "animated webp": Answer(lambda: corpus.animated("WEBP"), WEBP, DRAWN),
    "animated png": Answer(lambda: corpus.animated("PNG"), PNG, DRAWN),
    "huge notes and profile": Answer(corpus.huge_notes, JPEG, DRAWN),
    "a profile that does not fit": Answer(corpus.wide_gamut_jpeg, JPEG, DRAWN),
    "a profile with colours swapped": Answer(corpus.swapped_profile, JPEG, DRAWN),
}
TAKEN = {name: answer for name, answer in DESIGNED.items() if answer.worker}
SLOW = {"heic of 108 megapixels"}


def cases(answers: dict[str, Answer]) -> list[object]:
    marked = {name: [pytest.mark.slow] if name in SLOW else [] for name in answers}
    return [pytest.param(answer, id=name, marks=marked[name]) for name, answer in answers.items()]


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(1) as pool:
        yield pool


def told(judgement: Callable[[], str]) -> str:
    try:
        return judgement()
    except BadPhoto as bad:
        return bad.code


@pytest.mark.parametrize("answer", cases(DESIGNED))
def test_the_header_gets_its_designed_answer(answer: Answer):
    data = answer.make()
    assert told(lambda: judge(data, LIMIT).mime) == answer.header


@pytest.mark.parametrize("answer", cases(TAKEN))
def test_the_worker_gives_its_designed_answer_and_no_canary_survives(answer: Answer, pool: Pool):
    data = answer.make()
    copies = []
    assert told(lambda: copies.extend(pool.redraw(data)) or DRAWN) == answer.worker
    for copy in copies:
        found = list(segments(copy.data))
        assert {marker for marker, _ in found} <= BARE and found[-1][1] == b""
        for trace in (corpus.CANARY.encode(), b"Exif", b"http", b"ICC_PROFILE", b"ftyp", b"PK\x03\x04", b"<"):
            assert trace not in b"".join(content for marker, content in found if marker != 0xDA)
        assert corpus.CANARY.encode() not in copy.data
        assert Image.open(io.BytesIO(copy.data)).size == (copy.width, copy.height)


def test_the_heic_bomb_is_small_and_announces_108_megapixels():
    head = corpus.heic_bomb.__wrapped__(
        1_200, 900
    )  # the same, a hundredth of it: made in the blink of an eye
    assert len(head) < 24_000 and judge(head, LIMIT).width == 1_200


# VmHWM and not getrusage: that remembers the size of the process that started this one.
JUDGING = """
import re, sys
from webapp.pictures.judge import BadPhoto, judge
for path in sys.argv[1:]:
    try:
        judge(open(path, "rb").read(), 26_214_400)
    except BadPhoto:
        pass
print(int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) // 1024)
"""


def memory_to_judge(folder: Path, names: list[str]) -> int:
    """Megabytes that a process needs which judges all of these, one after the other."""
    paths = []
    for number, name in enumerate(names):
        paths.append(folder / str(number))
        paths[-1].write_bytes(DESIGNED[name].make())
    done = subprocess.run(
        [sys.executable, "-c", JUDGING, *map(str, paths)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return int(done.stdout)


def test_judging_all_of_them_stays_under_300_megabytes(tmp_path: Path):
    assert memory_to_judge(tmp_path, [name for name in DESIGNED if name not in SLOW]) < 300


@pytest.mark.slow
def test_judging_the_heic_bomb_stays_under_300_megabytes(tmp_path: Path):
    assert memory_to_judge(tmp_path, sorted(SLOW)) < 300


def test_the_limits_are_the_ones_that_were_promised():
    assert MAX_FILES == 10
