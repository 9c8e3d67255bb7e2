"""`flask cases rebuild`: the projections against the events."""

from __future__ import annotations

import sys

import click

from webapp.cli.means import open_house
from webapp.operations import clock
from webapp.store import record


@click.group("cases")
def cases_group() -> None:
    """The record of cases."""


@cases_group.command("unpark")
def unpark_command() -> None:
    """Let the worker try again the clocks it had set aside."""
    with open_house() as house:
        click.echo(f"{house.write(house.clock(), clock.unpark)} clocks unparked")


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
