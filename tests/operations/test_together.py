"""Several reports in one transaction: all of them or each by itself, and nobody is told before it is durable."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import OperationalError

from tests.cast import Town
from webapp.operations import intake, joining
from webapp.operations.work import Conflict, Work
from webapp.store import models
from webapp.store.session import StoreBusy, after_commit

Operation = Callable[[Work], Any]
NOW = timedelta(0)


def sending(town: Town, **changes: Any) -> Operation:
    made = intake.ready(town.house.vault, town.written(**changes), town.house.law, town.clock())
    return lambda work: joining.send(work, made).receipt


def at_once(town: Town, operations: Sequence[Operation], step: timedelta = NOW) -> list[Future[Any]]:
    """All of them wait for the writer, which somebody else holds, before any of them gets it."""
    house, queue = town.house, town.house._together
    with ThreadPoolExecutor(len(operations)) as threads:
        with house.store.writer():
            handed = [
                threads.submit(house.write_together, town.clock() + n * step, one)
                for n, one in enumerate(operations)
            ]
            while len(queue._waiting) < len(operations):
                time.sleep(0.001)
        return handed


@contextmanager
def commits(town: Town, before: Callable[[int], None] = lambda n: None):
    """How often the database was asked to commit something; `before` is asked first, with the how-manieth."""
    found: list[int] = []

    def told(_connection: Any) -> None:
        found.append(len(found) + 1)
        before(len(found))

    engine = town.house.store._writing
    event.listen(engine, "commit", told)
    yield found
    event.remove(engine, "commit", told)


def cases(town: Town) -> int:
    with town.house.store.reader() as session:
        return session.scalar(select(func.count()).select_from(models.Case)) or 0


def test_reports_that_wait_together_are_written_together(town: Town):
    with commits(town) as asked:
        receipts = [one.result() for one in at_once(town, [sending(town) for _ in range(4)])]
    assert len(asked) == 2  # whoever held the writer, and the four
    assert len({receipt.number for receipt in receipts}) == cases(town) == 4
    assert town.differences() == []


def test_one_that_is_refused_stops_none_of_the_others(town: Town):
    secret = secrets.token_hex(16)
    town.report(secret=secret)
    others = [sending(town) for _ in range(3)]
    conflict = sending(town, secret=secret, text="Một nội dung khác")
    first, refused, *rest = at_once(town, [others[0], conflict, *others[1:]])
    with pytest.raises(Conflict):
        refused.result()
    assert len({one.result().number for one in (first, *rest)}) == 3
    assert cases(town) == 4
    assert town.differences() == []


def test_the_same_report_twice_in_one_transaction_is_one_case(town: Town):
    secret = secrets.token_hex(16)
    first, second = (one.result() for one in at_once(town, [sending(town, secret=secret)] * 2))
    assert (first.number, first.code) == (second.number, second.code)
    assert sorted([first.again, second.again]) == [False, True]
    assert cases(town) == 1


def test_a_commit_that_fails_is_told_to_nobody_and_each_is_written_by_itself(town: Town):
    def fails(n: int) -> None:
        if n == 2:  # the one of all four
            raise OperationalError("COMMIT", None, OSError("disk I/O error"))

    with commits(town, fails) as asked:
        receipts = [one.result() for one in at_once(town, [sending(town) for _ in range(4)])]
    assert len(asked) == 6  # the holder's, the one that failed, and four
    assert len({receipt.number for receipt in receipts}) == cases(town) == 4
    assert not any(receipt.again for receipt in receipts)
    assert town.differences() == []


def test_what_fails_after_the_commit_is_said_and_each_has_an_answer(town: Town, caplog):
    fails = [True]

    def and_then(send: Operation) -> Operation:
        def hook() -> None:
            if fails:
                raise ValueError("CANARY")

        def both(work: Work) -> Any:
            after_commit(work.session, hook)
            return send(work)

        return both

    def holder(n: int) -> None:
        if n > 2:  # each by itself, later
            fails.clear()

    with commits(town, holder) as asked, caplog.at_level("ERROR", "hoidap.together"):
        receipts = [one.result() for one in at_once(town, [and_then(sending(town)) for _ in range(2)])]
    assert len(asked) == 4
    assert [receipt.again for receipt in receipts] == [True, True] and cases(town) == 2
    assert caplog.messages == ["2 written together, but what follows failed: ValueError"]
    assert "CANARY" not in caplog.text


def test_who_waits_too_long_is_told_so_and_the_next_is_served(town: Town, monkeypatch):
    town.house.store._lock_timeout_s = 0.1
    done = threading.Event()

    def hold() -> None:
        with town.house.store.writer() as session:
            session.execute(text("SELECT 1"))
            done.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    while not town.house.store._turn.locked():
        time.sleep(0.001)
    alone = []
    monkeypatch.setattr(town.house, "write", lambda *_: alone.append(1))
    with ThreadPoolExecutor(2) as threads:
        handed = [threads.submit(town.house.write_together, town.clock(), sending(town)) for _ in range(2)]
        for one in handed:
            with pytest.raises(StoreBusy):
                one.result()
    assert not alone, "nobody waits a second time"
    done.set()
    holder.join()
    assert not town.house.write_together(town.clock(), sending(town)).again
    assert cases(town) == 1


def test_each_counts_from_its_own_instant(town: Town):
    hour = timedelta(hours=1)
    handed = at_once(town, [sending(town) for _ in range(2)], hour)
    found = [town.file(one.result().case_id).state.submissions[0].submitted_at for one in handed]
    assert found == [town.clock(), town.clock() + hour]


def test_both_databases_take_reports_that_come_at_once(any_town: Town):
    operations = [sending(any_town) for _ in range(12)]
    with ThreadPoolExecutor(4) as threads:
        receipts = list(
            threads.map(lambda one: any_town.house.write_together(any_town.clock(), one), operations)
        )
    assert len({receipt.number for receipt in receipts}) == cases(any_town) == 12
    assert any_town.differences() == []
