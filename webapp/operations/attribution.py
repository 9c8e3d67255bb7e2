"""How much work each agency had: under the name of who has it now, or of who had it then."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import and_, false, func, not_, or_, select

from webapp.core import timing
from webapp.core.events import Kind, Scope
from webapp.core.state import Assignment, Case, Clock
from webapp.operations.work import Work
from webapp.store import models, record


@dataclass
class Tally:
    """Assignments of one agency: given to it, finished, still open; and its terms that were or are late."""

    given: int = 0
    finished: int = 0
    open: int = 0
    late: int = 0


@dataclass
class Tallies:
    """By agency. `moved` counts assignments that changed hands with the organisation: from and to."""

    rows: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    moved: Counter[tuple[str, str]] = field(default_factory=Counter)


def by_agency(work: Work, since: datetime, *, then: bool = False) -> Tallies:
    """The assignments opened since that instant. With `then` what was given, finished or late before a
    transfer counts for the agency of that time, else for its successor."""
    found = Tallies()
    for agency, given, finished in _assignments(work, since):
        found.rows[agency] = Tally(given, finished, given - finished)
    for agency, late in _late(work, since):
        found.rows[agency].late = late
    for case, held in _handed_on(work, since):
        for (former, _), after in zip(held.earlier, _after(held), strict=True):
            found.moved[former, after] += 1
        if then:
            _back(found.rows, work, case, held)
    return found


def _after(held: Assignment) -> list[str]:
    return [*(agency for agency, _ in held.earlier[1:]), held.agency]


def _back(rows: dict[str, Tally], work: Work, case: Case, held: Assignment) -> None:
    """Take one assignment from its present agency and give each part to who had it then."""
    rows[held.agency].given -= 1
    rows[held.earlier[0][0]].given += 1
    if held.closed_at:
        rows[held.agency].finished -= 1
        rows[held.held_by(held.closed_at)].finished += 1
    for clock in case.clocks:
        if clock.on is Scope.assignment and clock.target == held.no and _is_late(work, case, clock):
            rows[held.agency].late -= 1
            rows[held.held_by(clock.met_at) if clock.met_at else held.agency].late += 1


def _is_late(work: Work, case: Case, clock: Clock) -> bool:
    if (case.regulation, clock.clock) in _of_reporters(work):
        return False
    return timing.standing(clock, work.now) == "late"


def _assignments(work: Work, since: datetime) -> Iterator[Any]:
    row = models.Assignment
    columns = (row.agency, func.count(), func.count(row.closed_at))
    yield from work.session.execute(select(*columns).where(row.opened_at >= since).group_by(row.agency))


def _late(work: Work, since: datetime) -> Iterator[Any]:
    row, term, case = models.Assignment, models.Deadline, models.Case
    own = and_(term.case_id == row.case_id, term.target == row.no, term.on == str(Scope.assignment))
    passed = or_(and_(term.paused_at.is_(None), term.due_at < work.now), term.due_at < term.paused_at)
    unmet = and_(term.met_at.is_(None), term.ended_at.is_(None), passed)
    others = [and_(case.regulation == law, term.clock == id) for law, id in _of_reporters(work)]
    query = (
        select(row.agency, func.count())
        .join(term, own)
        .join(case, case.id == row.case_id)
        .where(row.opened_at >= since, or_(term.met_at > term.due_at, unmet), not_(or_(false(), *others)))
        .group_by(row.agency)
    )
    yield from work.session.execute(query)


def _of_reporters(work: Work) -> set[tuple[str, str]]:
    """The terms in which an office waits for somebody else, each with its regulation."""
    rows = ((regulation.id, clock) for regulation in work.law.versions for clock in regulation.clocks)
    return {(regulation, clock.id) for regulation, clock in rows if clock.holder != "staff"}


def _handed_on(work: Work, since: datetime) -> Iterator[tuple[Case, Assignment]]:
    """The assignments that have had another agency, each with its case."""
    row = models.CaseEvent
    query = select(row.case_id).where(row.kind == str(Kind.transferred)).distinct().order_by(row.case_id)
    for case_id in work.session.scalars(query).all():
        file = record.load(work.session, work.law, case_id)
        for held in file.state.assignments if file else ():
            if held.earlier and held.opened_at >= since:
                yield file.state, held  # type: ignore[union-attr]
