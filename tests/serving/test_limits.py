"""How often one place may try something; and that whoever is told to wait loses nothing they typed."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context

import pytest
from flask import Flask

from tests.browse import Browser
from tests.cast import MANHOLE, PASSWORD, photo
from tests.citizen.conftest import SEND, fill
from webapp.app import create_app
from webapp.core import secret_code
from webapp.doors import limits as door
from webapp.store.limits import Draw, Limits, Rule

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
RULE = Rule("test", 6, 60, 3)  # one token in ten seconds, three at most


@pytest.fixture
def limits(tmp_path):
    made = Limits(tmp_path / "limits.db")
    yield made
    made.close()


@pytest.fixture
def limited(town) -> Flask:
    return create_app(replace(town.house.config, rate_limits=True), town.clock)


def drain(limits, subject="a", now=NOON):
    count = 0
    while limits.take([Draw(RULE, subject)], now) == 0:
        count += 1
    return count


# The buckets


def test_a_bucket_holds_its_burst_and_fills_again(limits):
    assert drain(limits) == 3
    assert limits.take([Draw(RULE, "a")], NOON) == 10
    assert drain(limits, now=NOON + timedelta(seconds=25)) == 2
    assert drain(limits, now=NOON + timedelta(hours=1)) == 3


def test_everybody_has_a_bucket_of_their_own(limits):
    assert (drain(limits, "a"), drain(limits, "b")) == (3, 3)


def test_several_buckets_are_drawn_from_together_or_not_at_all(limits):
    other = Rule("other", 1, 60, 5)
    drain(limits, "a")
    assert limits.take([Draw(other, "a"), Draw(RULE, "a")], NOON) > 0
    left = 0
    while limits.take([Draw(other, "a")], NOON) == 0:
        left += 1
    assert left == 5


def test_what_was_given_back_may_be_drawn_again_but_never_more_than_the_burst(limits):
    drain(limits)
    limits.give_back([Draw(RULE, "a")], NOON)
    assert drain(limits) == 1
    limits.give_back([Draw(RULE, "b", 9)], NOON)
    assert drain(limits, "b") == 3


def test_a_clock_that_goes_back_fills_nothing(limits):
    drain(limits)
    assert limits.take([Draw(RULE, "a")], NOON - timedelta(hours=2)) > 0


def test_the_file_names_nobody_and_its_key_changes_every_day(limits, tmp_path):
    limits.take([Draw(RULE, "203.0.113.9")], NOON)

    def read():
        with sqlite3.connect(tmp_path / "limits.db") as db:
            return db.execute("SELECT key FROM day").fetchall(), db.execute(
                "SELECT name FROM bucket"
            ).fetchall()

    (key,), (name,) = read()
    assert b"203.0.113" not in b"".join(path.read_bytes() for path in tmp_path.glob("limits.db*"))
    limits.take([Draw(RULE, "203.0.113.9")], NOON + timedelta(days=1))
    (next_key,), (next_name,) = read()
    assert key != next_key and name != next_name


def test_a_broken_file_is_made_anew_and_keeps_nobody_out(limits, tmp_path):
    limits.take([Draw(RULE, "a")], NOON)
    limits.close()
    for path in tmp_path.glob("limits.db*"):
        path.write_bytes(b"not a database, though long enough to be read as one" * 100)
    assert limits.take([Draw(RULE, "a")], NOON) == 0
    assert drain(limits) == 3


def test_processes_share_the_buckets(tmp_path):
    with get_context("spawn").Pool(2) as pool:
        taken = pool.map(_drain_elsewhere, [str(tmp_path / "limits.db")] * 4)
    assert sum(taken) == 3


def _drain_elsewhere(path):
    from pathlib import Path

    return drain(Limits(Path(path)))


# The doors


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1%eth0", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("", "unknown"),
    ],
)
def test_a_place_is_an_address_or_a_network_of_one_household(app, address, place):
    with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
        assert door.place() == place


def test_a_place_that_sent_its_share_of_reports_gets_the_form_back_with_everything(limited, town):
    browser = Browser(limited)
    for _ in range(10):
        fill(browser.go("/gui")).press(SEND)
        assert browser.heading == "Đã gửi thành công"
    fill(browser.go("/gui")).attach("Chụp ảnh", photo(), name="mot.jpg").press(SEND, 429)
    assert int(browser.response.headers["Retry-After"]) == 900
    assert browser.sees("gửi lại sau 15 phút", "mot.jpg")
    assert browser.value("Kể ngắn gọn") == MANHOLE
    town.clock.forward(minutes=15)
    browser.press(SEND)
    assert browser.heading == "Đã gửi thành công"


def test_who_lost_the_answer_gets_it_again_however_often_they_ask(limited):
    browser = Browser(limited)
    fill(browser.go("/gui"))
    secret = next(el.get("value") for el in browser.page.find("input") if el.get("name") == "secret")
    browser.press(SEND)
    for _ in range(25):
        fill(browser.go("/gui"))
        next(el for el in browser.page.find("input") if el.get("name") == "secret").set("value", secret)
        browser.press(SEND)
        assert browser.heading == "Đã gửi thành công"


def test_codes_cannot_be_guessed_at_speed_and_a_right_one_costs_nothing(limited, town):
    browser = Browser(limited)
    code = town.report().code
    for _ in range(12):
        browser.go("/theo-doi").fill("Mã bí mật", code).press("Xem phản ánh")
        assert browser.response.request.path == "/theo-doi/cua-toi"
    for guess in range(10):
        wrong = secret_code.encode(bytes([guess]) * 16)
        browser.go("/theo-doi").fill("Mã bí mật", wrong).press("Xem phản ánh", 422)
    browser.go("/theo-doi").fill("Mã bí mật", code).press("Xem phản ánh", 429)
    assert int(browser.response.headers["Retry-After"]) == 6
    assert browser.value("Mã bí mật") == code


def guess_password(app, times, address, username="hoa", password="a wrong one, and long", headers=None):
    client = app.test_client()
    app.config["WTF_CSRF_ENABLED"] = False
    fields = {"username": username, "password": password}
    return [
        client.post(
            "/co-quan/dang-nhap", data=fields, environ_overrides={"REMOTE_ADDR": address}, headers=headers
        )
        for _ in range(times)
    ]


@pytest.fixture
def cheap_passwords(monkeypatch):
    from tests import cast
    from webapp.operations import accounts

    monkeypatch.setattr(accounts, "_HASHER", cast.QUICK_HASHER)


@pytest.mark.usefixtures("cheap_passwords")
def test_guessing_at_a_name_stops_the_guesser_and_not_its_owner(limited):
    answers = guess_password(limited, 11, "203.0.113.9")
    assert [answer.status_code for answer in answers] == [422] * 10 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 60, "of one name ten in a quarter of an hour"
    assert "hoa" in answers[-1].text, "the name that was typed stays"
    assert guess_password(limited, 1, "198.51.100.7", password=PASSWORD)[0].status_code == 303


@pytest.mark.usefixtures("cheap_passwords")
def test_trying_many_names_from_one_place_stops_too(limited):
    codes = [guess_password(limited, 1, "203.0.113.9", f"name{n}")[0].status_code for n in range(11)]
    assert codes == [422] * 10 + [429]


@pytest.mark.usefixtures("cheap_passwords")
def test_a_forged_forwarding_header_moves_nobody_to_a_fresh_bucket(limited):
    codes = [
        guess_password(limited, 1, "203.0.113.9", headers={"X-Forwarded-For": f"198.51.100.{n}"})[
            0
        ].status_code
        for n in range(11)
    ]
    assert codes[-1] == 429


@pytest.mark.usefixtures("cheap_passwords")
def test_behind_a_trusted_proxy_the_address_it_adds_counts_and_not_what_the_client_wrote(town):
    app = create_app(replace(town.house.config, rate_limits=True, trusted_proxies=1), town.clock)

    def code(forwarded):
        return guess_password(app, 1, "127.0.0.1", headers={"X-Forwarded-For": forwarded})[0].status_code

    assert [code(f"10.0.0.{n}, 203.0.113.9") for n in range(11)][-1] == 429
    assert code("203.0.113.9, 198.51.100.7") == 422
