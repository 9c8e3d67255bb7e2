"""On a phone: what others reported around here is shown, one press joins it, and nothing asks for a press."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

SORTED = {"category": "giao-thong", "area": "20341"}


@pytest.fixture
def number(server) -> str:
    """A neighbour's report that everybody may see."""
    receipt = server.town.report()
    server.town.do(receipt.case_id, "receive", "hoa", tokens=SORTED)
    return receipt.number


def at_the_category(buoi):
    page = buoi.page
    page.locator("[name=text]").fill("Nắp cống vỡ")
    buoi.next()
    buoi.at("Ở đâu?")
    page.locator("[name=commune]").select_option(label="Phường Tam Kỳ")
    buoi.next()
    buoi.at("Khi nào?")
    buoi.next()
    buoi.at("Thuộc lĩnh vực nào?")
    page.get_by_role("radio", name=re.compile("Giao thông")).check()


def to_the_end(buoi):
    page = buoi.page
    buoi.next()
    buoi.at("Ông/Bà là ai?")
    page.locator("[name=reporter_name]").fill("Lê Văn Mít")
    page.locator("[name=phone]").fill("0905 000 111")
    buoi.next()
    buoi.at("Cam đoan và gửi")
    page.get_by_label(re.compile("Tôi cam đoan")).check()
    buoi.send()


def test_one_press_joins_and_gives_a_code_of_its_own(server, phone, number):
    buoi = phone()
    page = buoi.open()
    at_the_category(buoi)
    page.get_by_role("heading", name="Gần đây đã có người phản ánh").wait_for()
    press = page.get_by_role("button", name=f"Tôi cũng gặp {number}")
    page.get_by_text("Chưa công khai nội dung (1)").click()
    assert page.get_by_text("Không chắc là cùng một việc thì Ông/Bà cứ gửi riêng.").is_visible()
    press.wait_for()
    buoi.until("document.querySelector('[data-near] button')?.offsetHeight >= 44")
    press.click()
    assert number in page.locator("[data-near] [role=status]").inner_text()
    assert not Axe().run(page).response["violations"]
    to_the_end(buoi)
    buoi.says("Đã gửi thành công")
    assert page.locator("[data-number] .number").inner_text() == number
    page.locator("[data-met]", has_text="cùng gặp").wait_for()
    assert len(buoi.code) >= 24
    assert buoi.errors == []


def test_nothing_unreadable_is_offered_before_a_category_is_chosen(server, phone, number):
    buoi = phone()
    page = buoi.open()
    page.locator("[name=text]").fill("Nắp cống vỡ")
    buoi.next()
    page.locator("[name=commune]").select_option(label="Phường Tam Kỳ")
    buoi.next()
    buoi.at("Khi nào?")
    with page.expect_response(re.compile("/gan-day")) as told:
        buoi.next()
    assert told.value.json()["cases"] == []
    page.wait_for_timeout(300)
    assert page.locator("[data-near]").is_hidden()


def test_going_on_without_a_press_is_a_report_of_its_own(server, phone, number):
    buoi = phone()
    page = buoi.open()
    at_the_category(buoi)
    page.get_by_role("heading", name="Gần đây đã có người phản ánh").wait_for()
    to_the_end(buoi)
    buoi.says("Đã gửi thành công")
    assert page.locator("[data-number] .number").inner_text() != number


def test_a_code_shown_on_a_page_is_kept_on_this_phone_when_asked_for(server, phone, number):
    buoi = phone()
    page = buoi.open(f"/pa/{number}")
    page.get_by_role("link", name="Tôi cũng gặp").first.click()
    page.locator("[name=reporter_name]").fill("Lê Văn Mít")
    page.locator("[name=phone]").fill("0905 000 111")
    page.get_by_label(re.compile("Tôi cam đoan")).check()
    page.get_by_role("button", name="Gửi").last.click()
    page.get_by_text("Việc này đã có người báo trước").wait_for()
    page.get_by_role("button", name="Giữ mã trên máy này").click()
    page.get_by_text("Đã giữ, xem ở").click()  # a second press keeps nothing twice
    code = page.locator("[data-keep]").get_attribute("data-keep")
    page.goto("/theo-doi")
    page.get_by_role("link", name="Xem ở “Phản ánh trên máy này”").click()
    page.locator("[data-here] .code.long", has_text=code).wait_for()
    assert page.locator("[data-here] li").count() == 1
    page.get_by_role("button", name="Xem phản ánh").click()
    page.get_by_text("cùng gặp").first.wait_for()
    assert buoi.errors == []


