"""`flask store verify`: every file and every row that names one."""

from __future__ import annotations

import sys

import click

from webapp.cli.means import open_house
from webapp.operations.verify import verify


@click.group("store")
def store_group() -> None:
    """Files and the rows that name them."""


@store_group.command("verify")
def verify_command() -> None:
    """Read every file and compare it with its name and its row; change nothing."""
    with open_house() as house:
        found = verify(house, house.clock())
    for problem in found.problems:
        click.echo(problem)
    click.echo(
        f"{found.files} files, {found.rows} rows, {found.unnamed} files without a row, "
        f"{len(found.problems)} problems"
    )
    if found.problems:
        sys.exit(1)
