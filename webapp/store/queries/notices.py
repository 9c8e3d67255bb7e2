"""Notices with all that their letters may say: tokens, dates and articles, nothing a person wrote."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CompoundSelect, Select, and_, func, literal_column, or_, select, union_all
from sqlalchemy.orm import Session

from webapp.core.events import Kind, Scope
from webapp.store.models import Assignment, Case, CaseEvent, Identity, Notice, StaffSession, Submission

# What the law wants the reporter to be told. Kinds of events are a closed list; no regulation adds to it.
LEGAL = frozenset(
    {Kind.refused, Kind.supplement_requested, Kind.verification_requested}
    | {Kind.published, Kind.withheld, Kind.answered, Kind.redirected, Kind.result_entered}
    | {Kind.data_shown, Kind.data_corrected, Kind.data_restricted}
)

# What became of a letter, where it is not simply sent.
KEPT = "kept"  # the law wants it told and no way leads to the reporter: somebody must call
NO_WAY = "no_way"  # news of progress without a way to the reporter, who sees it with the secret code
TOLD = "told"  # somebody called
SUPERSEDED = "superseded"  # untrue before it left
STOPPED = ("erased", "restored")  # the person is gone; the database came back from a backup
_DROPPED = (SUPERSEDED, *STOPPED)


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
    """What was told to any of these roles at this agency, newest first. They read it here as soon as it
    is queued; what became untrue within a moment is not shown."""
    query = (
        _with_facts()
        .where(Notice.role.in_(sorted(roles)), Notice.submission.is_(None))
        .where(or_(Notice.agency == agency, Notice.agency.is_(None)))  # overseers sit where they sit
        .where(or_(Notice.error.is_(None), Notice.error != SUPERSEDED))
        .order_by(Notice.created_at.desc(), Notice.id)
        .limit(limit)
    )
    return _read(session, query)


def waiting(now: datetime, limit: int) -> Select[str, int | None]:
    """Id and submission of notices to be sent now: not sent, not parked, not held by another sender. Locks
    the rows."""
    free = Notice.claimed_until.is_(None) | (Notice.claimed_until < now)
    return (
        select(Notice.id, Notice.submission)
        .where(Notice.sent_at.is_(None), Notice.parked_at.is_(None), Notice.not_before <= now, free)
        .order_by(Notice.not_before, Notice.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )


def reporter_letters(session: Session, limit: int) -> list[Told]:
    """What left for reporters, newest first."""
    query = (
        _with_facts()
        .where(Notice.agency.is_(None), Notice.submission.is_not(None))
        .where(Notice.sent_at.is_not(None), Notice.error.is_(None))
        .order_by(Notice.created_at.desc(), Notice.id.desc())
        .limit(limit)
    )
    return _read(session, query)


def seen_until(session: Session, account_id: int, session_id: int) -> datetime | None:
    """When this account was last at its desk before the present session."""
    row = StaffSession
    query = select(func.max(row.seen_at)).where(row.account_id == account_id, row.id < session_id)
    return session.scalar(query)


def assignments_at(session: Session, case_ids: Iterable[int], agency: str) -> list[tuple[int, str]]:
    """Case and state of every assignment this agency has or had of these cases."""
    row = Assignment
    query = select(row.case_id, row.state).where(row.agency == agency, row.case_id.in_(sorted(set(case_ids))))
    return [(found.case_id, found.state) for found in session.execute(query)]


# Letters that nobody got


def to_call(session: Session, limit: int) -> list[Told]:
    """Letters the law wants told that could not be delivered, and whose reporter can still be asked for,
    oldest first."""
    query = _with_facts().where(Notice.id.in_(_undelivered())).order_by(Notice.created_at, Notice.id)
    return _read(session, query.limit(limit))


def count_to_call(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(_undelivered().subquery())) or 0


def is_to_call(session: Session, id: str) -> bool:
    return session.scalar(_undelivered().where(Notice.id == id)) is not None


def outbox_counts(session: Session) -> dict[str, int]:
    """How many letters wait, are parked after failures, were dropped or stopped on purpose, need a call."""
    by_error = select(Notice.error, func.count()).where(Notice.parked_at.is_not(None)).group_by(Notice.error)
    parked = {row[0]: row[1] for row in session.execute(by_error)}
    waiting = select(func.count()).where(Notice.sent_at.is_(None), Notice.parked_at.is_(None))
    return {
        "waiting": session.scalar(waiting) or 0,
        "failed": sum(count for error, count in parked.items() if error not in _DROPPED),
        "superseded": parked.get(SUPERSEDED, 0),
        "stopped": sum(parked.get(error, 0) for error in STOPPED),
        "to_call": count_to_call(session),
    }


def _undelivered() -> Select[Any]:
    told_of = and_(CaseEvent.case_id == Notice.case_id, CaseEvent.n == Notice.event_n)
    sent_by = and_(Submission.case_id == Notice.case_id, Submission.no == Notice.submission)
    return (
        select(Notice.id)
        .join(CaseEvent, told_of)
        .join(Submission, sent_by)
        .join(Identity, Identity.id == Submission.identity_id)
        .where(Notice.id.in_(_lost()), CaseEvent.kind.in_(sorted(LEGAL)), Identity.erased_at.is_(None))
    )


def _lost() -> CompoundSelect[Any]:
    """Kept ones and those parked after failures, each by its index: neither grows with what was sent."""
    # Written as the index is: a bound parameter would keep SQLite from using it.
    kept = select(Notice.id).where(Notice.error == literal_column(f"'{KEPT}'"))
    failed = select(Notice.id).where(Notice.parked_at.is_not(None), Notice.error.not_in(_DROPPED))
    return union_all(kept, failed)


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
