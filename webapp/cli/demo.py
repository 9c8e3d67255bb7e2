"""`flask demo load`: invented staff, citizens and cases, a few or a million."""

from __future__ import annotations

import time

import click

from webapp.cli.means import clock, read_config
from webapp.demo import load, many
from webapp.demo.draw import DrawingFailed
from webapp.demo.reset import reset
from webapp.operations.house import House
from webapp.store.migrate import NewerSchema, migrate


@click.group("demo")
def demo_group() -> None:
    """Invented data for trying things out; never in a database with real cases."""


@demo_group.command("load")
@click.option("--cases", type=click.IntRange(0), default=0, help="Add this many cases to the small demo.")
@click.option("--seed", type=int, default=1, help="The same seed makes the same histories.")
@click.option("--reset", "from_nothing", is_flag=True, help="Throw the demo data away first.")
def load_command(cases: int, seed: int, from_nothing: bool) -> None:
    """Fill a new database with the small demo, and with as many more cases as wanted."""
    house = House(read_config(demo=True), clock)
    try:
        _load(house, cases, seed, from_nothing)
    except (load.NotADemo, NewerSchema, many.MakingFailed, many.NoPaths, DrawingFailed) as error:
        raise click.ClickException(str(error)) from error
    finally:
        house.close()


def _load(house: House, cases: int, seed: int, from_nothing: bool) -> None:
    started, now = time.monotonic(), house.clock()
    if cases:
        many.require_paths(house.law)
    if from_nothing:
        reset(house)
    migrate(house.store)
    log_ins = load.load_small(house, now)
    if cases:
        many.load_many(house, now, cases, seed, click.echo)
    for row in log_ins:
        click.echo(f"  {row.username:24} {row.password:20} {row.role}, {row.agency}")
    click.echo(f"done in {time.monotonic() - started:.1f} s")
