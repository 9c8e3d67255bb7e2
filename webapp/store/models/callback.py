"""Who asked to be called back: no report yet."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.store.columns import Base


class Callback(Base):
    """A wish to be called. `attempts`: {at, account, outcome} of everyone who opened the number; `place` is
    sealed under the identity's key, `digest` a keyed hash of what was typed. Closing it empties these."""

    __tablename__ = "callback"
    id: Mapped[int] = mapped_column(primary_key=True)
    secret_mac: Mapped[str] = mapped_column(unique=True)
    digest: Mapped[str | None]
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id"))
    place: Mapped[bytes | None] = mapped_column(LargeBinary)
    area: Mapped[str | None]
    doubt: Mapped[str | None]
    attempts: Mapped[list[Any]]
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None]
    outcome: Mapped[str | None]
    case_id: Mapped[int | None]

    __table_args__ = (
        Index(
            "ix_callback_open",
            "created_at",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )
