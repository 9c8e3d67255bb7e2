"""`flask directory`: agencies, areas and categories out to a sheet and in again, and official boundaries."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import click

from webapp.cli.means import open_house
from webapp.operations import organisation, succession
from webapp.operations.house import House
from webapp.operations.organisation import ChangedMeanwhile, Plan
from webapp.regulations.boundaries import Boundaries, read_boundaries
from webapp.regulations.directory_file import KEYS, Rows, rows_of
from webapp.regulations.directory_own import Change, read_rows, to_csv, to_toml
from webapp.regulations.rows import DataError
from webapp.store import models
from webapp.words import catalogue, sentence

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
BOUNDARIES = "boundaries.geojson"
_MANY = 12


@click.group("directory")
def directory_group() -> None:
    """Agencies, areas and categories: an operator's own rows over the shipped ones."""


@contextmanager
def _opened() -> Iterator[House]:
    try:
        with open_house() as house:
            yield house
    except DataError as error:
        raise click.ClickException(str(error)) from error


@directory_group.command("export")
@click.option("--toml", "form", flag_value="toml", default=True, help="All tables (the default).")
@click.option("--csv", "form", flag_value="csv", help="One table for a spreadsheet.")
@click.option("--table", type=click.Choice(list(KEYS)), default="agency", help="Which table, for --csv.")
def export_command(form: str, table: str) -> None:
    """Write the directory as it is now to standard output."""
    with _opened() as house:
        directory = house.law.directory.id
        rows = rows_of(organisation.present(house.config, directory))
    out = to_csv(rows[table], KEYS[table]) if form == "csv" else to_toml(rows, directory)
    click.echo(out, nl=False)


@directory_group.command("import")
@click.argument("file", type=FILE)
@click.option(
    "--table", type=click.Choice(list(KEYS)), help="What a CSV file holds, if its name does not say."
)
@click.option("--document", default="", help="Number and date of the document that orders the change.")
@click.option("--apply", "for_good", is_flag=True, help="Write it. Without this nothing is written.")
def import_command(file: Path, table: str | None, document: str, for_good: bool) -> None:
    """Show what taking up FILE (.toml, .csv) would change, row by row; with --apply change it.

    An empty cell says nothing, "-" takes an own value back. Rows that FILE does not name stay as they are.
    """
    with _opened() as house:
        _take_up(house, read_rows(file, table), file, document, for_good)


@directory_group.command("boundaries")
@click.argument("file", type=FILE)
@click.option("--document", default="", help="Number and date of the document the boundaries rest on.")
@click.option("--apply", "for_good", is_flag=True, help="Write it. Without this nothing is written.")
def boundaries_command(file: Path, document: str, for_good: bool) -> None:
    """Take each area's centre from the official boundaries in FILE (GeoJSON), and keep lighter shapes."""
    with _opened() as house:
        found = read_boundaries(file, house.law.directory)
        if not found.areas:
            raise click.ClickException(_say("nothing_here", file=file.name))
        _tell_of(found)
        _take_up(house, {"area": found.areas}, file, document, for_good)
        if for_good:
            text = json.dumps(found.shapes, ensure_ascii=False, separators=(",", ":"))
            house.config.directory_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            organisation.put(house.config.directory_folder / BOUNDARIES, text)
            click.echo(_say("shapes", file=BOUNDARIES, size=f"{len(text.encode()) / 1000:.0f}"))


@directory_group.command("succeed")
def succeed_command() -> None:
    """Hand the open cases of agencies that are over to their successors, as the worker does once a day."""
    with _opened() as house:
        done = succession.run(house)
        click.echo(_say("succeeded", moved=done.moved))
        _tell_left(house, "left", [id for id in done.left if id not in done.double])
        _tell_left(house, "double", done.double)


def _tell_left(house: House, why: str, cases: list[int]) -> None:
    """Name the cases that a person has to look at, and why."""
    if cases:
        with house.reading(house.clock()) as work:
            codes = [work.session.get_one(models.Case, id).code for id in cases[:_MANY]]
        more = " …" if len(cases) > _MANY else ""
        click.echo(_say(why, count=len(cases), codes=", ".join(codes) + more))


def _take_up(house: House, rows: Rows, file: Path, document: str, for_good: bool) -> None:
    law, now = house.law, house.clock()
    plan = organisation.plan(house.config, law.directory.id, rows, {row.area for row in law.applies})
    with house.reading(now) as work:
        impacts = {impact.agency: impact for impact in organisation.impact(work, plan)}
    for change in plan.changes:
        click.echo(_line(change))
        if change.id in impacts:
            click.echo(_meaning(plan, impacts[change.id]))
    if not plan.changes:
        click.echo(_say("nothing"))
        return
    kinds = [change.kind for change in plan.changes]
    click.echo(
        _say("sum", new=kinds.count("new"), changed=kinds.count("changed"), ended=kinds.count("ended"))
    )
    if not for_good:
        click.echo(_say("dry"))
        return
    try:
        organisation.apply(plan, now, file.name, document)
    except ChangedMeanwhile as error:
        raise click.ClickException(_say("meanwhile")) from error
    click.echo(_say("applied", path=plan.path))


def _line(change: Change) -> str:
    """One row: what it is, and each key as it was and will be."""
    was, name = change.was or {}, change.now.get("name", "")
    head = {"table": _say(change.table), "id": change.id, "name": name}
    if change.kind == "new":
        keys = [key for key in change.keys if key not in ("id", "name")]
        said = [_say("is", key=_key(key), value=_shown(change.now.get(key))) for key in keys]
    else:
        said = [
            _say("was", key=_key(key), was=_shown(was.get(key)), now=_shown(change.now.get(key)))
            for key in change.keys
        ]
    return _say(change.kind, **head, said="; ".join(said))


def _meaning(plan: Plan, impact: organisation.Impact) -> str:
    ended = plan.after.agency(impact.agency)
    after = plan.after.agency(ended.successor or "") if ended else None
    if after:
        to = _say("to_one", name=after.name)
    else:
        to = _say("to_area" if ended and ended.successor_by else "to_nobody")
    return _say("meaning", cases=impact.cases, accounts=impact.accounts, to=to)


def _tell_of(found: Boundaries) -> None:
    click.echo(_say("boundaries", count=len(found.areas)))
    for code, ids in (("strangers", found.strangers), ("without", found.without)):
        if ids:
            more = " …" if len(ids) > _MANY else ""
            click.echo(_say(code, count=len(ids), ids=", ".join(ids[:_MANY]) + more))


def _key(key: str) -> str:
    return catalogue()["directory_key"].get(key, key)


def _shown(value: Any) -> str:
    if value is None:
        return _say("empty")
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    return ", ".join(value) if isinstance(value, list) else str(value)


def _say(code: str, /, **params: Any) -> str:
    return sentence("directory_command", code, **params)
