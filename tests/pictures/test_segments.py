"""The guard at the wall: a JPEG with anything but pixels in it is seen."""

from __future__ import annotations

import pytest

from tests.pictures import corpus
from webapp.pictures.segments import is_bare, segments


def test_a_plain_jpeg_is_bare():
    assert is_bare(corpus.saved(corpus.quadrants(), "JPEG", progressive=True))


@pytest.mark.parametrize(
    "data",
    [
        corpus.jpeg(),
        corpus.jpeg_with_script(),
        corpus.saved(corpus.quadrants(), "JPEG", comment="x"),
        corpus.saved(corpus.quadrants(), "JPEG", icc_profile=b"x"),
        corpus.saved(corpus.quadrants(), "JPEG") + b"tail",
        corpus.saved(corpus.quadrants(), "JPEG")[:-2],
        corpus.saved(corpus.quadrants(), "PNG"),
        b"\xff\xd8",
        b"",
    ],
    ids=["phone", "script", "comment", "profile", "tail", "no end", "png", "start only", "nothing"],
)
def test_whatever_holds_more_or_less_is_not(data: bytes):
    assert not is_bare(data)


def test_restart_markers_and_stuffed_bytes_do_not_end_the_scan():
    data = corpus.large_jpeg(640, 640)
    assert [hex(marker) for marker, _ in segments(data)][-2:] == ["0xda", "0xd9"]
