"""Nothing that was written or chosen is lost between a phone and the province, whatever is taken away from both."""

from __future__ import annotations

import io
import re
import secrets
import time
import zipfile

import pytest
from PIL import Image

from tests.faults.proxy import Proxy
from tests.handset.conftest import NAME, OLDER, PHONES, TEXT, Phone, Server
from webapp.store import models

DONE = "self.hoidapQueue ? self.hoidapQueue.count().then((found) => found.done === 1) : false"
SAVED, SENT = "Đã lưu trong máy, chưa gửi", "Đã gửi thành công"


@pytest.mark.parametrize("script", ["", OLDER], ids=["today's phone", "an older phone"])
def test_a_report_is_written_without_any_network_and_sent_when_there_is_one(server, phone, pictures, script):
    buoi = phone(script=script)
    buoi.open()
    buoi.settled()
    buoi.offline()
    buoi.page.reload()
    buoi.walking()
    buoi.fill(photos=pictures(2))
    buoi.send()
    buoi.says(SAVED)
    assert "Đã gửi" not in buoi.page.locator("main").inner_text()
    buoi.offline(False)
    if script:
        buoi.page.evaluate("dispatchEvent(new Event('online'))")
    buoi.says(SENT)
    [kept] = buoi.kept()
    assert (server.count(models.Case), server.count(models.Photo)) == (1, 2)
    assert kept["files"] == [] and kept["state"] == "done" and NAME not in str(kept)
    assert buoi.errors == []


def test_photos_wait_in_a_killed_page_and_go_on_from_where_they_were(server, phone, pictures):
    buoi = phone()
    buoi.open()
    buoi.settled()
    buoi.fill(photos=pictures(3))
    buoi.context.route(re.compile("/hang-doi/tep/"), lambda route: route.abort())
    buoi.send()
    buoi.says("Đã gửi nội dung, còn 3 ảnh đang gửi")
    assert (server.count(models.Case), server.count(models.Photo)) == (1, 0)
    buoi.page.close()
    buoi.context.unroute(re.compile("/hang-doi/tep/"))
    buoi.page = buoi.tab()
    buoi.page.goto("/")
    buoi.until(DONE)
    buoi.page.locator("[data-queue]").wait_for(state="hidden")
    assert (server.count(models.Case), server.count(models.Photo)) == (1, 3)


def test_the_draft_is_found_again_after_the_browser_was_killed(server, phone, pictures):
    buoi = phone()
    buoi.open()
    buoi.fill(photos=pictures(2), upto="who")
    buoi.page.close(run_before_unload=False)
    buoi.page = buoi.tab()
    buoi.page.goto("/?pwa")
    buoi.walking()
    buoi.at("Ông/Bà là ai?")
    assert buoi.page.locator("[name=reporter_name]").input_value() == NAME
    assert buoi.page.locator("[name=text]").input_value() == TEXT
    assert buoi.page.locator("[data-thumbs] li").count() == 2
    buoi.page.go_back()
    buoi.at("Thuộc lĩnh vực nào?")


def test_the_server_is_killed_while_files_come(server, phone, pictures):
    buoi = phone()
    buoi.open()
    buoi.settled()
    buoi.fill(photos=pictures(3))
    seen: list[str] = []

    def kill_once(route):
        if not seen:
            seen.append(route.request.url)
            server.kill()
        route.continue_()

    buoi.page.route(re.compile("/hang-doi/tep/"), kill_once)
    buoi.send()
    deadline = time.monotonic() + 15
    while not seen and time.monotonic() < deadline:
        buoi.page.wait_for_timeout(100)
    assert seen
    server.start()
    buoi.says(SENT, 60)
    assert (server.count(models.Case), server.count(models.Photo)) == (1, 3)
    assert server.town.differences() == []


