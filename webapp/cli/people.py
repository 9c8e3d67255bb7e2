"""`flask people`: erasing a person, and the legal holds that forbid it."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from webapp.cli.means import open_house
from webapp.operations import erasure, holds, scrubbing
from webapp.operations.house import House
from webapp.operations.work import Gone, Refusal, Work
from webapp.store import models
from webapp.words import sentence

_NO = click.option("--submission", "no", default=1, show_default=True, help="The report inside the case.")


@click.group("people")
def people_group() -> None:
    """Reporters and what is kept of them."""


@people_group.command("erase")
@click.argument("number")
@click.option("--ground", type=click.Choice(erasure.GROUNDS), required=True)
@click.option(
    "--purge-text", is_flag=True, help="Also what they wrote, where it is, and answers to them alone."
)
@_NO
def erase_command(number: str, ground: str, purge_text: bool, no: int) -> None:
    """Erase who sent the report with the public NUMBER; the case and its timeline stay."""

    def erase(work: Work) -> erasure.Erased:
        row = erasure.submission_of(work, number, no)
        return erasure.erase_person(work, row.id, ground, None, purge_text=purge_text)

    with open_house() as house:
        done = _tried(house, number, erase)
        click.echo(f"{number}: the person is erased (entry {done.id} of the erasure list)")
        clean = scrubbing.at_once(house)
    if done.mentions:
        click.echo(f"{done.mentions} kept texts still name them: look at them, or run it with --purge-text")
    click.echo("Backups made before still hold them until they are thrown away.")
    refuse_unclean(clean)


@people_group.command("scrub")
def scrub_command() -> None:
    """Get deleted bytes out of the database's files now; the worker does it after whatever deletes."""
    with open_house() as house:
        refuse_unclean(scrubbing.at_once(house))
    click.echo("no deleted bytes are left in the database's files")


@people_group.command("hold")
@click.argument("number")
@click.option("--ground", required=True, help="The article that forbids erasing.")
@click.option("--document", required=True, help="Number and date of the paper that asks for it.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="First day it no longer holds (UTC).")
def hold_command(number: str, ground: str, document: str, until: datetime | None) -> None:
    """Forbid erasing the people of the case NUMBER."""
    end = until.replace(tzinfo=UTC) if until else None

    def hold(work: Work) -> int:
        return holds.place(work, erasure.submission_of(work, number, 1).case_id, ground, document, None, end)

    with open_house() as house:
        click.echo(f"{number}: hold {_tried(house, number, hold)} stands")


@people_group.command("release")
@click.argument("hold_id", type=int)
def release_command(hold_id: int) -> None:
    """Lift the hold HOLD_ID."""
    with open_house() as house:
        _tried(house, f"hold {hold_id}", lambda work: holds.lift(work, hold_id, None))
    click.echo(f"hold {hold_id} lifted")


@people_group.command("erasures")
def erasures_command() -> None:
    """Print the erasure list, to be kept apart from the backups and done again after a restore."""
    with open_house() as house, house.reading(house.clock()) as work:
        for row in erasure.erased_since(work):
            click.echo("\t".join(map(str, _entry(row))))


def _entry(row: models.Erasure) -> tuple[object, ...]:
    return row.id, row.case_id, row.submission, row.ground, int(row.texts_purged), row.erased_at.isoformat()


def _tried(house: House, what: str, operation):
    try:
        return house.write(house.clock(), operation)
    except Gone as error:
        raise click.ClickException(f"there is no {what}") from error
    except Refusal as error:
        text = sentence("refused", error.refused.code, **error.refused.params)
        raise click.ClickException(f"{text} ({error.refused.cite})") from error
    except ExceptionGroup as error:  # what was to follow the commit
        message = "it is written, but files could not be deleted: the worker sweeps them within the hour"
        raise click.ClickException(message) from error


def refuse_unclean(clean: bool) -> None:
    if not clean:
        raise click.ClickException(
            "it is written, but somebody reads, so old bytes are still in the database's files: the worker "
            "goes on trying, or run `flask people scrub`"
        )
