"""How many public cases lie in each commune, and how they stand: a row for each area, however many cases.
And where exactly those lie of which that was published: a bounded number, never all.

Only cards are counted, so that the map knows no case that the list does not. An index holds all it needs; a
search for words looks at no more than `MOST` cards.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from webapp.store.models import PubCard, PubContent
from webapp.store.queries import public
from webapp.store.queries.public import Wanted

MOST = 5000  # cards with the words asked for, newest first
POINTS = 300  # in one answer
LOOKED_AT = 3000  # points inside a frame, before the filters


@dataclass(frozen=True, slots=True)
class Place:
    """The cases of an area ("": of none): all, overdue now, waiting in term, answered late, on time."""

    area: str
    total: int
    overdue: int = 0
    waiting: int = 0
    late: int = 0
    on_time: int = 0


def by_area(session: Session, wanted: Wanted, now: datetime) -> list[Place]:
    """The places of what is asked for, most cases first."""
    query = select(PubCard.area, *_numbers(now)).group_by(PubCard.area)
    if wanted.words:
        codes = public.codes(wanted, now).limit(MOST).subquery()
        query = query.where(PubCard.code.in_(select(codes.c.code)))
    else:
        query = query.where(*public.asked(replace(wanted, category=None), now))
        if wanted.category:
            # Said so that no index of categories is walked, which would fetch every card of the category.
            query = query.where(func.coalesce(PubCard.category, "") == wanted.category)
    rows: Any = session.execute(query)
    found = [Place(area or "", *map(int, numbers)) for area, *numbers in rows]
    return sorted(found, key=lambda place: (-place.total, place.area))


@dataclass(frozen=True, slots=True)
class Frame:
    """A part of the map, in degrees."""

    south: float
    west: float
    north: float
    east: float


@dataclass(frozen=True, slots=True)
class Point:
    """A published place and the card of its case."""

    lat: float
    lon: float
    card: PubCard

    def standing(self, now: datetime) -> str:
        """As the numbers of a commune count it."""
        due, answered = self.card.due_at, self.card.answered_on
        if due:
            return "overdue" if due < now else "waiting"
        return ("late" if self.card.late else "on_time") if answered else "other"


def points(session: Session, wanted: Wanted, now: datetime, frame: Frame | None) -> tuple[list[Point], bool]:
    """The places inside the frame; without one those of the newest cases. And whether there may be more."""
    content = PubContent
    near = select(content.code, content.lat, content.lon).where(content.lat.is_not(None))
    if frame:
        near = near.where(content.lat.between(frame.south, frame.north))
        near = near.where(content.lon.between(frame.west, frame.east)).limit(LOOKED_AT)
    else:
        near = near.where(content.code.in_(public.codes(wanted, now).limit(POINTS)))
    here = near.subquery()
    query = select(here.c.lat, here.c.lon, PubCard).join(PubCard, PubCard.code == here.c.code)
    rows = session.execute(query.where(*public.asked(wanted, now)).limit(POINTS + 1)).all()
    # Two agencies may have published the same case.
    found = {card.code: Point(lat, lon, card) for lat, lon, card in rows}
    if len(rows) > POINTS or frame is None:
        return list(found.values())[:POINTS], len(rows) > POINTS
    looked_at = session.scalar(select(func.count()).select_from(here)) or 0
    return list(found.values()), looked_at >= LOOKED_AT


def _numbers(now: datetime) -> list[Any]:
    def those(asked: Any) -> Any:
        return func.sum(case((asked, 1), else_=0))

    answered = PubCard.due_at.is_(None) & PubCard.answered_on.is_not(None)
    return [
        func.count(),
        those(PubCard.due_at < now),
        those(PubCard.due_at >= now),
        those(answered & PubCard.late),
        those(answered & ~PubCard.late),
    ]
