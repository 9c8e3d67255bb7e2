"""A film from the form: kept in parts, sent last and in pieces, on Wi-Fi only if so wished; nothing of it is lost."""

from __future__ import annotations

import hashlib
import json
import os
import random
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.handset.conftest import OLDER, Phone, Server
from tests.phone import film
from webapp.operations import recordings
from webapp.store import models

MEGABYTE = 1 << 20
# What a network that comes back does, without waiting for the next turn.
AGAIN = """async () => { for (const row of await hoidapQueue.reports()) await hoidapQueue.again(row.id);
  hoidapQueue.drain(); }"""
OFFSET = """async () => { const [row] = await hoidapQueue.reports();
  const [file] = row ? await hoidapQueue.files(row.id) : []; return file ? file.offset : -1; }"""
CELLULAR = "Object.defineProperty(navigator, 'connection', { value: { type: 'cellular' } });"


def a_film(tmp_path, size: int, name: str = "phim.mp4"):
    path = tmp_path / name
    path.write_bytes(film(size, os.urandom(8)))
    return path


def opened(phone, **options) -> Phone:
    buoi = phone(**options)
    buoi.open()
    buoi.page.get_by_text("Thêm đoạn phim").click()
    return buoi


def fingerprints(server: Server) -> set[str]:
    """Of every recording as the centre would open it."""
    house = server.town.house
    with house.reading(house.clock()) as work:
        rows = work.session.scalars(select(models.Recording)).all()
        return {hashlib.sha256(b"".join(recordings.content(work, row))).hexdigest() for row in rows}


def hash_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def chosen(buoi: Phone, path: Path, field: str = "#f-film-2") -> None:
    buoi.page.locator(field).set_input_files(path)
    buoi.page.locator("[data-film-list] li").wait_for(timeout=60_000)


def test_a_film_is_sent_after_the_text_and_the_photos(server, phone, pictures, tmp_path):
    buoi, path = opened(phone), a_film(tmp_path, 3 * MEGABYTE)
    chosen(buoi, path)
    assert "3,1 MB" in buoi.page.locator("[data-film-list]").inner_text()
    buoi.fill(photos=pictures(1))
    buoi.send()
    buoi.says("Đã gửi thành công", 60)
    assert fingerprints(server) == {hash_of(path)} and server.count(models.Photo) == 1
    assert buoi.errors == []


def test_a_film_can_be_left_out_again_and_what_is_no_film_is_not_kept(server, phone, tmp_path):
    buoi, path = opened(phone), a_film(tmp_path, MEGABYTE)
    wrong = tmp_path / "anh.jpg"
    wrong.write_bytes(b"\xff\xd8")
    buoi.page.locator("#f-film-2").set_input_files(wrong)
    buoi.page.get_by_text("không phải là phim").wait_for()
    chosen(buoi, path)
    buoi.page.get_by_role("button", name="Bỏ phim 1").click()
    buoi.page.locator("[data-film-list] li").wait_for(state="detached")
    buoi.fill()
    buoi.send()
    buoi.says("Đã gửi thành công", 30)
    assert server.count(models.Recording) == 0


@pytest.mark.parametrize("script", ["photos.js", "film.js"])
def test_what_is_chosen_before_its_script_has_come_is_kept_when_it_comes(
    server, phone, pictures, tmp_path, script
):
    """On a slow network a finger is faster than the fifth file of the form."""
    buoi = phone(service_workers="block")
    held: list = []
    buoi.page.route(f"**/report/{script}*", lambda route: held.append(route))
    buoi.page.goto("/gui")
    if script == "photos.js":
        buoi.page.locator("#f-photos-2").set_input_files(pictures(2))
    else:
        buoi.walking()
        buoi.page.get_by_text("Thêm đoạn phim").click()
        buoi.page.locator("#f-film-2").set_input_files(a_film(tmp_path, MEGABYTE))
    while not held:
        buoi.page.wait_for_timeout(20)
    held.pop().continue_()
    buoi.walking()
    rows = "[data-thumbs] li" if script == "photos.js" else "[data-film-list] li"
    buoi.page.locator(rows).last.wait_for()
    assert [len(row["files"]) for row in buoi.kept()] == [buoi.page.locator(rows).count()]
    buoi.page.wait_for_function(
        "() => [...document.querySelectorAll('#f-photos-2, #f-film-2')].every((one) => !one.value)"
    )


def test_a_film_waits_for_wifi_when_that_was_wished(server, phone, pictures, tmp_path):
    buoi, path = opened(phone, script=CELLULAR), a_film(tmp_path, MEGABYTE)
    chosen(buoi, path)
    buoi.page.get_by_label("Chỉ gửi phim khi có Wi-Fi").check()
    buoi.fill(photos=pictures(1))
    buoi.send()
    buoi.page.get_by_text("Phim đợi Wi-Fi, như Ông/Bà đã chọn.").wait_for(timeout=30_000)
    assert (server.count(models.Photo), server.count(models.Recording)) == (1, 0)
    [kept] = buoi.kept()
    assert (kept["state"], kept["tries"]) == ("sent", 0) and [one["kind"] for one in kept["files"]] == [
        "video"
    ]
    buoi.page.evaluate(AGAIN.replace("async () => {", "async () => { navigator.connection.type = 'wifi';"))
    buoi.until("hoidapQueue.count().then((found) => found.done === 1)")
    assert fingerprints(server) == {hash_of(path)}


def cut_and_finish(server: Server, buoi: Phone, path: Path, cuts: list[float]) -> None:
    """Send, and kill the server with everything it runs at each of these shares of the film."""
    whole, left = path.stat().st_size, sorted(cuts)
    buoi.send()
    deadline = time.monotonic() + 300
    while left and time.monotonic() < deadline:
        offset = buoi.page.evaluate(OFFSET)
        if offset < 0 or offset >= left[0] * whole:
            left.pop(0)
            server.kill()
            server.start()
            buoi.page.evaluate(AGAIN)
        else:
            time.sleep(0.02)
    buoi.says("Đã gửi thành công", 120)
    assert fingerprints(server) == {hash_of(path)}
    assert (server.count(models.Case), server.count(models.Recording)) == (1, 1)
    assert server.town.differences() == []


@pytest.mark.parametrize("script", ["", OLDER], ids=["today's phone", "an older phone"])
def test_a_film_of_20_megabytes_survives_three_kills_of_the_server(server, phone, tmp_path, script):
    buoi, path = opened(phone, script=script), a_film(tmp_path, 20 * MEGABYTE)
    chosen(buoi, path)
    buoi.fill()
    cut_and_finish(server, buoi, path, [0.1, 0.45, 0.8])


@pytest.mark.slow
def test_a_film_of_60_megabytes_is_cut_at_every_tenth(server, phone, tmp_path):
    buoi, path = opened(phone), a_film(tmp_path, 60 * MEGABYTE)
    chosen(buoi, path)
    buoi.fill()
    cut_and_finish(server, buoi, path, [n / 10 for n in range(10)])


@pytest.mark.slow
def test_a_hundred_random_cuts_lose_double_and_corrupt_nothing(server, phone, tmp_path):
    """Ten reports with a film each, cut ten times each at places nobody chose."""
    figures = {"reports": 10, "cuts": 0}
    paths = []
    for _ in range(10):
        buoi, path = opened(phone), a_film(tmp_path, 6 * MEGABYTE, f"phim{len(paths)}.mp4")
        paths.append(path)
        chosen(buoi, path)
        buoi.fill()
        buoi.send()
        for _ in range(10):
            time.sleep(random.uniform(0, 0.25))
            if random.random() < 0.5:
                server.kill()
                server.start()
            else:
                buoi.offline()
                time.sleep(random.uniform(0, 0.2))
                buoi.offline(False)
            figures["cuts"] += 1
            buoi.page.evaluate(AGAIN)
        buoi.says("Đã gửi thành công", 120)
        assert (buoi.page.evaluate("hoidapQueue.count()"))["files"] == 0
        buoi.context.close()
    found = fingerprints(server)
    figures |= {"cases_lost": 10 - server.count(models.Case), "doubled": server.count(models.Case) - 10,
                "files_corrupted": len({hash_of(path) for path in paths} - found)}  # fmt: skip
    print(json.dumps(figures))
    assert (figures["cases_lost"], figures["doubled"], figures["files_corrupted"]) == (0, 0, 0)
    assert server.count(models.Recording) == 10 and server.town.differences() == []
