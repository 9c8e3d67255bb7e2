"""How many public cases lie in each commune, and how they stand: a row for each area, however many cases.

Only cards are counted, so that the map knows no case that the list does not. An index holds all it needs; a
search for words looks at no more than `MOST` cards.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from webapp.store.models import PubCard
from webapp.store.queries import public
from webapp.store.queries.public import Wanted

MOST = 5000  # cards with the words asked for, newest first


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
        query = query.where(*public.asked(Wanted(None, wanted.area, wanted.term), now))
        if wanted.category:
            # Said so that no index of categories is walked, which would fetch every card of the category.
            query = query.where(func.coalesce(PubCard.category, "") == wanted.category)
    rows: Any = session.execute(query)
    found = [Place(area or "", *map(int, numbers)) for area, *numbers in rows]
    return sorted(found, key=lambda place: (-place.total, place.area))


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
