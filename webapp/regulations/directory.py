"""Who there is, and when: the coordinator, agencies, commune-level areas and categories of a place.

Every row may begin and end. What is over is never offered for new work, keeps its name in the cases that
carry it, and says who came after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import TypeVar

from webapp.core.text import fold

COMMUNE = "ubnd-"
DAYS_KEPT = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """From when until when a row is valid; `until` is exclusive, None means without end."""

    from_: date | None = None
    until: date | None = None
    successor: str | None = None

    def in_force(self, day: date) -> bool:
        return (self.from_ is None or self.from_ <= day) and not self.over(day)

    def over(self, day: date) -> bool:
        return self.until is not None and self.until <= day


@dataclass(frozen=True, slots=True)
class Agency(Dated):
    """An agency, or with `parent` a unit of one. `cite` is the document that ends it or gives it on.

    `coordinates` names the regulations under which the coordinator's desk speaks and answers as this agency;
    nothing is distributed to it.
    """

    id: str
    name: str
    short: str
    former: str = ""
    kind: str = ""
    parent: str | None = None
    successor_by: str | None = None  # "area": each case goes to the commune where it lies
    cite: str = ""
    coordinates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Area(Dated):
    """A commune-level unit, or a former district; `lat` and `lon` are its rounded centre, WGS 84."""

    id: str
    name: str
    group: str
    lat: float
    lon: float
    kind: str = ""
    former: str = ""
    cite: str = ""


@dataclass(frozen=True, slots=True)
class Category(Dated):
    """A field of things reported. `kinds` are the kinds of item it is for; none named: all.

    `needs_evidence`: a result of it comes with what the regulation takes for evidence. `commune_only`: where
    exactly is never public, whatever reporter and publisher allow (health).
    """

    id: str
    name: str
    hint: str
    cite: str
    agency: str | None = None
    agency_by: str | None = None
    parent: str | None = None
    track: str | None = None
    kinds: tuple[str, ...] = ()
    needs_evidence: bool = False
    commune_only: bool = False


Row = TypeVar("Row", bound=Dated)


@dataclass(frozen=True)
class Directory:
    id: str
    coordinator: Agency
    agencies: tuple[Agency, ...]
    areas: tuple[Area, ...]
    categories: tuple[Category, ...]

    @cached_property
    def _agencies(self) -> dict[str, Agency]:
        return {agency.id: agency for agency in (*self.agencies, self.coordinator)}

    @cached_property
    def _days(self) -> dict[tuple[date, str | None], Directory]:
        """The last days asked for: every form asks for today's."""
        return {}

    @cached_property
    def _areas(self) -> dict[str, Area]:
        return {area.id: area for area in self.areas}

    @cached_property
    def _categories(self) -> dict[str, Category]:
        return {category.id: category for category in self.categories}

    def coordinator_under(self, regulation: str) -> Agency:
        """As whom the coordinator acts under this regulation."""
        return next((row for row in self.agencies if regulation in row.coordinates), self.coordinator)

    # By id: whatever it is called in old cases

    def agency(self, id: str) -> Agency | None:
        return self._agencies.get(id)

    def area(self, id: str) -> Area | None:
        return self._areas.get(id)

    def category(self, id: str) -> Category | None:
        return self._categories.get(id)

    # By day: what may be offered

    def on(self, day: date, kind: str | None = None) -> Directory:
        """The directory as it is on that day, for that kind of matter: without what is over or not begun."""
        known = self._days.get((day, kind))
        if known is None:
            rows = (self.agencies_on(day), self.areas_on(day), self.categories_on(day, kind))
            known = replace(self, agencies=rows[0], areas=rows[1], categories=rows[2])
            if len(self._days) >= DAYS_KEPT:
                self._days.clear()
            self._days[day, kind] = known
        return known

    def agencies_on(self, day: date) -> tuple[Agency, ...]:
        """The agencies that things are distributed to."""
        return tuple(row for row in _in_force(self.agencies, day) if not row.coordinates)

    def areas_on(self, day: date) -> tuple[Area, ...]:
        """In the order of the alphabet, in which people look for a name; tones come last."""
        return tuple(sorted(_in_force(self.areas, day), key=lambda area: (fold(area.name), area.name)))

    def categories_on(self, day: date, kind: str | None = None) -> tuple[Category, ...]:
        rows = _in_force(self.categories, day)
        return tuple(row for row in rows if kind is None or not row.kinds or kind in row.kinds)

    # Who came after

    def area_on(self, id: str, day: date) -> Area | None:
        """The area that is on that day what `id` was; None where nobody entered it."""
        return _followed(self._areas, id, day)

    def successor_of(self, id: str, day: date, area: str | None = None) -> Agency | None:
        """Who answers on that day for what agency `id` was given: itself while it is in force.

        `area` is where the case lies, for agencies that were divided. None: a person must decide.
        """
        row = self._agencies.get(id)
        for _ in self._agencies:
            if row is None or row.in_force(day):
                return row
            row = self._agencies.get(self._next(row, day, area) or "")
        return None

    def _next(self, row: Agency, day: date, area: str | None) -> str | None:
        if not row.over(day):
            return None
        place = self.area_on(area or "", day) if row.successor_by == "area" else None
        return COMMUNE + place.id if place else row.successor

    def proposed_agency(self, category: str | None, area: str | None, day: date | None = None) -> str | None:
        """Who handles such a thing in this place by the regulation's table, on `day` if one is given.

        None: a person decides.
        """
        row = self._categories.get(category or "")
        if row is None:
            return None
        if day is None:
            return _by_area(row, self._areas.get(area or "")) or row.agency
        row, place = _followed(self._categories, row.id, day), self.area_on(area or "", day)
        proposed = row and (_by_area(row, place) or row.agency)
        found = self.successor_of(proposed, day, area) if proposed else None
        return found.id if found else None

    def ended(self, day: date) -> frozenset[str]:
        """The agencies that are over on that day."""
        return frozenset(id for id, agency in self._agencies.items() if agency.over(day))


def _by_area(row: Category, place: Area | None) -> str | None:
    return COMMUNE + place.id if row.agency_by == "area" and place else None


def _in_force(rows: Iterable[Row], day: date) -> tuple[Row, ...]:
    return tuple(row for row in rows if row.in_force(day))


def _followed(rows: Mapping[str, Row], id: str, day: date) -> Row | None:
    """The row in force on that day that `id` was or became. A successor outlives what it follows (the loader
    sees to it), so this ends."""
    row = rows.get(id)
    while row is not None and not row.in_force(day):
        row = rows.get(row.successor or "") if row.over(day) else None
    return row
