"""What counting costs: a million due instants, and the open due dates of a province after a notice.

python -m bench.clocks [--instants 1000000] [--due-dates 50000] [--folder /on/the/disk/in/question]
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from fractions import Fraction

from sqlalchemy import Table, func, select, text

from bench import house
from tests.cast import Town
from webapp.core.calendar import Sessions
from webapp.core.clocks import Counting, Term, Unit, due_at
from webapp.core.holidays import Notice, NoticeDay
from webapp.operations import holidays, recount
from webapp.regulations.load import load_installation
from webapp.store import models
from webapp.store.queries import calendar as queries

TERMS = (
    Term(Fraction(2), Unit.working_hour),
    Term(Fraction(7), Unit.working_day),
    Term(Fraction(24), Unit.clock_hour),
    Term(Fraction(15), Unit.calendar_day),
)
OFFICE = ((clock_time(7), clock_time(11, 30)), (clock_time(13, 30), clock_time(17)))
WEDNESDAY = datetime(2026, 3, 4, 2, tzinfo=UTC)  # 09:00 in Tam Ky
COPIED = (
    *("cases", "case_event", "submission_state", "assignment", "deadline"),
    *("pub.pub_card", "pub.pub_step", "pub.pub_clock"),
)
Tell = Callable[..., None]


def instants(tell: Tell, count: int) -> None:
    """Due instants of all four units from random starts, one core."""
    counting = replace(load_installation().first.counting, sessions=Sessions(OFFICE, ""))
    chance = random.Random(7)
    starts = [_start(counting, chance) for _ in range(min(count, 100_000))]
    each = count // len(TERMS) // len(starts)
    seconds = 0.0
    for term in TERMS:
        begun = time.process_time()
        for _ in range(max(1, each)):
            for start in starts:
                due_at(term, start, counting)
        seconds += time.process_time() - begun
    seconds *= count / (len(TERMS) * max(1, each) * len(starts))
    tell("due_instants", seconds, "s CPU", "10 for 1,000,000", seconds <= count / 100_000, count=count)


def _start(counting: Counting, chance: random.Random) -> datetime:
    first, days = counting.calendar.first, (counting.calendar.last - counting.calendar.first).days - 60
    opening = datetime(first.year, first.month, first.day, tzinfo=UTC) + timedelta(days=1)
    return opening + timedelta(microseconds=chance.randrange(days * 86_400_000_000))


def recounted(tell: Tell, town: Town, wanted: int) -> None:
    """Wall-clock time from a notice until no open due date is behind, with events, copies and letters."""
    _fill(town, wanted)
    days = tuple(NoticeDay(date(2026, 3, day), False, "x") for day in (5, 6))
    notice = Notice(2026, "x", date(2026, 3, 3), whole=False, days=days)
    begun = time.perf_counter()
    with town.house.reading(town.clock()) as work:
        holidays.preview(work, notice)
    tell("notice_preview", time.perf_counter() - begun, "s", due_dates=_open(town))
    town.house.write(town.clock(), lambda work: holidays.enter(work, notice, "bench"))
    begun, busy = time.perf_counter(), time.process_time()
    done = moved = 0
    while (part := recount.run_batch(town.house)).cases:
        done, moved = done + part.cases, moved + part.moved
    seconds, busy = time.perf_counter() - begun, time.process_time() - busy
    with town.house.reading(town.clock()) as work:
        assert queries.count_behind(work.session, work.law.calendar_versions) == 0
    scaled = seconds * 50_000 / moved
    tell("recounted_due_dates", seconds, "s", "60 for 50,000", scaled <= 60, due_dates=_open(town),
         moved=moved, cases=done, cpu=round(busy, 1), for_50_000=round(scaled, 1))  # fmt: skip


def _open(town: Town) -> int:
    with town.house.store.reader() as session:
        query = select(func.count()).select_from(models.Deadline).where(*queries.OPEN)
        return session.scalar(query) or 0


def _fill(town: Town, wanted: int) -> None:
    """Cases that an agency works on, begun at every hour of a day, and each copied until there are enough."""
    begun = []
    for minute in range(0, 500, 20):
        town.clock.at = WEDNESDAY + timedelta(minutes=minute)
        begun.append(town.to_agency().case_id)
        town.do(begun[-1], "accept", "tu")
    with town.house.store.writer() as session:
        for name in COPIED:
            session.execute(text(_copies(models.Case.metadata.tables[name])), {"n": -(-wanted // len(begun))})


def _copies(table: Table) -> str:
    """The statement that copies the rows of every case: other ids and numbers, nothing else."""
    columns = [column.name for column in table.columns if column.name != "seq"]
    other = {
        "case_id": "case_id + 1000 * i.turn",
        "id": "id + 1000 * i.turn",
        "code": "code || '-' || i.turn",
    }
    values = ", ".join(other.get(name, f'"{name}"') for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    numbers = "WITH RECURSIVE i(turn) AS (SELECT 1 UNION ALL SELECT turn + 1 FROM i WHERE turn < :n - 1)"
    return f"INSERT INTO {table.name} ({names}) {numbers} SELECT {values} FROM {table.name}, i"


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--instants", type=int, default=1_000_000)
    words.add_argument("--due-dates", type=int, default=50_000)
    words.add_argument("--folder")
    given = words.parse_args()

    def tell(
        name: str, value: float, unit: str, bar: str = "", met: bool | None = None, **more: object
    ) -> None:
        row = {"figure": name, "value": round(value, 3), "unit": unit, **more}
        print(json.dumps(row | ({"bar": bar, "met": met} if bar else {})), flush=True)

    instants(tell, given.instants)
    with house.town(given.folder, cases=0) as town:
        recounted(tell, town, given.due_dates)


if __name__ == "__main__":
    main()
