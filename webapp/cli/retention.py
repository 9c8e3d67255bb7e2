"""`flask retention`: whose identity has been kept as long as the province wants, and ending it."""

from __future__ import annotations

import click

from webapp.cli.means import open_house
from webapp.cli.people import refuse_unclean
from webapp.operations import erasure, retention, scrubbing
from webapp.operations.house import House
from webapp.operations.retention import Kept
from webapp.words import sentence

GROUND = "retention_ended"


@click.group("retention")
def retention_group() -> None:
    """How long identities are kept; nothing ends unless IDENTITY_RETENTION_YEARS is set."""


@retention_group.command("due")
@click.option("--erase", is_flag=True, help="Erase them now, but for those whom a legal hold keeps.")
def due_command(erase: bool) -> None:
    """List the people whose time is over: never before the regulation's own minimum."""
    with open_house() as house:
        years = house.config.identity_retention_years
        if not years:
            click.echo(sentence("retention", "none"))
            return
        with house.reading(house.clock(), fresh=True) as work:
            found = retention.due(work, years)
            lines = [_line(work.law.first.zone, row) for row in found]
        click.echo("\n".join(lines) or sentence("retention", "nobody"))
        if erase and found:
            _erase(house, found)


def _line(zone, row: Kept) -> str:
    last = (row.until - retention.MOMENT).astimezone(zone)
    code = "line_held" if row.held else "line"
    return sentence("retention", code, number=row.number, no=row.no, day=f"{last:%d/%m/%Y}")


def _erase(house: House, found: list[Kept]) -> None:
    """One transaction for each person, so that one that fails undoes no other."""
    free = [row for row in found if not row.held]
    for row in free:
        house.write(
            house.clock(),
            lambda work, id=row.submission_id: erasure.erase_person(work, id, GROUND, None),  # type: ignore[misc]
        )
    clean = scrubbing.at_once(house)
    click.echo(sentence("retention", "erased", count=len(free), held=len(found) - len(free)))
    refuse_unclean(clean)
