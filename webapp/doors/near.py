"""What everybody may know of the cases around a place, and which of them take more people."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from webapp.core.events import Scope
from webapp.operations.joining import joining
from webapp.regulations.installation import Installation
from webapp.store.models import PubCard
from webapp.store.queries import near
from webapp.store.queries.near import Around


def around(law: Installation, area: str, category: str | None, at: datetime) -> Around:
    """The cases of this commune in the last twelve months; of a category that names one."""
    row = law.directory.category(category or "")
    named = row.id if row and (row.agency or row.agency_by) else None
    return Around(area, named, _year_before(at.astimezone(law.first.zone).date()), _nothing(law))


def times(session: Session, law: Installation, card: PubCard, at: datetime) -> int:
    """How many of its kind there were at its place; 0 where its card names no kind or no place."""
    asked = around(law, card.area or "", card.category, at)
    return near.count(session, asked) if asked.area and asked.category else 0


def takes_more(law: Installation, card: PubCard) -> bool:
    """Whether somebody may still meet it too, as far as its card says; the case itself is asked once more."""
    regulation = law.pinned(card.regulation, card.version)
    waits = card.content == "pending" and not card.answered_on and not regulation.state(card.state).final
    return waits and joining(regulation) is not None


def _nothing(law: Installation) -> frozenset[str]:
    """The states of what came to nothing before any agency had it."""
    rows = (row for regulation in law.regulations.values() for row in regulation.states)
    return frozenset(row.id for row in rows if row.void and row.on is Scope.submission)


def _year_before(day: date) -> str:
    return f"{day.year - 1}{day.isoformat()[4:]}"