def test_an_answer_lost_after_the_commit_is_asked_for_again(server: Server, phone, pictures):
    with Proxy(server.port, lose=1.0) as proxy:
        buoi = phone(url=f"http://127.0.0.1:{proxy.port}")
        buoi.open()
        buoi.fill(photos=pictures(1))
        buoi.send()
        buoi.says(SAVED)
        assert proxy.lost >= 1
        deadline = time.monotonic() + 20
        while server.count(models.Case) < 1 and time.monotonic() < deadline:
            time.sleep(0.1)
        assert server.count(models.Case) == 1
        proxy.lose = 0.0
        buoi.page.get_by_role("button", name="Gửi ngay").click()
        buoi.says(SENT, 30)
    assert (server.count(models.Case), server.count(models.Submission), server.count(models.Photo)) == (
        1,
        1,
        1,
    )


def test_two_tabs_write_two_drafts_and_send_each_once(server, phone):
    buoi = phone()
    buoi.open()
    buoi.page.locator("[name=text]").fill("Thẻ thứ nhất")
    first, second = buoi.page, buoi.tab()
    second.goto("/gui")
    buoi.walking(second)
    assert second.locator("[name=text]").input_value() == ""
    buoi.offline()
    for page, text in ((first, "Thẻ thứ nhất"), (second, "Thẻ thứ hai")):
        buoi.page = page
        buoi.fill(text)
        buoi.send()
        buoi.says(SAVED)
    buoi.offline(False)
    for page in (first, second):
        buoi.page = page
        buoi.says(SENT, 30)
    assert sorted(server.texts()) == ["Thẻ thứ hai", "Thẻ thứ nhất"]


def test_photos_of_one_name_are_all_kept(server, phone, pictures):
    buoi = phone()
    buoi.open()
    buoi.fill(photos=pictures(3, name="image.jpg"))
    buoi.send()
    buoi.says(SENT, 30)
    assert server.count(models.Photo) == 3


def test_a_full_phone_says_so_and_keeps_what_was_written(server, phone, pictures, tmp_path):
    big, small = tmp_path / "to.jpg", tmp_path / "nho.jpg"
    Image.effect_noise((2000, 2000), 90).save(big, quality=95)
    small.write_bytes(pictures(1)[0].read_bytes() + secrets.token_bytes(3_000_000))  # fits once it is redrawn
    buoi = phone()
    buoi.open()
    buoi.settled()
    tools = buoi.page.context.new_cdp_session(buoi.page)
    tools.send("Storage.overrideQuotaForOrigin", {"origin": server.url, "quotaSize": 2_000_000})
    assert tools.send("Storage.getUsageAndQuota", {"origin": server.url})["quota"] == 2_000_000
    buoi.choose([small])
    buoi.page.locator("#f-photos-2").set_input_files(big)
    buoi.page.get_by_text("Máy hết chỗ, chưa giữ được ảnh “to.jpg”").wait_for()
    buoi.fill()
    buoi.send()
    buoi.says(SENT, 30)
    assert (server.texts(), server.count(models.Photo)) == ([TEXT], 1)


def test_a_form_of_three_days_ago_is_still_taken(server, phone, pictures):
    buoi = phone()
    buoi.open()
    buoi.settled()
    buoi.fill(photos=pictures(1), upto="who")
    for row in buoi.kept():  # as if three days lay between
        buoi.page.evaluate(
            "async (id) => self.hoidapQueue.alter(id, (it) => { it.touched_at -= 3 * 864e5; it.made_at -= 3 * 864e5; })",
            row["id"],
        )
    buoi.context.clear_cookies()
    buoi.open("/gui")
    buoi.page.get_by_text("Đã mở lại phần đang viết dở").wait_for()
    buoi.at("Ông/Bà là ai?")
    buoi.next()
    buoi.page.get_by_label(re.compile("Tôi cam đoan")).check()
    buoi.send()
    buoi.says(SENT, 30)
    assert (server.count(models.Case), server.count(models.Photo)) == (1, 1)


