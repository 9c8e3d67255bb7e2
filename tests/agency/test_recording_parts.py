"""A film or a spoken report is given in parts too (RFC 9110, 14): without that Safari plays nothing."""

from __future__ import annotations

import os

import pytest

from tests.browse import Browser
from tests.phone import File, Phone, film, inside
from webapp.operations import recordings
from webapp.store import models
from webapp.store.sealing import CHUNK_BYTES, Vault

URL = "/co-quan/vu/1/ban-ghi/1"
SIZE = 3 * CHUNK_BYTES + 17


@pytest.fixture
def moving(app) -> File:
    """A film of four chunks at the server, the last of them short."""
    one = File(film(SIZE, os.urandom(8)), "video")
    phone = Phone(inside(app), [one])
    phone.report()
    phone.upload(one)
    return one


@pytest.fixture
def client(app, moving):
    return Browser(app).log_in("hoa").client


def begun(town) -> str:
    with town.house.store.reader() as session:
        return recordings.version(session.get_one(models.Recording, 1))


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-1", 0, 1),  # what Safari begins with
        ("bytes=0-", 0, SIZE - 1),
        (f"bytes={CHUNK_BYTES - 5}-{CHUNK_BYTES + 5}", CHUNK_BYTES - 5, CHUNK_BYTES + 5),
        (f"bytes={CHUNK_BYTES}-{2 * CHUNK_BYTES}", CHUNK_BYTES, 2 * CHUNK_BYTES),
        (f"bytes={2 * CHUNK_BYTES + 9}-", 2 * CHUNK_BYTES + 9, SIZE - 1),
        ("bytes=-1", SIZE - 1, SIZE - 1),
        ("bytes=-100", SIZE - 100, SIZE - 1),
        (f"bytes={SIZE - 1}-{SIZE * 9}", SIZE - 1, SIZE - 1),
    ],
)
def test_a_part_is_just_that_part(client, moving, asked, first, last):
    answer = client.get(URL, headers={"Range": asked})
    assert answer.status_code == 206 and answer.data == moving.data[first : last + 1]
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{SIZE}"
    assert int(answer.headers["Content-Length"]) == last - first + 1
    assert answer.mimetype == "video/mp4" and kept_from_all(answer)


def kept_from_all(answer) -> bool:
    wanted = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    return {name: answer.headers.get(name) for name in wanted} == wanted


def test_the_whole_says_that_parts_may_be_asked_for(client, moving):
    answer = client.get(URL)
    assert answer.status_code == 200 and answer.data == moving.data and kept_from_all(answer)
    assert answer.headers["Accept-Ranges"] == "bytes" and int(answer.headers["Content-Length"]) == SIZE
    head = client.head(URL)
    assert (head.status_code, head.data, head.headers["Content-Length"]) == (200, b"", str(SIZE))


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", "bytes=9-1", "bytes=x-", "lines=1-2"])
def test_a_part_that_is_not_there_is_refused_with_the_length(client, asked):
    answer = client.get(URL, headers={"Range": asked})
    assert answer.status_code == 416 and answer.data == b"" and kept_from_all(answer)
    assert answer.headers["Content-Range"] == f"bytes */{SIZE}"


def test_a_part_of_another_version_is_the_whole(client, town, moving):
    same, other = f'"{begun(town)}"', '"another"'
    assert client.get(URL).headers["ETag"] == same
    for said, status, length in ((same, 206, 2), (other, 200, SIZE)):
        answer = client.get(URL, headers={"Range": "bytes=0-1", "If-Range": said})
        assert (answer.status_code, len(answer.data)) == (status, length)


def test_only_the_chunks_that_are_asked_for_are_opened(client, monkeypatch):
    opened: list[int] = []
    whole = Vault.open_file

    def counting(self, *args):
        file = whole(self, *args)
        inner = file._open_chunk
        file._open_chunk = lambda number: opened.append(number) or inner(number)
        return file

    monkeypatch.setattr(Vault, "open_file", counting)
    assert (
        len(client.get(URL, headers={"Range": f"bytes={2 * CHUNK_BYTES}-{2 * CHUNK_BYTES + 999}"}).data)
        == 1000
    )
    assert opened == [2]
    assert len(client.get(URL).data) == SIZE
    assert opened == [2, 0, 1, 2, 3]


def test_strangers_learn_nothing_from_a_range(app, moving):
    binh = Browser(app).log_in("binh").client
    assert binh.get(URL, headers={"Range": "bytes=0-1"}).status_code == 404
    assert Browser(app).client.get(URL, headers={"Range": "bytes=0-1"}).status_code in (302, 303, 401)


def test_a_film_that_was_cut_is_gone_and_never_half(client, town):
    with town.house.store.reader() as session:
        path = town.house.media.path(session.get_one(models.Recording, 1).original)
    data = path.read_bytes()
    path.write_bytes(data[: 33 + 2 * (CHUNK_BYTES + 16)])  # at the border of a chunk
    assert client.get(URL, headers={"Range": "bytes=0-1"}).status_code == 404
    path.write_bytes(data[:40] + bytes([data[40] ^ 1]) + data[41:])  # a bit of the first chunk
    assert client.get(URL, headers={"Range": "bytes=0-1"}).status_code == 404
    assert client.get(URL, headers={"Range": "bytes=-1"}).status_code == 206
