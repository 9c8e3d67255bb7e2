"""Who is to be told what: rows for the outbox, written with the change they tell of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import or_, update

from webapp.core.events import Event, Kind, Scope, by_reorganisation
from webapp.core.regulation import Notice, Regulation
from webapp.core.timing import facts_of, fits
from webapp.operations.work import Work
from webapp.store import inserts, models
from webapp.store.queries.notices import LEGAL, SUPERSEDED
from webapp.store.record import CaseFile

# A letter waits this long before it leaves, so that a move taken back at once is never told.
UNDO = timedelta(seconds=10)
DUE_MOVED = "due_moved"
MOVED_TO_AGENCY = "moved_to_agency"


def queue(work: Work, file: CaseFile, events: Sequence[Event]) -> None:
    """One row per audience of each event, as the regulation lists them. Ids are derived, so twice is once."""
    written = rows(work, file, events)
    for n, event in _numbered(file, events):
        _supersede(work, file, n, event, [row["submission"] for row in written if row["event_n"] == n])
    inserts.add_all(work.session, models.Notice, written)


def rows(work: Work, file: CaseFile, events: Sequence[Event]) -> list[inserts.Values]:
    """The rows that `queue` adds for these events, the last ones of `file`."""
    return [
        _row(work, file, n, event, notice, audience)
        for n, event in _numbered(file, events)
        for notice, audience in _told(file, event, work.law.directory.coordinator.id)
    ]


def _numbered(file: CaseFile, events: Sequence[Event]) -> Iterable[tuple[int, Event]]:
    return enumerate(events, len(file.events) - len(events) + 1)


def _supersede(work: Work, file: CaseFile, n: int, event: Event, told: Sequence[int | None]) -> None:
    """Drop what was queued a moment ago about a state that `event` has left.

    A reporter's letter is dropped only when the same reporter gets a newer one, and never when the law
    asks for it. What led to no state (a reminder, a new due date) stays true and is never dropped.
    """
    if not _leads(file.regulation, event):
        return
    untrue = [
        m
        for m, earlier in enumerate(file.events[: n - 1], 1)
        if (earlier.on, earlier.target) == (event.on, event.target)
        and work.now - earlier.at < UNDO
        and not _is_legal(file.regulation, earlier)
        and _leads(file.regulation, earlier)
    ]
    if untrue:
        _drop(work, file, untrue, [no for no in told if no is not None])


def _is_legal(regulation: Regulation, event: Event) -> bool:
    """Whether the law wants the reporter told; a result only where it answers by itself."""
    answers = event.kind is not Kind.result_entered or regulation.move(event.data["move"]).answers
    return event.kind in LEGAL and bool(answers)


def _leads(regulation: Regulation, event: Event) -> bool:
    """Whether the event is a move into a state of what it is about."""
    move = event.data.get("move")
    return bool(move and regulation.move(move).to)


def _drop(work: Work, file: CaseFile, ns: Sequence[int], submissions: Sequence[int]) -> None:
    row = models.Notice
    waiting = (row.sent_at.is_(None), row.parked_at.is_(None), row.created_at > work.now - UNDO)
    same = or_(row.submission.is_(None), row.submission.in_(submissions))
    query = update(row).where(row.case_id == file.row.id, row.event_n.in_(ns), *waiting, same)
    # What is being handed over this moment is on its way and is not called back.
    free = or_(row.claimed_until.is_(None), row.claimed_until < work.now)
    work.session.execute(query.where(free).values(parked_at=work.now, error=SUPERSEDED))


def ids(file: CaseFile, coordinator: str) -> list[str]:
    """The ids of the letters that the last event of `file` has queued."""
    told = _told(file, file.events[-1], coordinator)
    return [_id(file, len(file.events), notice, audience) for notice, audience in told]


def _told(file: CaseFile, event: Event, coordinator: str) -> Iterator[tuple[Notice, _Audience]]:
    if event.kind is Kind.clock_recomputed:
        yield from _told_of_dates(file, event, coordinator)
        return
    if by_reorganisation(event):
        yield from _told_of_a_transfer(file, event, coordinator)
        return
    for notice in file.regulation.notices:
        if notice.on == _occasion(event) and fits(notice.when, facts_of(file.state)):
            yield from ((notice, audience) for audience in _audiences(file, event, notice, coordinator))


def _told_of_dates(file: CaseFile, event: Event, coordinator: str) -> Iterator[tuple[Notice, _Audience]]:
    """Whoever knows a term learns its new date, each once: of the term that ends first."""
    told: set[_Audience] = set()
    changed = (row for row in event.data["clocks"]["moved"] if row["due_at"] != row["was"])
    for row in sorted(changed, key=lambda row: str(row["due_at"])):
        clock = file.state.clock(row["no"])
        notice = Notice(str(clock.no), _who_know(file.regulation, clock.clock), DUE_MOVED, event.cite)
        about = replace(event, on=clock.on, target=clock.target)
        for audience in _audiences(file, about, notice, coordinator):
            if audience not in told:
                told.add(audience)
                yield notice, audience


def _who_know(regulation: Regulation, clock: str) -> tuple[str, ...]:
    """The roles told when a term starts, those who can meet it, and reporters where its start is public."""
    row = regulation.clock(clock)
    roles = {role for notice in regulation.notices if notice.on in row.starts for role in notice.to}
    roles |= {role for move in row.meets for role in regulation.move(move).by}
    public = any(regulation.move(move).public for move in row.starts)
    reporters = {role.id for role in regulation.roles if role.org == "reporter"}
    roles = roles | reporters if public else roles
    return tuple(role.id for role in regulation.roles if role.id in roles and role.org != "system")


def _told_of_a_transfer(file: CaseFile, event: Event, coordinator: str) -> Iterator[tuple[Notice, _Audience]]:
    """Whoever is told at an agency that a case was given to it is told at its successor."""
    opening = {move.id for move in file.regulation.moves if move.opens}
    given = (notice for notice in file.regulation.notices if notice.on in opening)
    audiences = (a for notice in given for a in _audiences(file, event, notice, coordinator))
    for audience in dict.fromkeys(audiences):
        if audience[2] == event.data["agency"]:
            yield Notice("", (), MOVED_TO_AGENCY, event.cite), audience


def _occasion(event: Event) -> str:
    if event.kind is Kind.clock_breached:
        return f"breach:{event.data['clock']}"
    if event.kind is Kind.clock_warned:
        return f"soon:{event.data['clock']}"
    return str(event.data.get("move", ""))


_Audience = tuple[int | None, str | None, str | None]  # submission, role, agency


def _audiences(file: CaseFile, event: Event, notice: Notice, coordinator: str) -> Iterable[_Audience]:
    for role in notice.to:
        org = file.regulation.role(role).org
        if org == "reporter":
            yield from ((no, None, None) for no in _submissions(file, event))
        elif org == "agency":
            yield from ((None, role, agency) for agency in _agencies(file, event))
        else:
            yield None, role, None if org == "overseer" else coordinator


def _submissions(file: CaseFile, event: Event) -> list[int]:
    if event.on is Scope.submission:
        return [event.target]
    void = {state.id for state in file.regulation.states if state.void}
    return [submission.no for submission in file.state.submissions if submission.state not in void]


def _agencies(file: CaseFile, event: Event) -> list[str]:
    if event.on is Scope.assignment:
        return [file.state.assignments[event.target - 1].agency]
    if event.data.get("opened"):
        return [event.data["opened"]["agency"]]
    return sorted(set(file.state.holders))


def _row(
    work: Work, file: CaseFile, n: int, event: Event, notice: Notice, audience: _Audience
) -> inserts.Values:
    submission, role, agency = audience
    return {
        "id": _id(file, n, notice, audience),
        "template": notice.template,
        "case_id": file.row.id,
        "event_n": n,
        "submission": submission,
        "role": role,
        "agency": agency,
        "params": _params(file, event, notice),
        "created_at": work.now,
        "not_before": work.now + UNDO,
        "attempts": 0,
    }


def _id(file: CaseFile, n: int, notice: Notice, audience: _Audience) -> str:
    submission, role, agency = audience
    to = f"s{submission}" if submission else f"{role}@{agency}"
    return f"{file.row.code}.{n}.{notice.template}.{to}"


def _params(file: CaseFile, event: Event, notice: Notice) -> dict[str, str]:
    clocks = event.data.get("clocks", {})
    started = clocks.get("started", ())
    params = {"cite": event.cite}
    if started:
        params |= {"clock": started[-1]["clock"], "due_at": started[-1]["due_at"]}
    if event.data.get("clock"):
        params["clock"] = event.data["clock"]
    if event.kind is Kind.clock_warned:
        params["due_at"] = file.state.clock(clocks["warned"][0]).due_at.isoformat()
    if notice.template == DUE_MOVED:
        row = next(row for row in clocks["moved"] if str(row["no"]) == notice.on)
        params |= {"clock": file.state.clock(row["no"]).clock, "due_at": row["due_at"], "was": row["was"]}
    return params
