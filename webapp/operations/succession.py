"""Cases at an agency that is over go on at its successor: the same terms, one event each, case by case.

How far it is stands in the rows themselves: an open assignment at an agency that is over still has to move.
Broken off anywhere, or done by several workers at once, it ends the same.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from webapp.core.events import Event, Kind, Scope
from webapp.core.state import Assignment
from webapp.operations import moves
from webapp.operations.house import House
from webapp.operations.work import Work
from webapp.regulations.directory import Agency, Directory
from webapp.store import models, record
from webapp.store.record import CaseFile
from webapp.store.session import StoreBusy

RAN = "succession.ran"
PAGE = 200
log = logging.getLogger("hoidap.succession")


@dataclass
class Done:
    """How many assignments moved, and the cases that stayed where nobody works any more.

    `double` are those left because the successor holds the case already: a person has to join the two parts.
    """

    moved: int = 0
    left: list[int] = field(default_factory=list)
    double: list[int] = field(default_factory=list)


def daily(house: House) -> int:
    """Once a legal day, and once more when the directory ends another agency; whichever worker comes first.

    Returns how many assignments moved.
    """
    now = house.clock()
    with house.reading(now) as work:
        mark = _mark(work.law.directory, work.today(work.law.first))
        ran = work.session.get(models.Meta, RAN)
        if mark is None or (ran and ran.value == mark):
            return 0
    done = run(house)
    if done.left:
        text = "%s cases stay at an agency that is over, %s of them because its successor holds them already"
        log.warning(text, len(done.left), len(done.double))
    house.write(now, lambda work: work.session.merge(models.Meta(key=RAN, value=mark)))
    return done.moved


def _mark(directory: Directory, today: date) -> str | None:
    """What a run was for; None where no agency is over."""
    over = directory.ended(today)
    digest = hashlib.sha256(" ".join(sorted(over)).encode()).hexdigest()[:16]
    return f"{today.isoformat()} {digest}" if over else None


def run(house: House) -> Done:
    """Move every case that has to move, each in a transaction of its own."""
    done = Done()
    for case_id in _waiting(house):
        try:
            moved = house.write(house.clock(), partial(succeed, case_id=case_id))
        except (StoreBusy, OperationalError):
            raise  # a passing fault: the next round goes on here
        except Exception:
            log.exception("case %s could not be moved", case_id)
        else:
            done.moved += moved
    done.left = list(_waiting(house))
    done.double = [case_id for case_id in done.left if _is_double(house, case_id)]
    return done


def _waiting(house: House) -> Iterator[int]:
    """The cases at agencies that are over, in pages: those that stay must not be met again."""
    row, last = models.Assignment, 0
    while True:
        with house.reading(house.clock()) as work:
            over = work.law.directory.ended(work.today(work.law.first))
            open_there = select(row.case_id).where(row.agency.in_(over), row.closed_at.is_(None))
            query = open_there.where(row.case_id > last).distinct().order_by(row.case_id).limit(PAGE)
            ids = list(work.session.scalars(query)) if over else []
        yield from ids
        if len(ids) < PAGE:
            return
        last = ids[-1]


def succeed(work: Work, case_id: int) -> int:
    """Give this case's open assignments to the successors of agencies that are over on its legal day.

    Due dates stay as they are. Returns how many moved; none when it was done already.
    """
    file = record.load(work.session, work.law, case_id, lock=True)
    if file is None:
        return 0
    events = list(_transfers(file, work))
    if events:
        moves.follow(work, file, events)
    return len(events)


def _is_double(house: House, case_id: int) -> bool:
    with house.reading(house.clock()) as work:
        file = record.load(work.session, work.law, case_id)
        return file is not None and any(kept for *_, kept in _successors(file, work))


def _transfers(file: CaseFile, work: Work) -> Iterable[Event]:
    for held, old, new, double in _successors(file, work):
        if not double:
            data = {"agency": new.id, "former": old.id}
            yield Event(
                Kind.transferred, Scope.assignment, held.no, work.now, "system", None, None, old.cite, data
            )


def _successors(file: CaseFile, work: Work) -> Iterator[tuple[Assignment, Agency, Agency, bool]]:
    """The open assignments at agencies that are over, with who was, who follows, and whether that one has
    an assignment of this case already: nobody gets the same case twice."""
    directory, today = work.law.directory, work.today(file.regulation)
    holding = {held.agency for held in file.state.open_assignments}
    for held in file.state.open_assignments:
        old = directory.agency(held.agency)
        new = directory.successor_of(held.agency, today, file.state.area)
        if old and new and old.over(today):
            yield held, old, new, new.id in holding
            holding.add(new.id)
