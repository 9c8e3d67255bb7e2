"""The installation map: which regulation governs an area, a kind, a channel, at a date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import pairwise, product
from pathlib import Path
from typing import Any

from webapp.core.holidays import Notice, merged
from webapp.core.regulation import Regulation
from webapp.regulations.directory import Directory
from webapp.regulations.rows import (
    NAMES,
    OPTIONAL,
    ROWS,
    SOME_TABLE,
    STRING,
    TABLE,
    Key,
    Reader,
    label,
    read_toml,
)

HEAD = {
    "id": STRING,
    "name": STRING,
    "tagline": STRING,
    "letters": STRING,
    "code_prefix": STRING,
    "directory": STRING,
    "hotline": OPTIONAL,
    "from": Key((date,)),
    "kinds": NAMES,
    "channels": NAMES,
    "areas": NAMES,
}
APPLIES = {
    "area": STRING,
    "kind": STRING,
    "channels": NAMES,
    "from": Key((date,)),
    "until": Key((date,), needed=False),
    "regulation": STRING,
    "cite": STRING,
    "why": STRING,
}


PERSONAL_DATA = "personal_data"
OWN_DATA = {name: APPLIES[name] for name in ("from", "until", "regulation", "cite", "why")}


@dataclass(frozen=True, slots=True)
class Applies:
    """One row of the map. `until` is exclusive; None means until further notice."""

    area: str
    kind: str
    channels: frozenset[str]
    from_: date
    until: date | None
    regulation: str
    cite: str
    why: str


@dataclass(frozen=True)
class Installation:
    id: str
    name: str
    tagline: str
    letters: str
    code_prefix: str
    hotline: str
    directory: Directory
    applies: tuple[Applies, ...]
    versions: tuple[Regulation, ...]
    notices: int = 0  # the id of the last notice of days off that its calendars know
    shipped: Installation | None = None  # the same without any notice
    personal_data: Applies | None = None  # what governs people's requests about their own data, everywhere

    def with_notices(self, notices: Sequence[Notice]) -> Installation:
        """The same law by calendars that know these notices, which hold for the whole country."""
        shipped = self.shipped or self
        calendars = {r.counting.calendar.id: r.counting.calendar for r in shipped.versions}
        known = {id: merged(calendar, notices) for id, calendar in calendars.items()}
        versions = tuple(
            replace(r, counting=replace(r.counting, calendar=known[r.counting.calendar.id]))
            for r in shipped.versions
        )
        last = max((notice.id for notice in notices), default=0)
        return replace(shipped, versions=versions, notices=last, shipped=shipped)

    @cached_property
    def calendar_versions(self) -> tuple[str, ...]:
        """The versions of the calendars that anything here is counted by."""
        return tuple(sorted({regulation.counting.calendar.version for regulation in self.versions}))

    @cached_property
    def regulations(self) -> Mapping[str, Regulation]:
        """The newest version of each regulation."""
        return {regulation.id: regulation for regulation in self.versions}

    @cached_property
    def own(self) -> Mapping[str, Regulation]:
        """The newest version of each regulation that the map names: what this place speaks and works by."""
        return {id: self.regulations[id] for id in dict.fromkeys(row.regulation for row in self.rows)}

    @property
    def rows(self) -> tuple[Applies, ...]:
        """Every row of the map: those that reports come by, then the one about the senders' own data."""
        return (*self.applies, self.personal_data) if self.personal_data else self.applies

    @cached_property
    def _pinned(self) -> Mapping[tuple[str, str], Regulation]:
        return {(regulation.id, regulation.version): regulation for regulation in self.versions}

    def regulation(self, id: str) -> Regulation:
        """The newest version. Raises KeyError."""
        return self.regulations[id]

    def pinned(self, id: str, version: str) -> Regulation:
        """The version a case was submitted under. Raises KeyError."""
        return self._pinned[id, version]

    def in_force(self, id: str, on: date) -> Regulation | None:
        """The version of `id` in force on that legal date."""
        fits = (r for r in self.versions if r.id == id and r.effective_from <= on)
        return next((r for r in fits if r.effective_to is None or on < r.effective_to), None)

    @property
    def first(self) -> Regulation:
        """The regulation of the map's first row: what pages about all of them count and speak by."""
        return self.regulation(self.applies[0].regulation)

    def governing(
        self, area: str | None, channel: str, on: date, matter: str | None = None
    ) -> Regulation | None:
        """The version in force for this commune, channel and day; of any sort of report when None."""
        if matter == PERSONAL_DATA:
            return self._of_own_data(on)
        place = self.directory.area(area or "")
        group = place.group if place else self.applies[0].area
        for kind in dict.fromkeys(row.kind for row in self.applies if matter in (None, row.kind)):
            row = self.row_for(group, kind, channel, on)
            found = self.in_force(row.regulation, on) if row else None
            if found and all(way.is_open(on) for way in found.channels if way.id == channel):
                return found
        return None

    def _of_own_data(self, on: date) -> Regulation | None:
        row = self.personal_data
        if row is None or on < row.from_ or (row.until is not None and row.until <= on):
            return None
        return self.in_force(row.regulation, on)

    def row_for(self, area_group: str, kind: str, channel: str, on: date) -> Applies | None:
        """The row that governs; None where this installation takes nothing of that sort."""
        for row in self.applies:
            if (row.area, row.kind) != (area_group, kind) or channel not in row.channels:
                continue
            if row.from_ <= on and (row.until is None or on < row.until):
                return row
        return None


