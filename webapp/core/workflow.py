"""`decide`: what the regulation says to one act on one case, and `offers`: what it says to all of them.

A refusal is a value with a code, its parameters and the article, never a silent no-op. Nothing here
reads a clock, a file or a random number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp.core import dates, timing
from webapp.core.calendar import BeyondCalendar
from webapp.core.events import Event, Kind, Scope
from webapp.core.regulation import FACTS, Ground, Move, Regulation
from webapp.core.rights import (
    Action,
    Actor,
    Refused,
    applies,
    case_state,
    condition_params,
    holds,
    refusal,
    subject_of,
    targets_of,
)
from webapp.core.state import Case, Submission, evolve

__all__ = ["Action", "Actor", "Offer", "Refused", "breach", "case_state", "decide", "escalation", "holds",
           "offers", "warning"]  # fmt: skip


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
    refused = refusal(regulation, state, move, action, now) or _facts(
        regulation, state, move, action, facts, now
    )
    if refused:
        return refused
    unkept = dates.knowledge_refused(move, facts, now) or dates.promise_refused(
        regulation, state, move, action.target, facts, now
    )
    if unkept:
        return Refused(*unkept)
    too_late = dates.extension_refused(regulation, state, move, action.target, facts, now)
    if too_late:
        return Refused(*too_late)
    event = _event(regulation, state, move, action, facts, now)
    return [event, *_then(regulation, evolve(state, event), move, event, now)]


def _then(regulation: Regulation, state: Case, move: Move, event: Event, now: datetime) -> Iterator[Event]:
    """What the regulation itself does after `move`, wherever it may be done."""
    system = Actor(frozenset({"system"}))
    for then in move.then:
        about = {
            **timing.facts_of(state),
            "rating": event.data.get("rating"),
            "ground": event.data.get("ground"),
        }
        if not timing.fits(then.when, about):
            continue
        facts = {"agency": then.agency} if then.agency else {}
        for target in targets_of(state, regulation.move(then.do)):
            made = _decided(regulation, state, Action(then.do, target, system), facts, now)
            for further in () if isinstance(made, Refused) else made:
                state = evolve(state, further)
                yield further


def offers(regulation: Regulation, state: Case, actor: Actor, now: datetime | None = None) -> list[Offer]:
    """Every move this actor's roles know, on every target it fits, allowed or refused with its reason.

    With `now` also refused is what the hour alone forbids, before anybody types a word.
    """
    found = []
    for move in regulation.moves:
        if (move.by and actor.roles.isdisjoint(move.by)) or not move.from_:
            continue
        for target in targets_of(state, move):
            refused = refusal(regulation, state, move, Action(move.id, target, actor), now)
            if now and not refused and (unmovable := dates.unmovable(state, move, target, now)):
                refused = Refused(*unmovable)
            if refused is None or refused.code not in _NOT_THEIRS:
                found.append(Offer(move, target, refused))
    return found


_NOT_THEIRS = frozenset({"role", "other_agency", "other_reporter", "other_track"})


def breach(regulation: Regulation, state: Case, no: int, now: datetime) -> list[Event]:
    """The event that clock `no` fell due unmet, dated at the due instant, and what the regulation
    makes of it (an escalation). Empty when the clock is not running, not due, or already recorded."""
    clock = state.clock(no)
    if not clock.running or clock.breached_at or clock.stands_still or now <= clock.due_at:
        return []
    row = regulation.clock(clock.clock)
    data = {"clock": clock.clock, "clocks": {"breached": [no]}}
    # A clock reopened after its due date was met until then: it cannot have fallen before.
    fell_at = max(clock.due_at, clock.reopened_at or clock.due_at)
    return [Event(Kind.clock_breached, clock.on, clock.target, fell_at, "system", None, None, row.cite, data)]


def warning(regulation: Regulation, state: Case, no: int, now: datetime) -> list[Event]:
    """The event that clock `no` will soon fall due; empty when it is not time, or too late to warn."""
    clock = state.clock(no)
    if (
        not clock.running
        or clock.stands_still
        or not clock.warn_at
        or not clock.warn_at[0] <= now <= clock.due_at
    ):
        return []
    row = regulation.clock(clock.clock)
    cite = row.reminders[len(row.reminders) - len(clock.warn_at)].cite
    data = {"clock": clock.clock, "clocks": {"warned": [no]}}
    return [Event(Kind.clock_warned, clock.on, clock.target, now, "system", None, None, cite, data)]


def escalation(regulation: Regulation, state: Case, no: int, now: datetime) -> list[Event]:
    """What the regulation does by itself once clock `no` was breached; empty where it says nothing."""
    clock = state.clock(no)
    move = regulation.clock(clock.clock).on_breach
    if not move:
        return []
    answer = decide(regulation, state, Action(move, clock.target, Actor(frozenset({"system"}))), {}, now)
    return [] if isinstance(answer, Refused) else answer


# Facts


def _facts(
    regulation: Regulation,
    state: Case | None,
    move: Move,
    action: Action,
    facts: Mapping[str, Any],
    now: datetime,
) -> Refused | None:
    return (
        _required(move, facts)
        or _known(regulation, state, move, action, facts, now)
        or _given(regulation, state, move, action, facts)
    )


def _required(move: Move, facts: Mapping[str, Any]) -> Refused | None:
    for name in move.requires:
        if not facts.get(name):
            return Refused("missing_fact", {"fact": name}, move.cite)
    return None


def _known(
    regulation: Regulation,
    state: Case | None,
    move: Move,
    action: Action,
    facts: Mapping[str, Any],
    now: datetime,
) -> Refused | None:
    if "rating" in facts and regulation.rating(facts["rating"]) is None:
        labels = [choice.label for choice in regulation.ratings]
        return Refused("unknown_rating", {"labels": labels}, regulation.rating_cite)
    if "ground" in facts:
        ground = regulation.ground(facts["ground"])
        if ground is None or move.id not in ground.for_:
            return Refused("unknown_ground", {"ground": facts["ground"]}, move.cite)
        without = next((name for name in ground.requires if not facts.get(name)), None)
        if without:
            return Refused("missing_fact", {"fact": without}, ground.cite)
        unfit = _ground_holds(regulation, state, ground, move, action.target, now)
        if unfit:
            return unfit
    return _of_the_submission(regulation, move, facts) or _already_there(regulation, state, move, facts)


def grounds_for(regulation: Regulation, state: Case, move: Move, target: int) -> list[Ground]:
    """The grounds that may be given for this move on this target."""
    fits = (ground for ground in regulation.grounds if move.id in ground.for_)
    return [ground for ground in fits if _ground_holds(regulation, state, ground, move, target) is None]


def _ground_holds(
    regulation: Regulation,
    state: Case | None,
    ground: Ground,
    move: Move,
    target: int,
    now: datetime | None = None,
) -> Refused | None:
    subject = subject_of(state, move, target) if state else None
    for condition in ground.only_if:
        if state is None or not applies(regulation, condition, state, subject, now):
            return Refused("not_" + condition.is_, condition_params(condition), condition.cite)
    return None


def _of_the_submission(regulation: Regulation, move: Move, facts: Mapping[str, Any]) -> Refused | None:
    """Channel and secrecy stand in events for ever: only the regulation's own words get there."""
    if move.from_ or move.on is not Scope.submission:
        return None
    if not timing.fits(move.when, timing.facts_of(None, facts)):
        return Refused("other_track", {}, move.cite)
    known = {
        "channel": {channel.id for channel in regulation.channels},
        "secrecy": {secrecy.id for secrecy in regulation.secrecies},
    }
    for name, ids in known.items():
        if ids and facts.get(name) not in ids:
            return Refused("unknown_token", {"fact": name}, move.cite)
    return None


