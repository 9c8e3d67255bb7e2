"""What the public door reads. A fixed number of statements a page, however many cases there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, false, func, literal_column, or_, select, tuple_
from sqlalchemy.orm import Session

from webapp.store.columns import Base
from webapp.store.models import PubCard, PubClock, PubContent, PubCount, PubPhoto, PubStep
from webapp.store.prepared import Prepared

TermId = tuple[str, str, str]  # a clock of a version of a regulation
_HIDDEN = PubCard.content != literal_column("'public'")  # as the index says it


@dataclass(frozen=True, slots=True)
class Word:
    """A folded word that is looked for, and the categories and areas that have it in their names."""

    text: str
    categories: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cards: of a category, of an area, by term (late | soon | answered), with all words. None: all.

    `near`: until when a term that falls due is near, each with the terms that it holds for.
    """

    category: str | None = None
    area: str | None = None
    term: str | None = None
    words: tuple[Word, ...] = ()
    near: tuple[tuple[datetime, tuple[TermId, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Hidden:
    """How many cards of a regulation show no content, by ground; None: not cleared (yet)."""

    regulation: str
    ground: str | None
    count: int


@dataclass(frozen=True, slots=True)
class PublicCase:
    """All that everybody may know of one case."""

    card: PubCard
    steps: Sequence[PubStep]
    clocks: Sequence[PubClock]
    contents: Sequence[PubContent]
    photos: Sequence[PubPhoto]

    @property
    def shown(self) -> list[PubContent]:
        """What each agency published and nobody withdrew."""
        return [content for content in self.contents if not content.withdrawn_on]

    @property
    def tombstone(self) -> PubContent | None:
        """The last withdrawal, when nothing published is left."""
        if self.card.content != "withdrawn":
            return None
        gone = [content for content in self.contents if content.withdrawn_on]
        return max(gone, key=lambda content: content.withdrawn_on or "", default=None)

    @property
    def answered_privately(self) -> bool:
        return self.card.content == "withheld"


# The list


def count(session: Session, wanted: Wanted, now: datetime) -> int:
    return session.scalar(counting(wanted, now)) or 0


def page(session: Session, wanted: Wanted, now: datetime, *, offset: int, limit: int) -> list[PubCard]:
    """Cards, newest first. Which ones is asked of an index alone, and only those are read."""
    return cards(session, session.scalars(codes(wanted, now).offset(offset).limit(limit)).all())


def counting(wanted: Wanted, now: datetime) -> Select[int]:
    return select(func.count()).select_from(PubCard).where(*asked(wanted, now))


def codes(wanted: Wanted, now: datetime) -> Select[str]:
    found: Select[str] = _newest(select(PubCard.code).where(*asked(wanted, now)))
    return found


def cards(session: Session, codes: Sequence[str]) -> list[PubCard]:
    """The cards of these codes, newest first."""
    return list(session.scalars(_newest(select(PubCard).where(PubCard.code.in_(codes)))))


def clocks(session: Session, codes: Sequence[str]) -> dict[str, list[PubClock]]:
    """The clocks of these cases, in the order they started."""
    found: dict[str, list[PubClock]] = defaultdict(list)
    query = select(PubClock).where(PubClock.code.in_(codes)).order_by(PubClock.code, PubClock.no)
    for clock in session.scalars(query):
        found[clock.code].append(clock)
    return found


def _newest(query: Any) -> Any:
    return query.order_by(PubCard.submitted_on.desc(), PubCard.code.desc())


def asked(wanted: Wanted, now: datetime) -> Iterator[ColumnElement[bool]]:
    if wanted.category:
        yield PubCard.category == wanted.category
    if wanted.area:
        yield PubCard.area == wanted.area
    yield from _by_term(wanted, now)
    yield from map(_has, wanted.words)


def _has(word: Word) -> ColumnElement[bool]:
    """Whether a card has the word in its title, its number, or the name of its category or area."""
    return or_(
        PubCard.words.contains(word.text, autoescape=True),
        func.lower(PubCard.code).contains(word.text, autoescape=True),
        PubCard.category.in_(word.categories),
        PubCard.area.in_(word.areas),
    )


def _by_term(wanted: Wanted, now: datetime) -> list[ColumnElement[bool]]:
    """A due instant itself is still on time."""
    term = wanted.term
    if term == "late":
        return [PubCard.due_at.is_not(None), PubCard.due_at < now]
    if term == "soon":
        last = max((until for until, _ in wanted.near), default=now)
        return [PubCard.due_at >= now, PubCard.due_at <= last, _near(wanted)]
    return [PubCard.answered_on.is_not(None)] if term == "answered" else []


def _near(wanted: Wanted) -> ColumnElement[bool]:
    term = tuple_(PubCard.regulation, PubCard.version, PubCard.due_clock)
    return or_(false(), *((PubCard.due_at <= until) & term.in_(terms) for until, terms in wanted.near))


# Figures


def figures(session: Session, since_month: str) -> tuple[int, int, int]:
    """Received, answered and answered on time, of the cases sent in `since_month` or later."""
    sums = [func.sum(PubCount.received), func.sum(PubCount.answered), func.sum(PubCount.on_time)]
    row = session.execute(select(*sums).where(PubCount.month >= since_month)).one()
    return int(row[0] or 0), int(row[1] or 0), int(row[2] or 0)


def counted(session: Session, ids: Sequence[str]) -> set[str]:
    """Those of these areas and categories that some case carries."""
    if not ids:
        return set()
    query = select(PubCount.area, PubCount.category).where(
        PubCount.received > 0, or_(PubCount.area.in_(ids), PubCount.category.in_(ids))
    )
    return {id for row in session.execute(query.distinct()) for id in row if id in ids}


def open_now(session: Session, now: datetime) -> tuple[int, int]:
    """How many cases wait within their term, and how many are overdue, judged at `now`."""
    late = func.count().filter(PubCard.due_at < now)
    running = func.count().filter(PubCard.due_at >= now)
    query = select(running, late).select_from(PubCard).where(PubCard.due_at.is_not(None))
    waiting, overdue = session.execute(query).one()
    return waiting, overdue


def hidden(session: Session) -> list[Hidden]:
    """The cards without content, counted by the ground of the last step that gave one."""
    query = (
        select(PubCard.regulation, PubCard.ground, func.count().label("count"))
        .where(_HIDDEN)
        .group_by(PubCard.regulation, PubCard.ground)
        .order_by(func.count().desc(), PubCard.regulation)
    )
    return [Hidden(row[0], row[1], row[2]) for row in session.execute(query)]


# One case, one photo


_OF_CODE = [
    Prepared(
        select(model.__table__)
        .where(model.__table__.c.code == bindparam("code"))
        .order_by(*model.__table__.primary_key)
    )
    for model in (PubCard, PubStep, PubClock, PubContent, PubPhoto)
]


def raw(session: Session, code: str) -> list[Any]:
    """Everything of one case as the driver gives it: equal rows make equal pages."""
    return [statement.run(session, {"code": code}).fetchall() for statement in _OF_CODE]


def values_of(row: Base) -> list[Any]:
    """What the columns of a row hold: equal values make equal pages."""
    return [getattr(row, column.key) for column in row.__mapper__.column_attrs]


def case(session: Session, code: str) -> PublicCase | None:
    card = session.get(PubCard, code)
    if card is None:
        return None

    def rows(model: Any, *order: Any) -> list[Any]:
        return list(session.scalars(select(model).where(model.code == code).order_by(*order)))

    return PublicCase(
        card,
        rows(PubStep, PubStep.n),
        rows(PubClock, PubClock.no),
        rows(PubContent, PubContent.no),
        rows(PubPhoto, PubPhoto.no, PubPhoto.position),
    )


def photo(session: Session, name: str) -> PubPhoto | None:
    return session.scalar(select(PubPhoto).where(PubPhoto.name == name).limit(1))
