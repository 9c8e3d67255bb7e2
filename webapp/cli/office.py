"""`flask accounts focal | delegate | …`: who answers for an agency, and who stands in for whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select

from webapp.cli.means import open_house
from webapp.operations import accounts, office
from webapp.operations.house import House
from webapp.operations.office import KINDS, Term, Unfit
from webapp.operations.work import Gone, Work
from webapp.regulations.directory_own import read_sheet, to_csv
from webapp.regulations.rows import DataError
from webapp.store import models
from webapp.words import sentence

DAY = click.DateTime(["%Y-%m-%d"])
COLUMNS = ("agency", "username", "kind", "from", "until", "document", "document_on")
_BEGINS = click.option("--from", "begins", type=DAY, required=True, help="The first day.")
_DOCUMENT = click.option("--document", required=True, help="The number of the document that says so.")
_ISSUED = click.option("--document-on", "issued", type=DAY, help="The date of that document.")


@contextmanager
def _opened() -> Iterator[House]:
    """A house whose refusals end the command with what to mend."""
    try:
        with open_house() as house:
            yield house
    except Unfit as unfit:
        raise click.ClickException(sentence("office_wrong", unfit.code)) from unfit
    except DataError as error:
        raise click.ClickException(str(error)) from error


def _id(work: Work, username: str) -> int:
    query = select(models.Account.id).where(models.Account.username == username.strip().casefold())
    found = work.session.scalar(query)
    if found is None:
        raise click.ClickException(f"no account {username!r}")
    return found


def _term(begins: datetime, last: datetime | None, document: str, issued: datetime | None) -> Term:
    """People name the last day; what is kept is the day after."""
    until = last.date() + timedelta(days=1) if last else None
    return Term(begins.date(), until, document, issued.date() if issued else None)


@click.group("focal")
def focal_group() -> None:
    """Focal persons: one leader and one officer who answer for an agency, by a document."""


@focal_group.command("add")
@click.argument("username")
@click.option("--kind", type=click.Choice(KINDS), required=True)
@_BEGINS
@click.option("--last", type=DAY, help="The last day; without it until further notice.")
@_DOCUMENT
@_ISSUED
def add_command(
    username: str, kind: str, begins: datetime, last: datetime | None, document: str, issued: datetime | None
) -> None:
    """Enter USERNAME as a focal person of the agency they sit in."""
    term = _term(begins, last, document, issued)
    with _opened() as house:
        row = house.write(
            house.clock(), lambda work: office.appoint(work, _id(work, username), kind, term, None)
        )
        click.echo(f"{row.id}: {username} is {kind} of {row.agency} from {row.from_on}")


@focal_group.command("end")
@click.argument("id", type=int)
@click.option("--last", type=DAY, required=True, help="The last day.")
def end_command(id: int, last: datetime) -> None:
    """Let the time of focal person ID end."""
    until = last.date() + timedelta(days=1)
    with _opened() as house:
        try:
            house.write(house.clock(), lambda work: office.end_focal(work, id, until))
        except Gone as gone:
            raise click.ClickException(f"no focal person {id}; `accounts focal list` names them") from gone
    click.echo(f"{id} ends after {last:%Y-%m-%d}")


@focal_group.command("list")
@click.option("--csv", "as_csv", is_flag=True, help="As a sheet that `import` reads.")
def list_command(as_csv: bool) -> None:
    """The focal persons, and the agencies where nobody answers today."""
    with _opened() as house, house.reading(house.clock()) as work:
        found = office.focal_persons(work)
        if as_csv:
            click.echo(to_csv([_sheet_row(*pair) for pair in found], COLUMNS), nl=False)
            return
        for row, account in found:
            until = row.until_on or "..."
            line = (
                f"{row.id}: {row.agency} {row.kind} {account.username}, {row.from_on} to {until} (exclusive)"
            )
            click.echo(f"{line}, {row.document}")
        today = work.today(work.law.first)
        for agency in work.law.directory.agencies_on(today):
            for kind in office.missing(work, agency.id, today):
                click.echo(f"! {agency.id}: no {kind}")


def _sheet_row(row: models.Focal, account: models.Account) -> dict[str, Any]:
    shown = {"from": row.from_on, "until": row.until_on, "username": account.username}
    same = {name: getattr(row, name) for name in ("agency", "kind", "document", "document_on")}
    return {**same, **shown}


@focal_group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--apply", "for_good", is_flag=True, help="Write it. Without this nothing is written.")
def import_command(file: Path, for_good: bool) -> None:
    """Show who in FILE (as `list --csv` writes it) is a new focal person or ends; with --apply enter it."""
    with _opened() as house:
        rows = read_sheet(file, COLUMNS)
        with house.reading(house.clock()) as work:
            known = {_key(_sheet_row(*pair)): pair[0] for pair in office.focal_persons(work)}
            steps = [step for row in rows if (step := _step(work, row, known))]
        for said, _ in steps:
            click.echo(said)
        if not steps:
            click.echo(sentence("directory_command", "nothing"))
        elif for_good:
            house.write(house.clock(), lambda work: [do(work) for _, do in steps])
            click.echo(sentence("office_command", "entered", count=len(steps)))
        else:
            click.echo(sentence("directory_command", "dry"))


def _key(row: dict[str, Any]) -> tuple[str, ...]:
    return tuple(str(row.get(name) or "") for name in ("agency", "username", "kind", "from"))


def _step(
    work: Work, row: dict[str, str], known: dict[tuple[str, ...], models.Focal]
) -> tuple[str, Callable[[Work], Any]] | None:
    """What a row of the sheet would change: words for it, and doing it."""
    account, there = _id(work, row.get("username", "")), known.get(_key(row))
    until = date.fromisoformat(row["until"]) if row.get("until") else None
    shown = {name: row.get(name, "") for name in ("agency", "username", "kind", "document")}
    if there is not None:
        if until is None or there.until_on == until.isoformat():
            return None
        id, ends = there.id, until
        return sentence("office_command", "ends", day=ends, **shown), lambda w: office.end_focal(w, id, ends)
    sits_in = work.session.get_one(models.Account, account).agency
    if row.get("agency") != sits_in:
        raise click.ClickException(f"{row['username']} sits in {sits_in}, not in {row.get('agency')}")
    if not row.get("from") or row.get("kind") not in KINDS:
        raise click.ClickException(
            f"{row['username']}: give a day in 'from' and {' or '.join(KINDS)} in 'kind'"
        )
    begins, issued = date.fromisoformat(row["from"]), row.get("document_on")
    term = Term(begins, until, row.get("document", ""), date.fromisoformat(issued) if issued else None)
    said = sentence("office_command", "new", day=begins, **shown)
    return said, lambda w: office.appoint(w, account, row["kind"], term, None)


# Delegations


@click.command("delegate")
@click.argument("giver")
@click.argument("taker")
@_BEGINS
@click.option("--last", type=DAY, required=True, help="The last day.")
@_DOCUMENT
@_ISSUED
def delegate_command(
    giver: str, taker: str, begins: datetime, last: datetime, document: str, issued: datetime | None
) -> None:
    """Let TAKER approve in the place of GIVER for some days; it ends by itself."""
    term = _term(begins, last, document, issued)
    with _opened() as house:
        row = house.write(
            house.clock(),
            lambda work: office.delegate(work, _id(work, giver), _id(work, taker), term, None),
        )
        click.echo(f"{row.id}: {taker} approves for {giver} from {row.from_on} to {last:%Y-%m-%d}")


@click.command("delegations")
def delegations_command() -> None:
    """Who approves in whose place, now and in days to come."""
    with _opened() as house, house.reading(house.clock()) as work:
        for row in office.delegations(work):
            giver, taker = (
                work.session.get_one(models.Account, id).username for id in (row.giver_id, row.taker_id)
            )
            days = f"{row.from_on} to {row.until_on} (exclusive)"
            click.echo(f"{row.id}: {taker} for {giver}, {days}, {row.document}")


@click.command("take-back")
@click.argument("id", type=int)
def take_back_command(id: int) -> None:
    """End delegation ID now."""
    with _opened() as house:
        try:
            house.write(house.clock(), lambda work: office.take_back(work, id))
        except Gone as gone:
            raise click.ClickException(f"no delegation {id} in force or to come") from gone
    click.echo(f"{id} ended")


@click.command("move")
@click.argument("username")
@click.option("--agency", required=True, help="An agency's id of the directory.")
def move_command(username: str, agency: str) -> None:
    """Let USERNAME sit in another agency from now on, as when theirs is over."""
    with _opened() as house:
        found = house.law.directory.agency(agency)
        if found is None:
            raise click.ClickException(f"no agency {agency!r}; `directory export --csv` names them")
        house.write(house.clock(), lambda work: accounts.move(work, _id(work, username), agency))
    click.echo(f"{username} sits in {agency}")


OFFICE = (focal_group, delegate_command, delegations_command, take_back_command, move_command)
