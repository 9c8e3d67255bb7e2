"""Against floods, without puzzles: nothing is refused or lost for looking like a machine, it only stands apart."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.browse import Browser
from tests.cast import Town
from tests.citizen.conftest import SEND, fill
from tests.phone import Phone, inside
from webapp.app import create_app
from webapp.core.state import Case
from webapp.doors import limits
from webapp.operations import health
from webapp.store import models

TASK = "/hang-doi/thu-thach"
LIFT = "Không phải tự động"


@pytest.fixture
def limited(town: Town) -> Flask:
    return create_app(replace(town.house.config, rate_limits=True), town.clock)


def doubts(town: Town) -> list[str | None]:
    with town.house.store.reader() as session:
        return list(session.scalars(select(models.Submission.doubt).order_by(models.Submission.id)))


def work(task: dict[str, Any]) -> dict[str, Any]:
    """What static/js/proof.js does."""
    for number in range(task["most"]):
        if hashlib.sha256(f"{task['salt']}.{number}".encode()).hexdigest() == task["target"]:
            return {"salt": task["salt"], "number": number}
    raise AssertionError("there is no such number")


def task_of(phone: Phone) -> dict[str, Any]:
    return phone.send("GET", TASK, {"Authorization": f"Bearer {phone.secret}"}).json


def trapped(browser: Browser, **extra: str) -> Browser:
    return fill(browser.go("/gui")).press(SEND, **extra)


# The form


def test_a_field_that_nobody_sees_marks_and_refuses_nothing(app, town):
    browser = trapped(Browser(app), tieu_de="http://buy.example")
    assert browser.heading == "Đã gửi thành công"
    assert browser.sees("người trực sẽ đọc trước", "Mã bí mật")
    assert doubts(town) == ["trap"]
    assert [clock.running for clock in town.file(1).state.clocks] == [True] * len(town.file(1).state.clocks)


def test_the_field_is_hidden_from_everybody_and_never_fills_itself(app):
    browser = Browser(app).go("/gui")
    (trap,) = [el for el in browser.page.find("input") if el.get("name") == "tieu_de"]
    assert trap.get("tabindex") == "-1" and trap.get("autocomplete") == "off"
    assert any(el.get("aria-hidden") == "true" for el in browser.page.above(trap))


@pytest.mark.parametrize(("seconds", "mark"), [(0, "fast"), (2, "fast"), (3, None), (3600 * 20, None)])
def test_a_form_sent_sooner_than_anybody_writes_is_marked(limited, town, seconds, mark):
    browser = fill(Browser(limited).go("/gui"))
    town.clock.forward(seconds=seconds)
    browser.press(SEND)
    assert browser.heading == "Đã gửi thành công"
    assert doubts(town) == [mark]


def test_who_mends_a_fault_quickly_is_no_machine(limited, town):
    browser = fill(Browser(limited).go("/gui"), **{"Số điện thoại": "abc"})
    town.clock.forward(seconds=60)
    browser.press(SEND, 422).fill("Số điện thoại", "0905 123 456").press(SEND)
    assert doubts(town) == [None]


def test_a_time_that_was_made_up_does_not_count(limited, town):
    browser = fill(Browser(limited).go("/gui"))
    town.clock.forward(hours=1)
    browser.press(SEND, stamp="1." + "0" * 24)
    assert doubts(town) == ["fast"]


# The proof


def test_a_proof_opens_the_wide_lane_and_who_brings_none_has_the_slow_one(limited, town):
    phones = [Phone(inside(limited)) for _ in range(21)]
    told = [phone.report(proof=work(task_of(phone))).status for phone in phones]
    assert told == [200] * 20 + [429]
    town.clock.forward(hours=20)
    answers = [Phone(inside(limited)).report() for _ in range(11)]
    assert [answer.status for answer in answers] == [200] * 10 + [429]
    assert "Sẽ gửi tiếp được sau" in answers[-1].json["error"] and answers[-1].headers["Retry-After"]
    assert doubts(town) == [None] * 30


def test_a_proof_is_for_one_report_and_a_retry_may_show_it_again(limited, town):
    phone, other = Phone(inside(limited)), Phone(inside(limited))
    proof = work(task_of(phone))
    assert phone.report(proof=proof).json == phone.report(proof=proof).json
    for _ in range(10):
        assert Phone(inside(limited)).report().status == 200
    assert other.report(proof=proof).status == 429, "somebody else's proof is no proof"
    assert other.report(proof=work(task_of(other))).status == 200


@pytest.mark.parametrize("how", ["late", "easier", "other number", "no task of ours", "odd"])
def test_what_is_no_proof_loses_nothing_but_the_wide_lane(limited, town, how):
    for _ in range(10):
        Phone(inside(limited)).report()
    phone = Phone(inside(limited))
    proof: Any = work(task_of(phone))
    if how == "late":
        town.clock.forward(minutes=15, seconds=1)
        for _ in range(5):
            Phone(inside(limited)).report()
    elif how == "easier":
        proof = {"salt": proof["salt"].replace(".9c40.", ".1."), "number": 0}
    elif how == "other number":
        proof["number"] = (proof["number"] + 1) % 40_000
    elif how == "no task of ours":
        proof = {"salt": f"{'f' * 8}.1.{'0' * 24}", "number": 0}
    else:
        proof = [proof, 7, None]
    assert phone.report(proof=proof).status == 429
    assert phone.report(proof=work(task_of(phone))).status == 200


def test_a_report_that_waited_three_days_brings_a_proof_of_today(limited, town):
    phone = Phone(inside(limited))
    town.clock.forward(days=3)
    answer = phone.report(proof=work(task_of(phone)), written_at="2026-03-02T00:55:00.5Z")
    assert answer.status == 200 and doubts(town) == [None]


def test_the_task_needs_a_secret_and_no_database_row(app):
    phone = Phone(inside(app))
    assert phone.send("GET", TASK).status == 401
    task = task_of(phone)
    assert set(task) == {"salt", "target", "most"} and task["most"] == limits.WORK[0]
    assert len(f"{task['salt']}.{task['most']}") <= 55, "one block of SHA-256 on the phone"


def test_more_work_while_more_comes_in_and_only_what_has_no_proof_is_marked(limited, town, monkeypatch):
    monkeypatch.setattr(limits, "REPORT_ALL", replace(limits.REPORT_ALL, burst=8))
    seen = []
    for n in range(9):
        phone = Phone(inside(limited))
        seen.append(task_of(phone)["most"])
        proof = work(task_of(phone)) if n == 8 else None
        assert phone.report(proof=proof).status == 200
    assert seen == sorted(seen) and set(seen) == set(limits.WORK)
    assert doubts(town) == [None] * 7 + ["flood", None]
    town.clock.forward(hours=1)
    assert task_of(Phone(inside(limited)))["most"] == limits.WORK[0]


# The desk


@pytest.fixture
def desk(app, town):
    trapped(Browser(app), tieu_de="x")
    fill(Browser(app).go("/gui")).press(SEND)
    return Browser(app).log_in("hoa")


def listed(browser: Browser, tab: str) -> list[str]:
    browser.go("/co-quan/").follow(tab)
    page = browser.page
    rows = [ul for ul in page.find("ul") if ul.get("class") == "items cols"]
    return [el.get("href") for ul in rows for el in ul.iter("a") if page.parent[el].tag == "h3"]


def test_the_centre_has_them_in_a_list_of_their_own_and_one_press_brings_one_back(desk, town):
    assert listed(desk, "Cần làm") == ["/co-quan/vu/2"]
    assert listed(desk, "Nghi tự động") == ["/co-quan/vu/1"]
    desk.press(LIFT)
    assert desk.sees("trở về danh sách chung")
    assert sorted(listed(desk, "Cần làm")) == ["/co-quan/vu/1", "/co-quan/vu/2"]
    assert listed(desk, "Nghi tự động") == []
    with town.house.store.reader() as session:
        row = session.get_one(models.Submission, 1)
        assert (row.doubt, row.doubt_lifted_by) == ("trap", town.ids["hoa"]) and row.doubt_lifted_at


def test_the_case_says_why_and_that_the_clock_runs(desk):
    desk.go("/co-quan/vu/1")
    assert desk.sees("Nghi tự động", "Một ô mà mắt người không thấy", "Thời hạn vẫn tính")
    desk.press(LIFT)
    assert not desk.has_button(LIFT)


def test_what_an_agency_gave_back_is_in_no_doubt_again(desk, town, app):
    town.do(1, "receive", "hoa", tokens={"category": "giao-thong", "area": "20341"})
    town.do(1, "distribute", "hoa", tokens={"agency": "so-xaydung"})
    town.do(1, "return", "tu", texts={"reason": "Không thuộc Sở."})
    assert "/co-quan/vu/1" in listed(desk, "Cần làm"), "what was given back is the centre's work"
    assert (listed(desk, "Nghi tự động"), doubted(town)) == ([], 0)


def test_what_was_passed_on_is_in_no_doubt_any_more(desk, town, app):
    town.do(1, "receive", "hoa", tokens={"category": "giao-thong", "area": "20341"})
    town.do(1, "distribute", "hoa", tokens={"agency": "so-xaydung"})
    assert not desk.go("/co-quan/vu/1").has_button(LIFT)
    assert listed(desk, "Nghi tự động") == []
    handler = Browser(app).log_in("tu").go("/co-quan/vu/1")
    assert not handler.sees("Nghi tự động")
    assert doubted(town) == 0
    town.do(1, "accept", "tu")
    town.do(1, "enter_result", "tu", texts={"result": "Đã thay nắp cống mới."})
    town.do(1, "approve", "lan")
    town.publish(1)
    town.do(1, "ask_back", "reporter", texts={"question": "Còn nắp bên kia đường?"})
    assert "/co-quan/vu/1" in listed(desk, "Cần làm"), "a question is the centre's work"
    assert listed(desk, "Nghi tự động") == []


def doubted(town: Town) -> int:
    return health.health(town.house, town.clock()).reports_doubted


def test_what_nobody_looked_at_is_counted_and_in_one_list_whatever_it_waits_for(desk, town):
    assert doubted(town) == 1
    town.do(1, "receive", "hoa", tokens={"category": "giao-thong", "area": "20341"})
    assert listed(desk, "Nghi tự động") == ["/co-quan/vu/1"]
    assert listed(desk, "Cần làm") == ["/co-quan/vu/2"]


def test_only_the_centre_lifts_a_doubt(desk, app, town):
    client = Browser(app).log_in("tu")
    answer = client.client.post("/co-quan/nghi-tu-dong/1", data={"csrf_token": client.hidden("csrf_token")})
    assert answer.status_code == 404 and doubts(town)[0] == "trap"
    with town.house.store.reader() as session:
        assert session.get_one(models.Submission, 1).doubt_lifted_at is None


# The phone's own time


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("2026-03-01T23:30:00.000Z", "06:30"),
        ("not a time", ""),
        ("0001-01-01T00:00:00Z", ""),
        (7, ""),
        (None, ""),
    ],
)
def test_the_phones_own_time_is_kept_as_evidence_and_moves_no_clock(app, town, said, shown):
    Phone(inside(app)).report(written_at=said)
    state: Case = town.file(1).state
    assert state.opened_at == town.clock.at
    desk = Browser(app).log_in("hoa").go("/co-quan/vu/1")
    assert desk.sees("Ghi trên máy lúc") == bool(shown)
    if shown:
        assert desk.sees(shown)


def test_a_time_of_writing_outlives_the_wait(app, town):
    town.clock.forward(days=3)
    Phone(inside(app)).report()
    with town.house.store.reader() as session:
        row = session.get_one(models.Submission, 1)
    assert row.written_at and town.clock.at - row.written_at > timedelta(days=3)
