"""The public list on a map: opened beside the list, with its filters and its place in the address."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.handset.conftest import SCREENS
from tests.public.test_place import published


@pytest.fixture
def seen(server, phone):
    """Two communes with cases, and the home page on a phone."""
    for _ in range(3):
        server.town.to_published()
    server.town.to_agency()
    buoi = phone(service_workers="block")
    buoi.page.goto("/")
    return buoi


def show(page):
    page.get_by_role("button", name="Xem trên bản đồ").click()
    page.locator(".map-mark").first.wait_for()


def test_a_mark_tells_its_numbers_by_words_and_leads_to_a_case(seen):
    page = seen.page
    show(page)
    mark = page.get_by_role("button", name=re.compile("^Phường Tam Kỳ: 4 phản ánh, .*3 trả lời đúng hạn"))
    assert "4" in mark.inner_text()
    mark.tap()
    page.locator(".map-newest a").first.wait_for()
    assert "Đã trả lời, đúng hạn" in page.locator(".map-card").inner_text()
    page.locator(".map-newest a").first.tap()
    page.wait_for_url("**/pa/*")
    page.go_back()
    page.locator(".map-card").wait_for()  # the same place, with the same box open
    assert "#ban-do=" in page.url
    assert seen.errors == []


def test_keys_alone_reach_a_case(seen):
    page = seen.page
    show(page)
    page.get_by_role("button", name=re.compile("Phường Tam Kỳ")).focus()
    page.keyboard.press("Enter")
    page.locator(".map-newest a").first.wait_for()
    assert page.evaluate("document.activeElement.textContent") == "Phường Tam Kỳ"
    page.keyboard.press("Tab")  # the whole list
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/pa/*")


def test_the_filters_of_the_list_are_those_of_the_map(seen):
    page = seen.page
    page.goto("/?han=answered#phan-anh")
    show(page)
    page.get_by_role("button", name=re.compile("Phường Tam Kỳ: 3 phản ánh")).tap()
    page.get_by_role("link", name="Xem cả 3 trong danh sách").tap()
    page.wait_for_url(re.compile(r"\?han=answered&noi=20341#phan-anh"))
    assert "3 phản ánh" in page.locator("#cases-h ~ .row").inner_text()


def test_the_place_one_looks_at_stands_in_the_address(seen):
    page = seen.page
    show(page)
    page.get_by_role("button", name="Cả nước").tap()
    page.wait_for_function("() => /,4(\\.\\d+)?$|,5$/.test(location.hash)")
    wide = page.url
    page.goto("about:blank")
    page.goto(wide)
    page.locator(".map-mark").first.wait_for()
    assert page.url == wide
    assert page.locator("form[role=search]").get_attribute("action").endswith(wide.split("#")[1])
    page.get_by_role("button", name="Đóng bản đồ").tap()
    page.wait_for_url(lambda url: "#" not in url)


def test_new_filters_keep_the_map_open(seen):
    page = seen.page
    show(page)
    page.get_by_label(re.compile("Tìm theo nội dung")).fill("cống")
    page.get_by_role("button", name="Tìm", exact=True).tap()
    page.wait_for_url(re.compile(r"q=c%E1%BB%91ng.*#ban-do"))
    page.locator(".map-mark").first.wait_for()


def test_when_the_map_cannot_come_the_list_is_there(seen):
    page = seen.page
    page.route("**/ban-do/**", lambda route: route.abort())
    page.get_by_role("button", name="Xem trên bản đồ").tap()
    page.get_by_text("Chưa mở được bản đồ. Danh sách bên dưới có đủ").wait_for()


@pytest.mark.parametrize("width", SCREENS)
def test_the_open_map_is_clean_for_axe_and_for_the_policy(server, phone, width):
    for _ in range(2):
        server.town.to_published()
    buoi = phone(viewport={"width": width, "height": 800}, service_workers="block")
    said: list[str] = []
    asked: list[str] = []
    page = buoi.page
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/")
    show(page)
    page.locator(".map-spot").first.tap()
    page.locator(".map-newest a").first.wait_for()
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found] == []
    assert not [text for text in said if "Content Security Policy" in text]
    assert all(url.startswith(server.url) for url in asked)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert buoi.errors == []


# Pins, where the exact place was published


@pytest.fixture
def pinned(server, phone):
    """A case whose place is public beside one of which only the commune is."""
    receipt = published(server.town)
    server.town.to_published()
    buoi = phone(service_workers="block")
    return buoi, receipt


def test_the_case_leads_to_its_pin_and_the_pin_back_by_keys(pinned):
    buoi, receipt = pinned
    page = buoi.page
    page.goto(f"/pa/{receipt.number}")
    page.get_by_role("link", name="Xem chỗ này trên bản đồ").click()
    page.locator(".map-card").wait_for()
    assert page.evaluate("document.activeElement.textContent") == "1 phản ánh ở chỗ này"
    assert page.locator(".map-dot").count() == 1
    page.keyboard.press("Escape")
    page.locator(".map-card").wait_for(state="detached")
    page.get_by_role("button", name="Nắp cống vỡ, trả lời đúng hạn").focus()
    page.keyboard.press("Enter")
    page.locator(".map-card").wait_for()
    assert page.evaluate("document.activeElement.textContent") == "1 phản ánh ở chỗ này"
    assert receipt.number in page.url
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/pa/{receipt.number}")
    assert buoi.errors == []


def test_from_afar_there_are_marks_and_from_close_by_pins(pinned):
    page = pinned[0].page
    page.goto("/#ban-do=15.5714,108.4798,11")
    page.locator(".map-mark").first.wait_for()
    assert page.locator(".map-dot").count() == 0
    for _ in range(2):
        page.get_by_role("button", name="Phóng to").click()
        page.wait_for_timeout(400)
    page.locator(".map-dot").wait_for()


@pytest.mark.parametrize("width", SCREENS)
def test_pins_and_their_page_are_clean_for_axe(server, phone, width):
    receipt = published(server.town)
    page = phone(viewport={"width": width, "height": 800}, service_workers="block").page
    for url in (f"/pa/{receipt.number}", f"/#ban-do=15.5714,108.4798,16,{receipt.number}"):
        page.goto("about:blank")
        page.goto(url)
        if "#" in url:
            page.locator(".map-card").wait_for()
        found = Axe().run(page).response["violations"]
        assert [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
