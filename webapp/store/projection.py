"""From the state that `evolve` gives to rows: the only writer of projection columns, and their checker.

`rows_of` and `public_rows` are pure: the same events give the same rows, live, in the demo loader and in
`cases rebuild --check`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Table, Update, and_, bindparam, delete, update
from sqlalchemy.orm import Session

from webapp.core import timing
from webapp.core.calendar import BeyondCalendar
from webapp.core.clocks import share_used
from webapp.core.events import Event, Kind, Scope, by_reorganisation
from webapp.core.holding import leading
from webapp.core.regulation import Regulation
from webapp.core.state import Case, Clock
from webapp.core.workflow import case_state
from webapp.store import inserts, models
from webapp.store.counts import Share, add_counts

Row = dict[str, Any]
Rows = dict[tuple[str, tuple[Any, ...]], Row]

_CLOCK = (
    "clock",
    "target",
    "started_at",
    "due_at",
    "provisional",
    "calendar",
    "met_at",
    "ended_at",
    "breached_at",
    "paused_at",
)
# Written with the row and with an event; what counting again without a result has made of it stays.
HELD = frozenset({("deadline", "calendar")})
_SUBMISSION = (
    "state",
    "submitted_at",
    "channel",
    "secrecy",
    "rating",
    "rated_at",
    "answered_at",
    "question_open",
)
_ASSIGNMENT = ("agency", "leading", "state", "opened_at", "closed_at", "publication", "ground")


def case_columns(regulation: Regulation, state: Case) -> Row:
    """The projected columns of `cases`."""
    following = _next(_of_staff(regulation, state))
    return {
        "events": state.events,
        "state": case_state(regulation, state),
        "category": state.category,
        "area": state.area,
        "track": state.track,
        "leading": leading(regulation, state),
        "next_due_at": following and following.due_at,
        "next_clock": following and following.clock,
        "closed_at": _closed_at(regulation, state),
    }


def _next(clocks: Iterable[Clock]) -> Clock | None:
    waiting = [clock for clock in clocks if clock.running and not clock.stands_still]
    return min(waiting, key=lambda clock: (clock.due_at, clock.no), default=None)


def rows_of(case_id: int, state: Case) -> Rows:
    """Every projected row of a case, by table and key."""
    rows: Rows = {}
    for submission in state.submissions:
        rows["submission_state", (case_id, submission.no)] = _values(submission, _SUBMISSION)
    for assignment in state.assignments:
        rows["assignment", (case_id, assignment.no)] = _values(assignment, _ASSIGNMENT)
    for clock in state.clocks:
        rows["deadline", (case_id, clock.no)] = _deadline(clock)
    return rows


def rows_of_moved(
    regulation: Regulation, row: models.Case, state: Case, events: Sequence[Event], moved: Collection[int]
) -> Rows:
    """The rows that tell the due dates of these running clocks: no step and no count comes of a new one."""
    rows: Rows = {("deadline", (row.id, no)): _deadline(state.clock(no)) for no in moved}
    if visible(regulation, state):
        rows["pub.pub_card", (row.code,)] = _card(regulation, state)
        for clock in _shown_clocks(regulation, state):
            if clock.no in moved:
                shown = _public_clock(regulation, state, clock, events)
                rows["pub.pub_clock", (row.code, clock.no)] = shown
    return rows


def _deadline(clock: Clock) -> Row:
    more = {"on": str(clock.on), "warn_at": clock.warn_at[0] if clock.warn_at else None}
    return _values(clock, _CLOCK) | more


# What keeps content from the public; an extension or a report to the province has a ground too.
_HIDING = (Kind.refused, Kind.withheld, Kind.withdrawn, Kind.redirected)


def public_rows(regulation: Regulation, code: str, state: Case, events: Sequence[Event]) -> Rows:
    """The process card with its steps and clocks; empty while the regulation shows nothing yet."""
    if not visible(regulation, state):
        return {}
    rows: Rows = {("pub.pub_card", (code,)): _card(regulation, state)}
    for n, event in enumerate(events, 1):
        move = event.data.get("move")
        if regulation.move(move).public if move else by_reorganisation(event):
            rows["pub.pub_step", (code, n)] = _step(regulation, state, event)
    grounds = [event.data["ground"] for event in events if event.kind in _HIDING and event.data.get("ground")]
    rows["pub.pub_card", (code,)]["ground"] = grounds[-1] if grounds else None
    for clock in _shown_clocks(regulation, state):
        rows["pub.pub_clock", (code, clock.no)] = _public_clock(regulation, state, clock, events)
    return rows


def all_rows(regulation: Regulation, row: models.Case, state: Case, events: Sequence[Event]) -> Rows:
    """Those of the desk and those of the public door."""
    return rows_of(row.id, state) | public_rows(regulation, row.code, state, events)


def visible(regulation: Regulation, state: Case) -> bool:
    """Whether the process of this case may be shown to everybody, as the regulation's publicity says."""
    confidential = all(s.secrecy == "confidential" for s in state.submissions)
    if confidential and regulation.publicity["process_of_confidential"] == "none":
        return False
    since = regulation.publicity["card"]
    if since == "never":
        return False
    if since == "from_reception":
        return state.received_at is not None
    return since == "from_submission" or bool(state.assignments)


