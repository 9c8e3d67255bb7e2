"""Reading a directory: the shipped file, an operator's own rows over it, and the checks of both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from webapp.regulations.directory import COMMUNE, Agency, Area, Category, Directory
from webapp.regulations.rows import (
    OPTIONAL,
    ROWS,
    SOME_NAMES,
    STRING,
    TABLE,
    Key,
    Reader,
    choice,
    read_toml,
)

Raw = dict[str, Any]
Rows = dict[str, list[Raw]]

DAY = Key((date,), needed=False)
DATED = {"from": DAY, "until": DAY, "successor": OPTIONAL}
AGENCY = {
    "id": STRING,
    "name": STRING,
    "short": STRING,
    "former": OPTIONAL,
    "kind": choice("department", "committee", "unit", "centre", "enterprise", needed=False),
    "parent": OPTIONAL,
    **DATED,
    "successor_by": choice("area", needed=False),
    "cite": OPTIONAL,
    "coordinates": SOME_NAMES,
}
AREA = {
    "id": STRING,
    "name": STRING,
    "group": STRING,
    "lat": Key((float,)),
    "lon": Key((float,)),
    "kind": choice("commune", "ward", "special_zone", "former_district", needed=False),
    "former": OPTIONAL,
    **DATED,
    "merged_into": OPTIONAL,
    "cite": OPTIONAL,
}
CATEGORY = {
    "id": STRING,
    "name": STRING,
    "hint": STRING,
    "cite": STRING,
    "agency": OPTIONAL,
    "agency_by": choice("area", needed=False),
    "parent": OPTIONAL,
    "track": choice("urgent", needed=False),
    "kinds": SOME_NAMES,
    "needs_evidence": Key((bool,), needed=False),
    "commune_only": Key((bool,), needed=False),
    **DATED,
}
KEYS: Mapping[str, Mapping[str, Key]] = {"agency": AGENCY, "area": AREA, "category": CATEGORY}
TABLES = {"directory": TABLE, "coordinator": TABLE, "committee": TABLE, **dict.fromkeys(KEYS, ROWS)}
OWN_TABLES = {"directory": TABLE, **dict.fromkeys(KEYS, ROWS)}


def load_directory(path: Path, own: Path | None = None) -> Directory:
    """The directory in `path`; DataError says what is wrong. Each area brings its own committee.

    The folder `own` may hold rows of the operator under the directory's id: a row of a known id changes the
    keys it names, others are new.
    """
    raw = read_toml(path)
    rows = read_own(own / own_name(raw)) if own else {}
    return built(merged(raw, rows), f"{path.name} with own rows" if rows else path.name)


def own_name(raw: Raw) -> str:
    """What the file with an operator's own rows of this directory is called."""
    return f"{raw.get('directory', {}).get('id', '')}.toml"


def read_own(path: Path) -> Raw:
    """The operator's rows; empty when there are none. DataError when a row has no id or is of no table."""
    if not path.exists():
        return {}
    raw, reader = read_toml(path), Reader(path.name)
    reader.row("file", raw, {name: Key(key.types, needed=False) for name, key in OWN_TABLES.items()})
    for table in KEYS:
        for number, row in enumerate(raw.get(table, ()), 1):
            if not isinstance(row.get("id"), str):
                reader.problem(f"[[{table}]] row {number}", "'id' is missing", "add id = ...")
    reader.finish()
    return raw


def merged(raw: Raw, own: Raw) -> Raw:
    """`raw` with the rows of `own` over it, key by key, by id."""
    return raw | {table: _over(raw.get(table, []), own.get(table, [])) for table in KEYS}


def _over(rows: Iterable[Raw], own: Iterable[Raw]) -> list[Raw]:
    found = {row["id"]: row for row in rows if "id" in row}
    for row in own:
        found[row["id"]] = found.get(row["id"], {}) | row
    return list(found.values())


def rows_of(raw: Raw) -> Rows:
    """The rows by table as they stand in the merged file, with the committees that areas bring."""
    areas = raw.get("area", [])
    committees = [committee(raw["committee"]["prefix"], row) for row in areas]
    known = {row["id"] for row in committees}
    own = [row for row in raw.get("agency", []) if row.get("id") not in known]
    over = [row for row in raw.get("agency", []) if row.get("id") in known]
    agencies = [*own, *_over(committees, over)]
    return {"agency": agencies, "area": areas, "category": raw.get("category", [])}


