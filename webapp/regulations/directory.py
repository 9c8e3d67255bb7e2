"""Who there is: the coordinator, the agencies, the commune-level areas and the categories of a place."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from webapp.regulations.rows import OPTIONAL, ROWS, STRING, TABLE, Key, Reader, choice, read_toml

COMMUNE = "ubnd-"


@dataclass(frozen=True, slots=True)
class Agency:
    id: str
    name: str
    short: str
    former: str = ""


@dataclass(frozen=True, slots=True)
class Area:
    """A commune-level unit; `lat` and `lon` are its rounded centre in degrees, WGS 84."""

    id: str
    name: str
    group: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Category:
    id: str
    name: str
    hint: str
    cite: str
    agency: str | None = None
    agency_by: str | None = None


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
    def _areas(self) -> dict[str, Area]:
        return {area.id: area for area in self.areas}

    @cached_property
    def _categories(self) -> dict[str, Category]:
        return {category.id: category for category in self.categories}

    def agency(self, id: str) -> Agency | None:
        return self._agencies.get(id)

    def area(self, id: str) -> Area | None:
        return self._areas.get(id)

    def category(self, id: str) -> Category | None:
        return self._categories.get(id)

    def proposed_agency(self, category: str | None, area: str | None) -> str | None:
        """Who handles such a thing in this place by the regulation's table; None: a person decides."""
        row = self._categories.get(category or "")
        if row is None:
            return None
        if row.agency_by == "area":
            return COMMUNE + area if area in self._areas else None
        return row.agency


AGENCY = {"id": STRING, "name": STRING, "short": STRING, "former": OPTIONAL}
AREA = {
    "id": STRING,
    "name": STRING,
    "group": STRING,
    "lat": Key((float,)),
    "lon": Key((float,)),
}
CATEGORY = {
    "id": STRING,
    "name": STRING,
    "hint": STRING,
    "cite": STRING,
    "agency": OPTIONAL,
    "agency_by": choice("area", needed=False),
}
TABLES = {
    "directory": TABLE,
    "coordinator": TABLE,
    "committee": TABLE,
    "agency": ROWS,
    "area": ROWS,
    "category": ROWS,
}


def load_directory(path: Path) -> Directory:
    """The directory in `path`; DataError says what is wrong. Each area brings its own committee."""
    raw, reader = read_toml(path), Reader(path.name)
    if reader.row("file", raw, TABLES):
        reader.row("[coordinator]", raw["coordinator"], AGENCY)
        reader.row("[committee]", raw["committee"], {"prefix": STRING})
    rows = {
        table: reader.rows(raw, table, keys)
        for table, keys in (("agency", AGENCY), ("area", AREA), ("category", CATEGORY))
    }
    for table, found in rows.items():
        reader.unique(table, found)
    _routes(reader, rows)
    reader.finish()
    areas = tuple(Area(**row) for row in rows["area"])
    agencies = [Agency(**row) for row in rows["agency"]]
    agencies += [committee(raw["committee"]["prefix"], area) for area in areas]
    categories = tuple(Category(**row) for row in rows["category"])
    return Directory(raw["directory"]["id"], Agency(**raw["coordinator"]), tuple(agencies), areas, categories)


def committee(prefix: str, area: Area) -> Agency:
    name = f"{prefix} {area.name[0].lower()}{area.name[1:]}"
    return Agency(COMMUNE + area.id, name, name)


def _routes(reader: Reader, rows: dict[str, list[dict[str, Any]]]) -> None:
    known = {row["id"] for row in rows["agency"]}
    for row in rows["category"]:
        if row.get("agency", "") and row["agency"] not in known:
            reader.problem(
                f"[[category]] {row['id']}", f"no agency '{row['agency']}'", f"use one of {', '.join(known)}"
            )
