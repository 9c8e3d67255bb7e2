"""Who has a case: one rule for the public card, the sender's page and the desk."""

from __future__ import annotations

from collections.abc import Iterable

from webapp.core.events import Scope
from webapp.core.regulation import Regulation
from webapp.core.state import Assignment, Case, Clock


def kept(regulation: Regulation, state: Case) -> tuple[Assignment, ...]:
    """Those that were neither returned nor a mere copy."""
    return tuple(a for a in state.assignments if not regulation.state(a.state).void)


def holding(regulation: Regulation, state: Case) -> list[Assignment]:
    """Who has the case, the leading one first: the open ones, else those that answered, else the last that
    neither returned it nor had a mere copy. Nobody, while what was given back waits for another agency."""
    answered = [a for a in state.assignments if a.publication or a.result]
    held = state.open_assignments or answered or kept(regulation, state)[-1:]
    return sorted(held, key=lambda a: (not a.leading, a.no))


def unsettled(regulation: Regulation, state: Case) -> tuple[Assignment, ...]:
    """What a case stands at that nobody has: its last assignment, except that what was given back before the
    answer waits for nothing any more."""
    told = max((s.answered_at for s in state.submissions if s.answered_at), default=None)
    stands = (
        a
        for a in state.assignments
        if not regulation.state(a.state).void or told is None or a.closed_at is None or a.closed_at >= told
    )
    return tuple(stands)[-1:]


def parts(regulation: Regulation, assignments: Iterable[Assignment]) -> list[Assignment]:
    """The agencies' parts of a case that several have; empty where one state tells it all."""
    every = [a for a in assignments if not regulation.state(a.state).void]
    several = len(every) > 1 and any(a.closed_at is None for a in every)
    return sorted(every, key=lambda a: (not a.leading, a.no)) if several else []


def holder_of(state: Case, clock: Clock) -> str:
    """The agency whose clock it is, as it was when the clock stopped; none: the centre's."""
    if clock.on is not Scope.assignment:
        return ""
    held, ended = state.assignments[clock.target - 1], clock.met_at or clock.ended_at
    return held.held_by(ended) if ended else held.agency


def leading(regulation: Regulation, state: Case) -> str | None:
    """The agency the case is known by."""
    held = holding(regulation, state)
    return held[0].agency if held else None
