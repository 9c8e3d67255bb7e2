"""Staff accounts and their sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from webapp.store.columns import Base


class Account(Base):
    """One member of staff: their roles, and the agency they sit in (an id of the directory)."""

    __tablename__ = "account"
    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    name: Mapped[str]
    agency: Mapped[str]
    roles: Mapped[list[Any]]
    active: Mapped[bool]
    created_at: Mapped[datetime]


class StaffSession(Base):
    """A log-in. Only the keyed hash of its token is kept; `ended_at` kills it on the server."""

    __tablename__ = "staff_session"
    id: Mapped[int] = mapped_column(primary_key=True)
    token_mac: Mapped[str] = mapped_column(unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    device: Mapped[str]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
