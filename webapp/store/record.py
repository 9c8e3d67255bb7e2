"""The record of a case: reading its events, appending to them, and comparing them with their projection."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from webapp.core.events import Event, Kind, Scope, public_facts
from webapp.core.regulation import Regulation
from webapp.core.state import Case, evolve, fold
from webapp.store import inserts, models, projection
from webapp.store.counts import Cell, add_counts


class Law(Protocol):
    """What the record needs of an installation: the very version that a case was submitted under."""

    def pinned(self, id: str, version: str) -> Regulation: ...


@dataclass(frozen=True)
class CaseFile:
    """A case in hand: its row, the regulation it was submitted under, its events and what they make."""

    row: models.Case
    regulation: Regulation
    events: tuple[Event, ...]
    state: Case


def event_of(row: models.CaseEvent) -> Event:
    return Event(
        Kind(row.kind),
        Scope(row.on),
        row.target,
        row.occurred_at,
        row.role,
        row.agency,
        row.account_id,
        row.cite,
        row.data,
        row.schema,
    )


def events_of(session: Session, case_id: int) -> tuple[Event, ...]:
    """The events of one case in their order."""
    rows = session.scalars(
        select(models.CaseEvent).where(models.CaseEvent.case_id == case_id).order_by(models.CaseEvent.n)
    )
    return tuple(event_of(row) for row in rows)


def load(session: Session, law: Law, case_id: int, *, lock: bool = False) -> CaseFile | None:
    """The case in hand, or None; `lock` holds its row for this transaction (PostgreSQL)."""
    query = select(models.Case).where(models.Case.id == case_id)
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None:
        return None
    events = events_of(session, case_id)
    return CaseFile(row, law.pinned(row.regulation, row.version), events, fold(events))


def load_many(session: Session, law: Law, case_ids: Sequence[int], *, lock: bool = False) -> list[CaseFile]:
    """These cases in hand; with `lock` without those that somebody else holds this moment (PostgreSQL)."""
    query = select(models.Case).where(models.Case.id.in_(case_ids)).order_by(models.Case.id)
    rows = session.scalars(query.with_for_update(skip_locked=True) if lock else query).all()
    events: dict[int, list[Event]] = {row.id: [] for row in rows}
    table = models.CaseEvent.__table__
    assert isinstance(table, Table)
    wanted = select(*(table.c[name] for name in ("case_id", *_COLUMNS))).where(table.c.case_id.in_(events))
    for case_id, kind, on, *rest in session.execute(wanted.order_by(table.c.case_id, table.c.n)):
        events[case_id].append(Event(Kind(kind), Scope(on), *rest))
    files = []
    for row in rows:
        told = tuple(events[row.id])
        files.append(CaseFile(row, law.pinned(row.regulation, row.version), told, fold(told)))
    return files


# The columns of an event in the order of `Event`.
_COLUMNS = (
    *("kind", "scope", "target", "occurred_at", "role", "agency", "account_id", "cite", "data"),
    "schema_version",
)


@dataclass(frozen=True)
class Opening:
    """How a case begins: needs no database, so it may be made before anybody waits for the writer."""

    regulation: Regulation
    events: tuple[Event, ...]
    state: Case
    columns: projection.Row

    @classmethod
    def of(cls, regulation: Regulation, events: Sequence[Event]) -> Opening:
        state = fold(events)
        return cls(regulation, tuple(events), state, projection.case_columns(regulation, state))


def begin(session: Session, opening: Opening, now: datetime, *, code: str, key_id: int) -> CaseFile:
    """Write a new case: its row as its events make it, the events, and every projection.

    The row in the file is a copy that the session does not know.
    """
    regulation, events, state = opening.regulation, opening.events, opening.state
    values = {"code": code, "regulation": regulation.id, "version": regulation.version, "opened_at": now}
    values |= {"content_key_id": key_id, **opening.columns}
    row = models.Case(id=inserts.add(session, models.Case, values), **values)
    _write(session, row.id, 1, events, now)
    projection.write_rows(session, regulation, row, None, (state, events))
    return CaseFile(row, regulation, events, state)


def append(session: Session, file: CaseFile, events: Sequence[Event], now: datetime) -> CaseFile:
    """Write `events` behind those of `file` and bring the projections along.

    Raises IntegrityError when somebody else wrote the next event first.
    """
    state = file.state
    for event in events:
        state = evolve(state, event)
    _write(session, file.row.id, file.state.events + 1, events, now)
    after = CaseFile(file.row, file.regulation, (*file.events, *events), state)
    before = (file.state, file.events)
    projection.write(session, file.regulation, file.row, before, (after.state, after.events))
    return after


def append_moved(
    session: Session, done: Sequence[tuple[CaseFile, Sequence[Event]]], now: datetime
) -> list[CaseFile]:
    """As `append`, in a few statements for many cases, of events that only move running due dates."""
    values: list[inserts.Values] = []
    after = []
    differences = []
    for file, events in done:
        state = file.state
        values += [_values(file.row.id, n, event, now) for n, event in enumerate(events, state.events + 1)]
        for event in events:
            state = evolve(state, event)
        new = replace(file, events=(*file.events, *events), state=state)
        after.append(new)
        moved = {row["no"] for event in events for row in event.data["clocks"]["moved"]}
        differences.append((_rows_of_moved(file, moved), _rows_of_moved(new, moved)))
        projection.set_columns(file.row, projection.case_columns(file.regulation, state))
    inserts.add_all(session, models.CaseEvent, values)
    session.flush()
    projection.write_differences(session, differences)
    return after


def _rows_of_moved(file: CaseFile, moved: set[int]) -> projection.Rows:
    return projection.rows_of_moved(file.regulation, file.row, file.state, file.events, moved)


def _write(session: Session, case_id: int, first: int, events: Sequence[Event], now: datetime) -> None:
    values = [_values(case_id, n, event, now) for n, event in enumerate(events, first)]
    inserts.add_all(session, models.CaseEvent, values)


def _values(case_id: int, n: int, event: Event, now: datetime) -> inserts.Values:
    return {
        "case_id": case_id,
        "n": n,
        "kind": str(event.kind),
        "on": str(event.on),
        "target": event.target,
        "occurred_at": event.at,
        "recorded_at": now,
        "role": event.role,
        "agency": event.agency,
        "account_id": event.account,
        "cite": event.cite,
        "data": dict(event.data),
        "public_facts": public_facts(event),
        "schema": event.schema,
    }


# Rebuild


def differences(session: Session, law: Law) -> Iterator[str]:
    """Where a projection is not what the events make; nothing is written."""
    counts: dict[Cell, list[int]] = {}
    for case_id in session.scalars(select(models.Case.id).order_by(models.Case.id)).all():
        file = load(session, law, case_id)
        assert file is not None
        yield from _differences_of(session, file)
        cell = projection.count_of(file.regulation, file.state)
        if cell:
            sums = counts.setdefault(cell[0], [0, 0, 0])
            for index, number in enumerate(cell[1]):
                sums[index] += number
        session.expunge_all()
    yield from _count_differences(session, counts)


def _differences_of(session: Session, file: CaseFile) -> Iterator[str]:
    wanted = projection.case_columns(file.regulation, file.state)
    for name, value in wanted.items():
        if getattr(file.row, name) != value:
            yield f"cases {file.row.id}: {name} is {getattr(file.row, name)!r}, the events make {value!r}"
    wanted_rows = projection.rows_of(file.row.id, file.state)
    wanted_rows |= projection.public_rows(file.regulation, file.row.code, file.state, file.events)
    found = _found_rows(session, file)
    _fold_title(wanted_rows, found)
    for key in wanted_rows.keys() - found.keys():
        yield f"{key[0]} {key[1]}: the row is missing"
    for key in found.keys() - wanted_rows.keys():
        yield f"{key[0]} {key[1]}: the events make no such row"
    for key in wanted_rows.keys() & found.keys():
        for name, value in wanted_rows[key].items():
            if (key[0], name) in projection.HELD:
                continue
            if found[key][name] != value:
                yield f"{key[0]} {key[1]}: {name} is {found[key][name]!r}, the events make {value!r}"


def _fold_title(wanted: projection.Rows, found: projection.Rows) -> None:
    """A title is no event's, but what it is found by is made of it alone."""
    for key in wanted.keys() & found.keys():
        if key[0] == "pub.pub_card":
            wanted[key]["words"] = models.PubCard.titled(found[key]["title"])["words"]


