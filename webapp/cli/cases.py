"""`flask cases`: the projections against the events, and how much work each agency had."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import datetime

import click

from webapp.cli.means import open_house
from webapp.operations import attribution, clock
from webapp.store import record
from webapp.words import sentence


@click.group("cases")
def cases_group() -> None:
    """The record of cases."""


@cases_group.command("unpark")
def unpark_command() -> None:
    """Let the worker try again the clocks it had set aside."""
    with open_house() as house:
        click.echo(f"{house.write(house.clock(), clock.unpark)} clocks unparked")


@cases_group.command("by-agency")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Given to an agency since.")
@click.option("--then", is_flag=True, help="Under the name of the time, not of the successor.")
def by_agency_command(since: datetime, then: bool) -> None:
    """Count what each agency was given, finished and still has, and its late terms."""
    with open_house() as house:
        law = house.law
        with house.reading(house.clock()) as work:
            found = attribution.by_agency(work, since.replace(tzinfo=law.first.zone), then=then)

    def name(id: str) -> str:
        agency = law.directory.agency(id)
        return agency.name if agency else id

    names = ("agency", "given", "finished", "open", "late")
    click.echo(_row("head", **{code: _row(code) for code in names}))
    for id, tally in sorted(found.rows.items()):
        click.echo(_row("head", agency=name(id), **asdict(tally)))
    for (former, after), count in sorted(found.moved.items()):
        click.echo(_row("moved", count=count, former=name(former), after=name(after)))
    click.echo(_row("then" if then else "now"))


def _row(code: str, /, **params: object) -> str:
    return sentence("by_agency", code, **params)


@cases_group.command("rebuild")
@click.option("--check", is_flag=True, help="Compare only; write nothing.")
def rebuild_command(check: bool) -> None:
    """Write every projection again from the events, or with --check say where they differ."""
    with open_house() as house:
        if not check:
            with house.store.writer() as session:
                click.echo(f"{record.rebuild(session, house.law)} cases rebuilt")
            return
        with house.store.reader() as session:
            found = 0
            for difference in record.differences(session, house.law):
                click.echo(difference)
                found += 1
    if found:
        click.echo(f"{found} differences")
        sys.exit(1)
    click.echo("no differences")