def count_of(regulation: Regulation, state: Case) -> Share | None:
    """The cell of `pub_count` this case is in, and what it adds: received, answered, answered on time.

    None before reception, and for what no stranger may know of."""
    if state.received_at is None or regulation.publicity["card"] == "never":
        return None
    cell = (
        _day(regulation, state.opened_at)[:7],
        state.category or "",
        state.area or "",
        leading(regulation, state) or "",
    )
    answered = any(s.answered_at for s in state.submissions)
    late = _late_by(regulation, state, leading(regulation, state))
    return cell, (1, int(answered), int(answered and not late))


def write(
    session: Session,
    regulation: Regulation,
    row: models.Case,
    before: tuple[Case, Sequence[Event]],
    after: tuple[Case, Sequence[Event]],
) -> None:
    """Bring projection and public copy from `before` to `after`; only what differs is written."""
    set_columns(row, case_columns(regulation, after[0]))
    session.flush()
    write_rows(session, regulation, row, before, after)


def set_columns(row: models.Case, values: Row) -> None:
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)


def write_rows(
    session: Session,
    regulation: Regulation,
    row: models.Case,
    before: tuple[Case, Sequence[Event]] | None,
    after: tuple[Case, Sequence[Event]],
) -> None:
    """As `write`, for a case whose own columns are right; None: there was nothing before."""
    old = all_rows(regulation, row, *before) if before else {}
    write_difference(session, old, all_rows(regulation, row, *after))
    add_counts(session, count_of(regulation, before[0]) if before else None, count_of(regulation, after[0]))


def write_difference(session: Session, old: Rows, new: Rows) -> None:
    write_differences(session, [(old, new)])


def write_differences(session: Session, pairs: Iterable[tuple[Rows, Rows]]) -> None:
    """Of many cases at once; one statement for all rows in which the same columns differ."""
    tables = models.Case.metadata.tables
    fresh: dict[str, list[Row]] = defaultdict(list)
    changed: dict[tuple[str, tuple[str, ...]], list[Row]] = defaultdict(list)
    for old, new in pairs:
        for (name, key), values in new.items():
            table = tables[name]
            if (name, key) not in old:
                fresh[name].append(_keyed(table, key) | _named(table, values))
            elif old[name, key] != values:
                was = old[name, key]
                differs = {k: value for k, value in values.items() if k not in was or was[k] != value}
                row = _named(table, differs)
                changed[name, tuple(row)].append({f"_{k}": v for k, v in _keyed(table, key).items()} | row)
        for name, key in old.keys() - new.keys():
            session.execute(delete(tables[name]).where(_at(tables[name], key)))
    for (name, _), rows in changed.items():
        session.connection().execute(_change(tables[name]), rows)
    for name, added in fresh.items():
        inserts.put_all(session, tables[name], added)


@cache
def _change(table: Table) -> Update:
    """Of the row with the key `_<column>`; what it sets are the other names that it is executed with."""
    return update(table).where(
        and_(*(column == bindparam(f"_{column.name}") for column in table.primary_key))
    )


def _named(table: Table, values: Row) -> Row:
    return {("scope" if name == "on" else name): value for name, value in values.items()}


def _keyed(table: Table, key: tuple[Any, ...]) -> Row:
    return {column.name: value for column, value in zip(table.primary_key, key, strict=True)}


def _at(table: Table, key: tuple[Any, ...]) -> Any:
    return and_(*(column == value for column, value in zip(table.primary_key, key, strict=True)))


def _values(thing: Any, names: tuple[str, ...]) -> Row:
    return {name: getattr(thing, name) for name in names}


def _closed_at(regulation: Regulation, state: Case) -> datetime | None:
    if state.open_assignments or not all(regulation.state(s.state).final for s in state.submissions):
        return None
    ends = [a.closed_at for a in state.assignments if a.closed_at]
    return max(ends) if ends else state.opened_at


