"""`flask calendar`: entering a notice of days off from a file, and what the calendar knows."""

from __future__ import annotations

import secrets
import sys
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click

from webapp.cli.means import open_house
from webapp.core.calendar import days_between
from webapp.core.holidays import Notice, NoticeDay, in_force
from webapp.operations import holidays, recount
from webapp.operations.holidays import Faulty, Preview
from webapp.operations.house import House
from webapp.operations.work import Work
from webapp.store.queries import calendar as queries
from webapp.words import sentence

_SATURDAY = 5
_HEAD = {"year": int, "number": str, "issued_on": date}
_MORE = {"whole_year": bool, "replaces": str, "day": list}
_ROW = {"on": date, "from": date, "to": date, "working": bool, "name": str}


class BadFile(click.ClickException):
    """The file cannot be used; the message names the row and how to mend it."""

    exit_code = 2


@click.group("calendar")
def calendar_group() -> None:
    """Days off and make-up days of state bodies."""


@calendar_group.command("status")
def status_command() -> None:
    """Print what is known of each year, the notices entered here, and how many due dates wait."""
    with open_house() as house, house.reading(house.clock(), fresh=True) as work:
        for line in _status(work):
            click.echo(line)


@calendar_group.command("enter")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--apply", is_flag=True, help="Enter it and count open due dates again; without it only look.")
def enter_command(file: Path, apply: bool) -> None:
    """Enter the notice in FILE (TOML); see docs/operations.md for what it holds."""
    table = read(file)
    with open_house() as house:
        with house.reading(house.clock(), fresh=True) as work:
            notice = notice_of(table, file.name, queries.notices(work.session))
            faults = holidays.check(work, notice)
            shown = [] if faults else list(_preview(holidays.preview(work, notice)))
        for line in [sentence("calendar_fault", fault.code, **fault.params) for fault in faults] or shown:
            click.echo(line)
        if faults:
            sys.exit(1)
        if not apply:
            click.echo("Nothing was written: add --apply.")
            return
        _enter(house, notice)


def _enter(house: House, notice: Notice) -> None:
    token = secrets.token_hex(16)
    try:
        id = house.write(house.clock(), partial(holidays.enter, notice=notice, token=token))
    except Faulty as faulty:  # somebody entered another one meanwhile
        raise click.ClickException(str(faulty)) from faulty
    click.echo(f"notice {id} is entered")
    cases = moved = doubt = 0
    while (done := recount.run_batch(house)).cases:
        cases, moved, doubt = cases + done.cases, moved + done.moved, doubt + done.doubt
    click.echo(
        f"{cases} cases were counted again here, {moved} due dates changed, "
        f"{doubt} more are only sure or unsure now; the worker does the same"
    )


def read(file: Path) -> Mapping[str, Any]:
    """The parsed file. Raises BadFile."""
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadFile(f"{file.name}: not a TOML file in UTF-8: {error}") from error


def notice_of(table: Mapping[str, Any], file: str, known: list[Notice]) -> Notice:
    """The notice of a parsed file; `replaces` names the number of an earlier one. Raises BadFile."""
    _keys(table, _HEAD, _MORE, file)
    days = [
        day
        for number, row in enumerate(table.get("day", []), 1)
        for day in _days(row, f"{file}: row {number}")
    ]
    return Notice(
        table["year"],
        table["number"],
        table["issued_on"],
        table.get("whole_year", False),
        tuple(sorted(days, key=lambda day: day.on)),
        _replaced(table.get("replaces"), known, file),
    )


def _replaced(number: str | None, known: list[Notice], file: str) -> int | None:
    if number is None:
        return None
    found = [notice.id for notice in in_force(known) if notice.number == number]
    if not found:
        numbers = ", ".join(notice.number for notice in in_force(known)) or "none"
        raise BadFile(f"{file}: no notice {number!r} to replace; in force are: {numbers}")
    return found[-1]


def _days(row: Any, where: str) -> Iterator[NoticeDay]:
    if not isinstance(row, dict):
        raise BadFile(f"{where}: write [[day]] tables")
    _keys(row, {"working": bool, "name": str}, _ROW, where)
    if "on" in row and not {"from", "to"} & row.keys():
        yield NoticeDay(row["on"], row["working"], row["name"])
    elif "on" not in row and {"from", "to"} <= row.keys() and not row["working"]:
        for day in days_between(row["from"], row["to"]):
            if day.weekday() < _SATURDAY:
                yield NoticeDay(day, False, row["name"])
    else:
        raise BadFile(f"{where}: give either on, or both from and to for days off")


def _keys(row: Mapping[str, Any], needed: Mapping[str, type], more: Mapping[str, type], where: str) -> None:
    if missing := sorted(needed.keys() - row.keys()):
        raise BadFile(f"{where}: {missing[0]} is missing")
    known = {**more, **needed}
    for key, value in row.items():
        if key not in known:
            raise BadFile(f"{where}: unknown key {key!r}; known are {', '.join(known)}")
        # A datetime is a date to Python, and True is an int.
        wrong = isinstance(value, datetime) or (known[key] is int and isinstance(value, bool))
        if wrong or not isinstance(value, known[key]):
            raise BadFile(f"{where}: {key} must be a {known[key].__name__}, not {value!r}")


def _preview(found: Preview) -> Iterator[str]:
    yield f"days that count otherwise: {', '.join(map(str, found.days)) or 'none'}"
    yield f"open due dates to count again: {found.counted}"
    yield f"  earlier {found.earlier}, later {found.later}"
    yield f"  sure now {found.sure}, unsure now {found.unsure}"
    if found.first and found.last:
        yield f"  new dates from {found.first.isoformat()} to {found.last.isoformat()}"


def _status(work: Work) -> Iterator[str]:
    calendar = holidays.calendar_of(work.law)
    yield f"{calendar.id} {calendar.version}: {calendar.first} to {calendar.last}"
    for year in holidays.years_shown(work):
        state = "confirmed" if year.confirmed else "NOT CONFIRMED" if year.known else "UNKNOWN"
        unsure = ", ".join(f"{day.on} {day.name} ({day.status})" for day in year.unsure)
        yield f"  {year.year} {state}{': ' + unsure if unsure else ''}"
    for notice in in_force(queries.notices(work.session)):
        yield f"  notice {notice.id}: {notice.source}, {len(notice.days)} days"
    behind = queries.count_behind(work.session, work.law.calendar_versions)
    yield f"{behind} open due dates wait to be counted again"
