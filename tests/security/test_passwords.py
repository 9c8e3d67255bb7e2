"""Passwords: length and guessability count, kinds of characters do not; guessing is slow and locks nobody out."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from argon2 import extract_parameters
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from tests.browse import Browser
from tests.cast import PASSWORD
from webapp.app import create_app
from webapp.core import secret_code
from webapp.operations import accounts
from webapp.store import models


@pytest.fixture
def fast(monkeypatch):
    monkeypatch.setattr(
        accounts, "_HASHER", accounts.PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
    )


@pytest.mark.asvs("6.2.5", "6.2.9")
@pytest.mark.parametrize(
    "password",
    [
        "bon tu de nho",
        "toi thich an mi quang",
        "ăn mì quảng buổi sáng",
        "một câu của riêng tôi dài hơn sáu mươi bốn chữ thì vẫn cứ được nhận trọn vẹn",
    ],
)
def test_any_characters_will_do_and_long_ones_are_taken_whole(fast, password):
    hashed = accounts.hashed(password)
    assert accounts._matches(hashed, password)
    assert not accounts._matches(hashed, password[:-1] + "?"), "the end of the password does not count"


@pytest.mark.asvs("6.2.4", "6.2.12")
def test_no_password_of_the_usual_lists_is_taken(fast):
    for password in (
        *FREQUENCY_LISTS["passwords"][:3000],
        *(p for p in FREQUENCY_LISTS["passwords"] if len(p) >= 12),
    ):
        with pytest.raises(accounts.WeakPassword):
            accounts.hashed(password)


@pytest.mark.asvs("6.2.4", "6.2.12")
@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "Password1234!",
        "matkhau12345",
        "hoidap123456",
        "quangnam2026",
        "aaaaaaaaaaaaaaaa",
        "123456789012",
        "qwertyuiop12",
    ],
)
def test_what_people_try_first_is_refused_as_guessable(fast, password):
    with pytest.raises(accounts.WeakPassword) as refused:
        accounts.hashed(password)
    assert refused.value.code == "guessable"


@pytest.mark.asvs("6.2.4")
def test_ones_own_name_makes_no_password(town, desk):
    tu = (
        desk("tu")
        .go("/co-quan/tai-khoan")
        .fill("Mật khẩu đang dùng", PASSWORD)
        .fill("Mật khẩu mới", "matkhaumatkhau")
    )
    tu.press("Đổi mật khẩu", 422)
    assert tu.sees("Mật khẩu này dễ đoán")
    with pytest.raises(accounts.WeakPassword):
        accounts.hashed("nguyenvanbuoi1", "nguyenvanbuoi")


@pytest.mark.asvs("11.4.2")
def test_the_hash_costs_what_owasp_asks_for_and_more():
    for hashed in (accounts._NOBODY, accounts.hashed("toi thich an mi quang")):
        cost = extract_parameters(hashed)
        assert (cost.type.name, cost.memory_cost, cost.time_cost) == ("ID", 64 * 1024, 4)
        assert cost.memory_cost >= 19 * 1024 and cost.time_cost >= 2


@pytest.mark.asvs("6.3.8", "6.3.1")
@pytest.mark.parametrize(
    ("who", "password"), [("tu", "sai mat khau roi"), ("nobody-at-all", PASSWORD), ("closed", PASSWORD)]
)
def test_a_wrong_name_a_wrong_password_and_a_closed_account_are_answered_alike(
    app, town, monkeypatch, who, password
):
    closed = town.ids["binh"]
    if who == "closed":
        town.house.write(
            town.clock(), lambda w: setattr(w.session.get_one(models.Account, closed), "active", False)
        )
        who = "binh"
    seen: list[str] = []
    verify = accounts._matches
    monkeypatch.setattr(
        accounts, "_matches", lambda hashed, typed: seen.append(hashed) or verify(hashed, typed)
    )
    monkeypatch.setattr(
        accounts, "_NOBODY", accounts.PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash("x")
    )
    browser = Browser(app).log_in(who, password, 422)
    assert len(seen) == 1, "one hash is computed whatever was typed"
    anonymous = re.sub(r'value="[^"]*"', "", browser.response.get_data(as_text=True))
    assert anonymous == re.sub(
        r'value="[^"]*"', "", Browser(app).log_in("x", "y", 422).response.get_data(as_text=True)
    )
    assert browser.client.get_cookie("desk") is None


@pytest.mark.asvs("6.3.1")
def test_wrong_guesses_lock_nobody_out(app, town):
    for _ in range(8):
        Browser(app).log_in("tu", "sai mat khau roi", 422)
    assert Browser(app).log_in("tu").heading == "Việc cần làm"


@pytest.mark.asvs("6.3.1", "2.4.1")
def test_whoever_guesses_is_held_up_and_the_owner_elsewhere_is_not(town):
    app = create_app(replace(town.house.config, rate_limits=True), town.clock)
    guesser, owner = Browser(app), Browser(app)
    guesser.client.environ_base["REMOTE_ADDR"] = "198.51.100.66"
    owner.client.environ_base["REMOTE_ADDR"] = "203.0.113.5"
    form = {
        "csrf_token": guesser.go("/co-quan/dang-nhap").hidden("csrf_token"),
        "username": "tu",
        "password": "x",
    }
    answers = [guesser.client.post("/co-quan/dang-nhap", data=form) for _ in range(15)]
    assert answers[-1].status_code == 429 and int(answers[-1].headers["Retry-After"]) > 0
    assert owner.log_in("tu").heading == "Việc cần làm"


@pytest.mark.asvs("6.3.8", "6.5.2")
def test_codes_nobody_holds_are_answered_alike(app, town):
    town.report()
    told = set()
    for first in (b"\0" * 16, b"\1" * 16):
        code = secret_code.encode(first)
        page = Browser(app).go("/theo-doi").fill("Mã bí mật", code).press("Xem phản ánh", 422)
        told.add(re.sub(r'value="[^"]*"', "", page.response.get_data(as_text=True)))
    assert len(told) == 1


@pytest.mark.asvs("6.5.2", "6.5.3", "11.5.1")
def test_a_secret_code_holds_115_bits_and_the_database_holds_only_a_keyed_hash(town):
    assert secret_code.DATA_BITS >= 112
    receipts = [town.report() for _ in range(3)]
    assert len({receipt.code for receipt in receipts}) == 3
    stored = b"".join(path.read_bytes() for path in town.house.config.data.glob("*.db*"))
    for receipt in receipts:
        assert receipt.code.encode() not in stored and receipt.code.replace("-", "").encode() not in stored
