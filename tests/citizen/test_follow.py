"""The secret code: a typo is named before anything is asked, and a stranger learns nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import event

from tests.browse import Browser
from webapp.app import create_app
from webapp.core import secret_code
from webapp.operations import citizens

WRONG = "Không có phản ánh nào mở bằng mã này."


def typed(browser: Browser, code: str, status: int = 200) -> Browser:
    return browser.go("/theo-doi").fill("Mã bí mật", code).press("Xem phản ánh", status)


def mistyped(code: str, place: int) -> str:
    symbols = secret_code.normalise(code)
    other = "7" if symbols[place] != "7" else "8"
    return symbols[:place] + other + symbols[place + 1 :]


@pytest.mark.parametrize("place", range(0, 25, 4))
def test_a_typo_names_its_group_and_asks_the_database_nothing(browser, town, place):
    code = mistyped(town.report().code, place)
    browser.go("/theo-doi").fill("Mã bí mật", code)
    asked = []
    engine = browser.client.application.extensions["hoidap"].store.engine
    event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    browser.press("Xem phản ánh", 422)
    assert browser.sees(f"Mã chưa đúng ở nhóm thứ {place // 5 + 1}.")
    assert asked == []
    assert browser.value("Mã bí mật") == code


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("", "Xin nhập mã bí mật"),
        ("7K2QF-M9XD3-0BTR", "Nhóm thứ 3"),
        ("7K2QF-M9XD3-0BTRW-5HJVA", "Nhóm thứ 5"),
        ("7K2QF-M9XD!-0BTRW-5HJVA-1N8PC", "Nhóm thứ 2 có ký tự lạ"),
    ],
)
def test_what_cannot_be_a_code(browser, code, says):
    assert typed(browser, code, 422).sees(says)


def test_a_public_number_is_told_from_a_code_and_leads_only_where_everybody_may_go(browser, town):
    public, unseen = town.to_published().number, town.report().number
    assert typed(browser, f" {public.lower()} ", 422).sees("Đây là mã phản ánh, không phải mã bí mật.")
    assert browser.follow("Xem trang công khai của phản ánh này").url == f"/pa/{public}"
    pages = {typed(browser.go("/theo-doi"), no, 422).words.replace(no, "") for no in (unseen, "QN-222222")}
    assert len(pages) == 1 and "Xem trang công khai của phản ánh này" not in pages.pop()


def test_every_unknown_code_gets_the_same_answer(browser, town):
    town.report()
    unknown = [secret_code.encode(bytes([n] * 16)) for n in (1, 7, 200)]
    pages = {typed(browser, code, 422).words.replace(code, "") for code in unknown}
    assert len(pages) == 1 and WRONG in pages.pop()


@pytest.mark.parametrize("written", [str.lower, lambda c: c.replace("-", " "), lambda c: c.replace("-", "")])
def test_a_right_code_opens_however_it_is_written(browser, town, written):
    typed(browser, written(town.report().code))
    assert browser.url == "/theo-doi/cua-toi" and browser.hops == [303, 200]


def test_quen_ma(browser):
    assert browser.go("/theo-doi").sees("Quên mã bí mật", "1022", "máy chủ cũng không đọc lại được")


def test_without_a_session_one_is_asked_for_the_code(browser):
    browser.go("/theo-doi/cua-toi")
    assert browser.url == "/theo-doi"


def test_a_session_ends_after_its_hours_and_says_so(open_mine, town):
    browser = open_mine(town.report().code)
    town.clock.forward(hours=citizens.SESSION_HOURS)
    browser.go("/theo-doi/cua-toi")
    assert browser.url == "/theo-doi" and browser.sees("đã đóng vì quá 12 giờ")


def test_closing_ends_the_session_on_the_server_too(open_mine, town, app):
    browser = open_mine(town.report().code)
    token = browser.client.get_cookie("citizen").value
    browser.press("Đóng trang này")
    assert browser.url == "/theo-doi" and browser.sees("Đã đóng")
    thief = Browser(app)
    thief.client.set_cookie("citizen", token)
    assert thief.go("/theo-doi/cua-toi").url == "/theo-doi"


def test_an_open_report_is_one_link_away(open_mine, town):
    assert open_mine(town.report().code).go("/theo-doi").has_link("Xem phản ánh của tôi")


def test_another_code_replaces_the_open_report(open_mine, town):
    first, second = town.report(), town.report(text="Rác ùn đống cạnh chợ.")
    browser = open_mine(first.code)
    typed(browser, second.code)
    assert browser.sees("Rác ùn đống cạnh chợ", second.number) and not browser.sees(first.number)


def test_the_cookie_is_bound_to_the_host_where_cookies_are_secure(town):
    app = create_app(replace(town.house.config, secure_cookies=True), town.clock)
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    answer = client.post("/theo-doi", data={"code": town.report().code}, base_url="https://localhost")
    cookie = next(v for k, v in answer.headers if k == "Set-Cookie" and "citizen=" in v)
    assert cookie.startswith("__Host-citizen=") and "Domain" not in cookie
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}