def test_a_report_waits_three_days_on_a_phone_whose_clock_was_set_back(server, phone):
    buoi = phone()
    buoi.open()
    buoi.offline()
    buoi.fill()
    buoi.send()
    buoi.says(SAVED)
    [row] = buoi.kept()
    buoi.page.evaluate(
        "async (id) => self.hoidapQueue.alter(id, (it) => { it.next_at = Date.now() + 3 * 864e5; })",
        row["id"],
    )
    buoi.offline(False)
    buoi.says(SENT, 30)
    assert server.count(models.Case) == 1


def test_what_waits_without_a_network_can_still_be_mended(server, phone):
    buoi = phone()
    buoi.open()
    buoi.settled()
    buoi.offline()
    buoi.fill()
    buoi.send()
    buoi.says(SAVED)
    buoi.page.get_by_role("button", name="Sửa phản ánh").click()
    buoi.at("Cam đoan và gửi")
    buoi.page.get_by_role("button", name=re.compile("Sửa Chuyện gì")).click()
    buoi.page.locator("[name=text]").fill("Nắp cống vỡ, đã rào tạm")
    for _ in range(5):
        buoi.next()
    buoi.send()
    buoi.says(SAVED)
    buoi.offline(False)
    buoi.says(SENT, 30)
    assert server.texts() == ["Nắp cống vỡ, đã rào tạm"]


def test_what_the_server_refuses_goes_back_to_its_step_with_its_words(server, phone):
    buoi = phone()
    buoi.open()
    buoi.fill(upto="who")
    buoi.page.locator("[name=email]").fill("buoi@example..vn")
    buoi.next()
    buoi.page.get_by_label(re.compile("Tôi cam đoan")).check()
    buoi.send()
    buoi.at("Ông/Bà là ai?")
    assert "Địa chỉ thư này chưa đúng" in buoi.page.locator("[data-faults]").inner_text()
    assert buoi.page.locator("[name=email]").get_attribute("aria-invalid") == "true"
    buoi.page.locator("[name=email]").fill("buoi@example.vn")
    buoi.next()
    buoi.send()
    buoi.says(SENT, 30)
    assert server.count(models.Case) == 1


def test_what_waits_can_leave_the_phone_as_one_file(server, phone, pictures):
    buoi = phone()
    buoi.open()
    buoi.settled()
    buoi.offline()
    buoi.fill(photos=pictures(2))
    buoi.send()
    buoi.says(SAVED)
    buoi.page.goto("/may-nay")
    buoi.page.get_by_role("heading", name=SAVED).wait_for()
    with buoi.page.expect_download() as waiting:
        buoi.page.get_by_role("button", name="Lưu bản sao tất cả ra máy").click()
    with zipfile.ZipFile(waiting.value.path()) as whole:
        assert whole.testzip() is None
        assert whole.namelist() == ["1/phan-anh.json", "1/anh-1.jpg", "1/anh-2.jpg"]
        assert TEXT in whole.read("1/phan-anh.json").decode()
        assert whole.read("1/anh-1.jpg")[:2] == b"\xff\xd8"


def test_everything_on_this_phone_can_be_wiped(server, phone, pictures):
    buoi = phone()
    buoi.open()
    buoi.offline()
    buoi.fill(photos=pictures(1))
    buoi.send()
    buoi.says(SAVED)
    buoi.offline(False)
    buoi.says(SENT, 30)
    buoi.page.goto("/may-nay")
    buoi.page.get_by_role("heading", name=SENT).wait_for()
    buoi.page.on("dialog", lambda dialog: dialog.accept())
    buoi.page.get_by_role("button", name="Xóa mọi thứ trên máy này").click()
    buoi.page.get_by_text("Máy này không còn giữ gì").wait_for()
    assert buoi.kept() == []


