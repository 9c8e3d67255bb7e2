"""What an iPhone's browser loses: nothing. The same stories as in Chromium, in WebKit."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.faults.proxy import Proxy
from tests.handset.between import between, with_script_first
from tests.handset.conftest import OLDER, TEXT
from tests.handset.films import MEGABYTE, TENTHS, a_film, arrived_once, cut
from webapp.store import models

webkit = pytest.importorskip("tests.handset.webkit", reason="selenium is in the test extra")
pytestmark = pytest.mark.slow

SAVED, SENT = "Đã lưu trong máy, chưa gửi", "Đã gửi thành công"
DONE = "self.hoidapQueue ? self.hoidapQueue.count().then((n) => n.done === 1) : false"


@pytest.fixture
def buoi() -> Iterator[webkit.WebKit]:
    with webkit.browser() as opened:
        yield opened


def start_of(buoi, server, url: str = "") -> None:
    buoi.open((url or server.url) + "/gui")
    buoi.walking()
    buoi.settled()
    buoi.open((url or server.url) + "/gui")  # now the worker serves it
    buoi.walking()


def test_a_report_is_written_without_a_network_the_tab_dies_and_it_is_sent(buoi, server, pictures):
    start_of(buoi, server)
    server.kill()
    buoi.open(server.url + "/gui")
    buoi.walking()
    buoi.fill(pictures(2, name="IMG_0001.jpg"))
    buoi.send()
    buoi.says(SAVED)
    buoi.new_tab("about:blank")
    server.start()
    buoi.open(server.url + "/")
    buoi.wait(DONE, 60)
    assert (server.count(models.Case), server.count(models.Photo)) == (1, 2)
    assert server.town.differences() == []


def test_an_answer_lost_after_the_commit_makes_no_second_report(buoi, server, pictures):
    with Proxy(server.port, lose=1.0) as proxy:
        url = f"http://127.0.0.1:{proxy.port}"
        buoi.open(url + "/gui")
        buoi.walking()
        buoi.fill(pictures(1))
        buoi.send()
        buoi.says(SAVED)
        proxy.lose = 0.0
        buoi.open(url + "/")
        buoi.wait(DONE, 60)
    assert proxy.lost >= 1
    assert (server.count(models.Case), server.count(models.Submission), server.count(models.Photo)) == (
        1,
        1,
        1,
    )


def test_a_draft_is_found_again_after_the_tab_was_killed(buoi, server, pictures):
    start_of(buoi, server)
    buoi.fill(pictures(2))
    buoi.new_tab(server.url + "/?pwa")
    buoi.walking()
    assert buoi.wait("document.querySelector('[name=text]').value")
    buoi.wait("document.querySelectorAll('[data-thumbs] li').length === 2")
    assert server.count(models.Case) == 0


def test_the_server_is_killed_again_and_again_while_photos_come(buoi, server, pictures):
    start_of(buoi, server)
    buoi.fill(pictures(3, width=2400))
    buoi.send()
    for _ in range(4):
        server.kill()
        server.start()
    buoi.open(server.url + "/")
    buoi.wait(DONE, 90)
    assert (server.count(models.Case), server.count(models.Photo)) == (1, 3)


def test_two_tabs_that_both_come_back_send_one_report_once(buoi, server, pictures):
    start_of(buoi, server)
    server.kill()
    buoi.fill(pictures(2))
    buoi.send()
    buoi.says(SAVED)
    server.start()
    buoi.new_tab(server.url + "/", close=False)
    buoi.wait(DONE, 60)
    assert (server.count(models.Case), server.count(models.Photo)) == (1, 2)


def test_a_film_of_60_megabytes_is_cut_at_every_tenth(buoi, server, tmp_path):
    path = a_film(tmp_path, 60 * MEGABYTE)
    start_of(buoi, server)
    buoi.driver.execute_script("document.querySelector('[data-film]').open = true")
    buoi.choose([path], "#f-film-2")
    buoi.wait("document.querySelectorAll('[data-film-list] li').length === 1", 60)
    buoi.fill([])
    buoi.send()
    cuts = cut(server, buoi.run, 60 * MEGABYTE, TENTHS)
    buoi.wait(DONE, 120)
    arrived_once(server, path)
    print(json.dumps({"browser": "webkit", "megabytes": 60, "cut_at_megabyte": cuts}))
    assert len(cuts) == 10


# This browser's driver knows no quota: the phone's own database is told to take no more bytes of files.
FULL = """IDBObjectStore.prototype.put = ((put) => function (row, ...more) {
  if (row.bytes) throw new DOMException("full", "QuotaExceededError");
  return put.call(this, row, ...more);
})(IDBObjectStore.prototype.put)"""


def test_a_full_phone_says_what_it_did_not_keep_and_sends_the_rest(buoi, server, pictures):
    first, second, third = pictures(3)
    start_of(buoi, server)
    buoi.choose([first, second])
    buoi.wait("document.querySelectorAll('[data-thumbs] img').length === 2")
    buoi.driver.execute_script(FULL)
    buoi.choose([third])
    said = buoi.wait(
        "[...document.querySelectorAll('.err')].map((one) => one.textContent).find((it) => it.includes('hết chỗ'))"
    )
    assert "chưa giữ được ảnh “anh2.jpg”" in said
    buoi.fill([])
    buoi.send()
    buoi.wait(DONE, 60)
    assert (server.texts(), server.count(models.Photo)) == ([TEXT], 2)


THREE_DAYS_AGO = """(async () => { for (const row of await hoidapQueue.reports()) await hoidapQueue.alter(row.id, (it) => {
  it.touched_at -= 3 * 864e5; it.made_at -= 3 * 864e5; it.next_at -= it.next_at ? 3 * 864e5 : 0; }); return true; })()"""


def test_a_form_of_three_days_ago_is_still_taken(buoi, server, pictures):
    start_of(buoi, server)
    buoi.fill(pictures(1), upto="who")
    buoi.wait("hoidapQueue.reports().then(([row]) => Boolean(row.fields.phone))")
    buoi.run(THREE_DAYS_AGO)
    buoi.driver.delete_all_cookies()
    buoi.new_tab(server.url + "/gui")
    buoi.walking()
    buoi.at("Ông/Bà là ai?")
    buoi.finish()
    buoi.wait(DONE, 60)
    assert (server.texts(), server.count(models.Photo)) == ([TEXT], 1)


def test_a_report_that_waited_three_days_without_a_network_is_sent(buoi, server, pictures):
    start_of(buoi, server)
    server.kill()
    buoi.fill(pictures(1))
    buoi.send()
    buoi.says(SAVED)
    buoi.run(THREE_DAYS_AGO)
    buoi.new_tab("about:blank")
    server.start()
    buoi.open(server.url + "/")
    buoi.wait(DONE, 60)
    assert (server.texts(), server.count(models.Photo)) == ([TEXT], 1)


# Without locks a draft belongs to its tab as long as that tab's heart beats.
FREE = """hoidapQueue.reports().then(([row]) => hoidapQueue.setting(`draft-${row.id}`))
  .then((until) => until < Date.now())"""
LACKS = "!navigator.locks && !self.OffscreenCanvas && !AbortSignal.timeout && !self.SyncManager && !self.BroadcastChannel"


def test_an_older_iphone_writes_without_a_network_and_sends_from_two_tabs_once(buoi, server, pictures):
    with with_script_first(server.port, OLDER) as url:
        start_of(buoi, server, url)
        assert buoi.run(LACKS) is True
        server.kill()
        buoi.open(url + "/gui")
        buoi.walking()
        buoi.fill(pictures(2, name="image.jpg"))
        buoi.send()
        buoi.says(SAVED)
        server.start()
        buoi.new_tab(url + "/", close=False)
        buoi.wait(DONE, 60)
    assert (server.count(models.Case), server.count(models.Photo)) == (1, 2)
    assert server.town.differences() == []


def test_an_older_iphone_finds_its_draft_again_and_outlives_a_killed_server(buoi, server, pictures):
    with with_script_first(server.port, OLDER) as url:
        start_of(buoi, server, url)
        buoi.fill(pictures(3, width=2400), upto="who")
        buoi.wait("hoidapQueue.reports().then(([row]) => Boolean(row.fields.phone))")
        buoi.new_tab(url + "/")
        buoi.wait(FREE)
        buoi.open(url + "/?pwa")
        buoi.walking()
        assert buoi.run(LACKS) is True
        buoi.wait("document.querySelectorAll('[data-thumbs] li').length === 3")
        buoi.at("Ông/Bà là ai?")
        buoi.finish()
        for _ in range(3):
            server.kill()
            server.start()
        buoi.open(url + "/")
        buoi.wait(DONE, 90)
    assert (server.texts(), server.count(models.Photo)) == ([TEXT], 3)


def test_a_second_service_worker_changes_nothing_of_what_waits(buoi, server, pictures):
    """A new version is installed beside the old one, with two tabs open and photos waiting."""
    versions = [b""]

    def newer(path: str, told: bytes) -> bytes:
        return told + versions[-1] if path == "/sw.js" else told

    with between(server.port, newer) as url:
        start_of(buoi, server, url)
        server.kill()
        buoi.fill(pictures(2, name="image.jpg"))
        buoi.send()
        buoi.says(SAVED)
        versions.append(b"\n// another version\n")
        server.start()
        buoi.new_tab(url + "/", close=False)
        buoi.wait("navigator.serviceWorker.getRegistration().then((it) => it && it.waiting && it.active)")
        buoi.press("Cập nhật trang")
        buoi.wait("performance.getEntriesByType('navigation')[0].type === 'reload'")
        buoi.wait(DONE, 60)
    assert (server.count(models.Case), server.count(models.Photo)) == (1, 2)
    assert server.town.differences() == []