def load_map(
    path: Path, directories: Mapping[str, Directory], versions: tuple[Regulation, ...]
) -> Installation:
    """The installation in `path`; DataError names gaps, overlaps and dangling references."""
    raw, reader = read_toml(path), Reader(path.name)
    usable = reader.row("file", raw, {"installation": TABLE, "applies": ROWS, PERSONAL_DATA: SOME_TABLE})
    usable = usable and reader.row("[installation]", raw["installation"], HEAD)
    rows = [_applies(row) for row in reader.rows(raw, "applies", APPLIES)]
    own = raw.get(PERSONAL_DATA)
    own_data = _own_data(own) if own and reader.row(f"[{PERSONAL_DATA}]", own, OWN_DATA) else None
    if usable:
        head = raw["installation"]
        if head["directory"] not in directories:
            reader.problem(
                "[installation]",
                f"no directory '{head['directory']}'",
                f"use one of {', '.join(directories)}",
            )
        _regulations_known(reader, [*rows, own_data] if own_data else rows, versions)
        _no_gap_no_overlap(reader, head, rows)
    reader.finish()
    plain = {
        key: raw["installation"].get(key, "")
        for key in ("id", "name", "tagline", "letters", "code_prefix", "hotline")
    }
    return Installation(
        **plain,
        directory=directories[raw["installation"]["directory"]],
        applies=tuple(rows),
        versions=versions,
        personal_data=own_data,
    )


def _own_data(row: Mapping[str, Any]) -> Applies:
    return _applies({"area": "", "kind": PERSONAL_DATA, "channels": (), **row})


def _applies(row: Mapping[str, Any]) -> Applies:
    return Applies(
        row["area"],
        row["kind"],
        frozenset(row["channels"]),
        row["from"],
        row.get("until"),
        row["regulation"],
        row["cite"],
        row["why"],
    )


def _regulations_known(reader: Reader, rows: list[Applies], versions: tuple[Regulation, ...]) -> None:
    for number, row in enumerate(rows, 1):
        where = label("applies", number, {})
        same = [regulation for regulation in versions if regulation.id == row.regulation]
        if not same:
            known = ", ".join(sorted({regulation.id for regulation in versions}))
            reader.problem(where, f"no regulation '{row.regulation}'", f"use one of {known}")
        elif (last := same[-1].effective_to) and (row.until is None or row.until > last):
            reader.problem(where, f"it outlives {row.regulation}", f"end it by {last.isoformat()}")
        elif row.from_ < same[0].effective_from:
            reader.problem(
                where,
                f"it begins before {row.regulation}",
                f"begin it at {same[0].effective_from.isoformat()}",
            )


def _no_gap_no_overlap(reader: Reader, head: Mapping[str, Any], rows: list[Applies]) -> None:
    for area, kind, channel in product(head["areas"], head["kinds"], head["channels"]):
        fits = [r for r in rows if (r.area, r.kind) == (area, kind) and channel in r.channels]
        fits.sort(key=lambda row: row.from_)
        where = f"{area}, {kind}, {channel}"
        if not fits or fits[0].from_ > head["from"]:
            reader.problem(where, f"nothing governs it from {head['from']}", "add an [[applies]] row")
        for first, second in pairwise(fits):
            _joint(reader, where, first, second)
        if fits and fits[-1].until is not None:
            reader.problem(where, f"nothing governs it after {fits[-1].until}", "add an [[applies]] row")


def _joint(reader: Reader, where: str, first: Applies, second: Applies) -> None:
    if first.until is None or second.from_ < first.until:
        reader.problem(
            where, f"{first.regulation} and {second.regulation} overlap", f"end the first at {second.from_}"
        )
    elif second.from_ > first.until:
        reader.problem(where, f"a gap from {first.until} to {second.from_}", "let the rows meet")
