"""Taking reports in: stored once, sealed, and refused where the law has no room for them."""

from __future__ import annotations

import secrets
import threading
from collections import Counter
from datetime import timedelta

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from tests.cast import BUOI, Town, photo
from tests.examples import examples
from webapp.core.holidays import Notice, NoticeDay
from webapp.operations import citizens, holidays, intake, people
from webapp.operations.intake import Place
from webapp.operations.work import Conflict, Gone, Refusal
from webapp.store import models


def count(town: Town, model) -> int:
    with town.house.store.reader() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_a_report_starts_its_clocks_and_tells_reporter_and_centre(any_town: Town):
    receipt = any_town.report()
    file = any_town.file(receipt.case_id)
    assert [c.clock for c in file.state.clocks] == ["reception", "distribution"]
    assert {n.template for n in any_town.notices()} == {"submitted"}
    assert {n.submission or n.role for n in any_town.notices()} == {1, "intake_officer"}
    assert any_town.differences() == []


def test_the_same_secret_gives_the_same_code_again(any_town: Town):
    secret = secrets.token_hex(16)
    first, second = any_town.report(secret=secret), any_town.report(secret=secret)
    assert (first.code, first.number, first.again) == (second.code, second.number, False)
    assert second.again
    assert count(any_town, models.Case) == 1


def test_what_was_made_ready_by_an_older_calendar_is_made_anew(town: Town):
    """A notice of days off that is entered between preparing a report and its turn to be written counts."""
    house, at = town.house, town.clock()
    made = intake.ready(house.vault, town.written(), house.law, at)
    assert made.foreseen
    foreseen = {clock.clock: clock.due_at for clock in made.foreseen.opening.state.clocks}
    today = at.astimezone(house.law.first.zone).date()
    week = [today + timedelta(days=n) for n in range(7)]
    off = tuple(NoticeDay(day, False, "Nghỉ hoán đổi") for day in week if day.weekday() < 5)
    notice = Notice(at.year, "Thông báo 12/TB-BNV", today, False, off)
    house.write(at, lambda work: holidays.enter(work, notice, "once", town.ids["son"]))
    taken = house.write(at, lambda work: intake.take(work, made))
    assert {clock.clock: clock.due_at for clock in taken.file.state.clocks} != foreseen
    assert town.differences() == []


@pytest.mark.parametrize("made_by", ["other_instant", "same"])
def test_a_report_begins_alike_whether_it_was_made_ready_or_not(town: Town, made_by: str):
    at = town.clock()
    early = at if made_by == "same" else at - timedelta(days=3)
    made = intake.ready(town.house.vault, town.written(), town.house.law, early)
    taken = town.house.write(at, lambda work: intake.take(work, made))
    assert [(c.clock, c.started_at) for c in taken.file.state.clocks] == [
        ("reception", at),
        ("distribution", at),
    ]


@examples()
@given(st.from_regex(r"0[35789][0-9]{8}", fullmatch=True))
def test_the_short_way_to_a_mobile_number_says_what_the_library_says(text: str):
    number = phonenumbers.parse(text, people.REGION)
    assert people.normal_phone(text) == phonenumbers.format_number(
        number, phonenumbers.PhoneNumberFormat.E164
    )


@examples()
@given(st.from_regex(r"0[35789][0-9]{8}", fullmatch=True))
def test_no_number_of_a_mobiles_length_is_at_fault(text: str):
    assert people.phone_fault(text) == ""


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("0905 123", "phone_short"),
        ("090512345", "phone_short"),
        ("+84 9051234", "phone_short"),
        ("0235 123456", "phone_short"),
        ("0905 123 4567", "phone"),
        ("gọi tôi", "phone"),
        ("+1 415 555", "phone_short"),
        ("0905.123.456", ""),
        ("+84 905 123 456", ""),
        ("84905123456", ""),
        ("0235 3852 123", ""),
        ("1800 1234", ""),
        ("+1 415 555 2671", ""),
    ],
)
def test_a_number_typed_now_is_as_long_as_its_kind(text: str, fault: str):
    assert people.phone_fault(text) == fault


