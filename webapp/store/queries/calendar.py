"""What was entered about the calendar, and which running due dates were counted before it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from webapp.core.holidays import Notice, NoticeDay
from webapp.store.models import Account, CalendarDay, CalendarNotice, Case, Deadline
from webapp.store.prepared import Prepared

OPEN = (Deadline.met_at.is_(None), Deadline.ended_at.is_(None))


_LAST = Prepared(select(func.max(CalendarNotice.id)))


def stamp(session: Session) -> int:
    """The id of the last notice, 0 before the first: asked at every turn, so without the bookkeeping."""
    return _LAST.run(session, {}).fetchone()[0] or 0


def notices(session: Session) -> list[Notice]:
    """Every notice that was ever entered, also those that were replaced."""
    days: dict[int, list[NoticeDay]] = defaultdict(list)
    rows = select(CalendarDay).order_by(CalendarDay.day)
    for row in session.scalars(rows):
        days[row.notice_id].append(NoticeDay(date.fromisoformat(row.day), row.working, row.name))
    return [
        Notice(
            row.year,
            row.number,
            date.fromisoformat(row.issued_on),
            row.whole,
            tuple(days[row.id]),
            row.replaces,
            row.id,
        )
        for row in session.scalars(select(CalendarNotice).order_by(CalendarNotice.id))
    ]


def entered(session: Session) -> dict[int, tuple[datetime, str | None]]:
    """When each notice was entered, and by whom; no name: on the machine."""
    query = select(CalendarNotice.id, CalendarNotice.entered_at, Account.name).outerjoin(
        Account, Account.id == CalendarNotice.account_id
    )
    return {row.id: (row.entered_at, row.name) for row in session.execute(query)}


def of_form(session: Session, once: str) -> CalendarNotice | None:
    return session.scalar(select(CalendarNotice).where(CalendarNotice.once == once))


# Due dates counted by another calendar


def behind(session: Session, versions: Sequence[str], limit: int) -> list[int]:
    """Cases with a running term that was last counted by none of these calendars."""
    found: dict[int, None] = {}
    for part in _other_versions(versions):
        left = limit - len(found)
        if left <= 0:
            break
        query = select(Deadline.case_id).where(*OPEN, Deadline.parked.is_(None), part).distinct().limit(left)
        found |= dict.fromkeys(session.scalars(query))
    return list(found)


def count_open(session: Session) -> int:
    """The running terms, each of which is looked at again after a notice."""
    query = select(func.count()).select_from(Deadline).where(*OPEN, Deadline.parked.is_(None))
    return session.scalar(query) or 0


def count_behind(session: Session, versions: Sequence[str]) -> int:
    counts = (
        select(func.count()).select_from(Deadline).where(*OPEN, Deadline.parked.is_(None), part)
        for part in _other_versions(versions)
    )
    return sum(session.scalar(query) or 0 for query in counts)


def _other_versions(versions: Sequence[str]) -> Iterator[ColumnElement[bool]]:
    """The stretches between these versions: an index finds them where it would not find "is none of"."""
    known = sorted(set(versions))
    yield Deadline.calendar < known[0]
    yield from (and_(Deadline.calendar > low, Deadline.calendar < high) for low, high in pairwise(known))
    yield Deadline.calendar > known[-1]


def open_since(since: datetime) -> Select[Any]:
    """Running terms that end at or after an instant: what is needed to count them, the first first."""
    row = Deadline
    return (
        select(row.case_id, row.no, row.clock, row.started_at, row.due_at, row.provisional)
        .add_columns(Case.regulation, Case.version)
        .join(Case, Case.id == row.case_id)
        .where(*OPEN, row.due_at >= since)
    )
