"""The installation map: which regulation governs an area, a kind, a channel, at a date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise, product
from pathlib import Path
from typing import Any

from webapp.core.regulation import Regulation
from webapp.regulations.directory import Directory
from webapp.regulations.rows import NAMES, OPTIONAL, ROWS, STRING, TABLE, Key, Reader, label, read_toml

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
    regulations: Mapping[str, Regulation]

    def regulation(self, id: str) -> Regulation:
        return self.regulations[id]

    def row_for(self, area_group: str, kind: str, channel: str, on: date) -> Applies | None:
        """The row that governs; None where this installation takes nothing of that sort."""
        for row in self.applies:
            if (row.area, row.kind) != (area_group, kind) or channel not in row.channels:
                continue
            if row.from_ <= on and (row.until is None or on < row.until):
                return row
        return None


def load_map(
    path: Path, directories: Mapping[str, Directory], regulations: Mapping[str, Regulation]
) -> Installation:
    """The installation in `path`; DataError names gaps, overlaps and dangling references."""
    raw, reader = read_toml(path), Reader(path.name)
    usable = reader.row("file", raw, {"installation": TABLE, "applies": ROWS})
    usable = usable and reader.row("[installation]", raw["installation"], HEAD)
    rows = [_applies(row) for row in reader.rows(raw, "applies", APPLIES)]
    if usable:
        head = raw["installation"]
        if head["directory"] not in directories:
            reader.problem("[installation]", f"no directory '{head['directory']}'", f"use one of {', '.join(directories)}")
        _regulations_known(reader, rows, regulations)
        _no_gap_no_overlap(reader, head, rows)
    reader.finish()
    plain = {key: raw["installation"].get(key, "") for key in ("id", "name", "tagline", "letters", "code_prefix", "hotline")}
    return Installation(
        **plain,
        directory=directories[raw["installation"]["directory"]],
        applies=tuple(rows),
        regulations=regulations,
    )


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


def _regulations_known(reader: Reader, rows: list[Applies], regulations: Mapping[str, Regulation]) -> None:
    for number, row in enumerate(rows, 1):
        where = label("applies", number, {})
        regulation = regulations.get(row.regulation)
        if regulation is None:
            reader.problem(where, f"no regulation '{row.regulation}'", f"use one of {', '.join(regulations)}")
        elif regulation.effective_to and (row.until is None or row.until > regulation.effective_to):
            reader.problem(
                where, f"it outlives {row.regulation}", f"end it by {regulation.effective_to.isoformat()}"
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
