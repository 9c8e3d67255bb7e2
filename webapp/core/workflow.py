"""`decide`: what the regulation says to one act on one case, and `offers`: what it says to all of them.

A refusal is a value with a code, its parameters and the article, never a silent no-op. Nothing here
reads a clock, a file or a random number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from webapp.core import timing
from webapp.core.calendar import BeyondCalendar
from webapp.core.events import Event, Kind, Scope
from webapp.core.regulation import FACTS, Ground, Move, Regulation
from webapp.core.state import Assignment, Case, Submission


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: the roles held, the agency they sit in, the account, or the submission they sent."""

    roles: frozenset[str]
    agency: str | None = None
    account: int | None = None
    submission: int | None = None


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


@dataclass(frozen=True, slots=True)
class Offer:
    """One move as a page shows it: allowed (then `refused` is None) or refused, with the facts it needs."""

    move: Move
    target: int
    refused: Refused | None


def decide(
    regulation: Regulation, state: Case | None, action: Action, facts: Mapping[str, Any], now: datetime
) -> list[Event] | Refused:
    """The events that `action` makes at `now` (UTC), or why it may not be done and by which article."""
    try:
        return _decided(regulation, state, action, facts, now)
    except BeyondCalendar as beyond:
        return Refused("beyond_calendar", {"day": beyond.day.isoformat()}, regulation.move(action.move).cite)


def _decided(
    regulation: Regulation, state: Case | None, action: Action, facts: Mapping[str, Any], now: datetime
) -> list[Event] | Refused:
    move = regulation.move(action.move)
    refused = _right(regulation, state, move, action) or _facts(regulation, state, move, action, facts)
    if refused:
        return refused
    unmovable = timing.extension_refused(regulation, state, move, action.target, facts, now)
    if unmovable:
        return Refused(*unmovable)
    return [_event(regulation, state, move, action, facts, now)]


def offers(regulation: Regulation, state: Case, actor: Actor) -> list[Offer]:
    """Every move this actor's roles know, on every target it fits, allowed or refused with its reason."""
    found = []
    for move in regulation.moves:
        if (move.by and actor.roles.isdisjoint(move.by)) or not move.from_:
            continue
        for target in _targets(state, move):
            refused = _right(regulation, state, move, Action(move.id, target, actor))
            if refused is None or refused.code not in _NOT_THEIRS:
                found.append(Offer(move, target, refused))
    return found


_NOT_THEIRS = frozenset({"role", "other_agency", "other_reporter", "other_track"})


def breach(regulation: Regulation, state: Case, no: int, now: datetime) -> list[Event]:
    """The event that clock `no` fell due unmet, dated at the due instant, and what the regulation
    makes of it (an escalation). Empty when the clock is not running, not due, or already recorded."""
    clock = state.clock(no)
    if not clock.running or clock.breached_at or clock.paused_at or now <= clock.due_at:
        return []
    row = regulation.clock(clock.clock)
    data = {"clock": clock.clock, "clocks": {"breached": [no]}}
    # A clock reopened after its due date was met until then: it cannot have fallen before.
    fell_at = max(clock.due_at, clock.reopened_at or clock.due_at)
    return [Event(Kind.clock_breached, clock.on, clock.target, fell_at, "system", None, None, row.cite, data)]


def escalation(regulation: Regulation, state: Case, no: int, now: datetime) -> list[Event]:
    """What the regulation does by itself once clock `no` was breached; empty where it says nothing."""
    clock = state.clock(no)
    move = regulation.clock(clock.clock).on_breach
    if not move:
        return []
    answer = decide(regulation, state, Action(move, clock.target, Actor(frozenset({"system"}))), {}, now)
    return [] if isinstance(answer, Refused) else answer


# Rights


def _right(regulation: Regulation, state: Case | None, move: Move, action: Action) -> Refused | None:
    if state is None or move.event is Kind.joined:
        return _may(regulation, move, action, None)
    subject = _subject(state, move, action.target)
    if subject is None and move.on is not Scope.case:
        return Refused("no_such_target", {"move": move.id}, move.cite)
    return (
        _may(regulation, move, action, subject)
        or _in_track(state, move)
        or _in_state(regulation, state, move, subject)
        or _conditions(state, move, subject)
        or _within_limit(move, subject)
    )


