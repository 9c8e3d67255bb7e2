"""`flask regulations check`: whether every data file of the law may be used."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from webapp.regulations.load import FOLDER, check_all, load_regulations


@click.group("regulations")
def regulations_group() -> None:
    """The regulations as data."""


@regulations_group.command("check")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), default=FOLDER)
def check_command(folder: Path) -> None:
    """Check all files in FOLDER (default: the shipped ones); name file, row and mend of each problem."""
    problems = check_all(folder)
    for problem in problems:
        click.echo(str(problem))
    if problems:
        click.echo(f"{len(problems)} problems")
        sys.exit(1)
    for regulation in load_regulations(folder):
        until = regulation.effective_to or "..."
        click.echo(
            f"{regulation.id} version {regulation.version}: {regulation.effective_from} to {until}, "
            f"{len(regulation.moves)} moves, {len(regulation.clocks)} clocks, "
            f"{len(regulation.interpretations)} interpretations, {regulation.status}"
        )
    click.echo("ok")
