"""An operator's own rows of a directory: read from TOML or CSV, compared, and written again.

What is kept are only the keys that differ from the shipped file, so that a later release's corrections of the
others arrive.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from webapp.regulations.directory_file import KEYS, Raw, Rows, merged, rows_of
from webapp.regulations.rows import DataError, Key, Problem, Reader, read_toml

CLEAR = "-"  # in a cell: the operator's own value is taken back
_SEPARATOR = "; "
_DAY = "write a day as 2025-07-01 or 01/07/2025"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Change:
    """One row that is not as it was; `was` is None for a new one."""

    table: str
    id: str
    was: Raw | None
    now: Raw

    @property
    def kind(self) -> str:
        """new | ended | changed"""
        if self.was is None:
            return "new"
        return "ended" if "until" in self.now and "until" not in self.was else "changed"

    @property
    def keys(self) -> list[str]:
        was = self.was or {}
        return [key for key in KEYS[self.table] if was.get(key) != self.now.get(key)]


def changes(before: Raw, after: Raw) -> list[Change]:
    """Row by row, what is different between two merged directories, committees of areas included."""
    old, new = rows_of(before), rows_of(after)
    found = []
    for table in KEYS:
        was = {row["id"]: row for row in old[table]}
        for row in new[table]:
            if was.get(row["id"]) != row:
                found.append(Change(table, row["id"], was.get(row["id"]), row))
    return found


# Laying one over the other


def laid_over(shipped: Raw, own: Raw, given: Rows) -> Raw:
    """The own rows once `given` is taken up. Raises DataError when a key to take back is shipped."""
    cleared = _cleared(shipped, given)
    both = merged(own, given)
    rows = {
        table: [_without(row, cleared.get((table, row["id"]), ())) for row in both[table]] for table in KEYS
    }
    under = {table: shipped.get(table, []) for table in KEYS}
    # A row about the committee of an area changes what the area brings.
    under["agency"] = rows_of(merged(shipped, {"area": rows["area"]}))["agency"]
    found = {table: list(_differing(rows[table], under[table])) for table in KEYS}
    return {table: kept for table, kept in found.items() if kept}


def _cleared(shipped: Raw, given: Rows) -> dict[tuple[str, str], list[str]]:
    """The keys to take back, by row."""
    theirs = {(table, row["id"]): row for table in KEYS for row in shipped.get(table, [])}
    found = {
        (table, row["id"]): [key for key, value in row.items() if value is None]
        for table, rows in given.items()
        for row in rows
    }
    what, mend = "is shipped and cannot be taken back", "write another value"
    problems = [
        Problem("import", f"[[{place[0]}]] {place[1]}", f"'{key}' {what}", mend)
        for place, keys in found.items()
        for key in keys
        if key in theirs.get(place, {})
    ]
    if problems:
        raise DataError(problems)
    return found


def _without(row: Raw, keys: Iterable[str]) -> Raw:
    return {key: value for key, value in row.items() if key not in keys and value is not None}


def _differing(rows: Iterable[Raw], under: Iterable[Raw]) -> Iterator[Raw]:
    """Each row with what it says anew; a row that says nothing anew is not kept."""
    known = {row["id"]: row for row in under}
    for row in rows:
        was = known.get(row["id"], {})
        kept = {key: value for key, value in row.items() if key != "id" and was.get(key) != value}
        if kept:
            yield {"id": row["id"], **kept}


# Reading what is brought


def read_rows(path: Path, table: str | None = None) -> Rows:
    """The rows of a TOML file, or of a CSV file of one table. Raises DataError.

    A CSV file whose name begins with its table's (`agency-2026.csv`) need not be told which it is.
    """
    if path.suffix.lower() != ".csv":
        return _checked(path.name, {name: read_toml(path).get(name, []) for name in KEYS})
    found = table or next((name for name in KEYS if path.stem.startswith(name)), None)
    if found is None:
        raise DataError(
            [Problem(path.name, "file", "of which table is it?", f"give one of {', '.join(KEYS)}")]
        )
    return _checked(path.name, {found: csv_rows(path.read_text("utf-8-sig"), path.name, found)})


def csv_rows(text: str, file: str, table: str) -> list[Raw]:
    """The rows of a sheet; an empty cell says nothing. Raises DataError."""
    reader, rows = Reader(file), []
    for number, cells in enumerate(_sheet(text), 2):
        row: Raw = {}
        for key, cell in cells.items():
            if key and isinstance(cell, str) and cell.strip():
                try:
                    row[key.strip()] = _value(table, key.strip(), cell.strip())
                except (ValueError, KeyError):
                    reader.problem(f"line {number}", f"'{key}' is '{cell}'", _mend(table, key.strip()))
        if row:
            rows.append(row)
    reader.finish()
    return rows


def read_sheet(path: Path, columns: Iterable[str]) -> list[dict[str, str]]:
    """The rows of a sheet of texts, days as ISO 8601. Raises DataError for a column of another name."""
    reader, names, rows = Reader(path.name), tuple(columns), []
    for number, cells in enumerate(_sheet(path.read_text("utf-8-sig")), 2):
        strange = [key for key in cells if key not in names]
        if strange:
            reader.problem(f"line {number}", f"unknown column '{strange[0]}'", f"use {', '.join(names)}")
        row = {
            key: _plain(cell.strip()) for key, cell in cells.items() if isinstance(cell, str) and cell.strip()
        }
        for key in ("from", "until", "document_on"):
            try:
                row |= {key: _day(row[key]).isoformat()} if key in row else {}
            except ValueError:
                reader.problem(f"line {number}", f"'{key}' is '{row[key]}'", _DAY)
        rows += [row] if row else []
    reader.finish()
    return rows


def _sheet(text: str) -> Iterable[dict[str, Any]]:
    return csv.DictReader(io.StringIO(text), delimiter=";" if ";" in text.partition("\n")[0] else ",")


def _plain(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def _value(table: str, key: str, cell: str) -> Any:
    types = KEYS[table][key].types if key in KEYS[table] else (str,)
    if cell == CLEAR:
        return None
    if date in types:
        return _day(cell)
    if bool in types:
        return {"true": True, "false": False}[cell.lower()]
    if float in types:
        return float(cell.replace(",", "."))
    if list in types:
        return [part.strip() for part in cell.split(_SEPARATOR.strip()) if part.strip()]
    return _plain(cell)


def _day(cell: str) -> date:
    """A day as ISO 8601 or as people here write it."""
    if "/" not in cell:
        return date.fromisoformat(cell)
    day, month, year = (int(part) for part in cell.split("/"))
    return date(year, month, day)


def _mend(table: str, key: str) -> str:
    types = KEYS[table][key].types if key in KEYS[table] else ()
    if bool in types:
        return "write true or false"
    return _DAY if date in types else "write a number such as 15.558"


def _checked(file: str, rows: Rows) -> Rows:
    """The rows, once each is known by its id and says only what its table may say."""
    reader = Reader(file)
    for table, found in rows.items():
        optional = {name: _optional(key) for name, key in KEYS[table].items()}
        for number, row in enumerate(found, 1):
            if not isinstance(row.get("id"), str):
                reader.problem(f"[[{table}]] row {number}", "'id' is missing", "give each row its id")
            else:
                given = {key: value for key, value in row.items() if value is not None}
                reader.row(f"[[{table}]] {row['id']}", given, optional)
        reader.unique(table, [row for row in found if isinstance(row.get("id"), str)])
    reader.finish()
    return rows


def _optional(key: Key) -> Key:
    return Key(key.types, False, key.one_of)


# Writing


def to_toml(rows: Mapping[str, Iterable[Raw]], heading: str = "") -> str:
    """The rows as TOML that `read_rows` reads again."""
    parts = [f"# {heading}\n"] if heading else []
    for table in KEYS:
        for row in rows.get(table, ()):
            ordered = [key for key in KEYS[table] if key in row]
            parts.append(
                "\n".join([f"[[{table}]]", *(f"{key} = {_toml(row[key])}" for key in ordered)]) + "\n"
            )
    return "\n".join(parts)


def _toml(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def to_csv(rows: Iterable[Mapping[str, Any]], columns: Iterable[str]) -> str:
    """A sheet for any office program: with a mark of its encoding, and no cell that is a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    names = list(columns)
    writer.writerow(names)
    writer.writerows([_cell(row.get(name)) for name in names] for row in rows)
    return "\ufeff" + out.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return _SEPARATOR.join(value)
    text = value.isoformat() if isinstance(value, date) else str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else text
