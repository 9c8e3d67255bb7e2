"""Every state of the citizen's pages, looked at: axe finds nothing, nothing is wider than a phone of 320 px, with text
twice as large too, and nothing is too small for a finger.

`make test` looks where faults show first; `make check` at every width. STATES_PICTURES=folder keeps what is seen.
A state is reached as people reach it. A new one is a line in a walk below, or a walk of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Route

from tests.citizen.conftest import NAME
from tests.handset.conftest import Phone
from tests.handset.test_form import IPHONE, ZALO
from tests.handset.test_voice import MICROPHONE
from tests.look.conftest import Eye, Shown

LONG = "Nước cống chảy tràn ra đường cả tuần nay, xe máy trượt ngã nhiều lần, mùi rất khó chịu. " * 4
CELLULAR = "Object.defineProperty(navigator, 'connection', { value: { type: 'cellular' } });"
SAVED, SENT = "Đã lưu trong máy, chưa gửi", "Đã gửi thành công"


@dataclass
class Walk:
    """One phone at the server, and the eye on its page."""

    buoi: Phone
    eye: Eye
    server: Shown
    files: dict[str, Path]
    problems: dict[int, str]

    def answered(self, pattern: str, act: Callable[[Route], Any]) -> None:
        self.buoi.context.route(re.compile(pattern), act)

    def sent(self) -> None:
        self.buoi.open()
        self.buoi.fill()
        self.buoi.send()


# The form, step by step


def the_form(walk: Walk) -> None:
    buoi, sees = walk.buoi, walk.eye.sees
    page = buoi.open()
    sees("form: what")
    buoi.next()
    sees("form: what, nothing written")
    page.locator("[name=text]").fill("Cháy nhà, có tai nạn, đánh nhau")
    sees("form: urgent")
    page.locator("[name=text]").fill(LONG)
    buoi.next()
    buoi.at("Ở đâu?")
    sees("form: where")
    buoi.next()
    sees("form: where, nothing chosen")
    page.get_by_text("Tìm theo tên").click()
    page.locator("#f-find").fill("tam")
    page.locator("[data-hits] button").first.wait_for()
    sees("form: where, found by name")
    page.get_by_role("button", name="Lấy vị trí hiện tại").click()
    page.locator("[data-nearest] label").nth(2).wait_for()
    sees("form: where, the nearest communes")
    page.locator("[name=commune]").select_option(index=0)
    page.locator("[name=place]").fill("Trước cổng chợ")
    buoi.next()
    buoi.at("Khi nào?")
    sees("form: when")
    page.locator("[name=happened]").fill("2099-01-01")
    buoi.next()
    sees("form: when, a day to come")
    page.get_by_role("button", name="Hôm qua").click()
    buoi.next()
    buoi.at("Thuộc lĩnh vực nào?")
    sees("form: category")


def the_category_and_who(walk: Walk) -> None:
    buoi, sees = walk.buoi, walk.eye.sees
    page = buoi.open()
    buoi.fill(LONG, upto="where")
    page.locator("[name=commune]").select_option(label="Phường Tam Kỳ")
    buoi.next()
    buoi.at("Khi nào?")
    buoi.next()
    buoi.at("Thuộc lĩnh vực nào?")
    page.get_by_role("heading", name="Gần đây đã có người phản ánh").wait_for()
    sees("form: what is near")
    page.get_by_role("radio", name=re.compile("Giao thông")).check()
    page.locator("[data-near] summary").click()
    sees("form: what is near and not public yet")
    page.get_by_role("button", name=re.compile("^Tôi cũng gặp")).first.click()
    sees("form: joined")
    buoi.next()
    buoi.at("Ông/Bà là ai?")
    sees("form: who")
    page.locator("[name=phone]").fill("12")
    page.locator("[name=email]").fill("buoi@")
    page.get_by_text("Gửi hộ người khác?").click()
    page.locator("[name=helper_phone]").fill("12")
    buoi.next()
    sees("form: who, wrong, and for somebody else")


def the_answers(walk: Walk) -> None:
    buoi, sees = walk.buoi, walk.eye.sees
    page = buoi.open()
    buoi.choose([walk.files["anh"]])
    buoi.fill(LONG)
    page.get_by_label(re.compile("Tôi cam đoan")).uncheck()
    sees("form: answers")
    buoi.send()
    sees("form: answers, not affirmed")
    page.get_by_label(re.compile("Máy dùng chung")).check()
    sees("form: a shared device")
    page.reload()
    page.get_by_text("Đã mở lại phần đang viết dở").wait_for()
    sees("form: resumed")


def the_files(walk: Walk) -> None:
    buoi, sees = walk.buoi, walk.eye.sees
    page = buoi.open()
    buoi.choose([walk.files["anh"], walk.files["anh2"]])
    page.locator("#f-photos-2").set_input_files(walk.files["phim"])
    page.get_by_text("không phải là ảnh").wait_for()
    sees("form: photos kept, one not")
    page.get_by_text("Thêm đoạn phim").click()
    page.locator("#f-film-2").set_input_files(walk.files["phim"])
    page.locator("[data-film-list] li").wait_for()
    sees("form: film kept")
    page.get_by_text("Nói thay vì gõ").click()
    page.get_by_role("button", name="Bắt đầu nói").click()
    page.get_by_text("Đang ghi âm: 1 giây").wait_for()
    sees("form: speaking")
    page.get_by_role("button", name="Nói xong").click()
    page.get_by_text("Đã giữ đoạn ghi âm").wait_for()
    sees("form: voice kept")


def the_map_of_the_form(walk: Walk) -> None:
    page = walk.buoi.open()
    walk.buoi.fill(upto="where")
    page.get_by_role("button", name="Mở bản đồ").click()
    page.locator(".map canvas").wait_for()
    walk.eye.sees("form: map")
    page.get_by_role("button", name="Lấy vị trí hiện tại").click()
    page.locator(".map-pin").wait_for()
    walk.eye.sees("form: pin")


def inside_zalo(walk: Walk) -> None:
    walk.buoi.open()
    walk.eye.sees("form: inside another app")
    walk.buoi.offline()
    walk.buoi.fill()
    walk.buoi.send()
    walk.buoi.says("đừng đóng trang này trước khi gửi xong")
    walk.eye.sees("sent: inside another app")


def inside_facebook_on_an_iphone(walk: Walk) -> None:
    walk.buoi.open()
    walk.eye.sees("form: inside another app, iPhone")
    walk.buoi.page.evaluate("document.querySelector('[data-update]').hidden = false")
    walk.eye.sees("form: a new version waits")


# After the press


def waiting(walk: Walk) -> None:
    buoi, sees = walk.buoi, walk.eye.sees
    buoi.open()
    buoi.settled()
    buoi.offline()
    buoi.fill(photos=[walk.files["anh"]])
    buoi.send()
    buoi.says(SAVED)
    sees("sent: waiting for a network")


def busy(walk: Walk) -> None:
    walk.answered("/hang-doi/", lambda route: route.fulfill(status=503, headers={"Retry-After": "300"}))
    walk.sent()
    walk.buoi.page.get_by_text("Máy chủ đang bận").wait_for()
    walk.eye.sees("sent: the server is busy")


def on_its_way(walk: Walk) -> None:
    held: list[Route] = []
    walk.answered("/hang-doi/thu-thach", lambda route: held.append(route))
    walk.sent()
    walk.buoi.page.get_by_text("Đang gửi nội dung…").wait_for()
    walk.eye.sees("sent: on its way")
    for route in held:
        route.abort()


def files_on_their_way(walk: Walk) -> None:
    walk.answered("/hang-doi/tep/", lambda route: route.abort())
    walk.buoi.open()
    walk.buoi.fill(photos=[walk.files["anh"], walk.files["anh2"]])
    walk.buoi.send()
    walk.buoi.says("Đã gửi nội dung, còn 2 ảnh đang gửi")
    walk.eye.sees("sent: photos on their way")


def film_waits(walk: Walk) -> None:
    page = walk.buoi.open()
    page.get_by_text("Thêm đoạn phim").click()
    page.locator("#f-film-2").set_input_files(walk.files["phim"])
    page.get_by_label("Chỉ gửi phim khi có Wi-Fi").check()
    walk.buoi.fill()
    walk.buoi.send()
    page.get_by_text("Phim đợi Wi-Fi, như Ông/Bà đã chọn.").wait_for()
    walk.eye.sees("sent: film waits for Wi-Fi")


def a_file_refused(walk: Walk) -> None:
    walk.answered("/hang-doi/tep$", lambda route: route.fulfill(status=415))
    walk.buoi.open()
    walk.buoi.fill(photos=[walk.files["anh"]])
    walk.buoi.send()
    walk.buoi.says("Đã gửi nội dung, ")
    walk.buoi.page.wait_for_timeout(800)
    walk.eye.sees("sent: a photo was refused")


def parked(walk: Walk) -> None:
    walk.answered("/hang-doi/phan-anh", lambda route: route.fulfill(status=400))
    walk.sent()
    walk.buoi.says("Chưa gửi được")
    walk.eye.sees("sent: parked")


def sent_back(walk: Walk) -> None:
    said = {"errors": {"text": "Xin viết lại.", "email": "Địa chỉ thư này chưa đúng."}}
    walk.answered("/hang-doi/phan-anh", lambda route: route.fulfill(status=422, json=said))
    walk.sent()
    walk.buoi.at("Chuyện gì đang xảy ra?")
    walk.buoi.page.locator("[data-faults] li").first.wait_for()
    walk.eye.sees("sent: back with faults")


def complete(walk: Walk) -> None:
    walk.sent()
    walk.buoi.says(SENT)
    walk.buoi.page.get_by_text("Thêm vào MH chính").wait_for()
    walk.eye.sees("sent: complete, with the way to the home screen")


# What this phone keeps

ROWS = """async (rows) => { const q = self.hoidapQueue; for (const [at, more] of rows.entries()) {
  const row = { ...q.fresh(), made_at: Date.now() - at * 1000, next_at: Date.now() + 36e5, ...more };
  const { files = [], ...own } = row; await q.keepDraft({ ...own, state: "draft" });
  for (const file of files) await q.keepFile({ report: row.id, type: "image/jpeg", ...file }, new Uint8Array(300000).buffer);
  await q.alter(row.id, (it) => { Object.assign(it, own); }); } }"""
ARRIVED = {"number": "QN20-26-K7M3PX", "code": "7KQ2M-XD4TN-8HRVC-3WYPA-5JBE9", "received_at": "2026-11-22T08:00:00Z"}  # fmt: skip
NAMED = "truoc-cong-truong-tieu-hoc-nguyen-van-troi-phuong-tam-ky.jpg"
KEPT: dict[str, dict[str, Any]] = {
    "draft": {"state": "draft", "fields": {"text": LONG}},
    "draft without words": {"state": "draft"},
    "waiting": {"state": "waiting", "fields": {"text": LONG}, "files": [{"name": NAMED}, {"name": "2.jpg"}]},
    "tried": {"state": "waiting", "frozen": True, "fields": {"text": LONG}},
    "on its way": {"state": "sent", **ARRIVED, "fields": {"text": LONG}, "files": [{"name": NAMED, "offset": 150000}]},
    "film on its way": {"state": "sent", **ARRIVED, "fields": {"text": LONG}, "files": [{"name": NAMED, "kind": "video"}]},
    "conflict": {"state": "parked", "reason": {"code": "conflict"}, "fields": {"text": LONG}},
    "faults": {"state": "parked", "reason": {"code": "faults", "more": {"text": LONG}}, "fields": {"text": LONG}},
    "refused": {"state": "parked", "reason": {"code": "refused", "more": 400}, "fields": {"text": LONG}},
    "tries": {"state": "parked", "reason": {"code": "tries", "more": 60}, "fields": {"text": LONG}},
    "done": {"state": "done", **ARRIVED, "fields": {"text": LONG[:80]}},
    "done but a photo": {"state": "done", **ARRIVED, "fields": {"text": LONG}, "files": [{"name": NAMED, "state": "refused", "reason": {"code": "lost"}}]},
}  # fmt: skip


def nothing_kept(walk: Walk) -> None:
    walk.buoi.open("/may-nay").get_by_text("Máy này chưa giữ phản ánh nào").wait_for()
    walk.eye.sees("kept: nothing")


def everything_kept(walk: Walk) -> None:
    page = walk.buoi.open("/may-nay")
    page.wait_for_function("() => Boolean(self.hoidapQueue)")
    page.evaluate(ROWS, list(KEPT.values()))
    page.reload()
    page.locator("[data-list] > li").nth(len(KEPT) - 1).wait_for()
    walk.eye.sees("kept: one of each")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Lưu bản sao tất cả ra máy").click()
    page.get_by_text("Đã lưu bản sao").wait_for()
    page.get_by_role("button", name="Xóa mọi thứ trên máy này").click()
    page.get_by_text("Máy này không còn giữ gì").wait_for()
    walk.eye.sees("kept: wiped")


def the_line_on_every_page(walk: Walk) -> None:
    page = walk.buoi.open("/may-nay")
    page.wait_for_function("() => Boolean(self.hoidapQueue)")
    for name in ("draft", "waiting", "on its way", "film on its way", "tries"):
        page.evaluate("self.hoidapQueue.wipe()")
        page.evaluate(ROWS, [KEPT[name]])
        page.evaluate("localStorage.setItem('hoidap-queue', '1')")
        page.goto("/quy-che")
        page.locator("[data-queue]").wait_for()
        walk.eye.sees(f"line: {name}")
        page.goto("/may-nay")
        page.wait_for_function("() => Boolean(self.hoidapQueue)")


# Without a script: one long page, answered by the server


def one_long_page(walk: Walk) -> None:
    buoi, sees = walk.buoi, walk.eye.sees
    page = buoi.page
    page.goto("/gui?mot-trang")
    sees("long form")
    page.locator("[name=phone]").fill("12")
    page.locator("[name=helper_phone]").evaluate("one => { one.value = '12'; }")
    page.locator("#f-photos-2").set_input_files(walk.files["anh"])
    page.get_by_role("button", name="Gửi phản ánh").click()
    page.locator(".errors").wait_for()
    sees("long form, with errors and a photo")
    page.locator("[name=text]").fill("Nắp cống vỡ")
    page.locator("[name=place]").fill("Trước cổng chợ")
    page.get_by_role("radio", name=re.compile("Giao thông")).check()
    page.locator("[name=reporter_name]").fill(NAME)
    page.locator("[name=phone]").fill("0905 123 456")
    page.locator("[name=helper_phone]").evaluate("one => { one.value = ''; }")
    page.locator("[name=tieu_de]").evaluate("one => { one.value = 'x'; }")  # what looks like a machine
    page.get_by_label(re.compile("Tôi cam đoan")).check()
    page.get_by_role("button", name="Gửi phản ánh").click()
    page.get_by_text("người trực sẽ đọc trước").wait_for()
    sees("long form, sent by the slower lane")
    page.get_by_role("link", name="Xem phản ánh của tôi").click()
    page.wait_for_url("**/theo-doi/cua-toi")
    sees("mine")
    for name in ("du-lieu", "du-lieu/ban-luu"):
        page.goto(f"/theo-doi/cua-toi/{name}")
        sees(f"mine: {name}")


def me_too(walk: Walk) -> None:
    page = walk.buoi.open("/pa/" + walk.server.numbers["open"])
    page.get_by_role("link", name="Tôi cũng gặp").first.click()
    page.locator("form[action]").first.wait_for()
    walk.eye.sees("me too")
    page.locator("[data-send]").click()
    page.locator(".errors").wait_for()
    walk.eye.sees("me too, with errors")


def call_me_back(walk: Walk) -> None:
    page = walk.buoi.open("/goi-lai")
    walk.eye.sees("call me back")
    press = page.get_by_role("button", name="Gọi lại cho tôi")
    press.click()
    page.locator(".errors").wait_for()
    walk.eye.sees("call me back, with errors")
    page.locator("[name=phone]").fill("0905 123 456")
    page.locator("[name=commune]").select_option(index=1)
    press.click()
    page.get_by_role("heading", name="Đã ghi, sẽ gọi lại").wait_for()
    walk.eye.sees("call me back, noted")


def follow(walk: Walk) -> None:
    page = walk.buoi.open("/theo-doi")
    walk.eye.sees("follow")
    page.locator("[name=code]").fill("AAAAA-BBBBB-CCCCC-DDDDD-EEEEE")
    page.get_by_role("button", name="Xem phản ánh").click()
    page.locator(".err, .errors").first.wait_for()
    walk.eye.sees("follow, a wrong code")


def mine_as_it_stands(walk: Walk) -> None:
    page = walk.buoi.page
    for name, code in walk.server.codes.items():
        walk.buoi.context.clear_cookies()
        page.goto("/theo-doi")
        page.locator("[name=code]").fill(code)
        page.get_by_role("button", name="Xem phản ánh").click()
        page.wait_for_url("**/theo-doi/cua-toi")
        walk.eye.sees(f"mine: {name}")
    page.get_by_role("button", name="Gửi đánh giá").click()
    page.locator(".errors, .err, .notice").first.wait_for()
    walk.eye.sees("mine: rated without a choice")


# What everybody sees


def public_pages(walk: Walk) -> None:
    numbers = walk.server.numbers
    paths = {"home": "/", "home: nothing found": "/?q=khongcogi", "due": "/tinh-han", "rules": "/quy-che",
             "rules: one": "/quy-che/QN20", "offline": "/khong-co-mang"}  # fmt: skip
    for name, path in (
        paths.items() | {f"case: {name}": f"/pa/{one}" for name, one in numbers.items()}.items()
    ):
        walk.buoi.open(path)
        walk.eye.sees(name)


def public_map(walk: Walk) -> None:
    page = walk.buoi.open("/")
    page.get_by_role("button", name="Xem trên bản đồ").click()
    page.locator(".map-mark").first.wait_for()
    walk.eye.sees("map")
    page.locator(".map-spot").first.click()
    page.locator(".map-newest a").first.wait_for()
    walk.eye.sees("map: a commune opened")
    page.goto("about:blank")
    page.goto(f"/#ban-do=15.5714,108.4798,16,{walk.server.numbers['pinned']}")
    page.locator(".map-card").wait_for()
    walk.eye.sees("map: a case opened")


def drawn(html: str) -> Callable[[Route], None]:
    return lambda route: route.fulfill(body=html, content_type="text/html")


def refusals(walk: Walk) -> None:
    for code, html in walk.problems.items():
        walk.buoi.page.route("**/hong", drawn(html))
        walk.buoi.open("/hong")
        walk.eye.sees(f"refused: {code}")


ANDROID = {"user_agent": ZALO, "service_workers": "block"}
STILL = {"service_workers": "block"}
WALKS: dict[Callable[[Walk], None], dict[str, Any]] = {
    the_form: STILL, the_category_and_who: STILL, the_answers: STILL, the_files: {**STILL, "script": MICROPHONE},
    the_map_of_the_form: STILL, inside_zalo: ANDROID, waiting: {}, busy: STILL, on_its_way: STILL,
    files_on_their_way: STILL, film_waits: {**STILL, "script": CELLULAR}, a_file_refused: STILL, parked: STILL,
    sent_back: STILL, complete: {**STILL, "user_agent": IPHONE}, nothing_kept: STILL, everything_kept: STILL,
    the_line_on_every_page: STILL, one_long_page: {**STILL}, me_too: STILL,
    call_me_back: STILL, follow: STILL, mine_as_it_stands: STILL,
    inside_facebook_on_an_iphone: {**STILL, "user_agent": IPHONE + " FBAN/FBIOS"}, public_pages: STILL, public_map: STILL, refusals: STILL,
}  # fmt: skip
# What `make test` walks; the others differ less from these than from one another.
QUICK = {the_form, the_answers, files_on_their_way, parked, everything_kept, call_me_back, public_map}  # fmt: skip


def walks() -> list[Any]:
    every = [pytest.param(one, True, marks=pytest.mark.slow, id=f"{one.__name__}, whole") for one in WALKS]
    return [pytest.param(one, False, id=one.__name__) for one in WALKS if one in QUICK] + every


@pytest.mark.parametrize(("walk", "whole"), walks())
def test_nothing_is_wrong_in_any_state(server, phone, files, problems, walk, whole):
    buoi = phone(**WALKS[walk])
    eye = Eye(buoi.page, whole)
    walk(Walk(buoi, eye, server, files, problems))
    assert eye.faults == [], "\n".join(eye.faults)
    assert json.dumps(buoi.errors) == "[]"
