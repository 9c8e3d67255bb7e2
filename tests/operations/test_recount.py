"""A notice of days off: every open due date follows it, with one event each, and nothing else moves."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from tests.cast import Town
from webapp.cli.worker import tick
from webapp.core.holidays import Notice, NoticeDay
from webapp.operations import holidays, recount
from webapp.operations.holidays import Faulty
from webapp.operations.house import House
from webapp.store import models
from webapp.store.queries import calendar as queries

WEDNESDAY = date(2026, 3, 4)
SATURDAY = date(2026, 3, 7)


def a_notice(*days: NoticeDay, **changes) -> Notice:
    values = {"year": 2026, "number": "Thông báo 12/TB-BNV", "issued_on": date(2026, 3, 1), "whole": False}
    return Notice(**values | {"days": days or (NoticeDay(WEDNESDAY, False, "Nghỉ hoán đổi"),)} | changes)


def enter(town: Town, notice: Notice, token: str = "t1") -> int:
    return town.house.write(town.clock(), lambda work: holidays.enter(work, notice, token, town.ids["son"]))


def count_all(town: Town) -> tuple[int, int]:
    cases = moved = 0
    while (done := recount.run_batch(town.house, 2)).cases:
        cases, moved = cases + done.cases, moved + done.moved
    return cases, moved


def recounts(town: Town) -> list[models.CaseEvent]:
    with town.house.store.reader() as session:
        return list(
            session.scalars(select(models.CaseEvent).where(models.CaseEvent.kind == "clock_recomputed"))
        )


def due(town: Town, case_id: int, clock: str) -> datetime:
    return next(c.due_at for c in town.file(case_id).state.clocks if c.running and c.clock == clock)


def test_open_terms_move_with_one_event_a_case_and_those_told_are_told(any_town: Town):
    town = any_town
    cases = [town.to_agency().case_id for _ in range(5)]
    for case_id in cases:
        town.do(case_id, "accept", "tu")
    was = due(town, cases[0], "handling")
    enter(town, a_notice())
    assert count_all(town) == (5, 5)
    assert due(town, cases[0], "handling") - was == timedelta(days=1)
    assert [event.role for event in recounts(town)] == ["system"] * 5
    told = [n for n in town.notices() if n.template == "due_moved"]
    assert sorted(n.role or "" for n in told if n.case_id == cases[0]) == ["", "handler"]
    assert len(told) == 10, "the reporter and the handlers of each of five cases"
    assert {n.case_id for n in told} == set(cases)
    assert all(n.params["due_at"] > n.params["was"] for n in told)
    assert count_all(town) == (0, 0)
    assert town.differences() == []


def test_what_does_not_move_makes_no_event_and_is_looked_at_once(town: Town):
    town.to_agency()
    enter(town, a_notice(NoticeDay(date(2026, 12, 24), False, "Nghỉ")))
    assert count_all(town) == (1, 0)
    assert recounts(town) == []
    assert count_all(town) == (0, 0)
    assert town.differences() == []


def test_a_date_that_a_person_set_stays(town: Town):
    case_id = town.to_agency().case_id
    town.do(case_id, "accept", "tu")
    day = due(town, case_id, "handling") + timedelta(days=8)
    town.do(case_id, "extend", "lan", texts={"reason": "Chờ vật tư"}, due_on=day)
    enter(town, a_notice())
    count_all(town)
    assert due(town, case_id, "handling") == day


def test_a_breach_that_is_no_longer_true_is_taken_back_and_never_recorded_by_an_old_calendar(town: Town):
    first = town.report().case_id
    town.clock.at = datetime(2026, 3, 2, 3, 30, tzinfo=UTC)
    tick(town.house)
    assert any(c.breached_at for c in town.file(first).state.clocks)
    second = town.report().case_id
    enter(town, a_notice(NoticeDay(date(2026, 3, 2), False, "Nghỉ đột xuất")))
    town.clock.at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    tick(town.house)  # before the worker has counted anything again
    assert not any(c.breached_at for c in town.file(second).state.clocks)
    count_all(town)
    assert not any(c.breached_at for c in town.file(first).state.clocks)
    assert town.differences() == []


def test_a_move_made_before_the_worker_came_counts_first(town: Town):
    case_id = town.report().case_id
    enter(town, a_notice(NoticeDay(date(2026, 3, 2), False, "Nghỉ đột xuất")))
    town.clock.forward(hours=3)
    file = town.do(case_id, "receive", "hoa", tokens={"category": "giao-thong", "area": "20341"})
    met = next(c for c in file.state.clocks if c.clock == "reception")
    assert met.met_at < met.due_at
    assert [event.kind for event in file.events][-2:] == ["clock_recomputed", "received"]


def test_another_process_counts_by_the_notice_at_once(any_town: Town):
    town = any_town
    other = House(town.house.config, town.clock)
    assert other.law.notices == 0
    enter(town, a_notice())
    with other.reading(town.clock(), fresh=True) as work:
        assert not work.law.first.counting.calendar.is_working(WEDNESDAY)
    other.close()


def test_what_a_process_stored_that_had_not_heard_is_caught_up_with(any_town: Town):
    town = any_town
    case_id = town.report().case_id
    enter(town, a_notice())
    count_all(town)
    with town.house.store.writer() as session:  # as if another had counted by the shipped calendar
        session.execute(update(models.Deadline).values(calendar="older"))
    assert count_all(town) == (1, 0)
    with town.house.reading(town.clock(), fresh=True) as work:
        assert queries.count_behind(work.session, work.law.calendar_versions) == 0
    assert case_id


def test_a_case_that_cannot_be_counted_is_set_aside_and_stalls_no_other(town: Town, monkeypatch):
    first, second = town.to_agency().case_id, town.to_agency().case_id
    town.do(first, "accept", "tu")
    accepted = town.file(first).state.events
    enter(town, a_notice())
    honest = recount.recounted

    def sometimes(regulation, state, now):
        if state.events == accepted:
            raise ValueError("broken")
        return honest(regulation, state, now)

    monkeypatch.setattr(recount, "recounted", sometimes)
    while recount.run_batch(town.house).cases:
        pass
    with town.house.store.reader() as session:
        parked = session.execute(
            select(models.Deadline.case_id, func.max(models.Deadline.parked))
            .where(models.Deadline.parked.is_not(None))
            .group_by(models.Deadline.case_id)
        ).all()
    assert parked == [(first, "recount:ValueError")]
    assert second


def test_a_correction_replaces_the_notice_and_dates_go_back(town: Town):
    case_id = town.to_agency().case_id
    town.do(case_id, "accept", "tu")
    was = due(town, case_id, "handling")
    wrong = enter(town, a_notice())
    count_all(town)
    enter(town, a_notice(number="Đính chính 13/TB-BNV", replaces=wrong, days=()), "t2")
    count_all(town)
    assert due(town, case_id, "handling") == was
    with pytest.raises(Faulty, match="replaced_already"):
        enter(town, a_notice(replaces=wrong), "t3")


def test_the_same_press_twice_enters_one_notice(any_town: Town):
    assert enter(any_town, a_notice()) == enter(any_town, a_notice())


def test_the_preview_says_what_then_happens(any_town: Town):
    town = any_town
    for number in range(4):
        case_id = town.to_agency().case_id
        if number:
            town.do(case_id, "accept", "tu")
    day = due(town, case_id, "handling") + timedelta(days=8)
    town.do(case_id, "extend", "lan", texts={"reason": "Chờ vật tư"}, due_on=day)
    with town.house.reading(town.clock(), fresh=True) as work:
        told = holidays.preview(work, a_notice())
    enter(town, a_notice())
    _, moved = count_all(town)
    assert (told.later, told.earlier) == (moved, 0)
    new = sorted(row["due_at"] for event in recounts(town) for row in event.data["clocks"]["moved"])
    assert (told.first.isoformat(), told.last.isoformat()) == (new[0], new[-1])


def test_a_date_that_a_person_set_is_not_foretold_to_move_while_an_earlier_notice_still_waits(any_town: Town):
    town = any_town
    case_id = town.to_agency().case_id
    town.do(case_id, "accept", "tu")
    day = due(town, case_id, "handling") + timedelta(days=8)
    town.do(case_id, "extend", "lan", texts={"reason": "Chờ vật tư"}, due_on=day)
    first = enter(town, a_notice())
    second = a_notice(number="Đính chính 13/TB-BNV", replaces=first, days=())
    with town.house.reading(town.clock(), fresh=True) as work:
        told = holidays.preview(work, second)
    enter(town, second, "t2")
    assert told.moved == count_all(town)[1] == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"year": 2031}, "year"),
        ({"year": 2028, "days": ()}, "not_whole"),
        ({"number": " "}, "number"),
        ({"issued_on": date(2026, 5, 1)}, "issued_later"),
        ({"days": ()}, "no_days"),
        ({"days": (NoticeDay(WEDNESDAY, False, "a"), NoticeDay(WEDNESDAY, False, "b"))}, "twice"),
        ({"days": (NoticeDay(WEDNESDAY, False, ""),)}, "nameless"),
        ({"days": (NoticeDay(date(2026, 3, 5).replace(year=2027), False, "a"),)}, "elsewhere"),
        ({"days": (NoticeDay(WEDNESDAY, True, "a"),)}, "ordinary_weekday"),
        ({"days": (NoticeDay(SATURDAY, False, "a"),)}, "ordinary_weekend"),
    ],
)
def test_a_slip_of_the_pen_is_refused(town: Town, changes, code):
    with pytest.raises(Faulty) as refused:
        enter(town, a_notice(**changes))
    assert code in [fault.code for fault in refused.value.faults]


def test_a_whole_year_confirms_what_was_expected_and_lengthens_the_calendar(town: Town):
    tet = tuple(NoticeDay(date(2027, 2, day), False, "Tết Đinh Mùi") for day in (4, 5, 8, 9, 10))
    enter(town, a_notice(*tet, year=2027, whole=True))
    enter(town, a_notice(NoticeDay(date(2028, 1, 3), False, "Nghỉ bù"), year=2028, whole=True), "t2")
    with town.house.reading(town.clock(), fresh=True) as work:
        calendar = holidays.calendar_of(work.law)
    assert not calendar.provisional(date(2027, 2, 4))
    assert calendar.is_working(date(2027, 9, 3))  # was only expected, and the notice does not name it
    assert calendar.last == date(2028, 12, 31)