def built(raw: Raw, file: str) -> Directory:
    """The directory of a parsed file. Raises DataError."""
    reader = Reader(file)
    if reader.row("file", raw, TABLES):
        reader.row("[coordinator]", raw["coordinator"], AGENCY)
        reader.row("[committee]", raw["committee"], {"prefix": STRING})
    for table, keys in KEYS.items():
        reader.unique(table, reader.rows(raw, table, keys))
    reader.finish()
    rows = rows_of(raw)
    for table in KEYS:
        _successions(reader, table, rows[table])
        _parents(reader, table, rows[table])
    _routes(reader, rows)
    _coordinators(reader, rows["agency"])
    reader.finish()
    return Directory(
        raw["directory"]["id"],
        Agency(**_values(raw["coordinator"])),
        tuple(Agency(**_values(row)) for row in rows["agency"]),
        tuple(Area(**_values(row)) for row in rows["area"]),
        tuple(Category(**_values(row)) for row in rows["category"]),
    )


def committee(prefix: str, area: Raw) -> Raw:
    """The people's committee of an area: it begins, ends and is followed as the area is."""
    name = f"{prefix} {area['name'][0].lower()}{area['name'][1:]}"
    row = {"id": COMMUNE + area["id"], "name": name, "short": name, "kind": "committee"}
    row |= {key: area[key] for key in ("from", "until", "cite") if key in area}
    if after := _successor(area):
        row["successor"] = COMMUNE + after
    elif "until" in area:
        row["successor_by"] = "area"  # divided: each case goes where it lies
    return row


def _values(row: Raw) -> Raw:
    """The row as its dataclass takes it."""
    values = {key: value for key, value in row.items() if key not in ("from", "merged_into", *_LISTS)}
    if "from" in row:
        values["from_"] = row["from"]
    if after := _successor(row):
        values["successor"] = after
    return values | {key: tuple(row[key]) for key in _LISTS if key in row}


_LISTS = ("kinds", "coordinates")


def _successor(row: Raw) -> str | None:
    return row.get("successor") or row.get("merged_into")


# Checks


def _successions(reader: Reader, table: str, rows: Iterable[Raw]) -> None:
    """Whoever follows is there on the day the other is not any more; so nobody can follow in a circle."""
    known = {row["id"]: row for row in rows}
    for row in known.values():
        where, after = f"[[{table}]] {row['id']}", _successor(row)
        if "from" in row and "until" in row and row["until"] <= row["from"]:
            reader.problem(where, "it ends before it begins", "'until' is the first day it is not there")
        if not after and "successor_by" not in row:
            continue
        if "until" not in row:
            reader.problem(where, "it has a successor and no end", "add until = ...")
        elif not row.get("cite"):
            reader.problem(where, "'cite' is missing", "name the document that ends it")
        elif after and after not in known:
            reader.problem(where, f"no {table} '{after}'", "name the id of one that is there")
        elif after and not _there(known[after], row["until"]):
            day = row["until"].isoformat()
            reader.problem(where, f"{after} is not there on {day}", f"let {after} begin by {day} and last")


def _there(row: Raw, day: date) -> bool:
    return not ("from" in row and row["from"] > day) and not ("until" in row and row["until"] <= day)


def _parents(reader: Reader, table: str, rows: Iterable[Raw]) -> None:
    parents = {row["id"]: row.get("parent") for row in rows}
    for id, parent in parents.items():
        if parent and parent not in parents:
            reader.problem(f"[[{table}]] {id}", f"no {table} '{parent}'", "name the id of one that is there")
        above, seen = parent, {id}
        while above and above not in seen:
            seen.add(above)
            above = parents.get(above)
        if above:
            reader.problem(f"[[{table}]] {id}", "it is a part of itself", "mend 'parent'")


def _coordinators(reader: Reader, rows: Iterable[Raw]) -> None:
    named: dict[str, str] = {}
    for row in rows:
        for regulation in row.get("coordinates", ()):
            if regulation in named:
                what = f"{named[regulation]} coordinates under {regulation} already"
                reader.problem(f"[[agency]] {row['id']}", what, "name one agency for each regulation")
            named[regulation] = row["id"]


def _routes(reader: Reader, rows: Rows) -> None:
    known = {row["id"] for row in rows["agency"]}
    for row in rows["category"]:
        if row.get("agency", "") and row["agency"] not in known:
            names = ", ".join(id for id in known if not id.startswith(COMMUNE))
            reader.problem(f"[[category]] {row['id']}", f"no agency '{row['agency']}'", f"use one of {names}")
