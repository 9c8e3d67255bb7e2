"""Legal holds: while one stands on a case, nobody who reported in it is erased."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, or_, select

from webapp.core.events import Event, Kind, Scope
from webapp.core.workflow import Refused
from webapp.operations.work import Gone, Refusal, Work
from webapp.store import models, record
from webapp.store.record import CaseFile

CITE: Final = ""  # the row has it


def place(
    work: Work, case_id: int, ground: str, document: str, by: int | None, until: datetime | None = None
) -> int:
    """Put a hold on a case by a numbered document. Raises Gone for a case there is not."""
    file = record.load(work.session, work.law, case_id, lock=True)
    if file is None:
        raise Gone(case_id)
    row = models.LegalHold(
        case_id=case_id, ground=ground, document=document, until=until, placed_by=by, placed_at=work.now
    )
    work.session.add(row)
    work.session.flush()
    _write_down(work, file, Kind.hold_placed, row, by)
    return row.id


def _write_down(work: Work, file: CaseFile, kind: Kind, row: models.LegalHold, by: int | None) -> None:
    """An event of the case, by no move of a regulation: who asks for it and why stand in the hold's row, for
    what somebody typed could never be taken out of an event again."""
    event = Event(kind, Scope.case, 0, work.now, "system", None, by, CITE, {"hold": row.id})
    record.append(work.session, file, [event], work.now)


def lift(work: Work, hold_id: int, by: int | None) -> None:
    """End a hold; the row stays. Raises Gone when there is none to lift."""
    row = work.session.get(models.LegalHold, hold_id)
    if row is None or row.lifted_at:
        raise Gone(hold_id)
    row.lifted_at, row.lifted_by = work.now, by
    file = record.load(work.session, work.law, row.case_id, lock=True)
    assert file is not None
    _write_down(work, file, Kind.hold_lifted, row, by)


def standing(work: Work, case_id: int) -> list[models.LegalHold]:
    """The holds that stand on a case now."""
    row = models.LegalHold
    query = select(row).where(row.case_id == case_id, _running(work)).order_by(row.id)
    return list(work.session.scalars(query))


def ground(work: Work, event: Event) -> str:
    """The article of the hold that this event places or lifts; nothing for any other event."""
    row = work.session.get(models.LegalHold, event.data["hold"]) if "hold" in event.data else None
    return row.ground if row else ""


def held(work: Work) -> set[int]:
    """The cases on which a hold stands now."""
    return set(work.session.scalars(select(models.LegalHold.case_id).where(_running(work))))


def _running(work: Work) -> ColumnElement[bool]:
    row = models.LegalHold
    return and_(row.lifted_at.is_(None), or_(row.until.is_(None), row.until > work.now))


def refuse_held(work: Work, case_id: int) -> None:
    """Raises Refusal with document and ground while a hold stands."""
    for row in standing(work, case_id):
        raise Refusal(Refused("legal_hold", {"document": row.document}, row.ground))
