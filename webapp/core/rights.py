"""Whether somebody may do a thing at all: by role, agency, track, state, conditions and limits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from webapp.core import timing
from webapp.core.events import Kind, Scope
from webapp.core.holding import unsettled
from webapp.core.regulation import ABOUT_A_CLOCK, Condition, Move, Regulation
from webapp.core.state import Assignment, Case, Clock, Submission


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: the roles held, the agency they sit in, the account, or the submission they sent.

    `lent` are those of the roles that are held for the account `behalf`.
    """

    roles: frozenset[str]
    agency: str | None = None
    account: int | None = None
    submission: int | None = None
    lent: frozenset[str] = frozenset()
    behalf: int | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """A move of the regulation, on the submission or assignment of that number (0: the case itself)."""

    move: str
    target: int
    actor: Actor


@dataclass(frozen=True, slots=True)
class Refused:
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    cite: str = ""


def refusal(
    regulation: Regulation, state: Case | None, move: Move, action: Action, now: datetime | None = None
) -> Refused | None:
    """Why this act is not this actor's, or None. `now`: what fell due since the last record counts too."""
    if state is None or move.event is Kind.joined:
        return _may(regulation, None, move, action, None)
    subject = subject_of(state, move, action.target)
    if subject is None and move.on is not Scope.case:
        return Refused("no_such_target", {"move": move.id}, move.cite)
    return (
        _may(regulation, state, move, action, subject)
        or _in_track(state, move)
        or _in_state(regulation, state, move, subject)
        or _conditions(regulation, state, move, subject, now, action.actor)
        or _within_limit(move, subject)
    )


def _may(
    regulation: Regulation,
    state: Case | None,
    move: Move,
    action: Action,
    subject: Submission | Assignment | None,
) -> Refused | None:
    actor = action.actor
    held = actor.roles.intersection(move.by)
    if not held:
        return Refused("role", {"roles": list(move.by)}, move.cite)
    orgs = {regulation.role(role).org for role in held}
    if isinstance(subject, Assignment) and orgs == {"agency"} and actor.agency != subject.agency:
        return Refused("other_agency", {"agency": subject.agency}, move.cite)
    holders = state.holders if state and isinstance(subject, Submission) else ()
    if isinstance(subject, Submission) and orgs == {"agency"} and actor.agency not in holders:
        return Refused("other_agency", {"agency": next(iter(holders), "")}, move.cite)
    if isinstance(subject, Submission) and orgs == {"reporter"} and actor.submission != subject.no:
        return Refused("other_reporter", {}, move.cite)
    return None


def _in_track(state: Case, move: Move) -> Refused | None:
    return None if timing.fits(move.when, timing.facts_of(state)) else Refused("other_track", {}, move.cite)


def _in_state(
    regulation: Regulation, state: Case, move: Move, subject: Submission | Assignment | None
) -> Refused | None:
    if subject is None:
        waits = any(not regulation.state(s.state).final for s in state.submissions)
        holders = state.open_assignments or (state.assignments if waits else unsettled(regulation, state))
        standing = {s.state for s in state.submissions} | {a.state for a in holders}
        if standing.isdisjoint(move.from_):
            return Refused("state", {"state": case_state(regulation, state)}, move.cite)
        return None
    if subject.state not in move.from_:
        return Refused("state", {"state": subject.state}, move.cite)
    return None


def _conditions(
    regulation: Regulation,
    state: Case,
    move: Move,
    subject: Submission | Assignment | None,
    now: datetime | None,
    actor: Actor,
) -> Refused | None:
    for condition in move.only_if:
        if not applies(regulation, condition, state, subject, now, actor):
            return Refused("not_" + condition.is_, condition_params(condition), condition.cite)
    for condition in move.unless:
        if applies(regulation, condition, state, subject, now, actor):
            return Refused(condition.is_, condition_params(condition), condition.cite)
    return None


def condition_params(condition: Condition) -> dict[str, Any]:
    return {"clock": condition.clock} if condition.clock else {}


