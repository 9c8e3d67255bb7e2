"""Running terms counted again when the calendar has changed (INT-11): one event a case, where a date moves.

A date that a person set or promised stays; pauses are left out as before.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.core import timing
from webapp.core.calendar import BeyondCalendar
from webapp.core.clocks import due_at
from webapp.core.events import Event, Kind, Scope
from webapp.core.regulation import Regulation
from webapp.core.state import Case, Clock


def is_behind(regulation: Regulation, state: Case) -> bool:
    """Whether a running term was last counted by another calendar than the regulation has now."""
    version = regulation.counting.calendar.version
    return any(clock.running and clock.calendar != version for clock in state.clocks)


def recounted(regulation: Regulation, state: Case, now: datetime) -> list[Event]:
    """The event that gives running terms the dates they have by the calendar as it is now, or nothing."""
    moved = [row for clock in state.clocks if (row := _moved(regulation, clock, now))]
    if not moved:
        return []
    cites = dict.fromkeys(regulation.clock(state.clock(row["no"]).clock).cite for row in moved)
    data = {"calendar": regulation.counting.calendar.version, "clocks": {"moved": moved}}
    return [Event(Kind.clock_recomputed, Scope.case, 0, now, "system", None, None, "; ".join(cites), data)]


def _moved(regulation: Regulation, clock: Clock, now: datetime) -> dict[str, Any] | None:
    counting, term = regulation.counting, regulation.clock(clock.clock).term
    version = counting.calendar.version
    if not clock.running or clock.calendar == version or clock.fixed or term is None:
        return None
    try:
        at, provisional = due_at(term, clock.started_at, counting, clock.pauses)
    except BeyondCalendar:
        return None  # what is known of it stays; the next notice tries again
    if (at, provisional) == (clock.due_at, clock.provisional):
        return None
    return timing.new_due(regulation, clock, at, provisional, now) | {"calendar": version}
