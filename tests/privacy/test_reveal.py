"""Opening an identity is a recorded act with a purpose, and the person it concerns sees it."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from tests.cast import BUOI, Town
from webapp.operations import people, reveal
from webapp.operations.people import Person
from webapp.operations.reveal import Why
from webapp.operations.work import Gone, Refusal
from webapp.store import models

CALL = Why("Gọi hỏi thêm chỗ nắp cống")
POLICE = Why("Phục vụ xác minh", requester="Công an phường Tam Kỳ", basis="Công văn 12/CV-CA ngày 02/3/2026")


def opened(town: Town, case_id: int, who: str, purpose: str, why: Why = CALL, **more: Any) -> Person:
    actor = town.actor(who)
    return town.house.write(
        town.clock(), lambda work: reveal.reveal(work, case_id, 1, actor, purpose, why, **more)
    )


def seen(town: Town, case_id: int, **more: Any) -> list[reveal.Opened]:
    with town.house.reading(town.clock()) as work:
        return reveal.reveals_of(work, case_id, 1, **more)


def leave(town: Town, case_id: int, who: str = "son", **delta: float) -> int:
    until, actor = town.clock() + timedelta(**delta or {"days": 30}), town.actor(who)
    return town.house.write(
        town.clock(),
        lambda work: reveal.allow_delay(
            work, case_id, 1, actor, until, "Cơ quan điều tra yêu cầu giữ bí mật"
        ),
    )


def test_the_intake_officer_opens_an_identity_and_the_person_sees_it(any_town: Town):
    case_id = any_town.report().case_id
    assert opened(any_town, case_id, "hoa", "contact_reporter") == BUOI
    (row,) = seen(any_town, case_id)
    assert (row.role, row.agency, row.account) == ("intake_officer", "ioc", any_town.ids["hoa"])
    assert (row.purpose, row.cite) == ("contact_reporter", "Điều 6.1, 11.3")
    assert row.fields == ("name", "phone", "email", "address") and row.reason == CALL.reason
    assert row.at == any_town.clock()


def test_only_what_was_asked_for_is_opened_and_written_down(town: Town):
    case_id = town.to_agency().case_id
    assert opened(town, case_id, "tu", "verify_place", fields=("phone",)) == Person(phone=BUOI.phone)
    assert seen(town, case_id)[0].fields == ("phone",)


def test_an_opening_that_fails_leaves_no_row_and_a_row_that_fails_gives_no_name(town: Town):
    case_id = town.report().case_id
    with pytest.raises(ZeroDivisionError):
        town.house.write(
            town.clock(),
            lambda work: (
                reveal.reveal(work, case_id, 1, town.actor("hoa"), "contact_reporter", CALL) and 1 / 0
            ),
        )
    assert seen(town, case_id) == []


@pytest.mark.parametrize(
    ("who", "purpose", "why", "code"),
    [
        ("lan", "contact_reporter", CALL, "role"),
        ("son", "contact_reporter", CALL, "role"),
        ("tu", "competent_body", POLICE, "role"),
        ("tu", "data_subject", CALL, "role"),
        ("hoa", "curiosity", CALL, "reveal_purpose"),
        ("hoa", "contact_reporter", Why("  "), "reveal_reason"),
        ("hoa", "competent_body", Why("Xác minh", basis="Công văn 12"), "reveal_requester"),
        ("hoa", "competent_body", Why("Xác minh", requester="Công an"), "reveal_basis"),
        ("hoa", "contact_reporter", Why("Gọi", delay=99), "reveal_delay"),
    ],
)
def test_it_is_refused_with_the_article(town: Town, who: str, purpose: str, why: Why, code: str):
    case_id = town.to_agency().case_id
    with pytest.raises(Refusal) as refusal:
        opened(town, case_id, who, purpose, why)
    assert refusal.value.refused.code == code
    assert seen(town, case_id) == []


def test_other_agencies_and_reporters_are_told_there_is_no_such_case(town: Town):
    case_id = town.to_agency().case_id
    for who in ("binh", "reporter"):
        with pytest.raises(Gone):
            opened(town, case_id, who, "contact_reporter")
    with pytest.raises(Gone):
        opened(town, 999, "hoa", "contact_reporter")


def test_an_agency_that_returned_the_case_opens_nothing_any_more(town: Town):
    case_id = town.to_agency().case_id
    town.do(case_id, "return", "tu", texts={"reason": "Không thuộc phạm vi"})
    with pytest.raises(Gone):
        opened(town, case_id, "tu", "contact_reporter")


def test_a_competent_body_is_named_with_its_paper(town: Town):
    case_id = town.report().case_id
    assert opened(town, case_id, "hoa", "competent_body", POLICE) == BUOI
    assert seen(town, case_id)[0].cite == "Điều 13.7"
    with town.house.store.reader() as session:
        row = session.scalars(select(models.Reveal)).one()
    assert row.requester_id and row.basis_id


def test_what_is_written_as_reason_is_sealed(town: Town):
    case_id = town.report().case_id
    opened(town, case_id, "hoa", "contact_reporter", Why("Gọi bà Bưởi theo số đã ghi"))
    with town.house.store.reader() as session:
        rows = session.scalars(select(models.Text).where(models.Text.kind == "reveal")).all()
    assert rows and all(row.body is None and row.sealed for row in rows)


def test_an_overseer_lets_the_person_see_it_only_later(any_town: Town):
    case_id = any_town.report().case_id
    why = Why(POLICE.reason, POLICE.requester, POLICE.basis, leave(any_town, case_id, days=30))
    assert opened(any_town, case_id, "hoa", "competent_body", why) == BUOI
    assert seen(any_town, case_id) == []
    assert len(seen(any_town, case_id, also_delayed=True)) == 1
    any_town.clock.forward(days=30)
    assert seen(any_town, case_id)[0].purpose == "competent_body"


def test_only_an_overseer_gives_leave_and_only_for_a_time_to_come(town: Town):
    case_id = town.to_agency().case_id
    for who in ("hoa", "tu", "lan"):
        with pytest.raises(Refusal) as refusal:
            leave(town, case_id, who)
        assert refusal.value.refused.code == "role"
    with pytest.raises(Refusal):
        leave(town, case_id, days=-1)


def test_leave_is_for_one_person_one_purpose_and_a_time(town: Town):
    first, second = town.report().case_id, town.report().case_id
    given = leave(town, first, days=2)
    with pytest.raises(Refusal):
        opened(town, second, "hoa", "competent_body", Why("x", "y", "z", given))
    with pytest.raises(Refusal):
        opened(town, first, "hoa", "contact_reporter", Why("x", delay=given))
    town.clock.forward(days=3)
    with pytest.raises(Refusal):
        opened(town, first, "hoa", "competent_body", Why("x", "y", "z", given))


def test_the_ledger_cannot_be_rewritten(any_town: Town):
    case_id = any_town.report().case_id
    leave(any_town, case_id)
    opened(any_town, case_id, "hoa", "contact_reporter")
    for statement in (
        "UPDATE reveal SET purpose = 'data_subject'",
        "DELETE FROM reveal",
        "UPDATE reveal_delay SET approved_by = 1",
        "DELETE FROM reveal_delay",
    ):
        with pytest.raises(DBAPIError, match="append-only"):
            any_town.house.write(any_town.clock(), lambda work: work.session.execute(text(statement)))  # noqa: B023
    assert len(seen(any_town, case_id)) == 1


def test_nothing_of_the_person_is_logged_or_shown_in_a_repr(
    town: Town, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
):
    caplog.set_level(logging.DEBUG)
    person = opened(town, town.report().case_id, "hoa", "contact_reporter")
    report = town.written()
    shown = caplog.text + "".join(capfd.readouterr()) + repr(person) + repr(report)
    assert repr(person) == "Person()"
    for value in (BUOI.name, BUOI.phone, BUOI.email, report.secret):
        assert value not in shown


def test_a_regulation_without_rows_opens_nothing_to_anybody(town: Town):
    case_id = town.report().case_id
    regulation = town.file(case_id).regulation
    rows, regulation.__dict__["reveals"] = regulation.reveals, ()
    try:
        with pytest.raises(Refusal) as refusal:
            opened(town, case_id, "hoa", "contact_reporter")
        assert refusal.value.refused.code == "reveal_purpose"
    finally:
        regulation.__dict__["reveals"] = rows


def test_who_opens_identities_is_a_short_list(root_of_code):
    """`people.reveal` opens without a ledger: for the ledger itself, erasing, own letters and own choice, and one's own data."""
    allowed = {
        "operations/reveal.py",
        "operations/erasure.py",
        "operations/publication.py",
        "operations/letters.py",
        "operations/personal.py",
        "operations/callbacks.py",  # a number left to be called: who opened it stands in `attempts`
    }
    found = {
        str(path.relative_to(root_of_code))
        for path in root_of_code.rglob("*.py")
        if "people.reveal(" in path.read_text("utf-8")
    }
    letters = {path for path in found if path.startswith("notify/")}
    assert found - letters <= allowed, "use operations.reveal.reveal: it writes down who, when and why"


@pytest.fixture
def root_of_code():
    from pathlib import Path

    return Path(people.__file__).parent.parent
