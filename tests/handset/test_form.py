"""The form on a phone: one question a step, with Back, the keyboard, old names, the nearest communes, and its weight."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.handset.conftest import TEXT

WEIGHT = 60_000  # bytes over the wire for a first visit to the form


def test_the_form_weighs_little_over_the_wire(server, phone):
    buoi = phone(service_workers="block")
    tools = buoi.context.new_cdp_session(buoi.page)
    tools.send("Network.enable")
    came: list[float] = []
    tools.on("Network.loadingFinished", lambda event: came.append(event["encodedDataLength"]))
    buoi.open()
    buoi.page.wait_for_load_state("networkidle")
    print({"requests": len(came), "bytes": int(sum(came))})
    assert sum(came) <= WEIGHT


def test_an_empty_step_says_what_is_missing_and_goes_nowhere(server, phone):
    buoi = phone()
    page = buoi.open()
    buoi.next()
    assert "Xin kể chuyện gì đang xảy ra (QN20, Điều 5.2)." in page.locator("[data-faults]").inner_text()
    assert page.evaluate("() => document.activeElement.dataset.faults") == ""
    page.get_by_role("link", name=re.compile("Xin kể chuyện gì")).click()
    assert page.evaluate("() => document.activeElement.name") == "text"
    page.keyboard.type(TEXT)
    buoi.next()
    buoi.at("Ở đâu?")
    buoi.next()
    assert "Xin chọn xã/phường/đặc khu hoặc tả chỗ đó" in page.locator("[data-faults]").inner_text()


def test_the_phones_back_button_goes_one_step_back_and_loses_nothing(server, phone):
    buoi = phone()
    page = buoi.open()
    buoi.fill(upto="who")
    page.go_back()
    buoi.at("Thuộc lĩnh vực nào?")
    page.go_back()
    buoi.at("Khi nào?")
    page.get_by_role("button", name="Quay lại").click()
    buoi.at("Ở đâu?")
    assert page.locator("[name=place]").input_value() == "Trước cổng trường"
    page.go_forward()
    buoi.at("Khi nào?")


def test_the_answers_are_read_once_more_and_each_can_be_changed(server, phone, pictures):
    buoi = phone()
    page = buoi.open()
    buoi.fill(photos=pictures(2))
    answers = page.locator("[data-answers]").inner_text()
    for words in (TEXT, "2 ảnh", "Phường Tam Kỳ", "Giao thông", "0905 123 456", "Ẩn tên tôi"):
        assert words in answers
    page.get_by_role("button", name=re.compile("Sửa Khi nào")).click()
    buoi.at("Khi nào?")
    page.get_by_role("button", name="Hôm qua").click()
    assert page.locator("[name=happened]").input_value() < page.locator("[name=happened]").get_attribute(
        "max"
    )


def test_a_photo_can_be_left_out_again(server, phone, pictures):
    buoi = phone()
    page = buoi.open()
    buoi.choose(pictures(2))
    page.get_by_role("button", name="Bỏ ảnh 1").click()
    page.locator("[data-thumbs] li").nth(1).wait_for(state="detached")
    assert page.locator("[data-thumbs] li").count() == 1


def test_the_three_nearest_communes_are_offered_without_asking_anybody(server, phone):
    buoi = phone()
    page = buoi.open()
    buoi.settled()
    buoi.offline()
    buoi.fill(upto="where")
    page.get_by_role("button", name="Lấy vị trí hiện tại").click()
    near = page.locator("[data-nearest] label")
    near.nth(2).wait_for()
    assert near.count() == 3
    first = page.locator("[data-nearest] input").first
    assert first.is_checked()
    assert page.locator("[name=commune]").input_value() == first.get_attribute("value")
    near.nth(1).click()
    assert page.locator("[name=commune]").input_value() == page.locator("[data-nearest] input").nth(
        1
    ).get_attribute("value")


@pytest.mark.parametrize("typed", ["tam ky", "TAM KỲ"])
def test_a_commune_is_found_without_marks(server, phone, typed):
    buoi = phone()
    page = buoi.open()
    buoi.fill(upto="where")
    page.get_by_text("Tìm theo tên").click()
    page.locator("#f-find").fill(typed)
    page.locator("#f-find").press("Enter")
    assert page.locator("[name=commune] option:checked").inner_text() == "Phường Tam Kỳ"


def test_a_commune_is_found_by_a_name_it_had(server, phone):
    def with_an_old_name(route):
        answer = route.fetch()
        body = answer.text().replace(
            'value="20341" data-at', 'value="20341" data-former="thị xã Hà Đông" data-at'
        )
        route.fulfill(response=answer, body=body)

    buoi = phone(service_workers="block")
    buoi.page.route("**/gui", with_an_old_name)
    page = buoi.open()
    buoi.fill(upto="where")
    page.get_by_text("Tìm theo tên").click()
    page.locator("#f-find").fill("ha dong")
    assert "Phường Tam Kỳ" in page.locator("[data-hits]").inner_text()
    assert "trước đây: thị xã Hà Đông" in page.locator("[data-hits]").inner_text()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Cháy nhà ở chợ", "114"),
        ("co chay nha o cho", "114"),
        ("Xe tông, có người bị thương", "115"),
        ("Hai nhóm đang đánh nhau", "113"),
    ],
)
def test_a_text_that_smells_of_danger_is_answered_with_the_number(server, phone, text, number):
    buoi = phone()
    page = buoi.open()
    page.locator("[name=text]").fill(text)
    assert number in page.locator("[data-urgent]").inner_text()


def test_an_ordinary_text_raises_no_alarm(server, phone):
    buoi = phone()
    page = buoi.open()
    page.locator("[name=text]").fill("Nước chảy tràn ra đường, xe chạy khó")
    assert page.locator("[data-urgent]").is_hidden()


ZALO = (
    "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36 Zalo android/12345"
)


def test_inside_zalo_nothing_is_promised(server, phone):
    buoi = phone(user_agent=ZALO)
    page = buoi.open()
    assert "Đang mở trong Zalo" in page.locator("[data-inapp]").inner_text()
    assert page.get_by_role("link", name="Mở bằng Chrome").get_attribute("href").startswith("intent://")
    buoi.offline()
    buoi.fill()
    buoi.send()
    buoi.says("đừng đóng trang này trước khi gửi xong")
    assert "Đã lưu trong máy" not in page.locator("main").inner_text()


IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 15_0 like Mac OS X) AppleWebKit/605.1.15 Version/15.0 Mobile/15E148 Safari/604.1"


def test_the_way_to_the_home_screen_is_shown_only_when_nothing_waits(server, phone):
    buoi = phone(user_agent=IPHONE)
    page = buoi.open()
    buoi.settled()
    buoi.offline()
    buoi.fill()
    buoi.send()
    buoi.says("Đã lưu trong máy, chưa gửi")
    assert page.locator("[data-install]").is_hidden()
    buoi.offline(False)
    buoi.says("Đã gửi thành công", 30)
    page.get_by_text("Thêm vào MH chính").wait_for()


@pytest.mark.parametrize("path", ["form", "list"])
def test_steps_and_list_are_clean_for_axe(server, phone, path):
    buoi = phone()
    page = buoi.open()
    buoi.next()
    found = [Axe().run(page).response["violations"]]
    buoi.fill(upto="where")
    found.append(Axe().run(page).response["violations"])
    if path == "list":
        page.goto("/may-nay")
        page.get_by_role("button", name="Viết tiếp").wait_for()
        found.append(Axe().run(page).response["violations"])
    assert [row["id"] for rows in found for row in rows] == []


def test_the_manifest_carries_the_installations_name_and_its_pictures_exist(app, town):
    client = app.test_client()
    answer = client.get("/manifest.json")
    assert answer.mimetype == "application/manifest+json"
    assert answer.json["short_name"] == town.house.law.name
    for picture in answer.json["icons"]:
        assert client.get(picture["src"]).status_code == 200


def test_what_the_worker_keeps_exists_and_is_everything_that_pages_load(app):
    client = app.test_client()
    worker = client.get("/sw.js").text
    listed = set(re.findall(r'"((?:js|css|icons)/[\w/.-]+)"', worker))
    root = client.get("/may-nay").text.split("/static/")[1].split("/")[0]
    for name in listed:
        assert client.get(f"/static/{root}/{name}").status_code == 200, name
    from webapp.store.shipped import shipped

    static = shipped("static")
    needed = {str(path.relative_to(static)) for path in static.glob("js/**/*.js")}
    assert {name for name in needed if not name.startswith("js/map/")} <= listed
    assert not any(
        name.startswith(("js/map/", "map/", "vendor/")) for name in listed
    )  # words do without a network


def test_the_phones_copy_of_the_form_is_nobodys(app):
    answer = app.test_client().get("/gui?vo")
    assert "Set-Cookie" not in answer.headers and "csrf_token" not in answer.text
    assert 'name="secret" value=""' in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_what_is_squeezed_says_so_and_only_where_it_was_asked_for(app):
    client = app.test_client()
    plain, small = client.get("/gui"), client.get("/gui", headers={"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in plain.headers and small.headers["Content-Encoding"] == "gzip"
    assert len(small.data) < len(plain.data) / 2
    # What is the same for everybody holds no secret, whatever it repeats.
    assert client.get("/?q=den", headers={"Accept-Encoding": "gzip"}).headers["Content-Encoding"] == "gzip"
    # A page that echoes its request beside a token stays as it is.
    assert "Content-Encoding" not in client.get("/theo-doi", headers={"Accept-Encoding": "gzip"}).headers


def test_it_may_be_installed_under_its_own_name_with_pictures(server, chromium_app, phone):
    """Chromium finds no fault with it; only a profile that lasts is asked, the others are never installable."""
    page = chromium_app.new_page()
    page.goto(f"{server.url}/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    tools = chromium_app.new_cdp_session(page)
    assert tools.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
    told = page.evaluate("() => fetch('/manifest.json').then((answer) => answer.json())")
    assert told["short_name"] == "Quảng Nam" and told["lang"] == "vi" and told["id"] and told["scope"] == "/"
    assert [one["name"] for one in told["shortcuts"]][:2] == ["Gửi phản ánh", "Phản ánh của tôi"]
    assert {one["form_factor"] for one in told["screenshots"]} == {"narrow", "wide"}
    drawn = [
        one
        for rows in (told["icons"], told["screenshots"], *(s.get("icons", []) for s in told["shortcuts"]))
        for one in rows
    ]
    for one in drawn:
        size = page.evaluate(
            """async (address) => { const it = await createImageBitmap(await (await fetch(address)).blob());
          return `${it.width}x${it.height}`; }""",
            one["src"],
        )
        assert size == one["sizes"], one


@pytest.mark.parametrize("width", [320, 393, 1280])
def test_what_is_shown_of_the_place_is_asked_beside_the_name(server, phone, width):
    buoi = phone(viewport={"width": width, "height": 800})
    page = buoi.open()
    buoi.fill(upto="who")
    assert page.get_by_role("radio", name=re.compile("^Chỉ tên xã, phường")).is_checked()
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("radio", name=re.compile("^Đúng chỗ")).check()
    page.wait_for_timeout(300)
    page.reload()  # as it was written
    buoi.walking()
    assert page.get_by_role("radio", name=re.compile("^Đúng chỗ")).is_checked()
