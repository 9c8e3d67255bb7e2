"""What a move does to the clocks of a case: which it meets, ends, starts, moves, pauses or reopens.

A clock of the scope `case` runs only while no agency holds the case: it is not started while an
assignment is open, and a move on one of several submissions touches it only when the others are done.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from webapp.core.calendar import days_between, midnight
from webapp.core.clocks import Counting, DayCounting, Due, Pause, Step, Term, Unit, due, due_at
from webapp.core.events import Scope
from webapp.core.regulation import Clock as Row
from webapp.core.regulation import Move, Regulation, When
from webapp.core.state import Case, Clock

_DAY = timedelta(days=1)


def changes(
    regulation: Regulation,
    state: Case | None,
    move: Move,
    target: int,
    facts: Mapping[str, Any],
    now: datetime,
    answered: Collection[int] = (),
) -> dict[str, Any]:
    """The `clocks` part of the event that `move` makes; an empty dict when no clock is touched. With it the
    submissions `answered` get their answer: nothing is owed to them any more."""
    running = [c for c in state.clocks if c.running] if state else []
    touched = [c for c in running if _concerns(regulation, state, c, move, target)]
    reopened = _reopened(state, move, target)
    result: dict[str, Any] = {
        "met": [c.no for c in touched if move.id in regulation.clock(c.clock).meets],
        "ended": [c.no for c in touched if move.id in regulation.clock(c.clock).ends],
        "paused": [
            *(c.no for c in touched if c.clock in move.pauses and not c.paused_at),
            *(c.no for c in reopened if _halted_since(regulation, state, c.clock, c.on, c.target)),
        ],
        "reopened": [clock.no for clock in reopened],
        "moved": [
            *_extended(regulation, touched, move, facts, now),
            *(_resumed(regulation, c, now) for c in touched if c.paused_at and _goes_on(regulation, c, move)),
        ],
    }
    stopped = {*result["met"], *result["ended"]}
    over = [
        c.no for c in running if c.on is Scope.submission and c.target in answered and c.no not in stopped
    ]
    result["ended"] += over
    stopped |= {*over}
    result["started"] = _started(regulation, state, move, target, facts, now, stopped)
    return {key: rows for key, rows in result.items() if rows}


def _concerns(regulation: Regulation, state: Case | None, clock: Clock, move: Move, target: int) -> bool:
    if clock.on is move.on:
        return clock.target == target
    if clock.on is Scope.case and move.on is Scope.submission and state:
        others = [s for s in state.submissions if s.no != target]
        return all(s.state == move.to or regulation.state(s.state).final for s in others)
    return True


def _reopened(state: Case | None, move: Move, target: int) -> list[Clock]:
    """Of the clocks `move` reopens those that the last act met or ended: their due dates stay."""
    over = [
        (clock.met_at or clock.ended_at, clock)
        for clock in (state.clocks if state else ())
        if clock.clock in move.reopens and not clock.running and (clock.on, clock.target) == (move.on, target)
    ]
    last = max((at for at, _ in over if at), default=None)
    return [clock for at, clock in over if at == last]


def _halted_since(
    regulation: Regulation, state: Case | None, clock: str, on: Scope, target: int
) -> datetime | None:
    """Since when a pause stands that stops terms of this kind here; None while none does."""
    return next(
        (
            halt.since
            for halt in (state.halts if state else ())
            if clock in regulation.move(halt.move).pauses
            and (halt.on is Scope.case or (halt.on, halt.target) == (on, target))
        ),
        None,
    )


def _started(
    regulation: Regulation,
    state: Case | None,
    move: Move,
    target: int,
    facts: Mapping[str, Any],
    now: datetime,
    stopped: set[int],
) -> list[dict[str, Any]]:
    number = len(state.clocks) if state else 0
    rows = []
    for row in regulation.started_by[move.id]:
        if not fits(row.when, facts_of(state, {**facts, **move.sets})):
            continue
        if row.due_fact and not facts.get(row.due_fact):
            continue
        if row.counted_from == "known" and not facts.get("known_at"):
            continue
        for on in _targets_of(regulation, state, row, move, target, stopped):
            number += 1
            begun = facts["known_at"] if row.counted_from == "known" else None
            begun = begun or _counted_from(state, row, on, now, stopped)
            started = _start(regulation, row, number, on, facts, begun, now)
            started |= _kept(regulation, state, row, on, stopped, started, now)
            if halted := _halted_since(regulation, state, row.id, row.on, on):
                started["paused_at"] = max(halted, begun).isoformat()
            rows.append(started)
    return rows


def _start(
    regulation: Regulation,
    row: Row,
    number: int,
    target: int,
    facts: Mapping[str, Any],
    start: datetime,
    now: datetime,
) -> dict[str, Any]:
    at, provisional = _due(regulation, row, start, facts)
    return {
        "no": number,
        "clock": row.id,
        "on": str(row.on),
        "target": target,
        "started_at": start.isoformat(),
        "due_at": at.isoformat(),
        "provisional": provisional,
        "calendar": regulation.counting.calendar.version,
        **_warnings(regulation, row, at, now),
    }


def _kept(
    regulation: Regulation,
    state: Case | None,
    row: Row,
    target: int,
    stopped: set[int],
    started: Mapping[str, Any],
    now: datetime,
) -> dict[str, Any]:
    """Where the term that this one takes the place of was extended to a later date: that date stays."""
    if row.counted_from != "replaced":
        return {}
    due = datetime.fromisoformat(started["due_at"])
    later = [c for c in _replaced(state, row, target, stopped) if c.fixed and c.due_at > due]
    if not later:
        return {}
    kept = max(later, key=lambda clock: clock.due_at)
    dates = {"due_at": kept.due_at.isoformat(), "provisional": kept.provisional, "fixed": True}
    return {"warn_at": [], **dates, **_warnings(regulation, row, kept.due_at, now)}


def _replaced(state: Case | None, row: Row, target: int, stopped: set[int]) -> list[Clock]:
    clocks = state.clocks if state else ()
    return [c for c in clocks if c.no in stopped and c.on is row.on and c.target == target]


def _counted_from(state: Case | None, row: Row, target: int, now: datetime, stopped: set[int]) -> datetime:
    """From the move; from the submission; from when the assignment was opened; or from where the clock began
    that this one takes the place of, so that nobody is charged with another's time."""
    if state is None or row.counted_from == "start":
        return now
    if row.counted_from == "submitted":
        return state.opened_at
    if row.counted_from == "opened":
        held = state.assignment(target)
        return held.opened_at if held else now
    ended = _replaced(state, row, target, stopped)
    return max((c.started_at for c in ended), default=state.opened_at)