def test_without_a_network_nothing_is_shown_and_the_report_goes_on(server, phone, number):
    buoi = phone()
    page = buoi.open()
    buoi.settled()
    buoi.offline()
    at_the_category(buoi)
    page.wait_for_timeout(500)
    assert page.locator("[data-near]").is_hidden()
    to_the_end(buoi)
    buoi.says("Đã lưu trong máy, chưa gửi")
    assert buoi.errors == []


def joined(buoi, number) -> None:
    buoi.page.get_by_text("Chưa công khai nội dung (1)").click()
    buoi.page.get_by_role("button", name=f"Tôi cũng gặp {number}").click()
    buoi.page.locator("[data-near]").get_by_text(f"cùng gặp việc của phản ánh {number}").wait_for()


def other_category(buoi) -> None:
    buoi.page.get_by_role("radio", name=re.compile("Môi trường")).check()


def other_commune(buoi) -> None:
    for question in ("Khi nào?", "Ở đâu?"):
        buoi.page.go_back()
        buoi.at(question)
    buoi.page.locator("[name=commune]").select_option(index=3)
    buoi.next()
    buoi.next()


@pytest.mark.parametrize("other", [other_category, other_commune])
@pytest.mark.parametrize("again", [False, True], ids=["at once", "after a reload"])
def test_what_was_joined_for_another_place_or_category_is_joined_no_more(server, phone, number, other, again):
    buoi = phone()
    page = buoi.open()
    at_the_category(buoi)
    joined(buoi, number)
    if again:
        buoi.until(f"hoidapQueue.reports().then(([row]) => row.fields.joins === '{number}')")
        page.reload()
        buoi.walking()
        buoi.at("Thuộc lĩnh vực nào?")
    other(buoi)
    assert page.locator("[name=joins]").input_value() == ""
    page.locator("[data-near]").get_by_text("Sẽ ghi Ông/Bà cùng gặp").wait_for(state="hidden")
    to_the_end(buoi)
    buoi.says("Đã gửi thành công")
    assert page.locator("[data-number] .number").inner_text() != number


def test_what_was_joined_is_seen_without_a_network_and_among_the_answers(server, phone, number):
    buoi = phone()
    page = buoi.open()
    buoi.settled()
    at_the_category(buoi)
    joined(buoi, number)
    buoi.until(f"hoidapQueue.reports().then(([row]) => row.fields.joins === '{number}')")
    buoi.offline()
    page.reload()
    buoi.walking()
    buoi.at("Thuộc lĩnh vực nào?")
    undo = page.locator("[data-near]").get_by_role("button", name="Thôi, gửi riêng")
    undo.wait_for()
    assert number in page.locator("[data-near] [role=status]").inner_text()
    buoi.next()
    page.locator("[name=reporter_name]").fill("Lê Văn Mít")
    page.locator("[name=phone]").fill("0905 000 111")
    buoi.next()
    page.locator("[data-answers]", has_text=f"cùng gặp việc của phản ánh {number}").wait_for()
    page.get_by_role("button", name="Sửa Thuộc lĩnh vực nào?").click()
    undo.click()
    page.locator("[data-near]").get_by_text(number).wait_for(state="hidden")
    assert page.locator("[name=joins]").input_value() == ""
    assert buoi.errors == []


def test_the_button_of_a_case_without_a_network_begins_a_draft_of_its_own(server, phone, number):
    buoi = phone()
    page = buoi.open()
    buoi.settled()
    buoi.fill("Bản nháp cũ", upto="where")
    buoi.offline()
    buoi.open(f"/gui?cung={number}")
    assert page.locator("[name=text]").input_value() == ""
    assert page.locator("[name=joins]").input_value() == number
    page.locator("[name=text]").fill("Tôi cũng gặp")
    buoi.until("hoidapQueue.reports().then((rows) => rows.length === 2)")
    page.reload()
    buoi.walking()
    assert page.locator("[name=text]").input_value() == "Tôi cũng gặp"
    at_the_category(buoi)
    page.locator("[data-near]").get_by_text(f"cùng gặp việc của phản ánh {number}").wait_for()
    to_the_end(buoi)
    buoi.says("Đã lưu trong máy, chưa gửi")
    buoi.offline(False)
    buoi.says("Đã gửi thành công", 30)
    assert page.locator("[data-number] .number").inner_text() == number
    page.goto("/may-nay")
    page.locator("li", has_text="Bản nháp cũ").get_by_role("button", name="Viết tiếp").click()
    buoi.walking()
    buoi.at("Ở đâu?")
    assert page.locator("[name=text]").input_value() == "Bản nháp cũ"
    assert buoi.errors == []
