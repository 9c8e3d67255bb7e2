"""Open due dates counted again after a notice of days off: some hundred cases at a time, broken off anywhere.

How far it is stands in the rows themselves: a running term that was counted by another calendar than the law
has now is behind, whoever wrote it. So a process that had not heard of a notice leaves nothing wrong.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from webapp.core.recount import is_behind, recounted
from webapp.operations import notices
from webapp.operations.house import House
from webapp.operations.work import Work
from webapp.store import inserts, models, record
from webapp.store.queries import calendar
from webapp.store.record import CaseFile
from webapp.store.session import StoreBusy

BATCH = 300
_ROWS: Any = {"execution_options": {"synchronize_session": False}}  # nobody holds them in this session
log = logging.getLogger("hoidap.recount")


@dataclass(frozen=True, slots=True)
class Done:
    """How many cases were looked at, how many terms have another date, and how many the same one, but sure
    or unsure now."""

    cases: int = 0
    moved: int = 0
    doubt: int = 0


def run_batch(house: House, limit: int = BATCH) -> Done:
    """Count the terms of the next cases again. Nothing is behind when no case was looked at."""
    with house.reading(house.clock(), fresh=True) as work:
        ids = calendar.behind(work.session, work.law.calendar_versions, limit)
    if not ids:
        return Done()
    try:
        return house.write(house.clock(), partial(count_again, case_ids=ids))
    except (StoreBusy, OperationalError):
        raise
    except Exception:
        log.exception("a batch could not be counted again: case by case")
        return _one_by_one(house, ids)


def _one_by_one(house: House, ids: Sequence[int]) -> Done:
    """A case that cannot be counted is set aside and stalls no other; `/status` shows it."""
    done = [Done()]
    for id in ids:
        try:
            done.append(house.write(house.clock(), partial(count_again, case_ids=[id])))
        except (StoreBusy, OperationalError):
            raise
        except Exception as error:
            log.exception("case %s is parked", id)
            house.write(house.clock(), partial(_park, case_id=id, why=f"recount:{type(error).__name__}"))
    return Done(
        sum(each.cases for each in done) or 1,
        sum(each.moved for each in done),
        sum(each.doubt for each in done),
    )


def count_again(work: Work, case_ids: Sequence[int]) -> Done:
    """Bring the running terms of these cases to the calendar of `work`, with an event where a date moves."""
    files = record.load_many(work.session, work.law, case_ids, lock=True)
    if not files or not _knows_all(work):
        return Done()
    due = [(file, recounted(file.regulation, file.state, work.now)) for file in files]
    moved = [(file, events) for file, events in due if events]
    after = record.append_moved(work.session, moved, work.now)
    told = (notices.rows(work, file, events) for file, (_, events) in zip(after, moved, strict=True))
    inserts.add_all(work.session, models.Notice, [row for rows in told for row in rows])
    _held_against(work, files)
    dates = [row["due_at"] != row["was"] for _, es in moved for e in es for row in e.data["clocks"]["moved"]]
    return Done(len(files), sum(dates), len(dates) - sum(dates))


def brought_up(work: Work, file: CaseFile) -> CaseFile:
    """The case with its running terms counted by the present calendar, before anything else happens to it."""
    if not is_behind(file.regulation, file.state) or not _knows_all(work):
        return file
    events = recounted(file.regulation, file.state, work.now)
    if not events:
        return file
    after = record.append(work.session, file, events, work.now)
    notices.queue(work, after, events)
    return after


def _knows_all(work: Work) -> bool:
    """Whether no notice came since this transaction read the law: with an older one nothing is counted again.

    Asked after the rows were read, so that whoever counts knows at least what their writers knew.
    """
    return calendar.stamp(work.session) == work.law.notices


def _held_against(work: Work, files: Sequence[CaseFile]) -> None:
    row = models.Deadline
    by_version: dict[str, list[int]] = {}
    for file in files:
        by_version.setdefault(file.regulation.counting.calendar.version, []).append(file.row.id)
    for version, ids in by_version.items():
        behind = (row.case_id.in_(ids), *calendar.OPEN, row.calendar != version)
        work.session.execute(update(row).where(*behind).values(calendar=version), **_ROWS)


def _park(work: Work, case_id: int, why: str) -> None:
    row = models.Deadline
    behind = (row.case_id == case_id, *calendar.OPEN, row.calendar.not_in(work.law.calendar_versions))
    work.session.execute(update(row).where(*behind).values(parked=why), **_ROWS)
