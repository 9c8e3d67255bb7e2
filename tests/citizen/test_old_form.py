"""A form left open too long comes back as it was typed, with a token that holds."""

from __future__ import annotations

import time

import pytest
import time_machine
from sqlalchemy import select

from tests.browse import Browser
from tests.cast import MANHOLE, photo
from tests.citizen.conftest import SEND, fill
from webapp.store import models

LATER = "Những gì đã viết vẫn còn"


@pytest.fixture
def two_days_later():
    """Tokens go by the machine's own clock."""
    return lambda: time_machine.travel(time.time() + 2 * 24 * 3600, tick=True)


def test_nothing_typed_is_lost_and_one_more_press_sends_it(app, two_days_later):
    browser = Browser(app)
    secret = fill(browser.go("/gui")).hidden("secret")
    with two_days_later():
        browser.press(SEND, 400)
        assert browser.sees(LATER) and browser.value("Kể ngắn gọn") == MANHOLE
        assert browser.value("Số điện thoại") == "0905 123 456" and browser.hidden("secret") == secret
        assert browser.press(SEND).heading == "Đã gửi thành công"


def test_photos_are_kept_too_where_the_token_was_this_browsers_own(app, town, two_days_later):
    browser = fill(Browser(app).go("/gui")).attach("Chụp ảnh", photo(), name="mot.jpg")
    with two_days_later():
        browser.press(SEND, 400)
        assert browser.sees("mot.jpg") and not browser.sees("xin chọn lại")
        browser.press(SEND)
    with town.house.store.reader() as session:
        assert len(session.scalars(select(models.Photo)).all()) == 1


def test_a_browser_that_was_closed_in_between_gets_a_new_secret_and_chooses_photos_again(app, town):
    browser = fill(Browser(app).go("/gui")).attach("Chụp ảnh", photo(), name="mot.jpg")
    secret = browser.hidden("secret")
    browser.client.delete_cookie("form")
    browser.client.delete_cookie("__Host-form")
    browser.press(SEND, 400)
    assert browser.sees(LATER, "riêng ảnh xin chọn lại") and browser.value("Kể ngắn gọn") == MANHOLE
    assert browser.hidden("secret") != secret, "whoever made this form may know its secret"
    browser.press(SEND)
    assert browser.heading == "Đã gửi thành công"


def test_what_another_site_sends_comes_back_to_nobody(app):
    client = Browser(app).go("/gui").client
    answer = client.post("/gui", data={"text": "X" * 30}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 400 and "X" * 30 not in answer.text


def test_the_wish_to_be_called_comes_back_too(app, two_days_later):
    browser = Browser(app).go("/goi-lai").fill("Số điện thoại", "0905 777 888").fill("Tả chỗ đó", "Cầu")
    with two_days_later():
        browser.press("Gọi lại cho tôi", 400)
        assert browser.sees(LATER) and browser.value("Số điện thoại") == "0905 777 888"
        assert browser.press("Gọi lại cho tôi").heading == "Đã ghi, sẽ gọi lại"
