"""`flask keys`: the master keys, how many data keys each wraps, and changing them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

import click

from webapp.cli.means import open_house
from webapp.operations import rotation
from webapp.operations.house import House
from webapp.store.keyring import KeysUnusable, master_name
from webapp.store.sealing import Unsealable


@click.group("keys")
def keys_group() -> None:
    """The keys that seal people and originals."""


@keys_group.command("status")
def status_command() -> None:
    """Say how many data keys each version of the master key wraps."""
    with open_house() as house, house.store.reader() as session:
        _show(house, rotation.status(session))


@keys_group.command("rotate")
@click.option("--remove-old", is_flag=True, help="Destroy the old master key once nothing is wrapped by it.")
@click.option(
    "--grace",
    type=click.IntRange(min=0),
    default=int(rotation.GRACE.total_seconds() // 60),
    show_default=True,
    help="Minutes the old key outlives the new one's birth; 0 only while nothing else runs.",
)
@click.option("--batch", type=click.IntRange(min=1), default=rotation.BATCH, show_default=True)
def rotate_command(remove_old: bool, grace: int, batch: int) -> None:
    """Wrap every data key by a new master key; after a stop, run it again and it goes on.

    Keep the old key with the backups it belongs to: what an older backup sealed opens by no other.
    """
    with open_house() as house:
        try:
            newest = house.write(house.clock(), lambda work: rotation.begin(work, house.masters))
            for place in rotation.PLACES:
                click.echo(
                    f"{place.name}: {_rewrap(house, place, newest, batch)} wrapped by {master_name(newest)}"
                )
            if remove_old:
                _remove(house, timedelta(minutes=grace))
        except (KeysUnusable, Unsealable) as error:
            raise click.ClickException(str(error)) from error


def _rewrap(house: House, place: rotation.Place, newest: int, batch: int) -> int:
    done, last = 0, None
    while True:
        found = house.write(
            house.clock(),
            lambda work, last=last: rotation.rewrap(work, place, newest, last, batch),  # type: ignore[misc]
        )
        done, last = done + found.done, found.last
        if last is None:
            return done


def _remove(house: House, grace: timedelta) -> None:
    try:
        gone = house.write(house.clock(), lambda work: rotation.remove_old(work, house.masters, grace))
    except rotation.StillNeeded as needed:
        why = f"{needed.rows} data keys are still wrapped by it: run it again"
        if not needed.rows and needed.until:
            why = f"a running process may still use it: run it again after {needed.until:%Y-%m-%d %H:%M} UTC"
        raise click.ClickException(f"the old master key stays; {why}") from needed
    for version in gone:
        click.echo(f"{master_name(version)} destroyed")


def _show(house: House, found: Mapping[str, Counter[int]]) -> None:
    on_disk = house.masters.versions()
    for version in sorted({*on_disk, *(version for counts in found.values() for version in counts)}):
        parts = ", ".join(f"{name} {counts[version]}" for name, counts in found.items())
        here = "" if version in on_disk else " (FILE MISSING)"
        newest = " (newest)" if version == on_disk[-1] else ""
        click.echo(f"{master_name(version)}{newest}{here}: {parts}")