def _due(
    regulation: Regulation, row: Row, start: datetime, facts: Mapping[str, Any]
) -> tuple[datetime, bool]:
    if row.term is None:
        at: datetime = facts[str(row.due_fact)]
        return at, False
    return due_at(row.term, start, regulation.counting)


def _warnings(regulation: Regulation, row: Row, at: datetime, now: datetime) -> dict[str, list[str]]:
    """When to remind, of the reminders that are still ahead."""
    times = [before(reminder.before, at, regulation.counting) for reminder in row.reminders]
    ahead = sorted(time.isoformat() for time in times if time > now)
    return {"warn_at": ahead} if ahead else {}


def before(lead: Term, at: datetime, counting: Counting) -> datetime:
    """The instant (UTC) that lies `lead` before `at`: in office time, or by the clock for clock hours."""
    seconds = float(lead.value * 3600)
    if lead.unit is Unit.clock_hour:
        return at - timedelta(seconds=seconds)
    line, end = counting.line, at.astimezone(counting.zone).replace(tzinfo=None)
    position = max(1, line.worked(end) - round(seconds * 1_000_000))
    return line.moment(position).replace(tzinfo=counting.zone).astimezone(UTC)


def facts_of(state: Case | None, facts: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What a row's `when` may ask about: of the move just made, else of the case."""
    new = facts or {}
    return {
        "track": new.get("track") or (state.track if state else "normal"),
        "category": new.get("category") or (state.category if state else None),
        "kind": new.get("kind") or (state.kind if state else None),
    }


def fits(when: When, about: Mapping[str, Any]) -> bool:
    return all(about.get(key) in values for key, values in when.items())


def _targets_of(
    regulation: Regulation, state: Case | None, row: Row, move: Move, target: int, stopped: set[int]
) -> Iterable[int]:
    """On which targets this clock starts: never where one of its kind is still running."""
    if row.on is move.on:
        wanted = [target]
    elif row.on is Scope.assignment and state:
        wanted = [len(state.assignments) + 1] if move.opens else [a.no for a in state.open_assignments]
    elif row.on is Scope.submission and state:
        wanted = [s.no for s in state.submissions if not regulation.state(s.state).final]
    else:
        wanted = [] if _held_elsewhere(state, move, target) else [0]
    busy = {
        c.target
        for c in (state.clocks if state else ())
        if c.running and c.clock == row.id and c.no not in stopped
    }
    return [number for number in wanted if number not in busy]


def _held_elsewhere(state: Case | None, move: Move, target: int) -> bool:
    if state is None:
        return False
    held = {a.no for a in state.open_assignments}
    return bool(held - ({target} if move.on is Scope.assignment else set()))


def _extended(
    regulation: Regulation, touched: list[Clock], move: Move, facts: Mapping[str, Any], now: datetime
) -> list[dict[str, Any]]:
    moved = [c for c in touched if c.clock in move.extends]
    # Time that is added during a pause already counts what the pause took so far.
    return [
        new_due(regulation, c, facts["due_on"], False, now) | ({"paused_anew": True} if c.paused_at else {})
        for c in moved
    ]


def _goes_on(regulation: Regulation, clock: Clock, move: Move) -> bool:
    """Whether `move` ends a pause: because it says so, or because the work is done during it."""
    return clock.clock in move.resumes or move.id in regulation.clock(clock.clock).meets


def _resumed(regulation: Regulation, clock: Clock, now: datetime) -> dict[str, Any]:
    assert clock.paused_at is not None
    pause = (clock.paused_at, now)
    if clock.fixed:
        at, provisional = _pushed(regulation, clock, pause), clock.provisional
    else:
        counted = explained(regulation, replace(clock, pauses=(*clock.pauses, pause)))
        at, provisional = counted.at, counted.provisional
    row = new_due(regulation, clock, at, provisional, now)
    return row | {"calendar": regulation.counting.calendar.version, "resumed": True}


def _pushed(regulation: Regulation, clock: Clock, pause: Pause) -> datetime:
    """A date that a person set, later by what the pause took of it; what was late already stays late."""
    if pause[0] >= clock.due_at:
        return clock.due_at
    counting, unit = regulation.counting, regulation.clock(clock.clock).unit
    if unit is Unit.clock_hour:
        return clock.due_at + (pause[1] - pause[0])
    line, zone = counting.line, counting.zone
    begin, end, due = (at.astimezone(zone).replace(tzinfo=None) for at in (*pause, clock.due_at))
    if unit is Unit.working_hour or counting.day_counting is DayCounting.elapsed:
        moved = line.moment(line.worked(due) + line.worked(end) - line.worked(begin))
        return moved.replace(tzinfo=zone).astimezone(UTC)
    days = days_between(begin.date(), end.date())
    lost = sum(
        line.worked(midnight(day + _DAY)) > line.worked(max(midnight(day), begin))
        and line.worked(min(midnight(day + _DAY), end)) > line.worked(midnight(day))
        for day in days
        if counting.calendar.is_working(day)
    )
    last = (due - timedelta(microseconds=1)).date()
    if lost:
        last = line.nth_working_day(line.working_days_through(last) + lost)
    return midnight(last + _DAY).replace(tzinfo=zone).astimezone(UTC)


def new_due(
    regulation: Regulation, clock: Clock, at: datetime, provisional: bool, now: datetime
) -> dict[str, Any]:
    """The row of an event that gives a running clock another due date."""
    return {
        "no": clock.no,
        "clock": clock.clock,
        "due_at": at.isoformat(),
        "was": clock.due_at.isoformat(),
        "provisional": provisional,
        **_warnings(regulation, regulation.clock(clock.clock), at, now),
    }


def explained(regulation: Regulation, clock: Clock) -> Due:
    """The due instant of a running or ended clock counted again from its start, step by step."""
    return reckoned(regulation, clock.clock, clock.started_at, clock.due_at, clock.pauses)


def reckoned(
    regulation: Regulation, clock: str, start: datetime, due_at: datetime, pauses: Sequence[Pause] = ()
) -> Due:
    """How the term of a clock is counted from `start`; a promised day is what was promised."""
    row = regulation.clock(clock)
    if row.term is None:
        local = due_at.astimezone(regulation.zone).isoformat()
        return Due(due_at, False, (Step("promised", {"at": local, "cite": row.cite}),))
    return due(row.term, start, regulation.counting, pauses)


def standing(clock: Clock, now: datetime) -> str:
    """on_time | late for a met clock, running | late for a running one, ended for one that was ended.

    At the due instant itself a thing is still on time.
    """
    if clock.ended_at:
        return "ended"
    if clock.met_at:
        return "on_time" if clock.met_at <= clock.due_at else "late"
    return "late" if (clock.paused_at or now) > clock.due_at else "running"
