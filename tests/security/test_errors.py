"""What goes wrong is said without a detail, with a number that the log knows too, and nothing is let through."""

from __future__ import annotations

import errno
import logging
import re
from contextlib import contextmanager

import pytest
from sqlalchemy.exc import OperationalError

from tests.browse import Browser
from tests.cast import photo
from tests.citizen.conftest import SEND, fill
from tests.page_check import check
from tests.security.test_routes import addresses, listed
from webapp.operations import accounts, intake
from webapp.store import models
from webapp.store.media import MediaDown

DETAILS = (
    "Traceback",
    "sqlalchemy",
    "OperationalError",
    "ZeroDivision",
    "SELECT",
    "site-packages",
    ".py",
    "CANARY",
    "werkzeug",
    "hoidap.db",
)


def breaks(*_args, **_more):
    raise ZeroDivisionError("CANARY-DETAIL")


@pytest.mark.asvs("16.5.1")
def test_a_crash_tells_nothing_but_a_number_that_the_log_knows(app, monkeypatch, caplog):
    monkeypatch.setattr(intake, "governing", breaks)
    with caplog.at_level(logging.DEBUG):
        answer = app.test_client().get("/gui")
    assert answer.status_code == 500
    page = check(answer.text)
    assert not any(detail in answer.text for detail in DETAILS)
    [reference] = re.findall(r"[0-9A-F]{4}-[0-9A-F]{4}", answer.text)
    assert reference in caplog.text and "ZeroDivisionError" in caplog.text
    assert "CANARY-DETAIL" not in caplog.text, "an exception's words may hold what somebody typed"
    assert page.find("h1") and answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Security-Policy"] and answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.asvs("16.5.1")
def test_every_error_page_is_a_page_of_ours(app, town):
    client = app.test_client()
    for url, method, status in (
        ("/nowhere", "GET", 404),
        ("/", "DELETE", 405),
        ("/gui", "POST", 400),
        ("/pa/%00", "GET", 400),
    ):
        answer = client.open(url, method=method)
        assert answer.status_code == status
        check(answer.text)
        assert not any(detail in answer.text for detail in DETAILS)


@contextmanager
def down():
    raise OperationalError("SELECT CANARY", {}, Exception("CANARY-DETAIL"))
    yield


@pytest.mark.asvs("16.5.3", "16.5.1")
@pytest.mark.parametrize("who", ["stranger", "reporter", "tu"])
def test_with_the_database_down_every_route_fails_closed(app, town, monkeypatch, who):
    receipt = town.to_agency(photos=[town.kept(photo())])
    town.redraw()
    browser = Browser(app)
    if who == "tu":
        browser.log_in("tu")
    elif who == "reporter":
        browser.go("/theo-doi").fill("Mã bí mật", receipt.code).press("Xem phản ánh")
    token = browser.go("/gui").hidden("csrf_token")
    store = app.extensions["hoidap"].store
    for name in ("reader", "writer", "public"):
        monkeypatch.setattr(store, name, down)
    seen = set()
    for row, address in addresses(app, receipt, listed()):
        for method in row["methods"]:
            answer = browser.client.open(
                address,
                method=method,
                data={"csrf_token": token, "username": "tu", "password": "x"} if method == "POST" else None,
            )
            text = answer.data.decode("utf-8", "replace")
            assert "Nắp cống vỡ trước" not in text and "Set-Cookie: desk" not in str(answer.headers)
            if answer.mimetype == "text/html":
                assert not any(detail in text for detail in DETAILS), address
            seen.add(answer.status_code)
            if row["guard"] not in ("everybody", "operator"):
                assert answer.status_code not in (200, 422), f"{method} {address}"
    assert 503 in seen and 500 not in seen


@pytest.mark.asvs("16.5.3", "2.3.3")
@pytest.mark.parametrize("what", ["disk", "decoder", "vault"])
def test_a_full_disk_a_broken_decoder_or_vault_stores_nothing(app, town, monkeypatch, what):
    def full(*_args, **_more):
        raise MediaDown(errno.ENOSPC, "CANARY-DETAIL")

    house = app.extensions["hoidap"]
    target = {
        "disk": (house.media, "put"),
        "vault": (house.vault, "new_data_key"),
        "decoder": (intake.photos, "judge"),
    }[what]
    browser = fill(Browser(app).go("/gui")).attach("Chọn ảnh có sẵn", photo())
    monkeypatch.setattr(*target, full if what == "disk" else breaks)
    browser.press(SEND, 503 if what == "disk" else 500)
    assert not any(detail in browser.response.text for detail in DETAILS)
    with town.house.store.reader() as session:
        assert session.query(models.Case).count() == 0 and session.query(models.Photo).count() == 0


@pytest.mark.asvs("16.5.3")
def test_a_session_that_cannot_be_checked_is_no_session(app, town, desk, monkeypatch):
    tu = desk("tu")
    monkeypatch.setattr(accounts, "account_of", breaks)
    tu.go("/co-quan/", 500)
    assert not tu.sees("Việc cần làm")