def test_the_list_stays_under_the_finger_while_something_else_moves(server, phone):
    buoi = phone()
    buoi.open()
    buoi.settled()
    page = buoi.page
    page.goto("/may-nay")
    buoi.until("Boolean(self.hoidapQueue)")
    write = """(all) => Promise.all(all.map(([id, text]) =>
      hoidapQueue.keepDraft({ ...hoidapQueue.fresh(), id, made_at: id.length, fields: { text } })))"""
    page.evaluate(write, [["a" * n, f"Thẻ {n}"] for n in range(1, 9)])
    page.get_by_text("Thẻ 8", exact=True).wait_for()
    last = page.get_by_role("button", name="Bỏ khỏi máy này").last  # of the first that was written
    last.focus()
    button = last.element_handle()
    page.evaluate("scrollTo(0, 0)")
    page.evaluate(write, [["a" * 8, "Thẻ khác"]])
    page.get_by_text("Thẻ khác").wait_for()
    page.evaluate(write, [["a" * 9, "Thẻ mới"]])
    page.get_by_text("Thẻ mới").wait_for()
    assert button.evaluate("(one) => one.isConnected && one === document.activeElement && scrollY === 0")
    page.get_by_role("button", name="Bỏ khỏi máy này").first.hover()
    page.mouse.down()
    page.evaluate(write, [["a" * 9, "Thẻ mới hơn"]])
    page.wait_for_timeout(700)
    assert page.get_by_text("Thẻ mới", exact=True).is_visible(), "not while a finger is on one of its buttons"
    page.mouse.move(0, 0)
    page.mouse.up()
    page.get_by_text("Thẻ mới hơn").wait_for()
    assert buoi.errors == []


def test_a_shared_phone_keeps_nothing_after_sending(server, phone, pictures):
    buoi = phone()
    buoi.open()
    buoi.fill(photos=pictures(1))
    buoi.page.get_by_label(re.compile("Máy dùng chung")).check()
    buoi.send()
    buoi.says(SENT, 30)
    assert re.fullmatch(r"[0-9A-Z]{5}(-[0-9A-Z]{5}){4}", buoi.code)
    assert buoi.kept() == []


@pytest.mark.parametrize("script", PHONES)
def test_a_shared_phone_shows_the_code_of_a_report_without_files_and_keeps_nothing(server, phone, script):
    buoi = phone(script=script)
    buoi.open()
    buoi.fill()
    buoi.page.get_by_label(re.compile("Máy dùng chung")).check()
    buoi.send()
    buoi.says(SENT, 30)
    assert re.fullmatch(r"[0-9A-Z]{5}(-[0-9A-Z]{5}){4}", buoi.code)
    assert buoi.kept() == []


@pytest.mark.parametrize("script", PHONES)
def test_a_shared_phone_keeps_nothing_of_a_report_with_a_photo_that_was_refused(
    server, phone, pictures, script
):
    buoi = phone(script=script)
    buoi.open()
    buoi.fill(photos=pictures(2))
    buoi.page.get_by_label(re.compile("Máy dùng chung")).check()
    refused: list[str] = []

    def refuse_one(route):
        refused.append(route.request.url)
        if route.request.url == refused[0]:
            route.fulfill(status=403)
        else:
            route.continue_()

    buoi.context.route(
        re.compile("/hang-doi/tep/"),
        lambda route: refuse_one(route) if route.request.method == "PATCH" else route.continue_(),
    )
    buoi.send()
    buoi.says("Đã gửi nội dung, 1 ảnh chưa gửi được", 30)
    buoi.page.get_by_text("không còn giữ ở đây").wait_for()
    assert re.fullmatch(r"[0-9A-Z]{5}(-[0-9A-Z]{5}){4}", buoi.code)
    buoi.until("hoidapQueue.reports().then((rows) => !rows.length)")
    assert buoi.kept() == [] and server.count(models.Photo) == 1
    assert (
        buoi.page.evaluate(
            "hoidapQueue.inner.within(['files', 'parts'], 'readonly', async (...all) => (await Promise.all(all.map((one) => hoidapQueue.inner.ask(one.count())))).join())"
        )
        == "0,0"
    )
    buoi.says("Đã gửi nội dung, 1 ảnh chưa gửi được")


