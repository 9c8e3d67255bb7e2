"""Who sent something: sealed, one data key per submission, destroyed to erase the person."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from webapp.store.columns import Base


class DataKey(Base):
    """A data key wrapped by the master key. Once `wrapped` is null, what it sealed is unreadable."""

    __tablename__ = "data_key"
    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    destroyed_at: Mapped[datetime | None]


class Identity(Base):
    """Name and ways to reach one reporter, sealed; the indexes are keyed and go with the person."""

    __tablename__ = "identity"
    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(unique=True)
    key_id: Mapped[int] = mapped_column(ForeignKey("data_key.id"))
    name: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone: Mapped[bytes | None] = mapped_column(LargeBinary)
    email: Mapped[bytes | None] = mapped_column(LargeBinary)
    address: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_index: Mapped[str | None] = mapped_column(index=True)
    email_index: Mapped[str | None] = mapped_column(index=True)
    erased_at: Mapped[datetime | None]


class CitizenSession(Base):
    """A browser that showed a secret code; the cookie holds a random token, this its keyed hash."""

    __tablename__ = "citizen_session"
    token_mac: Mapped[str] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
