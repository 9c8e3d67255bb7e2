"""A film from the form: kept in parts, sent last and in pieces, on Wi-Fi only if so wished; nothing of it is lost."""

from __future__ import annotations

import json
import random
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.handset.conftest import PHONES, Phone, Server
from tests.handset.films import AGAIN, MEGABYTE, TENTHS, a_film, arrived_once, cut, fingerprints, hash_of
from webapp.store import models

CELLULAR = "Object.defineProperty(navigator, 'connection', { value: { type: 'cellular' } });"
# The database of the phone is slow to say which files it keeps, from the first question until `release()`.
SLOW = """
let queue, held;
self.hold = () => { self.asked = false; held = new Promise((go) => { self.release = go; }); };
self.hold();
Object.defineProperty(self, "hoidapQueue", { configurable: true, get: () => queue, set: (made) => {
  const own = made.files;
  queue = { ...made, files: (...all) => { self.asked = true; return held.then(() => own(...all)); } };
} });
"""


def opened(phone, **options) -> Phone:
    buoi = phone(**options)
    buoi.open()
    buoi.page.get_by_text("Thêm đoạn phim").click()
    return buoi


def chosen(buoi: Phone, path: Path, field: str = "#f-film-2") -> None:
    buoi.page.locator(field).set_input_files(path)
    buoi.page.locator("[data-film-list] li").wait_for(timeout=60_000)


def test_a_film_is_sent_after_the_text_and_the_photos(server, phone, pictures, tmp_path):
    buoi, path = opened(phone), a_film(tmp_path, 3 * MEGABYTE)
    chosen(buoi, path)
    assert "3,1 MB" in buoi.page.locator("[data-film-list]").inner_text()
    buoi.fill(photos=pictures(1))
    answers = buoi.page.locator("[data-answers]").inner_text()
    seen = "() => [...document.querySelectorAll('[data-answers] img')].map((one) => one.naturalWidth > 0)"
    assert buoi.page.evaluate(seen) == [True]
    assert "1 ảnh" in answers and "1 đoạn phim" in answers and "đoạn ghi âm" not in answers
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
    rows, chosen = ("[data-thumbs] li", 2) if script == "photos.js" else ("[data-film-list] li", 1)
    buoi.page.locator(rows).nth(chosen - 1).wait_for()
    assert [len(row["files"]) for row in buoi.kept()] == [chosen]
    buoi.page.wait_for_function(
        "() => [...document.querySelectorAll('#f-photos-2, #f-film-2')].every((one) => !one.value)"
    )


@pytest.mark.parametrize("field", ["#f-photos-2", "#f-film-2"])
def test_what_is_chosen_while_the_script_looks_around_is_kept_once(server, phone, pictures, tmp_path, field):
    """The script listens already, and will soon look whether somebody was faster than it."""
    buoi = phone(script=SLOW, service_workers="block")
    buoi.page.goto("/gui")
    if field == "#f-film-2":
        buoi.page.evaluate("() => self.release()")
        buoi.walking()
        buoi.page.evaluate("() => { self.hold(); document.querySelector('[data-film]').open = true; }")
    buoi.page.wait_for_function("() => self.asked")
    buoi.page.locator(field).set_input_files(
        pictures(1) if field == "#f-photos-2" else a_film(tmp_path, MEGABYTE)
    )
    buoi.page.evaluate("() => self.release()")
    buoi.walking()
    buoi.page.locator("[data-thumbs] img, [data-film-list] li").first.wait_for()
    buoi.fill()
    assert [len(row["files"]) for row in buoi.kept()] == [1]


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
    buoi.page.evaluate("() => { navigator.connection.type = 'wifi'; }")
    buoi.page.evaluate(AGAIN)
    buoi.until("hoidapQueue.count().then((found) => found.done === 1)")
    assert fingerprints(server) == {hash_of(path)}


def cut_and_finish(server: Server, buoi: Phone, path: Path, shares: list[float]) -> None:
    line = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 8 * MEGABYTE}
    tools = buoi.context.new_cdp_session(buoi.page)
    tools.send("Network.emulateNetworkConditions", line)  # without one, the film is over before anybody looks
    buoi.send()
    cuts = cut(server, buoi.page.evaluate, path.stat().st_size, shares)
    buoi.says("Đã gửi thành công", 120)
    arrived_once(server, path)
    print(json.dumps({"megabytes": path.stat().st_size // MEGABYTE, "cut_at_megabyte": cuts}))
    assert len(cuts) == len(shares)


@pytest.mark.parametrize("script", PHONES)
def test_a_film_of_20_megabytes_survives_three_kills_of_the_server(server, phone, tmp_path, script):
    buoi, path = opened(phone, script=script), a_film(tmp_path, 20 * MEGABYTE)
    chosen(buoi, path)
    buoi.fill()
    cut_and_finish(server, buoi, path, [0.1, 0.35, 0.6])


@pytest.mark.slow
def test_a_film_of_60_megabytes_is_cut_at_every_tenth(server, phone, tmp_path):
    buoi, path = opened(phone), a_film(tmp_path, 60 * MEGABYTE)
    chosen(buoi, path)
    buoi.fill()
    cut_and_finish(server, buoi, path, TENTHS)


def acknowledged(buoi: Phone) -> list[datetime]:
    """When the phone first heard of its text that it had arrived, as it hears it."""
    heard: list[datetime] = []

    def hear(response) -> None:
        if response.url.endswith("/hang-doi/phan-anh") and response.status == 200:
            timing = response.request.timing
            at = timing["startTime"] + max(0, timing["responseStart"])
            heard.append(datetime.fromtimestamp(at / 1000, UTC))

    buoi.context.on("response", hear)
    return heard


def cut_at_random(server: Server, buoi: Phone) -> None:
    time.sleep(random.uniform(0, 0.25))
    if random.random() < 0.5:
        server.kill()
        server.start()
    else:
        buoi.offline()
        time.sleep(random.uniform(0, 0.2))
        buoi.offline(False)
    buoi.page.evaluate(AGAIN)


def began(server: Server, number: str) -> tuple[datetime, datetime]:
    """When the case of that number was submitted, and when the first of its clocks began."""
    with server.town.house.store.reader() as session:
        [id] = session.scalars(select(models.Case.id).where(models.Case.code == number))
    state = server.town.file(id).state
    return state.submissions[0].submitted_at, min(clock.started_at for clock in state.clocks)


@pytest.mark.slow
def test_a_hundred_random_cuts_lose_double_and_corrupt_nothing(server, phone, tmp_path):
    """Ten reports with a film each, cut ten times each at places nobody chose."""
    figures = {"reports": 10, "cuts": 0, "left_in_queue": 0, "clocks_late": 0}
    paths = []
    for n in range(10):
        buoi, path = opened(phone), a_film(tmp_path, 6 * MEGABYTE, f"phim{n}.mp4")
        paths.append(path)
        chosen(buoi, path)
        buoi.fill()
        heard = acknowledged(buoi)
        buoi.send()
        for _ in range(10):
            cut_at_random(server, buoi)
            figures["cuts"] += 1
        buoi.says("Đã gửi thành công", 120)
        found = buoi.page.evaluate("hoidapQueue.count()")
        figures["left_in_queue"] += found["waiting"] + found["sent"] + found["parked"] + found["files"]
        submitted, clock = began(server, buoi.kept()[0]["number"])
        figures["clocks_late"] += not (submitted == clock <= min(heard))
        buoi.context.close()
    reports, found = server.count(models.Case), fingerprints(server)
    figures |= {"cases_lost": max(0, 10 - reports), "doubled": max(0, reports - 10),
                "files_corrupted": len({hash_of(path) for path in paths} - found)}  # fmt: skip
    print(json.dumps(figures))
    assert figures == {"reports": 10, "cuts": 100, "left_in_queue": 0, "clocks_late": 0,
                       "cases_lost": 0, "doubled": 0, "files_corrupted": 0}  # fmt: skip
    assert server.count(models.Recording) == 10 and server.town.differences() == []
