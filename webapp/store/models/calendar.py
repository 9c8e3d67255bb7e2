"""Notices of days off that somebody entered, over the shipped calendar. Append-only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from webapp.store.columns import Base


class CalendarNotice(Base):
    """One notice. The highest id stands for the whole: whoever has seen it knows every day.

    `once` is the form's token, so that one press enters one notice; `account_id` is null when the operator
    did it on the machine. `number` is written as on the paper.
    """

    __tablename__ = "calendar_notice"
    id: Mapped[int] = mapped_column(primary_key=True)
    once: Mapped[str] = mapped_column(unique=True)
    year: Mapped[int]
    number: Mapped[str]
    issued_on: Mapped[str]
    whole: Mapped[bool]
    replaces: Mapped[int | None] = mapped_column(ForeignKey("calendar_notice.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    entered_at: Mapped[datetime]

    __table_args__ = ({"sqlite_autoincrement": True},)


class CalendarDay(Base):
    """A day that a notice names: off, or working though it would not be."""

    __tablename__ = "calendar_day"
    notice_id: Mapped[int] = mapped_column(ForeignKey("calendar_notice.id"), primary_key=True)
    day: Mapped[str] = mapped_column(primary_key=True)
    working: Mapped[bool]
    name: Mapped[str]
