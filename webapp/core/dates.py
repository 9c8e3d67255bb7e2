"""Which dates a person may set: a later due date, a promised day, when something became known."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from webapp.core.clocks import DayCounting, Unit, due_at
from webapp.core.regulation import Cap, Move, Regulation
from webapp.core.state import Case, Clock

Refusal = tuple[str, dict[str, Any], str]


def unmovable(state: Case | None, move: Move, target: int, now: datetime) -> Refusal | None:
    """Why a due date may not be moved at all, whatever is asked: no such clock runs, or it already passed."""
    if not move.extends or state is None:
        return None
    clock = movable(state, move, target)
    if clock is None:
        return "no_clock", {"clock": move.extends[0]}, move.cite
    if (clock.paused_at or now) > clock.due_at:  # while it stands still nobody becomes late
        return "already_late", {"due_at": clock.due_at.isoformat()}, move.cite
    return None


def extension_refused(
    regulation: Regulation,
    state: Case | None,
    move: Move,
    target: int,
    facts: Mapping[str, Any],
    now: datetime,
) -> Refusal | None:
    """Why a due date may not be moved to this one: it may not be moved, this is not later, or it lies
    beyond the calendar or the regulation's cap."""
    clock = movable(state, move, target) if state else None
    refused = unmovable(state, move, target, now)
    if refused or state is None or clock is None:
        return refused
    last_day = regulation.counting.calendar.last
    if facts["due_on"].astimezone(regulation.zone).date() > last_day:
        return "beyond_calendar", {"day": last_day.isoformat()}, move.cite
    if facts["due_on"] <= clock.due_at:
        return "not_later", {"due_at": clock.due_at.isoformat()}, move.cite
    if move.cap:
        last, _ = due_at(move.cap.term, _cap_start(regulation, state, move.cap, clock), regulation.counting)
        if facts["due_on"] > last:
            return "beyond_cap", {"last": last.isoformat()}, move.cap.cite
    return None


def _cap_start(regulation: Regulation, state: Case, cap: Cap, clock: Clock) -> datetime:
    if cap.start != "due":
        return state.opened_at if cap.start == "submitted" else clock.started_at
    # A term in days ends with a day, and the days that are added come after that one.
    whole_days = cap.term.unit in (Unit.working_day, Unit.calendar_day)
    ends_a_day = whole_days and regulation.counting.day_counting is DayCounting.civil
    return clock.due_at - timedelta(microseconds=1) if ends_a_day else clock.due_at


def knowledge_refused(move: Move, facts: Mapping[str, Any], now: datetime) -> Refusal | None:
    """Nobody has known something since a time to come."""
    known = facts.get("known_at")
    return ("known_future", {}, move.cite) if known and known > now else None


def promise_refused(
    regulation: Regulation,
    state: Case | None,
    move: Move,
    target: int,
    facts: Mapping[str, Any],
    now: datetime,
) -> Refusal | None:
    """Why a day may not be promised: it lies behind, or beyond the regulation's cap."""
    promised = facts.get("promised_on")
    if promised is None:
        return None
    if promised <= now:
        return "promised_past", {}, move.cite
    if move.cap and state and not move.extends:
        held = state.assignment(target)
        start = held.opened_at if held and move.cap.start == "opened" else state.opened_at
        last, _ = due_at(move.cap.term, start, regulation.counting)
        # What is promised is a day: the day in which the limit falls is not beyond it.
        if (promised - timedelta(microseconds=1)).astimezone(regulation.zone).date() > last.astimezone(
            regulation.zone
        ).date():
            return "beyond_cap", {"last": last.isoformat()}, move.cap.cite
    return None


def movable(state: Case, move: Move, target: int) -> Clock | None:
    """The clock whose due date the move gives anew."""
    fits = (c for c in state.clocks if c.running and c.clock in move.extends)
    return next((c for c in fits if c.on is not move.on or c.target == target), None)
