"""What was pressed "send" on stays until a receipt has come, whatever the server, a proxy or the phone answers."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.handset.between import between
from tests.handset.conftest import NAME, TEXT, Phone
from tests.handset.films import AGAIN
from webapp.store import models

SAVED, SENT = "Đã lưu trong máy, chưa gửi", "Đã gửi thành công"
TEXTS, FILES = re.compile("/hang-doi/phan-anh"), re.compile("/hang-doi/tep/")
# No answer at all, a server that fails, one that forbids, one that does not understand, one that wants it mended.
ANSWERS = [0, 500, 403, 400, 422]


@contextmanager
def answering(buoi: Phone, address: re.Pattern[str], status: int) -> Iterator[list[str]]:
    """Whoever brings something to this address is answered so; what was brought."""
    asked: list[str] = []

    def answer(route) -> None:
        asked.append(route.request.method)
        if route.request.method == "HEAD":
            route.continue_()
        elif status:
            route.fulfill(status=status, content_type="application/json", body=json.dumps({"error": "Lỗi."}))
        else:
            route.abort()

    buoi.context.route(address, answer)
    yield asked
    buoi.context.unroute(address, answer)


def two_reports_that_wait(buoi: Phone, pictures) -> None:
    for n, path in enumerate(pictures(2)):
        buoi.open()
        buoi.fill(f"Phản ánh thứ {n + 1}", photos=[path])
        buoi.send()
        buoi.says(SAVED)
        buoi.page.goto("about:blank")


def until_answered(buoi: Phone, asked: list[str], times: int, taken_in: str) -> None:
    """Until the phone has brought it so often, and every report is as it must be after such an answer."""
    buoi.until("Boolean(self.hoidapQueue)")
    deadline = time.monotonic() + 30
    while len(asked) < times:
        assert time.monotonic() < deadline, f"asked {len(asked)} times, not {times}"
        buoi.page.evaluate("hoidapQueue.drain().then(() => true)")
        buoi.page.wait_for_timeout(100)
    buoi.until(f"hoidapQueue.reports().then((rows) => rows.every((row) => {taken_in}))")


@pytest.mark.parametrize("status", ANSWERS)
def test_two_reports_whose_sending_fails_are_both_kept_and_sent_later(server, phone, pictures, status):
    buoi = phone()
    buoi.open()
    buoi.settled()
    buoi.offline()
    two_reports_that_wait(buoi, pictures)
    buoi.page.goto("/may-nay")
    with answering(buoi, TEXTS, status) as asked:
        buoi.offline(False)
        taken_in = {0: "row.state === 'waiting'", 500: "row.tries > 0"}.get(status, "row.state === 'parked'")
        until_answered(buoi, asked, 2, taken_in)
        kept = buoi.kept()
        assert [(row["fields"]["text"], len(row["files"])) for row in kept] == [
            ("Phản ánh thứ 1", 1),
            ("Phản ánh thứ 2", 1),
        ]
        assert server.count(models.Case) == 0
    buoi.page.evaluate(AGAIN)
    buoi.until("hoidapQueue.count().then((found) => found.done === 2 && found.files === 0)")
    assert sorted(server.texts()) == ["Phản ánh thứ 1", "Phản ánh thứ 2"]
    assert server.count(models.Photo) == 2


@pytest.mark.parametrize("status", ANSWERS)
def test_photos_whose_sending_fails_are_kept_and_sent_later(server, phone, pictures, status):
    """The text has arrived; somebody on the way refuses the photos."""
    buoi = phone()
    buoi.open()
    buoi.settled()
    buoi.fill(photos=pictures(2))
    with answering(buoi, FILES, status) as asked:
        buoi.send()
        buoi.until("hoidapQueue.reports().then(([row]) => Boolean(row.number))")
        taken_in = {0: "row.state === 'sent'", 500: "row.tries > 0"}.get(status, "row.left === 2")
        until_answered(buoi, asked, 2, taken_in)
        [kept] = buoi.kept()
        assert len(kept["files"]) == 2 and (server.texts(), server.count(models.Photo)) == ([TEXT], 0)
        assert SENT not in buoi.page.locator("h1").inner_text()
    buoi.page.goto("/may-nay")
    if status:  # whoever got no answer at all goes on by itself
        buoi.page.get_by_role("button", name="Gửi ngay").click()
    buoi.until("Boolean(self.hoidapQueue)")
    buoi.until("hoidapQueue.reports().then(([row]) => row.state === 'done' && !row.left)")
    assert (buoi.kept()[0]["files"], server.count(models.Photo)) == ([], 2)


def test_somebody_on_the_way_who_knows_no_report_stops_none_whose_photo_has_arrived(server, phone, pictures):
    buoi = phone()
    buoi.open()
    buoi.fill(photos=pictures(2))
    came: list[str] = []

    def only_the_first(route) -> None:
        if route.request.method == "PATCH":
            came.append(route.request.url)
        stray = route.request.method == "PATCH" and route.request.url != came[0]
        route.fulfill(status=403) if stray else route.continue_()

    buoi.context.route(FILES, only_the_first)
    buoi.send()
    buoi.says("1 ảnh chưa gửi được", 30)
    buoi.context.unroute(FILES, only_the_first)
    strays: list[str] = []

    def unknown(route) -> None:
        strays.append(route.request.method)
        route.fulfill(status=404) if len(strays) == 1 else route.continue_()

    buoi.context.route(re.compile("/hang-doi/tep$"), unknown)
    again = "hoidapQueue.reports().then(([row]) => hoidapQueue.again(row.id)).then(hoidapQueue.drain)"
    deadline = time.monotonic() + 30
    while (
        buoi.page.evaluate(f"{again}.then(() => hoidapQueue.reports()).then(([row]) => row.state)") != "done"
    ):
        assert time.monotonic() < deadline, buoi.page.evaluate("hoidapQueue.reports()")
    assert len(strays) >= 2
    buoi.says(SENT)
    assert (server.texts(), server.count(models.Photo)) == ([TEXT], 2)


def test_a_second_service_worker_changes_nothing_of_what_waits(server, phone, pictures):
    """A new version of the worker is installed beside the old one, with two tabs open and photos waiting."""
    versions = [b""]

    def newer(path: str, told: bytes) -> bytes:
        return told + versions[-1] if path == "/sw.js" else told

    with between(server.port, newer) as url:
        buoi = phone(url=url)
        buoi.open()
        buoi.settled()
        buoi.offline()
        buoi.fill(photos=pictures(2, name="image.jpg"))
        buoi.send()
        buoi.says(SAVED)
        versions.append(b"\n// another version\n")
        with answering(buoi, TEXTS, 0):
            buoi.offline(False)
            other = buoi.tab()
            other.goto("/")
            other.locator("[data-update]:not([hidden])").wait_for()
            assert other.evaluate(
                "navigator.serviceWorker.getRegistration().then((it) => Boolean(it.waiting && it.active))"
            )
            other.get_by_role("button", name="Cập nhật trang").click()
            other.wait_for_function("() => performance.getEntriesByType('navigation')[0].type === 'reload'")
        buoi.until("hoidapQueue.reports().then(([row]) => hoidapQueue.again(row.id)).then(() => true)")
        buoi.page.evaluate("dispatchEvent(new Event('online'))")
        buoi.says(SENT, 30)
    assert (server.count(models.Case), server.count(models.Photo)) == (1, 2)
    assert buoi.errors == []


ASKED = """self.persistAsked = 0; const own = StorageManager.prototype.persist;
StorageManager.prototype.persist = function () { self.persistAsked += 1; return own.call(this); };"""


def test_the_browser_is_asked_to_keep_what_waits(server, phone):
    buoi = phone(script=ASKED)
    buoi.open()
    assert buoi.page.evaluate("self.persistAsked") == 0
    buoi.offline()
    buoi.fill()
    buoi.send()
    buoi.says(SAVED)
    buoi.until("self.persistAsked === 1")


# Everything this browser holds for this address, as text: databases, stores, and every page the worker keeps.
HELD = """async () => {
  const held = { local: { ...localStorage }, session: { ...sessionStorage }, rows: [], pages: [] };
  for (const { name } of await indexedDB.databases()) {
    const db = await new Promise((go) => { const wish = indexedDB.open(name); wish.onsuccess = () => go(wish.result); });
    for (const store of db.objectStoreNames) {
      const rows = await new Promise((go) => { const all = db.transaction(store).objectStore(store).getAll(); all.onsuccess = () => go(all.result); });
      held.rows.push(...rows);
    }
    db.close();
  }
  for (const name of await caches.keys()) for (const request of await (await caches.open(name)).keys()) {
    const answer = await caches.match(request);
    held.pages.push([new URL(request.url).pathname + new URL(request.url).search, await answer.text()]);
  }
  return held;
}"""
OF_NOBODY = {"/khong-co-mang", "/gui?vo", "/may-nay"}


def test_after_wiping_nothing_of_anybody_is_left_in_this_browser(server, phone, pictures):
    """One report has arrived and was read, one waits, one is being written."""
    buoi = phone()
    page = buoi.open()
    buoi.settled()
    buoi.fill(photos=pictures(1))
    buoi.send()
    buoi.says(SENT, 30)
    page.goto("/may-nay")
    page.get_by_role("button", name="Xem phản ánh").click()
    page.wait_for_url("**/theo-doi/cua-toi")
    page.get_by_role("button", name="Đóng").first.click()
    buoi.offline()
    buoi.open()
    buoi.fill()
    buoi.send()
    buoi.says(SAVED)
    buoi.open()
    buoi.fill(photos=pictures(1), upto="who")
    page.goto("/may-nay")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Xóa mọi thứ trên máy này").click()
    page.get_by_text("Máy này không còn giữ gì").wait_for()
    held = page.evaluate(HELD)
    assert (held["local"], held["session"], held["rows"]) == ({}, {}, [])
    pages = [address for address, _ in held["pages"] if not address.startswith("/static/")]
    assert set(pages) == OF_NOBODY
    assert not [address for address, told in held["pages"] if NAME in told or TEXT in told]
