"""The map of the form: fetched only when opened, a pin by touch, by buttons and by keys, and words without it."""

from __future__ import annotations

import json
import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.handset.conftest import SCREENS, TEXT

MORE = 75_000  # bytes over the wire when the map is opened, headers included
SEA = ["Biển Đông", "Quần đảo Hoàng Sa (TP. Đà Nẵng)", "Quần đảo Trường Sa (tỉnh Khánh Hòa)"]


def open_map(buoi):
    page = buoi.open()
    buoi.fill(upto="where")
    page.get_by_role("button", name="Mở bản đồ").click()
    page.locator(".map canvas").wait_for()
    return page


def at(page):
    lat, lon = (page.locator(f"[name={name}]").input_value() for name in ("lat", "lon"))
    return (float(lat), float(lon)) if lat else None


def tap(page, x=180, y=200):
    page.locator(".map-canvas").tap(position={"x": x, "y": y})
    page.locator(".map-pin").wait_for()


def status(page):
    return page.locator("#geo-status").inner_text()


def test_the_map_comes_only_when_it_is_opened_and_weighs_little(server, phone):
    buoi = phone(service_workers="block")
    tools = buoi.context.new_cdp_session(buoi.page)
    tools.send("Network.enable")
    came: list[float] = []
    tools.on("Network.loadingFinished", lambda event: came.append(event["encodedDataLength"]))
    page = buoi.open()
    buoi.fill(upto="where")
    page.wait_for_load_state("networkidle")
    before = sum(came)
    assert not page.evaluate(
        "performance.getEntriesByType('resource').some((one) => /map|vendor/.test(one.name))"
    )
    page.get_by_role("button", name="Mở bản đồ").click()
    page.locator(".map canvas").wait_for()
    page.wait_for_load_state("networkidle")
    print({"before": int(before), "map": int(sum(came) - before)})
    assert sum(came) - before <= MORE


def test_a_tap_sets_the_pin_and_the_communes_near_it_are_offered(server, phone):
    buoi = phone()
    page = open_map(buoi)
    assert at(page) is None
    tap(page)
    lat, lon = at(page)
    assert 14.5 < lat < 16.5 and 107 < lon < 109
    page.locator("[data-nearest] label").nth(2).wait_for()
    assert page.locator("[name=commune]").input_value()
    assert re.search(r"Ghim ở 1\d,\d{5}; 10\d,\d{5}, cách trung tâm (Xã|Phường) .+ \d+,\d km", status(page))
    assert int(page.locator("[name=accuracy]").input_value()) > 100  # a finger on a map of a whole province
    assert buoi.errors == []


@pytest.mark.parametrize(
    ("name", "axis", "sign"), [("Bắc", 0, 1), ("Nam", 0, -1), ("Tây", 1, -1), ("Đông", 1, 1)]
)
def test_buttons_move_the_pin_by_ten_metres(server, phone, name, axis, sign):
    page = open_map(phone())
    tap(page)
    before = at(page)
    button = page.get_by_role("button", name=f"{name} 10 m")
    box = button.bounding_box()
    assert box["width"] >= 44 and box["height"] >= 44
    button.tap()
    after = at(page)
    metres = (after[axis] - before[axis]) * 111_320 * (0.963 if axis else 1)
    assert metres == pytest.approx(sign * 10, abs=0.5)
    assert after[1 - axis] == pytest.approx(before[1 - axis], abs=2e-6)
    assert "Đã dời 10 m" in status(page)


def test_keys_alone_set_and_move_the_pin(server, phone):
    page = open_map(phone())
    assert page.evaluate("document.activeElement.classList.contains('map-canvas')")
    page.keyboard.press("Enter")
    before = at(page)
    page.keyboard.press("ArrowUp")
    assert at(page)[0] > before[0]
    page.keyboard.press("ArrowRight")
    assert at(page)[1] > before[1]
    scale = page.locator(".leaflet-control-scale-line").inner_text()
    for _ in range(4):
        page.keyboard.press("+")
    assert page.locator(".leaflet-control-scale-line").inner_text() != scale
    near = at(page)
    page.keyboard.press("ArrowDown")
    assert 0 < near[0] - at(page)[0] < 0.02  # smaller steps on a closer map
    assert "về phía nam" in status(page)


