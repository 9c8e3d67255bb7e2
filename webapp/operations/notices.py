"""Who is to be told what: rows for the outbox, written with the change they tell of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from webapp.core.events import Event, Kind, Scope
from webapp.core.regulation import Notice, Regulation
from webapp.operations.work import Work
from webapp.store import models
from webapp.store.record import CaseFile


def queue(work: Work, file: CaseFile, events: Sequence[Event]) -> None:
    """One row per audience of each event, as the regulation lists them. Ids are derived, so twice is once."""
    first = len(file.events) - len(events) + 1
    for n, event in enumerate(events, first):
        for notice in file.regulation.notices:
            if notice.on == _occasion(event):
                for audience in _audiences(work, file, event, notice):
                    work.session.add(_row(work, file, n, event, notice, audience))


def _occasion(event: Event) -> str:
    if event.kind is Kind.clock_breached:
        return f"breach:{event.data['clock']}"
    return str(event.data.get("move", ""))


_Audience = tuple[int | None, str | None, str | None]  # submission, role, agency


def _audiences(work: Work, file: CaseFile, event: Event, notice: Notice) -> Iterable[_Audience]:
    for role in notice.to:
        org = file.regulation.role(role).org
        if org == "reporter":
            yield from ((no, None, None) for no in _submissions(file, event))
        elif org == "agency":
            yield from ((None, role, agency) for agency in _agencies(file, event))
        else:
            yield None, role, work.law.directory.coordinator.id


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
    return sorted({assignment.agency for assignment in file.state.open_assignments})


def _row(
    work: Work, file: CaseFile, n: int, event: Event, notice: Notice, audience: _Audience
) -> models.Notice:
    submission, role, agency = audience
    to = f"s{submission}" if submission else f"{role}@{agency}"
    return models.Notice(
        id=f"{file.row.code}.{n}.{notice.template}.{to}",
        template=notice.template,
        case_id=file.row.id,
        event_n=n,
        submission=submission,
        role=role,
        agency=agency,
        params=_params(file.regulation, event),
        created_at=work.now,
        not_before=work.now,
        attempts=0,
    )


def _params(regulation: Regulation, event: Event) -> dict[str, str]:
    started = event.data.get("clocks", {}).get("started", ())
    params = {"cite": event.cite}
    if started:
        params |= {"clock": started[-1]["clock"], "due_at": started[-1]["due_at"]}
    if event.data.get("clock"):
        params["clock"] = event.data["clock"]
    return params