def _of_staff(regulation: Regulation, state: Case) -> list[Clock]:
    """The clocks that somebody in an office answers for."""
    return [clock for clock in state.clocks if regulation.clock(clock.clock).holder == "staff"]


def _late_by(regulation: Regulation, state: Case, agency: str | None) -> bool:
    """Whether this agency met one of its own clocks late: nobody is charged with another's delay (INT-9)."""
    return any(
        clock.met_at > clock.due_at and state.assignments[clock.target - 1].held_by(clock.met_at) == agency
        for clock in _of_staff(regulation, state)
        if clock.on is Scope.assignment and clock.met_at
    )


def _shown_clocks(regulation: Regulation, state: Case) -> list[Clock]:
    """Those that everybody sees. What is owed to whoever joined is on their own page: one press of anybody
    makes no case late."""
    own = _of_staff(regulation, state)
    return [clock for clock in own if clock.on is not Scope.submission or clock.target == 1]


def _late(regulation: Regulation, state: Case) -> bool:
    return any(clock.met_at and clock.met_at > clock.due_at for clock in _shown_clocks(regulation, state))


def _met_it_too(regulation: Regulation, state: Case) -> int:
    """How many joined and were looked at by somebody in an office, refused ones apart."""
    return sum(
        not regulation.state(sent.state).void and any(_by_staff(regulation, move) for move in sent.counts)
        for sent in state.submissions[1:]
    )


def _by_staff(regulation: Regulation, move: str) -> bool:
    return all(regulation.role(role).org != "reporter" for role in regulation.move(move).by)


def _day(regulation: Regulation, at: datetime) -> str:
    return at.astimezone(regulation.zone).date().isoformat()


def _card(regulation: Regulation, state: Case) -> Row:
    columns, following = case_columns(regulation, state), _next(_shown_clocks(regulation, state))
    answered = [s.answered_at for s in state.submissions if s.answered_at]
    return {
        "regulation": state.regulation,
        "version": state.version,
        "category": state.category,
        "area": state.area,
        "agency": columns["leading"],
        "state": columns["state"],
        "submitted_on": _day(regulation, state.opened_at),
        "due_at": following and following.due_at,
        "due_clock": following and following.clock,
        "answered_on": _day(regulation, max(answered)) if answered else None,
        "late": _late(regulation, state),
        "content": _content(state),
        "rating": next((s.rating for s in state.submissions if s.rating), None),
        "joined": _met_it_too(regulation, state),
    }


def _content(state: Case) -> str:
    shown = {a.publication for a in state.assignments}
    return next((kind for kind in ("public", "withdrawn", "withheld") if kind in shown), "pending")


def _step(regulation: Regulation, state: Case, event: Event) -> Row:
    agency = event.data.get("agency")
    if event.on is Scope.assignment:
        agency = state.assignments[event.target - 1].held_by(event.at)
    return {
        "move": event.data.get("move", ""),  # none: by a change of the organisation
        "agency": agency,
        "happened_on": _day(regulation, event.at),
        "cite": event.cite,
        "ground": event.data.get("ground"),
        "rating": event.data.get("rating"),
    }


def _public_clock(regulation: Regulation, state: Case, clock: Clock, events: Sequence[Event]) -> Row:
    ended = clock.met_at or clock.ended_at
    agency = None
    if clock.on is Scope.assignment:
        held = state.assignments[clock.target - 1]
        agency = held.held_by(ended) if ended else held.agency
    standing = timing.standing(clock, clock.met_at or clock.started_at)  # late: it was when it was paused
    return {
        "clock": clock.clock,
        "agency": agency,
        "started_at": clock.started_at,
        "due_at": clock.due_at,
        "provisional": clock.provisional,
        "ended_n": _ended_n(clock, events),
        "standing": standing,
        "used": _used(regulation, clock) if clock.met_at else None,
        "paused_at": clock.paused_at if standing == "running" else None,
    }


def _used(regulation: Regulation, clock: Clock) -> float:
    """The part of the allowed time that was used; 1 where the calendar does not reach."""
    assert clock.met_at is not None
    unit = regulation.clock(clock.clock).unit
    try:
        share = share_used(clock.started_at, clock.due_at, clock.met_at, regulation.counting, unit)
    except BeyondCalendar:
        return 1.0
    return round(share, 4)


def _ended_n(clock: Clock, events: Sequence[Event]) -> int | None:
    if clock.running:
        return None
    for n in range(len(events), 0, -1):
        changed = events[n - 1].data.get("clocks", {})
        if clock.no in changed.get("met", ()) or clock.no in changed.get("ended", ()):
            return n
    return None
