"""What must be true of a database whatever crashed in it: one checker for operators, drills and campaigns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from webapp.core.events import Kind
from webapp.core.state import evolve
from webapp.store import models, record
from webapp.store.migrate import is_current
from webapp.store.record import CaseFile, Law
from webapp.store.triggers import declared_triggers, existing_triggers

# The ids of the letters that the last event of a case file must have queued.
Expected = Callable[[CaseFile], Iterable[str]]

_INVALID_ON_POSTGRES: Final = """
    SELECT 'index ' || indexrelid::regclass || ' is not valid' FROM pg_index WHERE NOT indisvalid
    UNION ALL SELECT 'constraint ' || conname || ' is not validated' FROM pg_constraint WHERE NOT convalidated
"""


def problems(session: Session, law: Law, expected: Expected) -> Iterator[str]:
    """One line for everything that is wrong, at the one moment `session` sees. Changes nothing."""
    parts = {
        "database": _database(session),
        "rows": _rows(session),
        "letters": _letters(session, law, expected),
        "projections": record.differences(session, law),
    }
    for name, lines in parts.items():
        try:
            yield from lines
        except Exception as error:  # so damaged that it cannot even be read: that is a finding too
            yield f"{name}: reading stopped at {type(error).__name__}: {error}"


def _rows(session: Session) -> Iterator[str]:
    for label, query in _ROWS.items():
        for row in session.execute(query()):
            yield f"{label}: {', '.join(map(str, row))}"


def _database(session: Session) -> Iterator[str]:
    connection = session.connection()
    if not is_current(connection):
        yield "the schema is not the one of this version"
    dialect = connection.dialect.name
    declared, existing = declared_triggers(dialect), existing_triggers(connection)
    yield from (f"trigger {trigger.name} is missing" for trigger in sorted(declared - existing))
    yield from (f"trigger {trigger.name} is not ours" for trigger in sorted(existing - declared))
    yield from _on_sqlite(connection) if dialect == "sqlite" else _on_postgres(connection)


def _on_sqlite(connection: Any) -> Iterator[str]:
    for (said,) in connection.exec_driver_sql("PRAGMA integrity_check"):
        if said != "ok":
            yield f"integrity_check: {said}"
    for table, row, parent, _ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield f"{table} row {row}: it refers to a row of {parent} that is not there"


def _on_postgres(connection: Any) -> Iterator[str]:
    yield from (said for (said,) in connection.exec_driver_sql(_INVALID_ON_POSTGRES))


# Rows. Every query finds what must not be.


def _gaps() -> Select[*tuple[Any, ...]]:
    n = models.CaseEvent.n
    query = select(models.CaseEvent.case_id, func.min(n), func.max(n), func.count())
    return query.group_by(models.CaseEvent.case_id).having(or_(func.min(n) != 1, func.max(n) != func.count()))


def _unopened() -> Select[*tuple[Any, ...]]:
    first = and_(models.CaseEvent.case_id == models.Case.id, models.CaseEvent.n == 1)
    opening = select(models.Case.id).outerjoin(models.CaseEvent, first)
    return opening.where(or_(models.CaseEvent.seq.is_(None), models.CaseEvent.kind != Kind.submitted))


def _incomplete() -> Select[*tuple[Any, ...]]:
    row = models.Submission
    at = and_(models.SubmissionState.case_id == row.case_id, models.SubmissionState.no == row.no)
    return (
        select(row.id)
        .outerjoin(models.Case, models.Case.id == row.case_id)
        .outerjoin(models.Text, models.Text.id == row.text_id)
        .outerjoin(models.Identity, models.Identity.id == row.identity_id)
        .outerjoin(models.SubmissionState, at)
        .where(
            or_(
                models.Case.id.is_(None),
                models.Text.id.is_(None),
                models.Identity.id.is_(None),
                models.SubmissionState.no.is_(None),
            )
        )
    )


def _unwritten() -> Select[*tuple[Any, ...]]:
    state, row = models.SubmissionState, models.Submission
    at = and_(row.case_id == state.case_id, row.no == state.no)
    return select(state.case_id, state.no).outerjoin(row, at).where(row.id.is_(None))


def _twice(column: Any) -> Select[*tuple[Any, ...]]:
    return select(column).group_by(column).having(func.count() > 1)


def _stray_letters() -> Select[*tuple[Any, ...]]:
    letter, event = models.Notice, models.CaseEvent
    at = and_(event.case_id == letter.case_id, event.n == letter.event_n)
    return select(letter.id).outerjoin(event, at).where(event.seq.is_(None))


def _half_sent() -> Select[*tuple[Any, ...]]:
    letter = models.Notice
    return select(letter.id).where(letter.sent_at.is_not(None), letter.parked_at.is_not(None))


def _undated() -> Select[*tuple[Any, ...]]:
    row = models.Deadline
    running = and_(row.met_at.is_(None), row.ended_at.is_(None))
    return select(row.case_id, row.no).where(running, row.due_at.is_(None))


def _breached_twice() -> Select[*tuple[Any, ...]]:
    # A clock has one number in its case, so one breach of it is one pair of case and target and instant.
    event = models.CaseEvent
    keys = (event.case_id, event.on, event.target, event.occurred_at, event.data)
    breached = select(*keys).where(event.kind == Kind.clock_breached)
    return breached.group_by(*keys).having(func.count() > 1)


def _half_erased() -> Select[*tuple[Any, ...]]:
    """Entries of the erasure list whose person is still there."""
    entry, person, key = models.Erasure, models.Identity, models.DataKey
    still = or_(person.erased_at.is_(None), person.name.is_not(None), key.wrapped.is_not(None))
    joined = select(entry.id).join(person, person.id == entry.identity_id).join(key, key.id == person.key_id)
    return joined.where(still)


_ROWS: Final[dict[str, Callable[[], Select[*tuple[Any, ...]]]]] = {
    "events are not numbered 1, 2, 3 (case, first, last, count)": _gaps,
    "a case does not begin with a submitted event": _unopened,
    "a submission lacks case, text, identity or state": _incomplete,
    "a submission that events know is not there (case, number)": _unwritten,
    "a secret was taken twice": lambda: _twice(models.Submission.secret_mac),
    "a secret code opens two reports": lambda: _twice(models.Submission.code_mac),
    "a public number stands for two cases": lambda: _twice(models.Case.code),
    "a letter tells of no event": _stray_letters,
    "a letter is both sent and parked": _half_sent,
    "a running clock has no due date (case, number)": _undated,
    "a clock was recorded twice": _breached_twice,
    "somebody on the erasure list is still there (entry)": _half_erased,
}


# Letters


def _letters(session: Session, law: Law, expected: Expected) -> Iterator[str]:
    """Every event queued the letters its regulation lists, those and no others."""
    ids = session.scalars(select(models.Case.id).order_by(models.Case.id)).all()
    for case_id in ids:
        file = record.load(session, law, case_id)
        if file is None or not file.events:
            continue
        wanted = {id for step in _steps(file) for id in expected(step)}
        found = set(session.scalars(select(models.Notice.id).where(models.Notice.case_id == case_id)))
        yield from (f"letter {id} was never queued" for id in sorted(wanted - found))
        yield from (f"letter {id} was queued for nothing" for id in sorted(found - wanted))
        session.expunge_all()


def _steps(file: CaseFile) -> Iterator[CaseFile]:
    """The case as it was after each of its events."""
    state = None
    for n, event in enumerate(file.events, 1):
        state = evolve(state, event)
        yield CaseFile(file.row, file.regulation, file.events[:n], state)
