"""The books kept about people's data: who opened it and why, who was erased, what must not be erased yet."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.store.columns import Base

_LEDGER = {"sqlite_autoincrement": True}


class Reveal(Base):
    """One opening of a sealed identity. Append-only; what was written as reasons may be purged."""

    __tablename__ = "reveal"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    submission: Mapped[int]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    role: Mapped[str]
    agency: Mapped[str | None]
    purpose: Mapped[str]
    cite: Mapped[str]
    fields: Mapped[list[Any]]
    reason_id: Mapped[int] = mapped_column(ForeignKey("text.id"))
    requester_id: Mapped[int | None] = mapped_column(ForeignKey("text.id"))
    basis_id: Mapped[int | None] = mapped_column(ForeignKey("text.id"))
    delay_id: Mapped[int | None] = mapped_column(ForeignKey("reveal_delay.id"))
    delayed_until: Mapped[datetime | None]
    revealed_at: Mapped[datetime]

    __table_args__ = (Index("ix_reveal_case", "case_id", "submission"), _LEDGER)


class RevealDelay(Base):
    """An overseer's leave to tell the person only later, for secrecy of an investigation. Append-only."""

    __tablename__ = "reveal_delay"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    submission: Mapped[int]
    until: Mapped[datetime]
    reason_id: Mapped[int] = mapped_column(ForeignKey("text.id"))
    role: Mapped[str]
    approved_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    approved_at: Mapped[datetime]

    __table_args__ = (_LEDGER,)


class Erasure(Base):
    """One erasure of a person: ids and ground, no name. Append-only; a restore does these again.

    `account_id` is null when the operator did it on the machine.
    """

    __tablename__ = "erasure"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    submission: Mapped[int]
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id"))
    ground: Mapped[str]
    texts_purged: Mapped[bool]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    erased_at: Mapped[datetime]

    __table_args__ = (_LEDGER,)


class DataRequest(Base):
    """A case in which somebody asks about their own data, and the report whose data it is."""

    __tablename__ = "data_request"
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    about_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), index=True)
    kind: Mapped[str]
    carried_out_at: Mapped[datetime | None]


class LegalHold(Base):
    """While it stands, nobody who reported in the case is erased. `until` null: until it is lifted."""

    __tablename__ = "legal_hold"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    ground: Mapped[str]
    document: Mapped[str]
    until: Mapped[datetime | None]
    placed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    placed_at: Mapped[datetime]
    lifted_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    lifted_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "ix_legal_hold_standing",
            "case_id",
            sqlite_where=text("lifted_at IS NULL"),
            postgresql_where=text("lifted_at IS NULL"),
        ),
    )
