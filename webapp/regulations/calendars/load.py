"""Reads a calendar file. Every fault names the file, the row and how to mend it."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from webapp.core.calendar import Calendar, DayStatus, SpecialDay, days_between

_HEAD = {"id": str, "title": str, "zone": str, "first": date, "last": date}
_ROW = {"working": bool, "name": str, "status": str, "source": str}
_SPAN = {"on", "from", "to"}
_SATURDAY = 5


class CalendarError(ValueError):
    """A calendar file that cannot be used, in words its keeper can act on."""


def load_calendar(path: Path) -> Calendar:
    """The calendar of one TOML file; its version is the beginning of the SHA-256 of the file."""
    content = path.read_bytes()
    try:
        table = tomllib.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CalendarError(f"{path.name}: not a TOML file in UTF-8: {error}") from error
    return parse_calendar(table, path.name, hashlib.sha256(content).hexdigest()[:12])


def parse_calendar(table: Mapping[str, Any], file: str, version: str) -> Calendar:
    """A calendar from parsed TOML; `file` is only for messages."""
    if unknown := sorted(table.keys() - {"calendar", "day"}):
        raise CalendarError(f"{file}: unknown table {unknown[0]!r}; only [calendar] and [[day]] are read")
    head = table.get("calendar", {})
    _check_keys(head, _HEAD, set(), f"{file}: [calendar]")
    _check_zone(head["zone"], file)
    if head["last"] < head["first"]:
        raise CalendarError(f"{file}: [calendar] last is before first; exchange them")
    days: dict[date, SpecialDay] = {}
    for number, row in enumerate(table.get("day", []), start=1):
        where = _where(file, number, row)
        for special in _special_days(row, where):
            _add(days, special, head, where)
    return Calendar(head["id"], version, head["first"], head["last"], days, head["title"])


def _special_days(row: Mapping[str, Any], where: str) -> list[SpecialDay]:
    _check_keys(row, _ROW, _SPAN, where)
    try:
        status = DayStatus(row["status"])
    except ValueError:
        known = ", ".join(DayStatus)
        raise CalendarError(f"{where}: unknown status {row['status']!r}; write one of {known}") from None
    working = row["working"]
    return [SpecialDay(on, working, row["name"], status, row["source"]) for on in _dates(row, where)]


def _dates(row: Mapping[str, Any], where: str) -> list[date]:
    given = _SPAN & row.keys()
    for key in given:
        _check_type(row[key], date, f"{where}: {key}")
    if given == {"on"}:
        _check_weekday(row["on"], row["working"], where)
        return [row["on"]]
    if given != {"from", "to"}:
        raise CalendarError(f"{where}: give either on, or both from and to")
    if row["working"]:
        raise CalendarError(f"{where}: a make-up day is a single day; write on instead of from and to")
    days = [day for day in days_between(row["from"], row["to"]) if day.weekday() < _SATURDAY]
    if not days:
        raise CalendarError(
            f"{where}: no weekday lies from {row['from']} to {row['to']}; mend or drop the row"
        )
    return days


def _check_weekday(day: date, working: bool, where: str) -> None:
    weekend = day.weekday() >= _SATURDAY
    if working and not weekend:
        raise CalendarError(f"{where}: {day} is a weekday and works anyway; correct the date or drop the row")
    if weekend and not working:
        raise CalendarError(
            f"{where}: {day} is a weekend day and off anyway; correct the date or drop the row"
        )


def _add(days: dict[date, SpecialDay], special: SpecialDay, head: Mapping[str, Any], where: str) -> None:
    if special.on in days:
        raise CalendarError(f"{where}: {special.on} already has a row ({days[special.on].name}); keep one")
    if not head["first"] <= special.on <= head["last"]:
        raise CalendarError(
            f"{where}: {special.on} is outside first..last of [calendar]; widen it or drop the row"
        )
    days[special.on] = special


def _check_keys(row: Mapping[str, Any], types: Mapping[str, type], optional: set[str], where: str) -> None:
    if missing := sorted(types.keys() - row.keys()):
        raise CalendarError(f"{where}: {missing[0]} is missing; add it")
    if unknown := sorted(row.keys() - types.keys() - optional):
        raise CalendarError(f"{where}: unknown key {unknown[0]!r}; correct or drop it")
    for key, kind in types.items():
        _check_type(row[key], kind, f"{where}: {key}")
        if kind is str and not row[key].strip():
            raise CalendarError(f"{where}: {key} is empty; fill it in")


def _check_type(value: object, kind: type, where: str) -> None:
    # A datetime is a date to Python, but a calendar row with an hour in it is a slip of the pen.
    if not isinstance(value, kind) or isinstance(value, datetime):
        raise CalendarError(f"{where} must be a {kind.__name__}, not {value!r}")


def _check_zone(zone: str, file: str) -> None:
    try:
        ZoneInfo(zone)
    except (LookupError, ValueError, OSError) as error:
        raise CalendarError(
            f"{file}: [calendar] unknown zone {zone!r}; write for example Asia/Ho_Chi_Minh"
        ) from error


def _where(file: str, number: int, row: Mapping[str, Any]) -> str:
    day = row.get("on", row.get("from", "no date"))
    return f"{file}: [[day]] row {number} ({day})"