def _may(
    regulation: Regulation, move: Move, action: Action, subject: Submission | Assignment | None
) -> Refused | None:
    actor = action.actor
    held = actor.roles.intersection(move.by)
    if not held:
        return Refused("role", {"roles": list(move.by)}, move.cite)
    orgs = {regulation.role(role).org for role in held}
    if isinstance(subject, Assignment) and orgs == {"agency"} and actor.agency != subject.agency:
        return Refused("other_agency", {"agency": subject.agency}, move.cite)
    if isinstance(subject, Submission) and orgs == {"reporter"} and actor.submission != subject.no:
        return Refused("other_reporter", {}, move.cite)
    return None


def _in_track(state: Case, move: Move) -> Refused | None:
    about = {"track": state.track, "category": state.category}
    if any(about[key] != value for key, value in move.when.items()):
        return Refused("other_track", {}, move.cite)
    return None


def _in_state(
    regulation: Regulation, state: Case, move: Move, subject: Submission | Assignment | None
) -> Refused | None:
    if subject is None:
        holders = state.open_assignments or state.assignments[-1:]
        standing = {s.state for s in state.submissions} | {a.state for a in holders}
        if standing.isdisjoint(move.from_):
            return Refused("state", {"state": case_state(regulation, state)}, move.cite)
        return None
    if subject.state not in move.from_:
        return Refused("state", {"state": subject.state}, move.cite)
    return None


def _conditions(state: Case, move: Move, subject: Submission | Assignment | None) -> Refused | None:
    for condition in move.only_if:
        if not holds(condition.is_, state, subject):
            return Refused("not_" + condition.is_, {}, condition.cite)
    for condition in move.unless:
        if holds(condition.is_, state, subject):
            return Refused(condition.is_, {}, condition.cite)
    return None


def holds(condition: str, state: Case, subject: Submission | Assignment | None) -> bool:
    """Whether a named condition (see CONDITIONS) is true of the case, or of the subject of the move."""
    if condition == "several_agencies":
        return len(state.open_assignments) > 1
    if condition == "published":
        return any(a.publication == "public" for a in state.assignments)
    if condition == "answered_elsewhere":
        return not state.open_assignments and any(a.publication for a in state.assignments)
    about = (subject,) if isinstance(subject, Submission) else state.submissions
    return any(_TESTS[condition](submission) for submission in about)


_TESTS: Mapping[str, Callable[[Submission], bool]] = {
    "confidential": lambda s: s.secrecy == "confidential",
    "hides_name": lambda s: s.secrecy != "open",
    "question_open": lambda s: s.question_open,
    "rated": lambda s: s.rating is not None,
}


def _within_limit(move: Move, subject: Submission | Assignment | None) -> Refused | None:
    if move.max and subject and subject.counts.get(move.id, 0) >= move.max.count:
        return Refused("limit", {"count": move.max.count}, move.max.cite)
    return None


# Facts


def _facts(
    regulation: Regulation, state: Case | None, move: Move, action: Action, facts: Mapping[str, Any]
) -> Refused | None:
    return (
        _required(move, facts)
        or _known(regulation, state, move, facts)
        or _given(regulation, state, move, action, facts)
    )


def _required(move: Move, facts: Mapping[str, Any]) -> Refused | None:
    for name in move.requires:
        if not facts.get(name):
            return Refused("missing_fact", {"fact": name}, move.cite)
    return None


def _known(
    regulation: Regulation, state: Case | None, move: Move, facts: Mapping[str, Any]
) -> Refused | None:
    if "rating" in facts and regulation.rating(facts["rating"]) is None:
        labels = [choice.label for choice in regulation.ratings]
        return Refused("unknown_rating", {"labels": labels}, regulation.rating_cite)
    if "ground" in facts:
        ground = regulation.ground(facts["ground"])
        if ground is None or move.id not in ground.for_:
            return Refused("unknown_ground", {"ground": facts["ground"]}, move.cite)
        return _ground_holds(state, ground)
    return _of_the_submission(regulation, move, facts) or _already_there(state, move, facts)


def grounds_for(regulation: Regulation, state: Case, move: Move) -> list[Ground]:
    """The grounds that may be given for this move on this case."""
    fits = (ground for ground in regulation.grounds if move.id in ground.for_)
    return [ground for ground in fits if _ground_holds(state, ground) is None]


def _ground_holds(state: Case | None, ground: Ground) -> Refused | None:
    for condition in ground.only_if:
        if state is None or not holds(condition.is_, state, None):
            return Refused("not_" + condition.is_, {}, condition.cite)
    return None


def _of_the_submission(regulation: Regulation, move: Move, facts: Mapping[str, Any]) -> Refused | None:
    """Channel and secrecy stand in events for ever: only the regulation's own words get there."""
    if move.from_ or move.on is not Scope.submission:
        return None
    known = {"channel": regulation.channels, "secrecy": regulation.secrecies}
    for name, choices in known.items():
        if choices and facts.get(name) not in {choice.id for choice in choices}:
            return Refused("unknown_token", {"fact": name}, move.cite)
    return None


