"""Who answers for an agency, and who stands in for whom, each from a day to a day by a numbered document.

Days are legal ones (`2026-11-22`); `until_on` is exclusive.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from webapp.store.columns import Base


class Focal(Base):
    """A focal person of an agency: its leader or its officer. `entered_by` null: by the operator."""

    __tablename__ = "focal"
    id: Mapped[int] = mapped_column(primary_key=True)
    agency: Mapped[str]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[str]  # leader | officer
    from_on: Mapped[str]
    until_on: Mapped[str | None]
    document: Mapped[str]
    document_on: Mapped[str | None]
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    entered_at: Mapped[datetime]

    __table_args__ = (Index("ix_focal_agency", "agency", "kind"),)


class Delegation(Base):
    """One person's approvals lent to another of the same agency; it ends by itself, or when taken back."""

    __tablename__ = "delegation"
    id: Mapped[int] = mapped_column(primary_key=True)
    giver_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    taker_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    from_on: Mapped[str]
    until_on: Mapped[str]
    document: Mapped[str]
    document_on: Mapped[str | None]
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    entered_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
