"""The record of a case (`case_event`) and what is projected from it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.store.columns import Base

_OPEN = text("met_at IS NULL AND ended_at IS NULL AND parked IS NULL")


class Case(Base):
    """One case. `code` is the public number; everything under the line is projected from events."""

    __tablename__ = "cases"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    regulation: Mapped[str]
    version: Mapped[str]
    opened_at: Mapped[datetime]
    content_key_id: Mapped[int] = mapped_column(ForeignKey("data_key.id"))
    # projected
    events: Mapped[int]
    state: Mapped[str]
    category: Mapped[str | None]
    area: Mapped[str | None]
    track: Mapped[str]
    leading: Mapped[str | None]
    next_due_at: Mapped[datetime | None]
    next_clock: Mapped[str | None]
    closed_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_cases_open_due", "next_due_at", "id", sqlite_where=text("next_due_at IS NOT NULL")),
        Index("ix_cases_state_opened", "state", "opened_at"),
    )


class CaseEvent(Base):
    """One past fact. `n` numbers the events of a case from 1: writing n+1 is the compare-and-set."""

    __tablename__ = "case_event"
    seq: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    n: Mapped[int]
    kind: Mapped[str]
    on: Mapped[str] = mapped_column("scope")
    target: Mapped[int]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    role: Mapped[str]
    agency: Mapped[str | None]
    account_id: Mapped[int | None]
    cite: Mapped[str]
    data: Mapped[dict[str, Any]]
    public_facts: Mapped[dict[str, Any]]
    schema: Mapped[int] = mapped_column("schema_version", Integer)

    __table_args__ = (UniqueConstraint("case_id", "n"), {"sqlite_autoincrement": True})


class SubmissionState(Base):
    """Projection: where a submission stands."""

    __tablename__ = "submission_state"
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str]
    submitted_at: Mapped[datetime]
    channel: Mapped[str]
    secrecy: Mapped[str]
    rating: Mapped[str | None]
    rated_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    question_open: Mapped[bool]


class Assignment(Base):
    """Projection: a case at one agency."""

    __tablename__ = "assignment"
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True)
    agency: Mapped[str]
    leading: Mapped[bool]
    state: Mapped[str]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    publication: Mapped[str | None]
    ground: Mapped[str | None]

    __table_args__ = (Index("ix_assignment_agency_state", "agency", "state", "case_id"),)


class Deadline(Base):
    """Projection: one clock. `claimed_until` and `parked` are the worker's and not projected.

    `calendar` is the version the due date was last held against: where counting again moved nothing there is
    no event, so it may be newer than what the events tell.
    """

    __tablename__ = "deadline"
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True)
    clock: Mapped[str]
    on: Mapped[str] = mapped_column("scope")
    target: Mapped[int]
    started_at: Mapped[datetime]
    due_at: Mapped[datetime]
    provisional: Mapped[bool]
    calendar: Mapped[str]
    met_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    breached_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    warn_at: Mapped[datetime | None]  # when the next reminder is to be told
    claimed_until: Mapped[datetime | None]
    parked: Mapped[str | None]

    __table_args__ = (
        Index(
            "ix_deadline_waiting",
            "due_at",
            sqlite_where=text("met_at IS NULL AND ended_at IS NULL AND breached_at IS NULL"),
            postgresql_where=text("met_at IS NULL AND ended_at IS NULL AND breached_at IS NULL"),
        ),
        Index(
            "ix_deadline_warn",
            "warn_at",
            sqlite_where=text("warn_at IS NOT NULL"),
            postgresql_where=text("warn_at IS NOT NULL"),
        ),
        Index("ix_deadline_calendar", "calendar", "case_id", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )
