"""Notices waiting to be sent: ids and tokens only, never a name or a text of the case."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.store.columns import Base

_PARKED = text("parked_at IS NOT NULL")
_KEPT = text("error = 'kept'")


class Notice(Base):
    """One letter to one audience: a submission's reporter, or a role at an agency.

    `error` is the kind of the last failure, or a word of `store.queries.notices` for what became of it.
    """

    __tablename__ = "outbox"
    id: Mapped[str] = mapped_column(primary_key=True)
    template: Mapped[str]
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    event_n: Mapped[int]
    submission: Mapped[int | None]
    role: Mapped[str | None]
    agency: Mapped[str | None]
    params: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    not_before: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    attempts: Mapped[int]
    sent_at: Mapped[datetime | None]
    parked_at: Mapped[datetime | None]
    error: Mapped[str | None]

    __table_args__ = (
        Index(
            "ix_outbox_waiting",
            "not_before",
            sqlite_where=text("sent_at IS NULL AND parked_at IS NULL"),
            postgresql_where=text("sent_at IS NULL AND parked_at IS NULL"),
        ),
        Index("ix_outbox_parked", "parked_at", sqlite_where=_PARKED, postgresql_where=_PARKED),
        Index("ix_outbox_kept", "created_at", sqlite_where=_KEPT, postgresql_where=_KEPT),
        Index("ix_outbox_staff", "agency", "created_at"),
        Index("ix_outbox_reporter", "case_id", "submission"),
    )