def _already_there(
    regulation: Regulation, state: Case | None, move: Move, facts: Mapping[str, Any]
) -> Refused | None:
    """An agency holds a case once, and gets one copy of it."""
    held: set[str] = set()
    if state and move.opens:
        copy = regulation.state(move.opens).final and not move.answers
        held = {
            a.agency for a in state.assignments if a.closed_at is None or (copy and a.state == move.opens)
        }
    if facts.get("agency") in held:
        return Refused("already_there", {"agency": facts["agency"]}, move.cite)
    return None


def _given(
    regulation: Regulation, state: Case | None, move: Move, action: Action, facts: Mapping[str, Any]
) -> Refused | None:
    """The fields the regulation requires of a reporter, at the move that checks them."""
    if not move.checks_fields:
        return None
    subject = subject_of(state, move, action.target) if state else None
    given = set(facts.get("given", ())) | (subject.given if isinstance(subject, Submission) else set())
    about = timing.facts_of(state, facts)
    wanted = (row for row in regulation.fields if row.required and timing.fits(row.when, about))
    missing = next((row for row in wanted if row.id not in given), None)
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
    actor = action.actor
    role = _role(move, actor)
    if role in actor.lent:
        data["behalf"] = actor.behalf
    return Event(move.event, move.on, target, now, role, actor.agency, actor.account, move.cite, data)


def _role(move: Move, actor: Actor) -> str:
    """In which role the actor makes the move: one of their own before one they hold for somebody else."""
    held = [role for role in move.by if role in actor.roles]
    return next((role for role in held if role not in actor.lent), held[0])


_ABOUT_THE_SUBMISSION = ("channel", "secrecy", "given", "regulation", "version", "track", "kind")
_TOKENS = ("category", "area", "ground", "rating", "agency", "same_as", "place_shown")


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
    data |= {name: facts[name].isoformat() for name in ("promised_on", "known_at") if facts.get(name)}
    ids = {k: v for k, v in facts.items() if FACTS.get(k) in ("text", "media") and v}
    if ids:
        data["facts"] = ids
    data |= {k: facts[k] for k in _TOKENS if facts.get(k)}
    if not move.from_:
        data |= {k: facts[k] for k in _ABOUT_THE_SUBMISSION if facts.get(k) is not None}
    elif facts.get("given") and not move.checks_fields:
        data["given"] = list(facts["given"])
    data |= move.sets
    if move.opens:
        leading = not (state and state.open_assignments)
        agency = facts.get("agency") or move.agency
        data["opened"] = {"agency": agency, "leading": leading, "state": move.opens}
        if regulation.state(move.opens).final:
            data["opened"]["closed"] = True
    if move.answers and state:
        data |= _answers(regulation, state, move, target)
    clocks = timing.changes(regulation, state, move, target, facts, now, data.get("answered", ()))
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
