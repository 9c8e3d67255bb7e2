"""What a case is at one moment, and `evolve`: how one event changes it.

`evolve` is the only source of the projection columns. It never looks at a regulation: everything it
needs is in the event.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from webapp.core.events import Event, Kind, Scope


@dataclass(frozen=True, slots=True)
class Submission:
    no: int
    state: str
    submitted_at: datetime
    channel: str
    secrecy: str
    given: frozenset[str]
    counts: Mapping[str, int] = field(default_factory=dict)
    rating: str | None = None
    rated_at: datetime | None = None
    answered_at: datetime | None = None
    question_open: bool = False


@dataclass(frozen=True, slots=True)
class Assignment:
    no: int
    agency: str
    leading: bool
    state: str
    opened_at: datetime
    counts: Mapping[str, int] = field(default_factory=dict)
    result: int | None = None  # text ids
    approved: int | None = None
    published: int | None = None
    result_by: int | None = None
    publication: str | None = None  # public | withheld | withdrawn
    ground: str | None = None
    closed_at: datetime | None = None
    earlier: tuple[tuple[str, datetime], ...] = ()  # agencies that had it, and until when

    def held_by(self, at: datetime) -> str:
        """The agency that had it at that instant: what was done keeps the name of who did it."""
        return next((agency for agency, until in self.earlier if at < until), self.agency)


@dataclass(frozen=True, slots=True)
class Clock:
    no: int
    clock: str
    on: Scope
    target: int
    started_at: datetime
    due_at: datetime
    provisional: bool
    calendar: str
    met_at: datetime | None = None
    ended_at: datetime | None = None
    breached_at: datetime | None = None
    paused_at: datetime | None = None
    reopened_at: datetime | None = None
    pauses: tuple[tuple[datetime, datetime], ...] = ()
    warn_at: tuple[datetime, ...] = ()  # reminders still to come, earliest first
    fixed: bool = False  # a person set the due date: no calendar moves it

    @property
    def running(self) -> bool:
        return self.met_at is None and self.ended_at is None

    @property
    def stands_still(self) -> bool:
        """Whether its term is paused; a pause forgives nothing that was late when it began."""
        return self.running and self.paused_at is not None and self.paused_at <= self.due_at


@dataclass(frozen=True, slots=True)
class Halt:
    """A pause that stands: terms of its kind that begin meanwhile do not run either."""

    move: str
    on: Scope
    target: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Case:
    regulation: str
    version: str
    events: int
    opened_at: datetime
    category: str | None
    area: str | None
    track: str
    submissions: tuple[Submission, ...]
    assignments: tuple[Assignment, ...]
    clocks: tuple[Clock, ...]
    received_at: datetime | None = None
    kind: str | None = None
    halts: tuple[Halt, ...] = ()

    def submission(self, no: int) -> Submission | None:
        return self.submissions[no - 1] if 0 < no <= len(self.submissions) else None

    def assignment(self, no: int) -> Assignment | None:
        return self.assignments[no - 1] if 0 < no <= len(self.assignments) else None

    def clock(self, no: int) -> Clock:
        return self.clocks[no - 1]

    @property
    def open_assignments(self) -> tuple[Assignment, ...]:
        return tuple(a for a in self.assignments if a.closed_at is None)

    @property
    def holders(self) -> tuple[str, ...]:
        """The agencies at which the case is; once it is closed, those that answered."""
        answered = [a for a in self.assignments if a.publication or a.result]
        return tuple(a.agency for a in self.open_assignments or answered)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def evolve(state: Case | None, event: Event) -> Case:
    """The case after `event`. The first event of a case must be `submitted`."""
    case = _opened(event) if state is None else state
    case = _with_subject(case, event)
    case = _with_halts(_with_clocks(case, event), event)
    answered = event.data.get("answered")
    if answered:
        case = _answered(case, answered, event)
    changes: dict[str, Any] = {"events": case.events + 1}
    if event.kind is Kind.received and case.received_at is None:
        changes["received_at"] = event.at
    for key in ("category", "area", "track", "kind"):
        if event.data.get(key) is not None:
            changes[key] = event.data[key]
    return replace(case, **changes)


def fold(events: Iterable[Event]) -> Case:
    """The case that these events make, in their order. Raises ValueError when there are none."""
    state: Case | None = None
    for event in events:
        state = evolve(state, event)
    if state is None:
        raise ValueError("a case has at least one event")
    return state


def _opened(event: Event) -> Case:
    if event.kind is not Kind.submitted:
        raise ValueError(f"a case begins with a submission, not with {event.kind}")
    data = event.data
    return Case(data["regulation"], data["version"], 0, event.at, None, None, "normal", (), (), ())


def _with_subject(case: Case, event: Event) -> Case:
    if event.on is Scope.submission:
        return _with_submission(case, event)
    opened = event.data.get("opened")
    if opened:
        new = Assignment(
            len(case.assignments) + 1,
            opened["agency"],
            opened["leading"],
            opened["state"],
            event.at,
            result=event.data.get("facts", {}).get("result"),
            closed_at=event.at if opened.get("closed") else None,
        )
        return replace(case, assignments=(*case.assignments, new))
    if event.on is Scope.assignment:
        return _with_assignment(case, event)
    return case


def _with_submission(case: Case, event: Event) -> Case:
    data = event.data
    if event.target > len(case.submissions):
        new = Submission(
            event.target,
            data["state"],
            event.at,
            data["channel"],
            data["secrecy"],
            frozenset(data["given"]),
        )
        return replace(case, submissions=(*case.submissions, new))
    old = case.submissions[event.target - 1]
    changes: dict[str, Any] = {"counts": _counted(old.counts, data)}
    if data.get("state"):
        changes["state"] = data["state"]
    if data.get("given"):
        changes["given"] = old.given | frozenset(data["given"])
    if event.kind is Kind.rated:
        changes |= {"rating": data["rating"], "rated_at": event.at}
    if event.kind in _QUESTION:
        changes["question_open"] = _QUESTION[event.kind]
    new = replace(old, **changes)
    return replace(case, submissions=_put(case.submissions, new))


_QUESTION = {Kind.clarification_asked: True, Kind.clarification_answered: False}
_PUBLICATION = {Kind.published: "public", Kind.withheld: "withheld", Kind.withdrawn: "withdrawn"}


def _with_assignment(case: Case, event: Event) -> Case:
    data, old = event.data, case.assignments[event.target - 1]
    changes: dict[str, Any] = {"counts": _counted(old.counts, data)}
    if data.get("state"):
        changes["state"] = data["state"]
        changes["closed_at"] = event.at if data.get("closes") else None
    facts = data.get("facts", {})
    if event.kind is Kind.result_entered:
        changes |= {"result": facts.get("result"), "result_by": event.account}
    if event.kind in (Kind.approved, Kind.edited_and_approved):
        changes["approved"] = facts.get("edited", old.result)
    if event.kind in _PUBLICATION:
        changes |= {"publication": _PUBLICATION[event.kind], "ground": data.get("ground")}
        changes["published"] = facts.get("public_text", old.published)
    if event.kind is Kind.transferred:
        changes |= {"agency": data["agency"], "earlier": (*old.earlier, (old.agency, event.at))}
    if event.kind is Kind.rework_ordered:
        case = _questions_closed(case)
    new = replace(old, **changes)
    return replace(case, assignments=_put(case.assignments, new))


def _questions_closed(case: Case) -> Case:
    return replace(case, submissions=tuple(replace(s, question_open=False) for s in case.submissions))


def _with_clocks(case: Case, event: Event) -> Case:
    changed = event.data.get("clocks")
    if not changed:
        return case
    clocks = list(case.clocks)
    for no in changed.get("met", ()):
        clocks[no - 1] = replace(clocks[no - 1], met_at=event.at)
    for no in changed.get("ended", ()):
        clocks[no - 1] = replace(clocks[no - 1], ended_at=event.at)
    for no in changed.get("reopened", ()):
        clocks[no - 1] = replace(clocks[no - 1], met_at=None, ended_at=None, reopened_at=event.at)
    for no in changed.get("breached", ()):
        clocks[no - 1] = replace(clocks[no - 1], breached_at=event.at)
    for no in changed.get("warned", ()):
        clocks[no - 1] = replace(clocks[no - 1], warn_at=clocks[no - 1].warn_at[1:])
    for no in changed.get("paused", ()):
        clocks[no - 1] = replace(clocks[no - 1], paused_at=event.at)
    for row in changed.get("moved", ()):
        clocks[row["no"] - 1] = _moved(clocks[row["no"] - 1], row, event)
    clocks.extend(_started(row) for row in changed.get("started", ()))
    return replace(case, clocks=tuple(clocks))


_COUNTED = frozenset({Kind.resumed, Kind.clock_recomputed})


def _moved(clock: Clock, row: Mapping[str, Any], event: Event) -> Clock:
    """A new due date. After a pause the interval that did not count is kept beside it."""
    changes: dict[str, Any] = {"due_at": instant(row["due_at"]), "provisional": row["provisional"]}
    goes_on = event.kind is Kind.resumed or row.get("resumed")
    if goes_on and clock.paused_at:
        changes |= {"pauses": (*clock.pauses, (clock.paused_at, event.at)), "paused_at": None}
    if row.get("paused_anew"):
        changes["paused_at"] = event.at
    if row.get("calendar"):
        changes["calendar"] = row["calendar"]
    changes["fixed"] = clock.fixed or not (goes_on or event.kind in _COUNTED)
    changes["warn_at"] = tuple(instant(text) for text in row.get("warn_at", ()))
    if clock.breached_at and changes["due_at"] > event.at:
        changes["breached_at"] = None
    return replace(clock, **changes)


def _with_halts(case: Case, event: Event) -> Case:
    """Pauses that stand; what was answered is not waited for by anybody, so none is left of that."""
    if event.data.get("answered"):
        return replace(case, halts=())
    if event.kind not in (Kind.paused, Kind.resumed):
        return case
    halts = tuple(h for h in case.halts if (h.on, h.target) != (event.on, event.target))
    if event.kind is Kind.paused:
        halts = (*halts, Halt(event.data["move"], event.on, event.target, event.at))
    return replace(case, halts=halts)


def _started(row: Mapping[str, Any]) -> Clock:
    return Clock(
        row["no"],
        row["clock"],
        Scope(row["on"]),
        row["target"],
        instant(row["started_at"]),
        instant(row["due_at"]),
        row["provisional"],
        row["calendar"],
        paused_at=instant(row["paused_at"]) if row.get("paused_at") else None,
        fixed=row.get("fixed", False),
        warn_at=tuple(instant(text) for text in row.get("warn_at", ())),
    )


def _answered(case: Case, numbers: Iterable[int], event: Event) -> Case:
    told = set(numbers)
    return replace(
        case,
        submissions=tuple(
            replace(s, state=event.data["answered_state"], answered_at=event.at) if s.no in told else s
            for s in case.submissions
        ),
    )


def _counted(counts: Mapping[str, int], data: Mapping[str, Any]) -> Mapping[str, int]:
    move = data.get("move")
    return {**counts, move: counts.get(move, 0) + 1} if move else counts


def _put(rows: tuple[Any, ...], new: Any) -> tuple[Any, ...]:
    return (*rows[: new.no - 1], new, *rows[new.no :])