def applies(
    regulation: Regulation,
    condition: Condition,
    state: Case,
    subject: Submission | Assignment | None,
    now: datetime | None = None,
    actor: Actor | None = None,
) -> bool:
    """Whether the condition is true of the case, of the subject of the move, or of who makes it."""
    if condition.is_ == "own_result":
        return _entered_by(subject, actor)
    if condition.is_ in ABOUT_A_CLOCK:
        latest = [c for c in state.clocks if c.clock == condition.clock and _is_of(c, subject)][-1:]
        return any(_fell_due(c, now) if condition.is_ == "breached" else c.running for c in latest)
    if condition.is_ == "dissatisfied":
        said = {s.rating for s in _submissions(state, subject)} - {None}
        return any(row.dissatisfied for row in regulation.ratings if row.id in said)
    if condition.is_ == "late":
        own = (c for c in state.clocks if _is_of(c, subject) and regulation.clock(c.clock).holder == "staff")
        return any(_fell_due(c, now) or (c.met_at and c.met_at > c.due_at) for c in own)
    return holds(condition.is_, state, subject)


def _entered_by(subject: Submission | Assignment | None, actor: Actor | None) -> bool:
    """Whether this very person entered the result that stands there, in whichever role they act now."""
    account = actor.account if actor else None
    return isinstance(subject, Assignment) and account is not None and subject.result_by == account


def _fell_due(clock: Clock, now: datetime | None) -> bool:
    """Recorded or not: a worker that stands still flatters nobody."""
    unrecorded = clock.running and now is not None and clock.due_at < (clock.paused_at or now)
    return bool(clock.breached_at) or unrecorded


def _is_of(clock: Clock, subject: Submission | Assignment | None) -> bool:
    scopes = {Submission: Scope.submission, Assignment: Scope.assignment}
    return subject is None or clock.on is not scopes[type(subject)] or clock.target == subject.no


def holds(condition: str, state: Case, subject: Submission | Assignment | None) -> bool:
    """As `applies`, for the conditions that need no row of the regulation."""
    if condition == "several_agencies":
        return len(state.open_assignments) > 1
    if condition == "held":
        return bool(state.open_assignments)
    if condition == "paused":
        return bool(state.halts) or any(clock.running and clock.paused_at for clock in state.clocks)
    if condition == "leading":
        return isinstance(subject, Assignment) and subject.leading
    if condition == "published":
        return any(a.publication == "public" for a in state.assignments)
    if condition == "answered_elsewhere":
        told = any(s.answered_at for s in state.submissions)
        return not state.open_assignments and (told or any(a.publication for a in state.assignments))
    return any(_TESTS[condition](submission) for submission in _submissions(state, subject))


def _submissions(state: Case, subject: Submission | Assignment | None) -> tuple[Submission, ...]:
    return (subject,) if isinstance(subject, Submission) else state.submissions


_TESTS: Mapping[str, Callable[[Submission], bool]] = {
    "confidential": lambda s: s.secrecy == "confidential",
    "hides_name": lambda s: s.secrecy != "open",
    "question_open": lambda s: s.question_open,
    "rated": lambda s: s.rating is not None,
    "no_contact": lambda s: s.given.isdisjoint(("phone", "email")),
}


def _within_limit(move: Move, subject: Submission | Assignment | None) -> Refused | None:
    if move.max and subject and subject.counts.get(move.id, 0) >= move.max.count:
        return Refused("limit", {"count": move.max.count}, move.max.cite)
    return None


# Reading a case


def case_state(regulation: Regulation, state: Case) -> str:
    """The state a case shows: of its least advanced open assignment; else of what was answered; else of the
    first submission that waits. Whoever joins later has a state of their own and takes no case back."""
    rank = {row.id: row.rank for row in regulation.states}
    if state.open_assignments:
        return min((a.state for a in state.open_assignments), key=rank.__getitem__)
    waiting = [s.state for s in state.submissions if not regulation.state(s.state).final]
    done = [a.state for a in state.assignments if not regulation.state(a.state).void]
    if done and not waiting:
        return min(done, key=rank.__getitem__)
    if waiting:
        return waiting[0]
    return min((s.state for s in state.submissions), key=rank.__getitem__)


def subject_of(state: Case, move: Move, target: int) -> Submission | Assignment | None:
    if move.on is Scope.submission:
        return state.submission(target)
    if move.on is Scope.assignment:
        return state.assignment(target)
    return None


def targets_of(state: Case, move: Move) -> Iterable[int]:
    if move.on is Scope.submission:
        return [s.no for s in state.submissions]
    if move.on is Scope.assignment:
        return [a.no for a in state.assignments]
    return [0]
