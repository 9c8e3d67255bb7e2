"""A sealed file read at any place gives what was sealed there, or nothing."""

from __future__ import annotations

import io
import os

import pytest

from tests.store.test_sealing import KEY, VAULT
from webapp.store import sealing
from webapp.store.sealing import Unsealable


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "CHUNK_BYTES", 64)


def sealed(plain: bytes) -> bytes:
    return b"".join(VAULT.seal_stream(KEY, io.BytesIO(plain), "media", "a", "original"))


def opened(data: bytes, size: int):
    return VAULT.open_file(KEY, io.BytesIO(data), size, "media", "a", "original")


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 128, 200])
def test_any_part_of_any_size_is_what_was_sealed(size: int) -> None:
    plain = os.urandom(size)
    with io.BufferedReader(opened(sealed(plain), size)) as file:
        for start in range(size + 2):
            file.seek(start)
            assert file.read(70) == plain[start : start + 70]
        file.seek(-min(5, size), io.SEEK_END)
        assert file.read() == plain[size - min(5, size) :]


@pytest.mark.parametrize("cut", [1, 16, 80, 144])
def test_a_cut_file_does_not_open_at_all(cut: int) -> None:
    data = sealed(os.urandom(200))
    for wrong in (data[:-cut], data + bytes(cut)):
        with pytest.raises(Unsealable):
            opened(wrong, 200)


def test_chunks_that_changed_places_do_not_open() -> None:
    data = sealed(os.urandom(200))
    swapped = data[:33] + data[113:193] + data[33:113] + data[193:]
    file = opened(swapped, 200)
    for start in (0, 64):
        file.seek(start)
        with pytest.raises(Unsealable):
            file.read(1)
    file.seek(128)
    assert len(file.read(1)) == 1