def _found_rows(session: Session, file: CaseFile) -> projection.Rows:
    found: projection.Rows = {}
    places: tuple[tuple[str, Any, Any], ...] = (
        ("submission_state", models.SubmissionState, file.row.id),
        ("assignment", models.Assignment, file.row.id),
        ("deadline", models.Deadline, file.row.id),
        ("pub.pub_card", models.PubCard, file.row.code),
        ("pub.pub_step", models.PubStep, file.row.code),
        ("pub.pub_clock", models.PubClock, file.row.code),
    )
    for name, model, key in places:
        keys = [column.key for column in model.__mapper__.primary_key]
        query = select(model).where(getattr(model, keys[0]) == key)
        for row in session.scalars(query):
            values = {
                attribute.key: getattr(row, attribute.key) for attribute in model.__mapper__.column_attrs
            }
            found[name, tuple(values[key] for key in keys)] = values
    return found


def _count_differences(session: Session, wanted: dict[Cell, list[int]]) -> Iterator[str]:
    found = {
        (row.month, row.category, row.area, row.agency): [row.received, row.answered, row.on_time]
        for row in session.scalars(select(models.PubCount))
    }
    for cell in wanted.keys() | {cell for cell, sums in found.items() if any(sums)}:
        if found.get(cell, [0, 0, 0]) != wanted.get(cell, [0, 0, 0]):
            yield f"pub_count {cell}: {found.get(cell)}, the events make {wanted.get(cell)}"


def rebuild(session: Session, law: Law) -> int:
    """Write every projection again from the events; returns the number of cases. Never calls `decide`."""
    done = 0
    session.query(models.PubCount).delete()
    for case_id in session.scalars(select(models.Case.id).order_by(models.Case.id)).all():
        file = load(session, law, case_id)
        assert file is not None
        names = projection.case_columns(file.regulation, file.state)
        for name, value in names.items():
            setattr(file.row, name, value)
        session.flush()
        new = projection.rows_of(file.row.id, file.state)
        new |= projection.public_rows(file.regulation, file.row.code, file.state, file.events)
        found = _found_rows(session, file)
        _fold_title(new, found)
        old = {key: {name: row[name] for name in new.get(key, row)} for key, row in found.items()}
        projection.write_difference(session, old, new)
        add_counts(session, None, projection.count_of(file.regulation, file.state))
        session.expunge_all()
        done += 1
    return done
