"""`flask store verify | free-reserve`: every file and every row that names one; room on a full disk."""

from __future__ import annotations

import sys

import click

from webapp.cli.means import open_house, read_config
from webapp.operations.checkup import checkup
from webapp.operations.verify import verify
from webapp.store import space


@click.group("store")
def store_group() -> None:
    """Files and the rows that name them."""


@store_group.command("verify")
def verify_command() -> None:
    """Check every invariant of the database, and every file against name and row; change nothing."""
    with open_house() as house:
        broken = checkup(house)
        found = verify(house, house.clock())
    for problem in (*broken, *found.problems):
        click.echo(problem)
    click.echo(f"database: {len(broken)} problems")
    click.echo(
        f"files: {found.files} files, {found.rows} rows, {found.unnamed} files without a row, "
        f"{len(found.problems)} problems"
    )
    if broken or found.problems:
        sys.exit(1)


@store_group.command("free-reserve")
def free_reserve_command() -> None:
    """Give the reserve back to a full disk; the next `serve` puts it aside again once there is room."""
    config = read_config()
    if not space.free_reserve(config):
        click.echo("there is no reserve: it was given back before, or never made")
    click.echo(
        f"{space.free_bytes(config)} bytes are free, {space.needed_bytes(config)} are needed to take reports"
    )
