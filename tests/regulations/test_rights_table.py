"""Who may do what, everywhere: every role, move and state of every regulation, allowed and refused.

What is expected is read off the rows of the TOML file by the few lines of `reasons`, never asked of the
code under test. Each move is tried where all it asks for holds, where nothing special holds, and where one
thing at a time is the other way round.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest

from webapp.core.events import Scope
from webapp.core.regulation import Regulation
from webapp.core.state import Assignment, Case, Clock, Submission
from webapp.core.workflow import Action, Actor, Refused, decide
from webapp.regulations.load import FOLDER, load_calendars, load_regulation
from webapp.words import catalogue

Row = Mapping[str, Any]
NOW = datetime(2026, 3, 3, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
FILES = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.toml"))}
MOVES = [(name, row) for name, raw in FILES.items() for row in raw["move"]]
CODES = frozenset(catalogue()["refused"])


@cache
def law(name: str) -> Regulation:
    return load_regulation(FOLDER / f"{name}.toml", load_calendars())


@dataclass(frozen=True)
class World:
    """What is special about a case, beside the state that is tried."""

    secrecy: str = "hide_name"
    contact: bool = True
    question: bool = False
    rating: str | None = None
    held: bool = False  # an agency has it open, when a submission is tried
    second: bool = False  # another agency has it open too
    answered: bool = False  # another agency has answered
    entered: bool = False  # the actor entered the result that stands there
    leads: bool = True  # the agency that is tried
    late: bool = False  # something was done after its time
    stopped: bool = False  # a term is paused
    about: Mapping[str, str] = field(default_factory=dict)  # track, category, kind
    clocks: Mapping[str, bool] = field(default_factory=dict)  # running; breached if True
    done: int = 0  # how often the move was made
    ground: str | None = None
    agency: str = "a"  # of the actor
    own: int = 1  # the actor's submission


# The worlds of a move


def turned(world: World, raw: Row, condition: Row, on: bool) -> World:
    """`world` where the condition holds, or does not."""
    clock = condition.get("clock", "")
    bad = next((r["id"] for r in raw.get("rating_option", ()) if r.get("dissatisfied")), None)
    ratings = [r["id"] for r in raw.get("rating_option", ())]
    change: dict[str, Any] = {
        "confidential": {"secrecy": "confidential" if on else "hide_name"},
        "hides_name": {"secrecy": "hide_name" if on else "open"},
        "no_contact": {"contact": not on},
        "question_open": {"question": on},
        "rated": {"rating": ratings[0] if on and ratings else None},
        "dissatisfied": {"rating": bad if on else None},
        "several_agencies": {"second": on},
        "answered_elsewhere": {"answered": on},
        "published": {"answered": on},
        "own_result": {"entered": on},
        "leading": {"leads": on},
        "late": {"late": on},
        "held": {"held": on},
        "paused": {"stopped": on},
        "running": {"clocks": {**world.clocks, clock: False} if on else without(world.clocks, clock)},
        "breached": {"clocks": {**world.clocks, clock: True} if on else without(world.clocks, clock)},
    }[condition["is"]]
    return replace(world, **change)


def without(clocks: Mapping[str, bool], id: str) -> Mapping[str, bool]:
    return {key: value for key, value in clocks.items() if key != id}


def worlds(raw: Row, move: Row) -> Iterator[World]:
    yield World()
    good = World(about={key: one(value) for key, value in move.get("when", {}).items()})
    good = replace(good, held=move["on"] == "submission" and any(org(raw, r) == "agency" for r in move["by"]))
    conditions = [(row, True) for row in move.get("only_if", ())]
    conditions += [(row, False) for row in move.get("unless", ())]
    for row, on in conditions:
        good = turned(good, raw, row, on)
    good = replace(good, clocks={**good.clocks, **dict.fromkeys(move.get("extends", ())[:1], False)})
    grounds = [row for row in raw["ground"] if move["id"] in row["for"]] if needs(move, "ground") else [None]
    for ground in grounds:
        if ground is None:
            fine = good
        else:
            fine = replace(good, ground=ground["id"])
            for row in ground.get("only_if", ()):
                yield turned(fine, raw, row, False)
                fine = turned(fine, raw, row, True)
        yield fine
        yield from (turned(fine, raw, row, not on) for row, on in conditions)
        yield replace(fine, about=dict.fromkeys(move.get("when", {}), "another"))
        yield replace(fine, done=move.get("max", {}).get("count", 0))
        yield replace(fine, clocks={})
        yield replace(fine, second=True)
        yield replace(fine, held=False)
        yield replace(fine, agency="elsewhere", own=7)


def unlike(found: Iterator[World]) -> list[World]:
    """Each world once."""
    kept: list[World] = []
    for world in found:
        if world not in kept:
            kept.append(world)
    return kept


def one(value: Any) -> str:
    return value if isinstance(value, str) else value[0]


def org(raw: Row, role: str) -> str:
    return next(row["org"] for row in raw["role"] if row["id"] == role)


def needs(move: Row, fact: str) -> bool:
    return fact in (*move.get("requires", ()), *move.get("optional", ()))


# From a world to a case


def case_of(raw: Row, move: Row, tried: Row, world: World) -> Case:
    submissions = [row for row in raw["state"] if row["on"] == "submission"]
    assignments = [row for row in raw["state"] if row["on"] == "assignment"]
    sent = tried if tried["on"] == "submission" else beside(submissions, move)
    contact = {"phone", "email"} if world.contact else set()
    given = frozenset({row["id"] for row in raw["field"]} - {"phone", "email"} | contact)
    counts = {move["id"]: world.done}
    submission = Submission(1, sent["id"], NOW - HOUR, "web", world.secrecy, given, counts, world.rating)
    held = [tried] if tried["on"] == "assignment" else [beside(assignments, move)] if world.held else []
    rows = [replace(assignment(n, "a", row, counts), leading=world.leads) for n, row in enumerate(held, 1)]
    if world.entered:
        rows = [replace(row, result_by=1) for row in rows]
    if world.answered:
        over = next(row for row in assignments if row.get("final") and not row.get("void"))
        rows = [*rows, replace(assignment(len(rows) + 1, "c", over, {}), publication="public")]
        if tried["on"] == "assignment" and move["on"] == "case":  # the last one is what the case stands at
            rows = [replace(row, no=no) for no, row in enumerate(reversed(rows), 1)]
    if world.second:
        rows.append(assignment(len(rows) + 1, "b", beside(assignments, move), {}))
    clocks = [clock(raw, n, id, late) for n, (id, late) in enumerate(world.clocks.items(), 2)]
    kinds = [row["id"] for row in raw["clock"] if row["on"] == move["on"]] or [raw["clock"][0]["id"]]
    past = clock(raw, 1, kinds[0], False)
    clocks = [replace(past, met_at=past.due_at + HOUR * world.late), *clocks]
    if world.stopped:
        clocks.append(replace(clock(raw, len(clocks) + 1, kinds[0], False), paused_at=NOW - HOUR / 2))
    about: dict[str, Any] = {"category": "x", "kind": None, "track": "normal", **world.about}
    return Case(
        raw["regulation"]["id"],
        raw["regulation"]["version"],
        1,
        NOW - HOUR,
        about["category"],
        "y",
        about["track"],
        (replace(submission, question_open=world.question),),
        tuple(rows),
        tuple(clocks),
        kind=about["kind"],
    )


def beside(states: list[Row], move: Row) -> Row:
    """A state that is not what is tried: open, and not one the move starts from where there is such a one."""
    still_open = [row for row in states if not row.get("final")] or states
    return next((row for row in still_open if row["id"] not in move["from"]), still_open[0])


def assignment(no: int, agency: str, state: Row, counts: Mapping[str, int]) -> Assignment:
    over = NOW - HOUR / 2 if state.get("final") else None
    return Assignment(no, agency, no == 1, state["id"], NOW - HOUR, counts, closed_at=over)


def clock(raw: Row, no: int, id: str, late: bool) -> Clock:
    on = Scope(next(row["on"] for row in raw["clock"] if row["id"] == id))
    due = NOW - HOUR / 4 if late else NOW + HOUR
    target = 0 if on is Scope.case else 1
    return Clock(no, id, on, target, NOW - HOUR, due, False, "v", breached_at=due if late else None)


def facts_for(raw: Row, move: Row, world: World) -> dict[str, Any]:
    known = {
        "agency": "new",
        "category": "x",
        "area": "y",
        "ground": world.ground,
        "rating": next((row["id"] for row in raw.get("rating_option", ())), None),
        "due_on": NOW + 2 * HOUR,
        "promised_on": NOW + 24 * HOUR,
        "known_at": NOW - HOUR,
        "same_as": "OTHER-1",
        "checked": True,
    }
    ground = next((row for row in raw["ground"] if row["id"] == world.ground), {})
    names = {*move.get("requires", ()), *ground.get("requires", ()), *(("ground",) if world.ground else ())}
    facts = {name: known.get(name, 1) for name in names}
    if move.get("checks_fields"):
        facts["given"] = [row["id"] for row in raw["field"]]
    if not move["from"]:
        facts |= {key: one(value) for key, value in move.get("when", {}).items()}
        facts |= {"channel": raw["channel"][0]["id"], "secrecy": raw["secrecy"][0]["id"], "given": []}
        facts |= {"regulation": raw["regulation"]["id"], "version": raw["regulation"]["version"]}
    return facts


# What the rows say


def reasons(raw: Row, move: Row, role: str, case: Case, world: World) -> set[str]:
    """Every code by which the move may be refused; empty when it is allowed."""
    subject = {"submission": case.submissions[:1], "assignment": case.assignments[:1]}.get(move["on"])
    still_open = [a for a in case.assignments if a.closed_at is None]
    about = {"track": case.track, "category": case.category, "kind": case.kind}
    standing = {s.state for s in case.submissions} | {a.state for a in still_open or case.assignments[-1:]}
    standing = {subject[0].state} if subject else standing
    mine = {
        "role": role not in move["by"],
        "other_agency": org(raw, role) == "agency" and not sits(move, case, still_open, world.agency),
        "other_reporter": org(raw, role) == "reporter" and move["on"] == "submission" and world.own != 1,
        "other_track": any(about[k] not in ([v] if isinstance(v, str) else v) for k, v in move.get("when", {}).items()),
        "state": standing.isdisjoint(move["from"]),
        "limit": "max" in move and world.done >= move["max"]["count"],
        "missing_fact": "ground" in move.get("requires", ()) and world.ground is None,
        "no_clock": "extends" in move and not set(move["extends"]) & world.clocks.keys(),
    }  # fmt: skip
    found = {code for code, is_so in mine.items() if is_so}
    ground = next((row for row in raw["ground"] if row["id"] == world.ground), {})
    for row in (*move.get("only_if", ()), *ground.get("only_if", ())):
        found |= set() if true(raw, row, case, world) else {"not_" + row["is"]}
    return found | {row["is"] for row in move.get("unless", ()) if true(raw, row, case, world)}


def sits(move: Row, case: Case, still_open: list[Assignment], agency: str) -> bool:
    """On a submission: an agency that has the case, or that answered it once nobody has it."""
    if move["on"] == "assignment":
        return case.assignments[0].agency == agency
    answered = [a for a in case.assignments if a.publication or a.result]
    return move["on"] == "case" or agency in {a.agency for a in still_open or answered}


def true(raw: Row, condition: Row, case: Case, world: World) -> bool:
    still_open = [a for a in case.assignments if a.closed_at is None]
    bad = {row["id"] for row in raw.get("rating_option", ()) if row.get("dissatisfied")}
    return {
        "confidential": world.secrecy == "confidential",
        "hides_name": world.secrecy != "open",
        "no_contact": not world.contact,
        "question_open": world.question,
        "rated": world.rating is not None,
        "dissatisfied": world.rating in bad,
        "several_agencies": len(still_open) > 1,
        "answered_elsewhere": world.answered and not still_open,
        "published": world.answered,
        "own_result": world.entered,
        "leading": world.leads,
        "late": world.late or any(world.clocks.values()),
        "held": bool(still_open),
        "paused": world.stopped,
        "running": condition.get("clock") in world.clocks,
        "breached": world.clocks.get(condition.get("clock", ""), False),
    }[condition["is"]]


def cites(raw: Any) -> set[str]:
    """Every article the file names."""
    if isinstance(raw, list):
        return set().union(*map(cites, raw)) if raw else set()
    if not isinstance(raw, dict):
        return set()
    return {v for k, v in raw.items() if k == "cite"} | set().union(*(cites(v) for v in raw.values()), set())


ARTICLES = {name: cites(raw) for name, raw in FILES.items()}


def tried_states(raw: Row, move: Row) -> list[Row]:
    return [row for row in raw["state"] if move["on"] in ("case", row["on"])]


@pytest.mark.parametrize(("name", "move"), MOVES, ids=[f"{name} {row['id']}" for name, row in MOVES])
def test_a_move_is_allowed_and_refused_as_its_row_says(name, move):
    raw, wrong, allowed = FILES[name], [], 0
    articles = ARTICLES[name]
    for world in unlike(worlds(raw, move)) if move["from"] else [World()]:
        for tried in tried_states(raw, move) if move["from"] else [raw["state"][0]]:
            case = case_of(raw, move, tried, world)
            for role in (row["id"] for row in raw["role"]):
                expected = reasons(raw, move, role, case, world) if move["from"] else unless_by(move, role)
                answer = answered(name, move, role, case, world)
                allowed += not expected
                if not is_as(answer, expected, move, articles):
                    wrong.append(
                        f"{role}, {tried['id']}, {world}: {answer}, expected {expected or 'an event'}"
                    )
    assert not wrong, f"{len(wrong)} differ, the first:\n" + "\n".join(wrong[:5])
    assert allowed, "nobody can ever make this move"


def unless_by(move: Row, role: str) -> set[str]:
    return set() if role in move["by"] else {"role"}


def answered(name: str, move: Row, role: str, case: Case, world: World) -> Any:
    raw = FILES[name]
    actor = Actor(frozenset({role}), world.agency if org(raw, role) == "agency" else None, 1, world.own)
    action = Action(move["id"], 0 if move["on"] == "case" else 1, actor)
    state = None if move["event"] == "submitted" else case
    return decide(law(name), state, action, facts_for(raw, move, world), NOW)


def is_as(answer: Any, expected: set[str], move: Row, articles: set[str]) -> bool:
    if isinstance(answer, Refused):
        return answer.code in expected and answer.code in CODES and answer.cite in articles
    return not expected and bool(answer) and str(answer[0].kind) == move["event"]
