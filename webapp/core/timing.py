"""What a move does to the clocks of a case: which it meets, ends, starts, moves, pauses or reopens.

A clock of the scope `case` runs only while no agency holds the case: it is not started while an
assignment is open, and a move on one of several submissions touches it only when the others are done.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from webapp.core.clocks import Due, due, due_at
from webapp.core.events import Scope
from webapp.core.regulation import Clock as Row
from webapp.core.regulation import Move, Regulation
from webapp.core.state import Case, Clock

Refusal = tuple[str, dict[str, Any], str]


def changes(
    regulation: Regulation,
    state: Case | None,
    move: Move,
    target: int,
    facts: Mapping[str, Any],
    now: datetime,
) -> dict[str, Any]:
    """The `clocks` part of the event that `move` makes; an empty dict when no clock is touched."""
    running = [c for c in state.clocks if c.running] if state else []
    touched = [c for c in running if _concerns(regulation, state, c, move, target)]
    result: dict[str, Any] = {
        "met": [c.no for c in touched if move.id in regulation.clock(c.clock).meets],
        "ended": [c.no for c in touched if move.id in regulation.clock(c.clock).ends],
        "paused": [c.no for c in touched if c.clock in move.pauses and not c.paused_at],
        "reopened": _reopened(state, move, target),
        "moved": _extended(regulation, touched, move, facts) + _resumed(regulation, touched, move, now),
    }
    stopped = {*result["met"], *result["ended"]}
    result["started"] = _started(regulation, state, move, target, facts, now, stopped)
    return {key: rows for key, rows in result.items() if rows}


def _concerns(regulation: Regulation, state: Case | None, clock: Clock, move: Move, target: int) -> bool:
    if clock.on is move.on:
        return clock.target == target
    if clock.on is Scope.case and move.on is Scope.submission and state:
        others = [s for s in state.submissions if s.no != target]
        return all(s.state == move.to or regulation.state(s.state).final for s in others)
    return True


def _reopened(state: Case | None, move: Move, target: int) -> list[int]:
    """The latest clock of each kind that `move` reopens: its due date stays as it was."""
    latest = {
        c.clock: c.no
        for c in (state.clocks if state else ())
        if c.clock in move.reopens and c.met_at and c.on is move.on and c.target == target
    }
    return sorted(latest.values())


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
        if not _matches(row, state, move, facts):
            continue
        for on in _targets_of(regulation, state, row, move, target, stopped):
            number += 1
            rows.append(_start(regulation, state, row, number, on, now))
    return rows


def _start(
    regulation: Regulation, state: Case | None, row: Row, number: int, target: int, now: datetime
) -> dict[str, Any]:
    start = state.opened_at if state and row.counted_from == "submitted" else now
    at, provisional = due_at(row.term, start, regulation.counting)
    return {
        "no": number,
        "clock": row.id,
        "on": str(row.on),
        "target": target,
        "started_at": start.isoformat(),
        "due_at": at.isoformat(),
        "provisional": provisional,
        "calendar": regulation.counting.calendar.version,
    }


def _matches(row: Row, state: Case | None, move: Move, facts: Mapping[str, Any]) -> bool:
    about = {
        "track": move.sets.get("track") or (state.track if state else "normal"),
        "category": facts.get("category") or (state.category if state else None),
    }
    return all(about.get(key) == value for key, value in row.when.items())


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
    regulation: Regulation, touched: list[Clock], move: Move, facts: Mapping[str, Any]
) -> list[dict[str, Any]]:
    if not move.extends:
        return []
    return [_new_due(c, facts["due_on"], False) for c in touched if c.clock == move.extends]


def _resumed(regulation: Regulation, touched: list[Clock], move: Move, now: datetime) -> list[dict[str, Any]]:
    rows = []
    for clock in touched:
        if clock.clock in move.resumes and clock.paused_at:
            recounted = explained(regulation, replace(clock, pauses=(*clock.pauses, (clock.paused_at, now))))
            rows.append(_new_due(clock, recounted.at, recounted.provisional))
    return rows


def _new_due(clock: Clock, at: datetime, provisional: bool) -> dict[str, Any]:
    return {
        "no": clock.no,
        "due_at": at.isoformat(),
        "was": clock.due_at.isoformat(),
        "provisional": provisional,
    }


def explained(regulation: Regulation, clock: Clock) -> Due:
    """The due instant of a running or ended clock counted again from its start, step by step."""
    row = regulation.clock(clock.clock)
    return due(row.term, clock.started_at, regulation.counting, clock.pauses)


def extension_refused(
    regulation: Regulation,
    state: Case | None,
    move: Move,
    target: int,
    facts: Mapping[str, Any],
    now: datetime,
) -> Refusal | None:
    """Why a due date may not be moved: no such clock runs, it already passed, the new date is not
    later, or it lies beyond the regulation's cap."""
    if not move.extends or state is None:
        return None
    clock = _running(state, move, target)
    if clock is None:
        return "no_clock", {"clock": move.extends}, move.cite
    if now > clock.due_at:
        return "already_late", {"due_at": clock.due_at.isoformat()}, move.cite
    last_day = regulation.counting.calendar.last
    if facts["due_on"].astimezone(regulation.zone).date() > last_day:
        return "beyond_calendar", {"day": last_day.isoformat()}, move.cite
    if facts["due_on"] <= clock.due_at:
        return "not_later", {"due_at": clock.due_at.isoformat()}, move.cite
    if move.cap:
        start = state.opened_at if move.cap.start == "submitted" else clock.started_at
        last, _ = due_at(move.cap.term, start, regulation.counting)
        if facts["due_on"] > last:
            return "beyond_cap", {"last": last.isoformat()}, move.cap.cite
    return None


def _running(state: Case, move: Move, target: int) -> Clock | None:
    fits = (c for c in state.clocks if c.running and c.clock == move.extends)
    return next((c for c in fits if c.on is not move.on or c.target == target), None)


def standing(clock: Clock, now: datetime) -> str:
    """on_time | late for a met clock, running | late for a running one, ended for one that was ended.

    At the due instant itself a thing is still on time.
    """
    if clock.ended_at:
        return "ended"
    if clock.met_at:
        return "on_time" if clock.met_at <= clock.due_at else "late"
    return "late" if now > clock.due_at and not clock.paused_at else "running"
