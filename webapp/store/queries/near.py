"""What was reported around a place: cards of one commune, those that wait for an answer first, and how many.

And where exactly those lie of which that was published, so that a phone may say how far it is to them: where
the phone is, nobody is told. An index alone says which cards these are; no more than `MOST` and `PLACED` of
them are read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from webapp.store.models import PubCard, PubContent

MOST = 5
PLACED = 20  # of known place, newest first, beside those
LOOKED_AT = 300  # newest cards that are asked for a place


@dataclass(frozen=True, slots=True)
class Around:
    """Of an area, and of a category where one is asked for; sent on that day or later; of no such state."""

    area: str
    category: str | None
    since: str
    without: Collection[str] = ()  # states of what came to nothing


def cards(session: Session, around: Around) -> list[PubCard]:
    """At most `MOST`, those that wait for an answer first, then the newest."""
    codes = session.scalars(select(PubCard.code).where(*_asked(around)).order_by(*_order()).limit(MOST)).all()
    return named(session, codes)


def placed(session: Session, around: Around, codes: Collection[str]) -> dict[str, tuple[float, float]]:
    """By code: the published places among these cards, and of the newest others at most `PLACED`."""
    card = PubCard
    newest = (
        select(card.code, card.submitted_on)
        .where(*_asked(around))
        .order_by(card.submitted_on.desc(), card.code.desc())
    )
    content, others = PubContent, newest.limit(LOOKED_AT).subquery()
    query = select(content.code, content.lat, content.lon).where(content.lat.is_not(None))
    own = session.execute(query.where(content.code.in_(codes))).all()
    # A join keeps no order of its own.
    beside = query.join(others, others.c.code == content.code)
    beside = beside.order_by(others.c.submitted_on.desc(), others.c.code.desc())
    rows = session.execute(beside.limit(PLACED)).all()
    return {code: (lat, lon) for code, lat, lon in (*rows, *own) if lat is not None and lon is not None}


def named(session: Session, codes: Collection[str]) -> list[PubCard]:
    """These cards, in the order of `cards`."""
    return list(session.scalars(select(PubCard).where(PubCard.code.in_(codes)).order_by(*_order())))


def count(session: Session, around: Around) -> int:
    query = select(func.count()).select_from(PubCard).where(*_asked(around))
    return session.scalar(query) or 0


def _asked(around: Around) -> Iterator[ColumnElement[bool]]:
    yield PubCard.area == around.area
    if around.category:
        yield PubCard.category == around.category
    yield PubCard.submitted_on >= around.since
    if around.without:
        yield PubCard.state.not_in(sorted(around.without))


def _order() -> list[Any]:
    return [PubCard.answered_on.is_not(None), PubCard.submitted_on.desc(), PubCard.code.desc()]