def _already_there(state: Case | None, move: Move, facts: Mapping[str, Any]) -> Refused | None:
    """An agency holds a case once."""
    held = {a.agency for a in state.open_assignments} if state and move.opens else set()
    if facts.get("agency") in held:
        return Refused("already_there", {"agency": facts["agency"]}, move.cite)
    return None


def _given(
    regulation: Regulation, state: Case | None, move: Move, action: Action, facts: Mapping[str, Any]
) -> Refused | None:
    """The fields the regulation requires of a reporter, at the move that checks them."""
    if not move.checks_fields:
        return None
    subject = _subject(state, move, action.target) if state else None
    given = set(facts.get("given", ())) | (subject.given if isinstance(subject, Submission) else set())
    missing = next((row for row in regulation.fields if row.required and row.id not in given), None)
    return Refused("missing_field", {"field": missing.id}, missing.cite) if missing else None


# The event


def _event(
    regulation: Regulation,
    state: Case | None,
    move: Move,
    action: Action,
    facts: Mapping[str, Any],
    now: datetime,
) -> Event:
    target = action.target
    if not move.from_ and move.on is Scope.submission:
        target = len(state.submissions) + 1 if state else 1
    data = _data(regulation, state, move, target, facts, now)
    role = next(role for role in move.by if role in action.actor.roles)
    actor = action.actor
    return Event(move.event, move.on, target, now, role, actor.agency, actor.account, move.cite, data)


_ABOUT_THE_SUBMISSION = ("channel", "secrecy", "given", "regulation", "version")
_TOKENS = ("category", "area", "ground", "rating", "agency")


def _data(
    regulation: Regulation,
    state: Case | None,
    move: Move,
    target: int,
    facts: Mapping[str, Any],
    now: datetime,
) -> dict[str, Any]:
    data: dict[str, Any] = {"move": move.id}
    if move.to:
        data["state"] = move.to
        data["closes"] = regulation.state(move.to).final
    ids = {k: v for k, v in facts.items() if FACTS.get(k) in ("text", "media") and v}
    if ids:
        data["facts"] = ids
    data |= {k: facts[k] for k in _TOKENS if facts.get(k)}
    if not move.from_:
        data |= {k: facts[k] for k in _ABOUT_THE_SUBMISSION if k in facts}
    elif facts.get("given") and not move.checks_fields:
        data["given"] = list(facts["given"])
    data |= move.sets
    if move.opens:
        leading = not (state and state.open_assignments)
        data["opened"] = {"agency": facts["agency"], "leading": leading, "state": move.opens}
    if move.answers and state:
        data |= _answers(regulation, state, move, target)
    clocks = timing.changes(regulation, state, move, target, facts, now)
    if clocks:
        data["clocks"] = clocks
    return data


def _answers(regulation: Regulation, state: Case, move: Move, target: int) -> dict[str, Any]:
    """The submissions that are answered once this was the last open assignment."""
    if any(a.no != target for a in state.open_assignments):
        return {}
    told = [s.no for s in state.submissions if not regulation.state(s.state).final]
    again = [s.no for s in state.submissions if s.answered_at and s.no not in told]
    return {"answered": sorted(told + again), "answered_state": move.answers} if told + again else {}


# Reading a case


def case_state(regulation: Regulation, state: Case) -> str:
    """The state a case shows: of its least advanced open assignment; else of what was answered; else of
    its least advanced submission."""
    rank = {row.id: row.rank for row in regulation.states}
    if state.open_assignments:
        return min((a.state for a in state.open_assignments), key=rank.__getitem__)
    waiting = [s.state for s in state.submissions if not regulation.state(s.state).final]
    done = [a.state for a in state.assignments if not regulation.state(a.state).void]
    if done and not waiting:
        return min(done, key=rank.__getitem__)
    return min(waiting or [s.state for s in state.submissions], key=rank.__getitem__)


def _subject(state: Case, move: Move, target: int) -> Submission | Assignment | None:
    if move.on is Scope.submission:
        return state.submission(target)
    if move.on is Scope.assignment:
        return state.assignment(target)
    return None


def _targets(state: Case, move: Move) -> Iterable[int]:
    if move.on is Scope.submission:
        return [s.no for s in state.submissions]
    if move.on is Scope.assignment:
        return [a.no for a in state.assignments]
    return [0]
