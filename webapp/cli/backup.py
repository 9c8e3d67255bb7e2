"""`flask backup | backup-keys | restore`: everything that must survive, and how it comes back."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import click

import webapp
from webapp.cli.means import clock, open_house, read_config
from webapp.config import Config
from webapp.operations import backup, keys_backup, restore
from webapp.store.media import MediaDown
from webapp.store.migrate import NewerSchema

_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, dir_okay=False)
_EXISTING = click.Path(path_type=Path, dir_okay=False, exists=True)
_FAULTS = (backup.BadBackup, keys_backup.BadKeyFile, restore.NotEmpty, restore.WrongKeys, NewerSchema)


def default_folder(config: Config) -> Path:
    """Beside the data folder, so that it can be another disk."""
    return config.data.with_name(f"{config.data.name}-backups")


@click.command("backup")
@click.option("--to", type=_FOLDER, help="Where backups lie; beside the data folder when not given.")
@click.option("--keep-days", type=click.IntRange(min=1), default=30, show_default=True)
def backup_command(to: Path | None, keep_days: int) -> None:
    """Back up database and files while the server runs. Keys are not in it: see backup-keys."""
    with open_house() as house:
        to = (to or default_folder(house.config)).absolute()
        if to == house.config.data or house.config.data in to.parents:
            raise click.ClickException("inside the data folder it is lost with it: choose another place")
        try:
            made = backup.make(house, to, house.clock(), webapp.__version__, timedelta(days=keep_days))
        except backup.BadBackup as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"{made.folder}: {made.events} events, {made.files} files ({made.linked} of them linked)")
    for name in made.expired:
        click.echo(f"{name} has expired and is deleted")
    _tell(made.problems)


@click.command("backup-keys")
@click.option("--to", type=_FILE, required=True, help="A new file, on a medium that holds no backups.")
def backup_keys_command(to: Path) -> None:
    """Write the keys into an archive of their own; do it at the first start and after every rotation."""
    config = read_config()
    try:
        names = keys_backup.save(config, to)
    except keys_backup.BadKeyFile as error:
        raise click.ClickException(str(error)) from error
    except FileNotFoundError as error:
        raise click.ClickException(f"there is no {error.filename}") from error
    click.echo(f"{to}: {', '.join(names)}. Whoever has this file and a backup can read everything.")


@click.command("restore")
@click.argument("folder", type=_FOLDER)
@click.option("--keys", type=_EXISTING, help="The archive of keys, unless they lie in the data folder.")
@click.option("--erasures", type=_EXISTING, multiple=True, help="A newer erasures.log; repeatable.")
@click.option("--force", is_flag=True, help="Put existing data aside (tables of PostgreSQL are dropped).")
@click.option("--send-notices", is_flag=True, help="Send what waited when the backup was made.")
def restore_command(
    folder: Path, keys: Path | None, erasures: tuple[Path, ...], force: bool, send_notices: bool
) -> None:
    """Put the backup FOLDER back. Stop the server first."""
    config, wish = read_config(), restore.Wish(keys, erasures, force, send_notices)
    try:
        done = restore.restore(config, folder, clock(), wish)
    except _FAULTS as error:
        raise click.ClickException(f"{error} Nothing was changed.") from error
    except MediaDown as error:
        raise click.ClickException(f"{error.strerror}. Do it again; on PostgreSQL with --force.") from error
    click.echo(f"{config.data}: {done.events} events, {done.files} files are back")
    click.echo(f"{done.erased_again} people erased again, {done.letters_held} letters held back")
    if done.moved_to:
        click.echo(f"what was there before lies in {done.moved_to}")
    _tell(done.problems)


def _tell(problems: list[str]) -> None:
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        sys.exit(1)