def test_what_a_shared_phone_was_put_out_before_letting_go_is_let_go_later(server, phone, pictures):
    buoi = phone()
    page = buoi.open()
    buoi.fill(photos=pictures(1), upto="who")
    buoi.until("hoidapQueue.reports().then(([row]) => row.fields.phone !== '')")
    page.evaluate(
        "hoidapQueue.reports().then(([row]) => hoidapQueue.alter(row.id, (it) => { it.state = 'done'; it.shared = true; }))"
    )
    page.goto("/may-nay")
    page.get_by_role("heading", name="Máy này chưa giữ phản ánh nào").wait_for()
    assert buoi.kept() == []


def test_a_reload_on_a_shared_phone_does_not_promise_that_the_code_is_kept(server, phone, pictures):
    buoi = phone()
    page = buoi.open()
    buoi.fill(photos=pictures(1))
    page.get_by_label(re.compile("Máy dùng chung")).check()
    buoi.context.route(re.compile("/hang-doi/tep/"), lambda route: route.abort())
    buoi.send()
    buoi.says("Đã gửi nội dung, còn 1 ảnh đang gửi")
    page.reload()
    page.locator("[data-code-note]", has_text="Máy dùng chung: mã chỉ hiện ở đây").wait_for()
    buoi.context.unroute(re.compile("/hang-doi/tep/"))
    buoi.until("hoidapQueue.reports().then(([row]) => hoidapQueue.again(row.id)).then(() => true)")
    page.evaluate("dispatchEvent(new Event('online'))")
    buoi.says(SENT, 30)
    buoi.until("hoidapQueue.reports().then((rows) => !rows.length)")
    page.reload()
    buoi.at("Chuyện gì đang xảy ra?")
    assert page.locator("[data-after]").is_hidden() and buoi.errors == []


def test_a_kept_code_opens_the_report_without_standing_in_an_address(server, phone):
    buoi = phone()
    buoi.open()
    buoi.fill()
    buoi.send()
    buoi.says(SENT, 30)
    code = buoi.code
    asked: list[str] = []
    buoi.page.on("request", lambda request: asked.append(request.url))
    buoi.page.goto("/may-nay")
    buoi.page.get_by_role("button", name="Xem phản ánh").click()
    buoi.page.wait_for_url("**/theo-doi/cua-toi")
    assert TEXT in buoi.page.locator("main").inner_text()
    assert not [url for url in asked if code in url or code.replace("-", "") in url]


@pytest.mark.parametrize(("secrecy", "keeps"), [("hide_name", False), ("open", True)])
def test_the_cameras_facts_travel_only_under_an_open_name(server, phone, pictures, secrecy, keeps):
    buoi = phone()
    buoi.open()
    buoi.fill(photos=pictures(1), upto="who")
    buoi.page.locator(f"[name=visibility][value={secrecy}]").check()
    buoi.next()
    buoi.page.get_by_label(re.compile("Tôi cam đoan")).check()
    sent: list[bytes] = []
    buoi.page.on(
        "request",
        lambda request: sent.append(request.post_data_buffer or b"") if request.method == "PATCH" else None,
    )
    buoi.send()
    buoi.says(SENT, 30)
    whole = b"".join(sent)
    assert whole[:2] == b"\xff\xd8"
    assert (b"CANARYCAM" in whole) == keeps
    with Image.open(io.BytesIO(whole)) as image:
        assert max(image.size) <= 2048


def test_the_status_line_never_says_sent_before_the_receipt(server, phone):
    buoi = phone()
    buoi.open()
    buoi.settled()
    buoi.offline()
    buoi.fill()
    buoi.send()
    buoi.says(SAVED)
    buoi.page.goto("/may-nay")
    line = buoi.page.locator("[data-queue]")
    line.get_by_text("Còn 1 phản ánh chưa gửi").wait_for()
    assert "Đã gửi" not in buoi.page.locator("main").inner_text()


def test_a_phone_that_keeps_nothing_loads_nothing_for_it(server, phone):
    buoi: Phone = phone()
    asked: list[str] = []
    buoi.page.on("request", lambda request: asked.append(request.url))
    buoi.page.goto("/")
    buoi.page.wait_for_load_state("networkidle")
    own = [url for url in asked if "queue.js" in url or "sender.js" in url or "status-line" in url]
    assert own == []
