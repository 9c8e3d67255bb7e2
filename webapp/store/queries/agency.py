"""What the desk reads: lists of cases and the rows a page of them needs, in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session, aliased

from webapp.core.events import Kind, Scope
from webapp.core.state import Assignment, Clock
from webapp.store import models

States = Mapping[str, frozenset[str]]  # the states that matter, by regulation


@dataclass(frozen=True)
class Tab:
    """Which rows a tab holds: those that any of the fields up to `directing` fits, or `every`.

    `states` are those of the listed thing (assignment or case), `submissions` of any submission of the case,
    `asked` the regulations in whose cases an open question counts, `directing` the states of an assignment in
    which a direction that was asked for may still be given; `closed`, `doubted` and `due` narrow
    what fits: only what may come from a machine, or only the rest; only what is due from the one instant
    (None: from ever) to the other.
    """

    code: str
    states: States = field(default_factory=dict)
    submissions: States = field(default_factory=dict)
    asked: frozenset[str] = frozenset()
    directing: States = field(default_factory=dict)
    every: bool = False
    closed: bool | None = None
    doubted: bool | None = None
    due: tuple[datetime | None, datetime] | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list: a case, or (number above 0) its assignment at one agency."""

    case_id: int
    no: int
    due_at: datetime | None
    state: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Running totals of a scope, and how many rows each counted tab holds."""

    late: int
    today: int
    open: int
    tabs: Mapping[str, int]


def at_agency(agency: str) -> Subquery:
    """The assignments of one agency, each with its own next due date."""
    deadline, mine, row = models.Deadline, models.Assignment, models.Case
    due = (
        select(func.min(deadline.due_at))
        .where(
            deadline.case_id == mine.case_id,
            deadline.on == Scope.assignment,
            deadline.target == mine.no,
            deadline.met_at.is_(None),
            deadline.ended_at.is_(None),
            or_(deadline.paused_at.is_(None), deadline.paused_at > deadline.due_at),
        )
        .scalar_subquery()
    )
    return (
        select(mine.case_id, mine.no, row.regulation, mine.state, mine.closed_at, due.label("due_at"))
        .join(row, row.id == mine.case_id)
        .where(mine.agency == agency)
        .subquery()
    )


def everywhere() -> Subquery:
    """All cases, each with the next due date of any of its clocks."""
    row = models.Case
    columns = (row.id.label("case_id"), literal(0).label("no"), row.regulation, row.state, row.closed_at)
    return select(*columns, row.next_due_at.label("due_at")).subquery()


def page(session: Session, scope: Subquery, tab: Tab, offset: int, limit: int) -> list[Row]:
    """One page of a tab: most urgent first, then what has no due date, the latest first."""
    columns = scope.c
    order: Sequence[Any] = (columns.due_at.asc().nulls_last(), columns.case_id.desc())
    if tab.closed:
        order = (columns.closed_at.desc(), columns.case_id.desc())
    query = select(columns.case_id, columns.no, columns.due_at, columns.state).where(_fits(scope, tab))
    found = session.execute(query.order_by(*order, columns.no).offset(offset).limit(limit))
    return [Row(*row) for row in found]


def figures(
    session: Session, scope: Subquery, tabs: Iterable[Tab], now: datetime, end_of_day: datetime
) -> Figures:
    """All totals of the page in one query. Tabs that hold closed rows are not counted: they only grow."""
    columns, counted = scope.c, [tab for tab in tabs if tab.closed is False or not (tab.every or tab.closed)]
    opened = columns.closed_at.is_(None)
    sums = [
        _count(and_(opened, columns.due_at < now)),
        _count(and_(opened, columns.due_at >= now, columns.due_at <= end_of_day)),
        _count(opened),
        *(_count(_fits(scope, tab)) for tab in counted),
    ]
    late, today, open_, *rest = session.execute(select(*sums).where(or_(opened, _asked(scope)))).one()
    return Figures(late, today, open_, {tab.code: n for tab, n in zip(counted, rest, strict=True)})


def _count(condition: ColumnElement[bool]) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _fits(scope: Subquery, tab: Tab) -> ColumnElement[bool]:
    columns, submission = scope.c, models.SubmissionState
    fits: list[ColumnElement[bool]] = [true()] if tab.every else []
    for regulation, states in tab.states.items():
        fits.append(and_(columns.regulation == regulation, columns.state.in_(sorted(states))))
    for regulation, states in tab.submissions.items():
        waiting = select(submission.case_id).where(submission.state.in_(sorted(states)))
        waiting = waiting.where(submission.case_id == columns.case_id)
        fits.append(and_(columns.regulation == regulation, waiting.exists()))
    if tab.asked:
        fits.append(and_(columns.regulation.in_(sorted(tab.asked)), _asked(scope)))
    for regulation, states in tab.directing.items():
        here = and_(columns.regulation == regulation, columns.state.in_(sorted(states)))
        fits.append(and_(here, _direction_awaited(columns.case_id, columns.no)))
    fit = or_(false(), *fits)
    if tab.doubted is not None:
        waiting = in_doubt()
        fit = and_(fit, columns.case_id.in_(waiting) if tab.doubted else columns.case_id.not_in(waiting))
    if tab.due is not None:
        since, until = tab.due
        fit = and_(fit, columns.due_at <= until, columns.due_at >= since if since else true())
    if tab.closed is None:
        return fit
    return and_(fit, columns.closed_at.is_not(None) if tab.closed else columns.closed_at.is_(None))


def _asked(scope: Subquery) -> ColumnElement[bool]:
    """Cases with an open question: few, so they are listed once rather than looked up for each row."""
    submission = models.SubmissionState
    return scope.c.case_id.in_(select(submission.case_id).where(submission.question_open.is_(True)))


# A handler who answers or goes on without it no longer waits for a direction.
_DIRECTED = (Kind.directed, Kind.result_entered, Kind.rework_ordered)


@cache
def _direction() -> tuple[Any, Any]:
    """The event that asks for a direction and one after it: made once, for that costs more than asking."""
    return aliased(models.CaseEvent), aliased(models.CaseEvent)


def _direction_awaited(case_id: Any, no: Any) -> ColumnElement[bool]:
    """Whether the assignment's handler asked for a direction and none came; found by the events' own key."""
    asked, told = _direction()
    here = (told.case_id == asked.case_id, told.on == Scope.assignment, told.target == asked.target)
    later = select(told.n).where(*here, told.kind.in_(_DIRECTED), told.n > asked.n)
    query = select(asked.n).where(
        asked.case_id == case_id,
        asked.on == Scope.assignment,
        asked.target == no,
        asked.kind == Kind.direction_requested,
        ~later.exists(),
    )
    return query.exists()


def awaiting_direction(session: Session, case_ids: Iterable[int]) -> set[tuple[int, int]]:
    """The assignments (case, number) of these cases whose handler waits for a direction."""
    row = models.Assignment
    query = select(row.case_id, row.no).where(row.case_id.in_(sorted(set(case_ids))), row.closed_at.is_(None))
    return {(case, no) for case, no in session.execute(query.where(_direction_awaited(row.case_id, row.no)))}


# What belongs to the cases of one page


@dataclass(frozen=True, slots=True)
class First:
    """What the first citizen said: the words where they are not sealed, and their own choices."""

    report: str | None
    category: str | None
    area: str | None


@dataclass(frozen=True)
class Around:
    """The rows around some cases, by case id."""

    cases: Mapping[int, models.Case]
    submissions: Mapping[int, Sequence[models.SubmissionState]]
    clocks: Mapping[int, Sequence[Clock]]
    first: Mapping[int, First]
    directing: Collection[tuple[int, int]] = ()
    doubted: Collection[int] = ()
    assignments: Mapping[int, Sequence[Assignment]] = field(default_factory=dict)


def around(session: Session, case_ids: Iterable[int]) -> Around:
    """Everything that lines of a list show, in seven queries."""
    ids = sorted(set(case_ids))
    cases = session.scalars(select(models.Case).where(models.Case.id.in_(ids)))
    return Around(
        {row.id: row for row in cases},
        _grouped(session, models.SubmissionState, ids),
        {id: [_clock(row) for row in rows] for id, rows in _grouped(session, models.Deadline, ids).items()},
        _first(session, ids),
        awaiting_direction(session, ids),
        doubted(session, ids),
        {id: [*map(_assignment, rows)] for id, rows in _grouped(session, models.Assignment, ids).items()},
    )


def doubted(session: Session, case_ids: Sequence[int]) -> set[int]:
    """Which of these cases stand apart."""
    return set(session.scalars(in_doubt().where(models.Submission.case_id.in_(case_ids))))


def in_doubt() -> Select[int]:
    """The cases that may come from a machine, one row for each such report, as long as nobody has looked;
    who passed a case on has looked. List, line and figure all ask this."""
    row, passed_on = models.Submission, models.Assignment
    seen = exists().where(passed_on.case_id == row.case_id)
    return select(row.case_id).where(row.doubt.is_not(None), row.doubt_lifted_at.is_(None), ~seen)


def _grouped(session: Session, model: Any, ids: Sequence[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in session.scalars(select(model).where(model.case_id.in_(ids)).order_by(model.case_id, model.no)):
        found[row.case_id].append(row)
    return found


def _first(session: Session, ids: Sequence[int]) -> dict[int, First]:
    submission, text = models.Submission, models.Text
    body = case((text.purged_at.is_(None), text.body), else_=None)
    query = (
        select(submission.case_id, body, submission.claimed_category, submission.claimed_area)
        .join(text, text.id == submission.text_id)
        .where(submission.case_id.in_(ids), submission.no == 1)
    )
    return {case_id: First(*said) for case_id, *said in session.execute(query)}


def _assignment(row: models.Assignment) -> Assignment:
    return Assignment(row.no, row.agency, row.leading, row.state, row.opened_at, closed_at=row.closed_at)


def _clock(row: models.Deadline) -> Clock:
    return Clock(
        row.no,
        row.clock,
        Scope(row.on),
        row.target,
        row.started_at,
        row.due_at,
        row.provisional,
        row.calendar,
        met_at=row.met_at,
        ended_at=row.ended_at,
        breached_at=row.breached_at,
        paused_at=row.paused_at,
    )


# One case


def holds_case(session: Session, case_id: int, agency: str, void: Collection[str]) -> bool:
    """Whether this agency has the case or answered it; `void` are the states of having given it back."""
    mine = models.Assignment
    query = select(mine.case_id).where(
        mine.case_id == case_id, mine.agency == agency, mine.state.not_in(sorted(void))
    )
    return session.execute(query.limit(1)).first() is not None


def submissions(session: Session, case_id: int) -> list[models.Submission]:
    row = models.Submission
    return list(session.scalars(select(row).where(row.case_id == case_id).order_by(row.no)))


def account_names(session: Session, ids: Iterable[int]) -> dict[int, str]:
    """The names of these accounts, by id."""
    row = models.Account
    query = select(row.id, row.name).where(row.id.in_(sorted(set(ids))))
    return {row.id: row.name for row in session.execute(query)}
