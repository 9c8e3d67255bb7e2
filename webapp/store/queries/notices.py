"""Notices with all that their letters may say: tokens, dates and articles, nothing a person wrote."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session

from webapp.core.events import Scope
from webapp.store.models import Assignment, Case, CaseEvent, Notice


@dataclass(frozen=True, slots=True)
class Told:
    """One notice, the event it tells of, and its case. `agency`: who acted, or who got the case."""

    notice: Notice
    event: CaseEvent
    case: Case
    agency: str | None


def told(session: Session, ids: Iterable[str]) -> list[Told]:
    """The notices of these ids, oldest first."""
    query = _with_facts().where(Notice.id.in_(list(ids))).order_by(Notice.created_at, Notice.id)
    return _read(session, query)


def staff_notices(session: Session, roles: Collection[str], agency: str, limit: int) -> list[Told]:
    """What was told to any of these roles at this agency, newest first."""
    query = (
        _with_facts()
        .where(Notice.agency == agency, Notice.role.in_(sorted(roles)), Notice.submission.is_(None))
        .order_by(Notice.created_at.desc(), Notice.id)
        .limit(limit)
    )
    return _read(session, query)


def waiting(now: datetime, limit: int) -> Select[str]:
    """The ids of notices to be sent now: not sent, not parked, not held by another sender. Locks the rows."""
    free = Notice.claimed_until.is_(None) | (Notice.claimed_until < now)
    return (
        select(Notice.id)
        .where(Notice.sent_at.is_(None), Notice.parked_at.is_(None), Notice.not_before <= now, free)
        .order_by(Notice.not_before, Notice.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )


def _with_facts() -> Select[Notice, CaseEvent, Case, Assignment]:
    told_of = and_(CaseEvent.case_id == Notice.case_id, CaseEvent.n == Notice.event_n)
    acted = and_(
        Assignment.case_id == CaseEvent.case_id,
        CaseEvent.on == str(Scope.assignment),
        Assignment.no == CaseEvent.target,
    )
    return (
        select(Notice, CaseEvent, Case, Assignment)
        .join(Case, Case.id == Notice.case_id)
        .join(CaseEvent, told_of)
        .outerjoin(Assignment, acted)
    )


def _read(session: Session, query: Select[Notice, CaseEvent, Case, Assignment]) -> list[Told]:
    return [
        Told(notice, event, case, _agency(event, case, assignment))
        for notice, event, case, assignment in session.execute(query)
    ]


def _agency(event: CaseEvent, case: Case, assignment: Assignment | None) -> str | None:
    if assignment is not None:
        return assignment.agency
    opened = event.data.get("opened")
    return opened["agency"] if opened else case.leading
