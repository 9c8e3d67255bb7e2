"""The tick: what fell due is recorded once, at the instant it fell, by however many workers."""

from __future__ import annotations

import threading

from sqlalchemy import select, update

from tests.cast import Town
from webapp.cli.worker import tick
from webapp.operations import clock
from webapp.store import models


def breaches(town: Town) -> list[models.CaseEvent]:
    with town.house.store.reader() as session:
        return list(
            session.scalars(select(models.CaseEvent).where(models.CaseEvent.kind == "clock_breached"))
        )


def test_nothing_is_recorded_at_the_due_instant_and_all_of_it_just_after(any_town: Town):
    any_town.report()
    any_town.clock.forward(hours=2)
    assert tick(any_town.house) == 0
    any_town.clock.forward(microseconds=1)
    assert tick(any_town.house) == 2
    assert tick(any_town.house) == 0
    assert any_town.differences() == []


def test_a_breach_happened_when_it_fell_due_and_was_recorded_now(town: Town):
    town.report()
    due_at = town.clock.at.replace(hour=3)
    town.clock.forward(days=3)
    tick(town.house)
    assert {(e.occurred_at, e.recorded_at) for e in breaches(town)} == {(due_at, town.clock.at)}


def test_the_people_the_regulation_names_are_told_once(town: Town):
    town.to_agency()
    town.clock.forward(days=5)
    tick(town.house)
    told = sorted(n.role or "" for n in town.notices() if n.template == "clock_breached")
    assert told == ["handler", "intake_officer", "leader"]


def test_twenty_workers_ticking_at_once_record_each_clock_once(any_town: Town):
    for _ in range(6):
        any_town.report()
    any_town.clock.forward(days=2)
    start = threading.Barrier(20)
    recorded, errors = [], []

    def work() -> None:
        start.wait()
        try:
            recorded.append(tick(any_town.house))
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sum(recorded) == len(breaches(any_town)) == 12
    assert any_town.differences() == []


def test_a_row_that_disagrees_with_the_law_is_parked_and_stalls_no_other(town: Town):
    first, second = town.report(), town.report()
    with town.house.store.writer() as session:
        session.execute(
            update(models.Deadline)
            .where(models.Deadline.case_id == first.case_id, models.Deadline.no == 1)
            .values(due_at=town.clock.at)
        )
    town.clock.forward(days=1)
    assert tick(town.house) == 3
    with town.house.store.reader() as session:
        parked = session.get(models.Deadline, (first.case_id, 1))
        assert parked is not None
        assert parked.parked == "due_differs"
    assert second


def test_a_worker_that_died_after_claiming_leaves_the_clock_to_the_next(town: Town):
    town.report()
    town.clock.forward(days=1)
    assert town.house.write(town.clock(), clock.claim_due) == (1, 1)
    assert tick(town.house) == 1
    town.clock.forward(minutes=3)
    assert tick(town.house) == 1


def test_old_form_tokens_and_sessions_are_forgotten(town: Town):
    receipt = town.report()
    town.do(receipt.case_id, "receive", "hoa", tokens={"category": "dien", "area": "20341"}, once="old")
    town.clock.forward(days=8)
    town.house.write(town.clock(), clock.forget_the_old)
    with town.house.store.reader() as session:
        assert session.get(models.Once, "old") is None
