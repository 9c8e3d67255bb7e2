"""The machine's clock jumps: terms depend on stored dates alone, and time-outs do not listen to it."""

from __future__ import annotations

import random
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.cast import Clock, Town
from tests.faults.world import tell
from webapp.cli.worker import tick
from webapp.operations.checkup import checkup
from webapp.operations.house import House
from webapp.store import models
from webapp.store.session import Store, StoreBusy


def breaches(town: Town) -> list[models.CaseEvent]:
    with town.house.store.reader() as session:
        query = session.query(models.CaseEvent).where(models.CaseEvent.kind == "clock_breached")
        return list(query)


def due(town: Town) -> dict[tuple[int, int], datetime]:
    with town.house.store.reader() as session:
        return {(row.case_id, row.no): row.due_at for row in session.query(models.Deadline)}


class Jumping(Clock):
    """A clock that at every look may be a day ahead or an hour behind."""

    def __init__(self, at: datetime, seed: int) -> None:
        super().__init__(at)
        self.random = random.Random(seed)

    def __call__(self) -> datetime:
        return self.at + self.random.choice((timedelta(), timedelta(days=1), -timedelta(hours=1)))


@pytest.mark.parametrize("seed", range(5))
def test_jumps_during_ticks_record_every_clock_once_and_none_before_its_time(any_town: Town, seed: int):
    town = any_town
    for _ in range(6):
        town.report()
    before = due(town)
    town.clock.forward(hours=2)
    jumping = Jumping(town.clock.at, seed)
    house = House(town.house.config, jumping)
    for _ in range(8):
        tick(house)
        jumping.at += timedelta(minutes=40)
    house.close()
    found = breaches(town)
    early = [event for event in found if event.recorded_at <= event.occurred_at]
    twice = len(found) - len({(event.case_id, event.occurred_at, event.data["clock"]) for event in found})
    tell("clock jumps", seed=seed, recorded=len(found), twice=twice, early=len(early))
    assert early == [] and twice == 0 and len(found) >= 6
    assert {key: at for key, at in due(town).items() if key in before} == before, "a jump moved a due date"
    assert checkup(town.house) == []


def test_a_clock_set_back_after_recording_records_nothing_again(town: Town):
    town.report()
    town.clock.forward(days=1)
    recorded = tick(town.house)
    town.clock.forward(days=-1)
    assert tick(town.house) == 0
    town.clock.forward(days=2)
    assert tick(town.house) == len(breaches(town)) - recorded == 0


def test_jumps_between_submissions_leave_each_term_counted_from_its_own_moment(town: Town):
    jumping = Jumping(town.clock.at, 7)
    own = Town(House(town.house.config, jumping), jumping, town.ids)
    for _ in range(10):
        own.report()
    with town.house.store.reader() as session:
        rows = session.query(models.Deadline, models.SubmissionState).join(
            models.SubmissionState, models.SubmissionState.case_id == models.Deadline.case_id
        )
        assert all(deadline.started_at == state.submitted_at < deadline.due_at for deadline, state in rows)
    assert checkup(own.house) == []
    own.house.close()


@pytest.mark.parametrize("jump", [timedelta(days=1), -timedelta(hours=1)])
def test_the_lock_times_out_by_a_clock_that_nobody_can_set(town: Town, jump: timedelta):
    holder, waiter = Store(town.house.config), Store(town.house.config, lock_timeout_s=1.0)
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with holder.writer():
            held.set()
            done.wait(20)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(5)
    began = time.perf_counter_ns()
    with time_machine.travel(datetime.now(UTC) + jump), pytest.raises(StoreBusy), waiter.writer():
        pass
    waited = (time.perf_counter_ns() - began) / 1e9
    done.set()
    thread.join()
    holder.close()
    waiter.close()
    assert 0.9 < waited < 10