def test_a_pin_is_dragged_and_taken_away_again(server, phone):
    page = open_map(phone(has_touch=False, is_mobile=False))
    page.locator(".map-canvas").click(position={"x": 180, "y": 200})
    before = at(page)
    box = page.locator(".map-pin").bounding_box()
    page.mouse.move(box["x"] + 22, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 62, box["y"] + 60, steps=5)
    page.mouse.up()
    assert at(page) != before
    page.get_by_role("button", name="Bỏ ghim").click()
    assert at(page) is None and page.locator(".map-pin").count() == 0
    assert page.locator("[data-nearest]").is_hidden()


def test_the_phones_own_position_is_where_the_pin_begins(server, phone):
    page = open_map(phone())
    page.get_by_role("button", name="Lấy vị trí hiện tại").click()
    page.locator(".map-pin").wait_for()
    assert at(page) == (15.5736, 108.474)
    page.get_by_role("button", name="Bắc 10 m").click()
    assert page.locator("[name=accuracy]").input_value() == "12"  # nudged: as exact as the phone said


def test_the_pin_is_kept_with_the_draft_and_sent(server, phone):
    buoi = phone()
    page = open_map(buoi)
    tap(page)
    there = at(page)
    page.wait_for_timeout(300)
    page.reload()
    buoi.walking()
    assert at(page) == there
    page.get_by_role("button", name="Mở bản đồ").click()
    page.locator(".map-pin").wait_for()


def test_without_a_network_words_are_enough(server, phone):
    buoi = phone()
    page = buoi.open()
    buoi.settled()
    buoi.offline()
    buoi.fill(TEXT, upto="where")
    page.get_by_role("button", name="Mở bản đồ").click()
    page.get_by_text("Chưa mở được bản đồ. Chọn xã/phường/đặc khu hoặc tả chỗ đó cũng đủ.").wait_for()
    page.locator("[name=place]").fill("Trước cổng trường")
    buoi.next()
    buoi.at("Khi nào?")


def test_the_one_page_form_has_the_map_too(server, phone):
    page = phone().page
    page.goto("/gui?mot-trang")
    page.get_by_role("button", name="Mở bản đồ").click()
    page.locator(".map canvas").wait_for()
    tap(page)
    assert at(page)


def test_the_sea_and_both_archipelagos_are_named_above_everything(server, phone):
    page = open_map(phone())
    page.get_by_role("button", name="Cả nước").click()
    view = page.locator(".map-canvas").bounding_box()
    for name in SEA:
        label = page.locator(".map-sovereign span", has_text=name.split(" (")[0])
        assert " ".join(label.inner_text().split()) == name
        box = label.bounding_box()
        assert box["x"] >= view["x"] and box["x"] + box["width"] <= view["x"] + view["width"], name
        assert box["y"] >= view["y"] and box["y"] + box["height"] <= view["y"] + view["height"], name
    layer = "(name) => Number(getComputedStyle(document.querySelector(name)).zIndex)"
    above = page.evaluate(layer, ".map-sovereign")
    assert all(
        above > page.evaluate(layer, f".leaflet-{pane}-pane")
        for pane in ("tile", "overlay", "marker", "tooltip")
    )


@pytest.mark.parametrize("width", SCREENS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_open_map_is_clean_for_axe_and_for_the_policy(server, phone, width, scheme):
    buoi = phone(viewport={"width": width, "height": 800}, color_scheme=scheme)
    said: list[str] = []
    asked: list[str] = []
    buoi.page.on("console", lambda message: said.append(message.text))
    buoi.page.on("request", lambda request: asked.append(request.url))
    page = open_map(buoi)
    tap(page, 150, 150)
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found] == []
    assert not [text for text in said if "Content Security Policy" in text]
    assert all(url.startswith((server.url, "blob:")) for url in asked)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert json.dumps(buoi.errors) == "[]"
