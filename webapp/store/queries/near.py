"""What was reported around a place: cards of one commune, those that wait for an answer first, and how many.

The public rows hold a commune and no nearer place; once they do, `_order` is where nearness goes. An index
alone says which cards these are, and no more than `MOST` are read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from webapp.store.models import PubCard

MOST = 5


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
