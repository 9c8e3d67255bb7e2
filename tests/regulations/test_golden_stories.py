"""Stories told by hand (golden/*.toml, `[[story]]`), walked through the core step by step.

A step is a move by a role at an instant of Vietnam, or `wait = true`: then the worker's handling of clocks
that fell due runs. `expect` says what must be so after it; only what it names is compared:

    refused, cite, labels      the move is refused, with that code, article, list of valid labels
    submission, assignment     the state of the step's target (else of the first)
    case                       the state the case shows
    due                        { clock = instant }: when the latest clock of that kind falls due
    provisional                clocks whose due date rests on an unconfirmed day
    met, late, running, breached, not_late
                               kinds whose latest clock is so; an empty list: no clock of the case is so
    events                     how many events the step made
    kinds                      which events, in order

The first target is meant where a step names none. Clocks of assignments are those of the step's target.
`unmet` on a story says why the core cannot tell it yet; the story must fail until it can.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.regulations.golden_files import golden, name, regulation
from webapp.core import timing
from webapp.core.events import Event, Scope
from webapp.core.regulation import Regulation
from webapp.core.state import Case, Clock, evolve, fold
from webapp.core.workflow import Action, Actor, Refused, breach, case_state, decide, escalation

STORIES = golden("story")
ATLEAST = dict.fromkeys(("DL25", "KH22", "QN20", "QN21", "TN24"), 15)
SENT = ["email", "name", "occurred", "phone", "photo", "place", "text", "undertaking", "address"]
INSTANTS = ("due_on", "promised_on", "known_at")
CLOCKS_SAY = ("met", "late", "not_late", "running", "breached", "provisional")
STATES = ("submission", "assignment", "case")
KNOWN = {"refused", "cite", "labels", *STATES, "due", "events", "kinds", *CLOCKS_SAY}


@dataclass
class Told:
    """A story as far as it was told."""

    law: Regulation
    category: str
    area: str
    events: list[Event] = field(default_factory=list)
    state: Case | None = None
    now: datetime = datetime(1970, 1, 1, tzinfo=UTC)

    def take(self, events: list[Event]) -> list[Event]:
        for event in events:
            self.state = evolve(self.state, event)
            self.events.append(event)
        assert fold(self.events) == self.state, "folding the events again makes another case"
        return events


def local(law: Regulation, at: datetime) -> datetime:
    return at.replace(tzinfo=law.zone).astimezone(UTC)


def act(told: Told, step: dict[str, Any]) -> list[Event] | Refused:
    """One step: what the core made of it."""
    told.now = local(told.law, step["at"])
    if step.get("wait"):
        return wait(told)
    move = told.law.move(step["move"])
    target = step.get("target") or (0 if move.on is Scope.case else 1)
    sent = target if told.law.role(step["by"]).org == "reporter" else None
    account = [role.id for role in told.law.roles].index(step["by"]) + 1  # each role is a person
    actor = Actor(frozenset({step["by"]}), step.get("agency"), None if sent else account, sent)
    answer = decide(told.law, told.state, Action(move.id, target, actor), facts(told, step), told.now)
    if not isinstance(answer, Refused):
        told.take(answer)
    return answer


def wait(told: Told) -> list[Event]:
    """As the worker does: clocks that fell due, oldest first, each with what the regulation makes of it."""
    made: list[Event] = []
    seen: set[int] = set()
    while told.state and (due := [c for c in told.state.clocks if c.no not in seen and c.running]):
        clock = min(due, key=lambda c: c.due_at)
        seen.add(clock.no)
        events = told.take(breach(told.law, told.state, clock.no, told.now))
        if events:
            made += events + told.take(escalation(told.law, told.state, clock.no, told.now))
    return made


def facts(told: Told, step: dict[str, Any]) -> dict[str, Any]:
    """The facts of a step, with what every submission and reception carries."""
    move, given = told.law.move(step["move"]), dict(step.get("facts", {}))
    if not move.from_ and move.on is Scope.submission:
        usual: dict[str, Any] = {"channel": "web", "secrecy": "hide_name", "given": SENT}
        given = {**usual, **given, "regulation": told.law.id, "version": told.law.version}
        if told.law.kinds:
            given.setdefault("kind", told.law.kinds[0].id)
    for token in ("category", "area"):
        if token in (*move.requires, *move.optional):
            given.setdefault(token, getattr(told, token))
    for instant in INSTANTS:
        if instant in given:
            given[instant] = local(told.law, given[instant])
    return given


def differences(told: Told, step: dict[str, Any], answer: list[Event] | Refused) -> list[str]:
    """What is not as the step expects; empty when all is."""
    expect = dict(step.get("expect", {}))
    unknown = [f"'{key}' is not a thing a step can expect" for key in expect.keys() - KNOWN]
    if isinstance(answer, Refused) or "refused" in expect:
        return unknown + refusals(expect, answer)
    state = told.state
    assert state is not None
    sent, held = number_of(told, step, Scope.submission) or 1, number_of(told, step, Scope.assignment) or 1
    shown = {
        "case": case_state(told.law, state),
        "submission": state.submissions[sent - 1].state,
        "assignment": state.assignments[held - 1].state if state.assignments else None,
        "events": len(answer),
        "kinds": [str(event.kind) for event in answer],
    }
    return unknown + unlike(shown, expect) + clock_differences(told, step, expect)


def unlike(shown: dict[str, Any], expect: dict[str, Any]) -> list[str]:
    wrong = (key for key in shown if key in expect and shown[key] != expect[key])
    return [f"{key}: {shown[key]!r}, not {expect[key]!r}" for key in wrong]


def number_of(told: Told, step: dict[str, Any], scope: Scope) -> int | None:
    """Which submission or assignment the step is about; None where it is about no single one."""
    assert told.state is not None
    move = told.law.move(step["move"]) if step.get("move") else None
    if move and move.opens and scope is Scope.assignment:
        return len(told.state.assignments)
    if move and not move.from_ and scope is Scope.submission:
        return len(told.state.submissions)
    if move and move.on is not Scope.case:
        return (step.get("target") or 1) if move.on is scope else None
    return step.get("target") if scope is Scope.assignment else None


def refusals(expect: dict[str, Any], answer: list[Event] | Refused) -> list[str]:
    if not isinstance(answer, Refused):
        return [f"allowed ({', '.join(str(e.kind) for e in answer)}), not refused '{expect['refused']}'"]
    if "refused" not in expect:
        return [f"refused '{answer.code}' {dict(answer.params)} by {answer.cite}, not allowed"]
    return unlike(
        {"refused": answer.code, "cite": answer.cite, "labels": answer.params.get("labels")}, expect
    )


def clock_differences(told: Told, step: dict[str, Any], expect: dict[str, Any]) -> list[str]:
    found = []
    for kind, at in expect.get("due", {}).items():
        clock = latest(told, kind, step)
        wanted = local(told.law, at)
        if clock is None or clock.due_at != wanted:
            is_at = clock.due_at.astimezone(told.law.zone).replace(tzinfo=None) if clock else "not started"
            found.append(f"due {kind}: {is_at}, not {at}")
    for say in CLOCKS_SAY:
        for kind in expect.get(say, ()):
            clock = latest(told, kind, step)
            if clock is None or not is_so(say, clock, told.now):
                found.append(f"{kind} is not {say}" + ("" if clock else ": it never started"))
        if expect.get(say) == []:
            assert told.state is not None
            named = [c.clock for c in told.state.clocks if is_so(say, c, told.now)]
            found += [f"nothing should be {say}, but {', '.join(named)} is"] if named else []
    return found


def latest(told: Told, kind: str, step: dict[str, Any]) -> Clock | None:
    """The clock of that kind that started last, of what the step is about where it is about one."""
    assert told.state is not None
    on = told.law.clock(kind).on
    number = number_of(told, step, on) if on is not Scope.case else None
    clocks = [c for c in told.state.clocks if c.clock == kind and number in (None, c.target)]
    return clocks[-1] if clocks else None


def is_so(say: str, clock: Clock, now: datetime) -> bool:
    late = timing.standing(clock, now) == "late"
    return {
        "met": clock.met_at is not None,
        "late": late,
        "not_late": not late,
        "running": clock.running,
        "breached": clock.breached_at is not None,
        "provisional": clock.provisional,
    }[say]


def walk(law: Regulation, story: dict[str, Any]) -> list[str]:
    """The differences of the first step that is not as expected, each naming the step."""
    told = Told(law, story.get("category", "giao-thong"), story.get("area", "20341"))
    for number, step in enumerate(story["step"], 1):
        what = step.get("move", "wait")
        found = differences(told, step, act(told, step))
        if found:
            return [f"step {number} ({what} at {step['at']}): {difference}" for difference in found]
    return []


@pytest.mark.parametrize(("id", "file", "story"), STORIES, ids=[name(id, row) for id, _, row in STORIES])
def test_a_golden_story_goes_as_the_hand_says(id, file, story):
    found = walk(regulation(id), story)
    if "unmet" in story:
        assert found, f"{id}, story {story['id']} goes as told now: take `unmet` out of it"
        pytest.xfail(story["unmet"])
    assert not found, "\n".join([f"{id}, story {story['id']}: {story['why']}", *found])


def test_the_golden_stories_have_names_of_their_own():
    names = Counter(name(id, row) for id, _, row in STORIES)
    assert [name for name, count in names.items() if count > 1] == []


def test_no_regulation_has_fewer_stories_than_it_had():
    counts = Counter(id for id, _, _ in STORIES)
    assert {id: count for id, count in ATLEAST.items() if counts[id] < count} == {}