def test_the_same_secret_with_other_content_is_a_conflict(town: Town):
    secret = secrets.token_hex(16)
    town.report(secret=secret)
    with pytest.raises(Conflict):
        town.report(secret=secret, text="Chuyện khác")


def test_twenty_clients_sending_the_same_submission_at_once_make_one_case(any_town: Town):
    report = any_town.written()
    receipts, errors = [], []
    start = threading.Barrier(20)

    def send() -> None:
        start.wait()
        try:
            receipts.append(any_town.house.write(any_town.clock(), lambda work: intake.submit(work, report)))
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=send) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert Counter(r.again for r in receipts) == {False: 1, True: 19}
    assert len({(r.number, r.code) for r in receipts}) == 1
    assert (count(any_town, models.Case), count(any_town, models.CaseEvent)) == (1, 1)
    assert count(any_town, models.Notice) == 2


def test_nothing_of_the_person_stands_in_clear_in_the_database(town: Town):
    town.report(place=Place("CANARYPLACE", 15.573, 108.474))
    town.house.store.close()
    raw = b"".join(path.read_bytes() for path in town.house.config.data.glob("hoidap.db*"))
    for canary in (BUOI.name, BUOI.phone, BUOI.phone[3:], BUOI.email, "CANARYPLACE", "108.474"):
        assert canary.encode() not in raw, canary


def test_a_confidential_reports_text_is_sealed_and_still_readable_inside(town: Town):
    receipt = town.report(secrecy="confidential", text="CANARYTEXT ai cũng biết")
    town.house.store.close()
    raw = b"".join(path.read_bytes() for path in town.house.config.data.glob("hoidap.db*"))
    assert b"CANARYTEXT" not in raw
    with town.house.reading(town.clock()) as work:
        from webapp.operations import texts

        row = people.of_submission(work, receipt.case_id, 1)
        case = work.session.get_one(models.Case, receipt.case_id)
        assert texts.read(work, case, [row.text_id])[row.text_id].startswith("CANARYTEXT")
        assert people.reveal(work, row.identity_id).phone == BUOI.phone
        assert intake.open_place(work, case, row).words == "Trước cổng trường tiểu học"


def test_an_undated_regulation_takes_no_real_case(town: Town):
    town.house.write(town.clock(), lambda work: work.session.delete(work.session.get(models.Meta, "stamp")))
    with pytest.raises(Refusal) as refusal:
        town.report()
    assert refusal.value.refused.code == "undated_regulation"
    assert count(town, models.Case) == 0


def test_an_original_photo_is_sealed_on_disk(town: Town):
    town.report(photos=[town.kept(photo(camera="CANARY-CAM"))])
    files = [path for path in town.house.config.media_folder.rglob("*") if path.is_file()]
    assert files
    assert all(b"CANARY-CAM" not in path.read_bytes() and b"JFIF" not in path.read_bytes() for path in files)


def test_the_secret_code_opens_one_report_and_a_guess_opens_none(town: Town):
    receipt = town.report()
    token = town.house.write(town.clock(), lambda work: citizens.open_with_code(work, receipt.code.lower()))
    with town.house.reading(town.clock()) as work:
        assert citizens.submission_of(work, token).case_id == receipt.case_id
        with pytest.raises(Gone):
            citizens.submission_of(work, token + "x")
    other = town.house.vault.code_for(secrets.token_hex(16))
    with pytest.raises(Gone):
        town.house.write(town.clock(), lambda work: citizens.open_with_code(work, other))


def test_a_citizen_session_ends(town: Town):
    receipt = town.report()
    token = town.house.write(town.clock(), lambda work: citizens.open_with_code(work, receipt.code))
    town.clock.forward(hours=13)
    with town.house.reading(town.clock()) as work, pytest.raises(Gone):
        citizens.submission_of(work, token)
