"""The scripts of this door in a real browser: they add comfort, and say what the server says."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from webapp.core import secret_code
from webapp.operations import people


@pytest.fixture
def page(app, chromium: Browser) -> Iterator[Page]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    place = {"latitude": 15.5736, "longitude": 108.474, "accuracy": 12.0}
    context = chromium.new_context(
        base_url=f"http://127.0.0.1:{server.port}", geolocation=place, permissions=["geolocation"]
    )
    yield context.new_page()
    context.close()
    server.shutdown()


def codes() -> list[str]:
    """Right codes, and codes with one or two wrong, strange, missing or doubled symbols."""
    dice = random.Random(20)
    made = []
    for _ in range(400):
        code = list(secret_code.encode(dice.randbytes(16)))
        for _ in range(dice.randrange(3)):
            place = dice.randrange(len(code))
            code[place] = dice.choice([dice.choice(secret_code.ALPHABET), "!", "", "o", " ", "\u2013", "AA"])
        made.append("".join(code))
    return [*made, "", " ", "7K2QF", "7k2qf m9xd3 0btrw 5hjva 1n8pc 1n8pc"]


def test_the_browser_judges_codes_as_the_server_does(page):
    page.goto("/theo-doi")
    folder = page.locator("script[type=module]").get_attribute("src").rsplit("/", 1)[0]
    judged = page.evaluate(
        "async ([folder, codes]) => { const m = await import(`${folder}/code-check.js`);"
        " return codes.map((code) => { const bad = m.check(code); return bad ? [bad.group] : null; }); }",
        [folder, codes()],
    )
    for code, group in zip(codes(), judged, strict=True):
        checked = secret_code.check(code)
        wanted = [checked.group] if isinstance(checked, secret_code.Bad) else None
        assert group == wanted, code


def test_the_browser_finds_a_number_too_short_as_the_server_does(page):
    page.goto("/theo-doi")
    folder = page.locator("script[type=module]").get_attribute("src").rsplit("/", 1)[0]
    numbers = ["0905 123", "12", "090512345", "+84 9051234", "0235 123456", "0905.123.456", "84905123456",
               "+84 905 123 456", "0235 3852 123", "1800 1234", "1900 561 234", "0905 123 4567", "0512345678",
               "+1 415 555 2671", "001 415 555 2671", "gọi tôi"]  # fmt: skip
    judged = page.evaluate(
        "async ([folder, all]) => { const m = await import(`${folder}/report/check.js`);"
        " return all.map(m.tooShort); }",
        [folder, numbers],
    )
    assert judged == [people.phone_fault(text) == "phone_short" for text in numbers]


def test_a_typo_is_named_before_any_request(page, town):
    code = town.report().code
    page.goto("/theo-doi")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.method))
    page.fill("#f-code", code[:12] + ("7" if code[12] != "7" else "8") + code[13:])
    page.click("main button")
    assert page.inner_text("#e-code") == "Mã chưa đúng ở nhóm thứ 3."
    assert "POST" not in asked
    page.fill("#f-code", code)
    page.click("main button")
    page.wait_for_url("**/theo-doi/cua-toi")


def test_the_position_goes_into_the_form(page):
    page.goto("/gui?mot-trang")
    page.click("[data-geolocate]")
    page.wait_for_function("document.getElementById('f-lat').value")
    assert [page.input_value(f"#f-{name}") for name in ("lat", "lon", "accuracy")] == [
        "15.573600",
        "108.474000",
        "12",
    ]
    assert page.inner_text("#geo-status") == "Đã lấy vị trí, sai số khoảng 12 m."


def test_a_position_outside_the_province_is_said_to_be_outside(page):
    page.goto("/gui?mot-trang")
    page.context.set_geolocation({"latitude": 21.0285, "longitude": 105.8542, "accuracy": 9})
    page.click("[data-geolocate]")
    page.locator("#geo-status", has_text="nằm ngoài").wait_for()
    assert page.input_value("#f-lat") == "21.028500"


def test_what_stands_in_another_form_outlives_the_sending_of_one(page, town):
    page.goto("/theo-doi")
    page.fill("#f-code", town.to_published().code)
    page.click("main button")
    page.wait_for_url("**/theo-doi/cua-toi")
    page.get_by_text("Hỏi thêm về kết quả").first.click()
    page.fill("[name=question]", "Bao giờ lát lại gạch?")
    page.locator("[name=rating]").first.check()
    page.click("#danh-gia button")
    page.get_by_text("Ông/Bà đã chọn:").first.wait_for()
    page.locator("[name=question]").wait_for()
    assert page.input_value("[name=question]") == "Bao giờ lát lại gạch?"
    assert page.evaluate("Object.keys(sessionStorage).length") == 0
    page.fill("[name=question]", "Đóng thì không giữ gì.")
    page.click("text=Đóng trang này")
    page.wait_for_url("**/theo-doi")
    assert page.evaluate("Object.keys(sessionStorage).length") == 0


def test_a_second_press_sends_nothing(page):
    page.goto("/gui?mot-trang")
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    page.wait_for_function("document.querySelector('[data-submit-once]')")
    page.evaluate("const f = document.querySelector('main form'); f.requestSubmit(); f.requestSubmit();")
    page.wait_for_selector(".errors")
    assert len(posts) == 1


def test_what_was_said_of_a_field_goes_when_the_field_is_right(page: Page):
    page.goto("/gui")
    page.locator("form.walk").wait_for()
    onward = page.get_by_role("button", name="Tiếp tục")
    onward.click()
    faults, text = page.locator("[data-faults]"), page.locator("[name=text]")
    assert faults.is_visible() and text.get_attribute("aria-invalid") == "true"
    text.fill(" ")
    assert faults.is_visible(), "it is still empty"
    text.fill("Nắp cống vỡ trước cổng trường")
    assert not faults.is_visible() and text.get_attribute("aria-invalid") is None
    assert page.locator(".err").count() == 0 and page.locator(".bad").count() == 0
    assert "e-text" not in (text.get_attribute("aria-describedby") or "")
    onward.click()
    onward.click()
    assert "chọn xã/phường/đặc khu hoặc tả chỗ đó" in faults.inner_text()
    page.locator("[name=place]").fill("Trước cổng trường")
    assert not faults.is_visible() and page.locator(".err").count() == 0


def test_of_two_faults_the_one_that_is_left_stays(page: Page):
    page.goto("/gui")
    page.locator("form.walk").wait_for()
    faults = page.locator("[data-faults]")
    page.evaluate("""async () => {
      const { show } = await import(document.querySelector("script[src*=app]").src.replace("app.js", "report/check.js"));
      const form = document.querySelector("form.walk");
      const say = (word) => word;
      const of = (name) => ({ field: form.elements[name], text: name });
      show(form, form.querySelector("[data-faults]"), [of("reporter_name"), of("phone")], say);
    }""")
    page.evaluate("""() => {
      const field = document.querySelector("[name=reporter_name]");
      field.value = "Bưởi";
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }""")
    assert faults.locator("li").all_text_contents() == ["phone"]
    assert page.locator("[name=phone]").get_attribute("aria-invalid") == "true"
