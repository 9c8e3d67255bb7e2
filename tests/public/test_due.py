"""The calculator and the rules, as a stranger reads them."""

from __future__ import annotations

import pytest

from tests.browse import Browser


@pytest.fixture
def stranger(app):
    return Browser(app)


def ask(stranger, term="QN20:reception", day="2026-02-13", hour="16:30"):
    return stranger.go(f"/tinh-han?thoi-han={term}&ngay={day}&gio={hour}")


def test_a_term_is_counted_with_every_step_and_article(stranger):
    page = ask(stranger)
    assert page.sees("08:30 thứ Hai 23/02/2026", "QN20, Điều 6.2", "Tết Nguyên đán Bính Ngọ", "Điều 2.5")
    assert "Set-Cookie" not in page.response.headers


def test_a_date_that_rests_on_an_expected_day_says_so(stranger):
    assert ask(stranger, "QN20:handling", "2027-02-01", "08:00").sees("Hạn dự kiến", "dự kiến nghỉ")


def test_what_was_typed_stays_when_something_is_wrong(stranger):
    page = ask(stranger, day="13/02/2026", hour="25:00")
    assert page.sees("Xin chọn ngày bắt đầu", "Xin cho biết giờ bắt đầu")
    assert page.page.by_id["f-gio"].get("value") == "25:00"
    assert ask(stranger, "QN99:x").sees("Xin chọn một thời hạn trong danh sách")


def test_beyond_the_calendar_it_says_until_when_it_knows(stranger):
    for day in ("2031-01-01", "2027-12-31", "9999-12-31", "0001-01-01"):
        page = ask(stranger, "QN20:handling", day)
        assert page.sees("rơi ra ngoài lịch đã biết", "đến 31/12/2027")


def test_every_page_of_rules_opens_and_leads_to_its_terms_and_back(app, stranger):
    law = app.extensions["hoidap"].law
    stranger.go("/quy-che")
    assert stranger.sees("Vì sao áp dụng quy chế này?", law.applies[0].why)
    for id in law.regulations:
        stranger.go(f"/quy-che/{id}")
        assert stranger.sees("Các bước theo thứ tự")
        stranger.follow("Tính thử hạn này").press("Tính hạn")
        assert stranger.sees("Cách tính")
