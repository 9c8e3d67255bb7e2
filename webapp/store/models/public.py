"""The public side: a person-free copy behind a wall. The public door can read these tables and no other."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.text import fold
from webapp.store.columns import PUB_SCHEMA, Base

_PUB = {"schema": PUB_SCHEMA}

_PLACED = ("category", "area")
_NEAR = ("area", "category", "submitted_on", "answered_on", "state", "code")


def _partial(name: str, where: str, *columns: str) -> Index:
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


class PubCard(Base):
    """The process card of a case: what it is about, who has it, by when. Days, not hours."""

    __tablename__ = "pub_card"
    code: Mapped[str] = mapped_column(primary_key=True)
    regulation: Mapped[str]
    version: Mapped[str]
    category: Mapped[str | None]
    area: Mapped[str | None]
    agency: Mapped[str | None]
    state: Mapped[str]
    submitted_on: Mapped[str]
    due_at: Mapped[datetime | None]
    due_clock: Mapped[str | None]
    answered_on: Mapped[str | None]
    late: Mapped[bool]  # some met clock was met late; running ones are judged when read
    content: Mapped[str]  # pending | public | withheld | withdrawn
    ground: Mapped[str | None]  # of the last step that had one
    rating: Mapped[str | None]
    title: Mapped[str | None]
    words: Mapped[str | None]  # the title folded, to be looked for
    photo: Mapped[str | None]
    joined: Mapped[int] = mapped_column(server_default="0")  # how many more people met it, refused ones apart

    __table_args__ = (
        # What was reported around a place: an index alone says it.
        Index("ix_pub_card_near", *_NEAR),
        Index("ix_pub_card_submitted", "submitted_on", "code"),
        Index("ix_pub_card_category", "category", "submitted_on", "code"),
        Index("ix_pub_card_area", "area", "submitted_on", "code"),
        # The home page counts by these alone, however many cards there are.
        _partial("ix_pub_card_hidden", "content <> 'public'", "regulation", "ground", "content"),
        _partial(
            "ix_pub_card_due", "due_at IS NOT NULL", "due_at", "submitted_on", "code", "category", "area"
        ),
        # The map: how the cases of each area stand, without a look at any card.
        Index("ix_pub_card_place", "area", "category", "answered_on", "late", "due_at"),
        Index("ix_pub_card_words", "submitted_on", "code", *_PLACED, "words"),
        _partial(
            "ix_pub_card_answered",
            "answered_on IS NOT NULL",
            "category",
            "submitted_on",
            "code",
            "answered_on",
        ),
        _PUB,
    )

    @staticmethod
    def titled(title: str | None) -> dict[str, str | None]:
        """What a card has of its title."""
        return {"title": title, "words": fold(title) if title else None}


class PubStep(Base):
    """One line of the public timeline."""

    __tablename__ = "pub_step"
    code: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True)
    move: Mapped[str]
    agency: Mapped[str | None]
    happened_on: Mapped[str]
    cite: Mapped[str]
    ground: Mapped[str | None]
    rating: Mapped[str | None]
    __table_args__ = (_PUB,)


class PubClock(Base):
    """One legal term of the case; `used` is the part of the allowed time that was used, once it is met.

    While `paused_at` is set nothing is counted, and nobody is late. What was late before has none.
    """

    __tablename__ = "pub_clock"
    code: Mapped[str] = mapped_column(primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True)
    clock: Mapped[str]
    agency: Mapped[str | None]
    started_at: Mapped[datetime]
    due_at: Mapped[datetime]
    provisional: Mapped[bool]
    ended_n: Mapped[int | None]  # the step that met or ended it
    standing: Mapped[str]  # running | on_time | late | ended
    used: Mapped[float | None]
    paused_at: Mapped[datetime | None]  # of a running one
    __table_args__ = (_PUB,)


class PubContent(Base):
    """Edited report and approved answer of one agency; deleted on withdrawal, leaving ground and day.

    Where it lies only as exactly as its reporter and its publisher both allowed: words, degrees of WGS 84.
    """

    __tablename__ = "pub_content"
    code: Mapped[str] = mapped_column(primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True)
    agency: Mapped[str]
    report: Mapped[str | None]
    answer: Mapped[str | None]
    reporter: Mapped[str | None]  # only by the reporter's own explicit choice
    place: Mapped[str | None]
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    published_on: Mapped[str]
    withdrawn_on: Mapped[str | None]
    ground: Mapped[str | None]
    __table_args__ = (_partial("ix_pub_content_point", "lat IS NOT NULL", "lat", "lon", "code"), _PUB)


class PubPhoto(Base):
    """A photo anybody may see: a copy redrawn from pixels. `side` is before or after."""

    __tablename__ = "pub_photo"
    code: Mapped[str] = mapped_column(primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(index=True)  # by content: two cases may show the same picture
    side: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    __table_args__ = (_PUB,)


class PubCount(Base):
    """How many cases of a month, category, area and agency there are, confidential ones included."""

    __tablename__ = "pub_count"
    month: Mapped[str] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(primary_key=True)
    area: Mapped[str] = mapped_column(primary_key=True)
    agency: Mapped[str] = mapped_column(primary_key=True)
    received: Mapped[int]
    answered: Mapped[int]
    on_time: Mapped[int]
    __table_args__ = (_PUB,)
