"""The tick: clocks that fell due are recorded, each once, with what the regulation makes of it.

It only records and tells: screens compute lateness from dates, so a stopped worker delays a message but
flatters nobody.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, or_, select, update

from webapp.core import timing
from webapp.core.workflow import breach, escalation, warning
from webapp.operations import moves, recount
from webapp.operations.work import Work
from webapp.store import models, record

LEASE = timedelta(minutes=2)


def claim_due(work: Work) -> tuple[int, int] | None:
    """Take the oldest unrecorded clock that fell due, for two minutes: its case and number, or None.

    Of many workers asking at once each gets another one.
    """
    deadline = models.Deadline
    return _claim(work, deadline.due_at, deadline.due_at < work.now, deadline.breached_at.is_(None))


def claim_warning(work: Work) -> tuple[int, int] | None:
    """As `claim_due`, for the clock whose reminder is to be told."""
    deadline = models.Deadline
    in_time = (deadline.warn_at <= work.now, deadline.due_at >= work.now)
    return _claim(work, deadline.warn_at, *in_time)


def _claim(work: Work, oldest: Any, *only: Any) -> tuple[int, int] | None:
    deadline = models.Deadline
    waiting = (
        select(deadline.case_id, deadline.no)
        .where(
            deadline.met_at.is_(None),
            deadline.ended_at.is_(None),
            or_(deadline.paused_at.is_(None), deadline.paused_at > deadline.due_at),  # late before its pause
            deadline.parked.is_(None),
            deadline.claimed_until.is_(None) | (deadline.claimed_until < work.now),
            *only,
        )
        .order_by(oldest)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    found = work.session.execute(waiting).first()
    if found is None:
        return None
    claimed = (
        update(deadline)
        .where(deadline.case_id == found.case_id, deadline.no == found.no)
        .values(claimed_until=work.now + LEASE)
        .returning(deadline.case_id, deadline.no)
    )
    row = work.session.execute(claimed).one()
    return row.case_id, row.no


def record_warning(work: Work, case_id: int, no: int) -> bool:
    """Write down that a clock will soon fall due, which tells whom the regulation says; each once."""
    file = record.load(work.session, work.law, case_id, lock=True)
    row = work.session.get(models.Deadline, (case_id, no), with_for_update=True)
    if file is None or row is None:
        return False
    row.claimed_until = None
    events = warning(file.regulation, file.state, no, work.now)
    if events:
        moves.follow(work, file, events)
    return bool(events)


def record_breach(work: Work, case_id: int, no: int) -> bool:
    """Write down that a clock fell due unmet; False when there was nothing (any more) to record.

    A row that disagrees with what the events make is parked, never guessed at.
    """
    file = record.load(work.session, work.law, case_id, lock=True)
    row = work.session.get(models.Deadline, (case_id, no), with_for_update=True)
    if file is None or row is None or row.breached_at or row.met_at or row.ended_at:
        return False
    if (again := recount.brought_up(work, file)) is not file:  # nobody is late by a calendar that has changed
        file = again
        work.session.refresh(row)
    clock = file.state.clock(no)
    if clock.due_at != row.due_at or not _agrees(file, no):
        row.parked = "due_differs"
        return False
    events = breach(file.regulation, file.state, no, work.now)
    if not events:
        row.claimed_until = None
        return False
    row.claimed_until = None
    file = moves.follow(work, file, events)
    further = escalation(file.regulation, file.state, no, work.now)
    if further:
        moves.follow(work, file, further)
    return True


def _agrees(file: record.CaseFile, no: int) -> bool:
    """Whether the due date is what the law counts, unless a person or a notice has moved it."""
    clock = file.state.clock(no)
    moved = any(
        row["no"] == no for event in file.events for row in event.data.get("clocks", {}).get("moved", ())
    )
    same_calendar = clock.calendar == file.regulation.counting.calendar.version
    return moved or not same_calendar or timing.explained(file.regulation, clock).at == clock.due_at


def park(work: Work, case_id: int, no: int, why: str) -> None:
    """Set a clock aside that could not be recorded, so that the others go on; `/status` shows it."""
    row = work.session.get(models.Deadline, (case_id, no))
    if row is not None:
        row.parked = why


def forget_the_old(work: Work, keep: timedelta = timedelta(days=7)) -> None:
    """Delete form tokens nobody will send again, and sessions that ended or ran out."""
    once, citizen, staff = models.Once, models.CitizenSession, models.StaffSession
    work.session.execute(delete(once).where(once.created_at < work.now - keep))
    work.session.execute(delete(citizen).where(citizen.expires_at < work.now))
    work.session.execute(delete(staff).where(staff.expires_at < work.now - keep))


def unpark(work: Work) -> int:
    """Let the worker try parked clocks again, once what was wrong is mended; how many there were."""
    query = select(models.Deadline).where(models.Deadline.parked.is_not(None))
    rows = work.session.scalars(query).all()
    for row in rows:
        row.parked = row.claimed_until = None
    return len(rows)
