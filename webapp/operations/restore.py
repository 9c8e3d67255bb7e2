"""Putting a backup back: everything is made ready beside the data, and only then moved into its place.

Who was erased after the backup stays erased; nothing is sent twice; every log-in is over.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete, make_url, select, update

from webapp.config import Config, sqlite_url
from webapp.operations import backup, erasure_log, keys_backup, scrubbing
from webapp.operations.backup import BadBackup
from webapp.operations.checkup import checkup
from webapp.operations.erasure_log import Entry
from webapp.operations.house import House
from webapp.operations.work import Work
from webapp.store import models, snapshot
from webapp.store.chosen_media import LABELS, open_media
from webapp.store.migrate import HEAD, migrate, migrate_to
from webapp.store.sealing import Unsealable
from webapp.store.snapshot import DATABASE, sync

STAGING = "restoring"
KEYS = "keys"
LOCK = "write.lock"
LIMITS = "limits.db"  # counters of rate limits: worth nothing after a minute
RESTORED = "restored"  # what a letter that was not sent again says of itself
_SPARED = (KEYS, STAGING, LOCK, "run", "reserve")


class NotEmpty(Exception):
    """There is data where the backup would go."""


class WrongKeys(Exception):
    """The keys at hand do not open what the backup sealed."""


@dataclass
class Restored:
    """What a restore did. `moved_to` is where the data lies that was there before."""

    events: int = 0
    files: int = 0
    erased_again: int = 0
    letters_held: int = 0
    moved_to: Path | None = None
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Wish:
    """How to restore: an archive of keys, lists of erasures, whether to put data aside, to send letters."""

    keys: Path | None = None
    erasures: tuple[Path, ...] = ()
    force: bool = False
    send_notices: bool = False


def restore(config: Config, folder: Path, now: datetime, wish: Wish) -> Restored:
    """Put the backup in `folder` into `config`'s data folder and database; nothing may be running there.

    Raises BadBackup, NotEmpty, WrongKeys, BadKeyFile, NewerSchema; then everything is as it was. Raises
    MediaDown when the bucket takes no files; then the database is as it was, unless it is PostgreSQL.
    """
    manifest = backup.check(folder)
    if manifest["database"] != make_url(config.database_url).get_backend_name():
        raise BadBackup(f"it is a backup of {manifest['database']}: set DATABASE_URL to such a database")
    _refuse_occupied(config, wish)
    _reach_bucket(config)
    done = Restored(manifest["events"], len(manifest["files"]))
    staging = _fresh(config.data / STAGING)
    embedded = manifest["database"] == "sqlite"
    ready = replace(config, data=staging, media=None)
    ready = replace(ready, database_url=sqlite_url(staging)) if embedded else ready
    house = House(ready, lambda: now)
    try:
        _stage(config, folder, staging, manifest, wish)
        _settle(house, folder, manifest, _entries(config, folder, wish), wish, done)
        done.problems = checkup(house)
        _carry(config, staging)
    except BaseException:
        house.close()
        shutil.rmtree(staging)
        raise
    house.close()
    done.moved_to = _put_in_place(config, staging, now, embedded)
    return done


def _refuse_occupied(config: Config, wish: Wish) -> None:
    found = [path.name for path in _occupants(config)]
    if found and not wish.force:
        raise NotEmpty(f"{config.data} holds {', '.join(sorted(found))}: use another folder, or --force")


def _occupants(config: Config) -> list[Path]:
    """Everything in the data folder but keys (they are put there by hand) and leftovers."""
    inside = config.data.iterdir() if config.data.exists() else ()
    found = [path for path in inside if path.name not in _SPARED and not path.name.startswith(LIMITS)]
    outside = _database_file(config)
    return [*found, outside] if outside and outside.exists() and outside not in found else found


def _database_file(config: Config) -> Path | None:
    url = make_url(config.database_url)
    return Path(str(url.database)).absolute() if url.get_backend_name() == "sqlite" else None


def _fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    return folder


# Making it ready


def _stage(config: Config, folder: Path, staging: Path, manifest: dict[str, Any], wish: Wish) -> None:
    if wish.keys:
        keys_backup.unpack(wish.keys, staging / KEYS)
    elif (config.data / KEYS).is_dir():
        shutil.copytree(config.data / KEYS, staging / KEYS)
    else:
        raise WrongKeys("there are no keys: name their archive with --keys FILE")
    for name in manifest["files"]:
        if name == DATABASE or name.startswith(("media/", f"{backup.OWN}/")):
            target = staging / name
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.copyfile(folder / name, target)  # a copy: what happens to one must not happen to both
            sync(target)


def _settle(house: House, folder: Path, manifest: dict[str, Any], entries: set[Entry], wish: Wish,
            done: Restored) -> None:  # fmt: skip
    """Fill the database and bring it up to what happened since, in one transaction (on PostgreSQL)."""

    def settle(work: Work) -> None:
        _try_keys(work)
        done.erased_again = erasure_log.do_again(work, entries)
        for row in (models.StaffSession, models.CitizenSession):
            work.session.execute(delete(row))
        if not wish.send_notices:
            done.letters_held = _hold_letters(work)

    if manifest["database"] == "sqlite":
        migrate(house.store)
        house.write(house.clock(), settle)
    else:
        _fill(house, folder, manifest["schema"], wish, settle)
    if scrubbing.is_due(house):
        scrubbing.at_once(house)  # nobody else runs; what it leaves the worker does
    erasure_log.append(erasure_log.path_of(house), entries)
    erasure_log.Follower().follow(house)


def _fill(house: House, folder: Path, schema: str, wish: Wish, settle: Callable[[Work], None]) -> None:
    with house.store.writer() as session:
        connection = session.connection()
        if not snapshot.is_empty(connection):
            if not wish.force:
                raise NotEmpty("the database holds tables: make a new one, or use --force, which drops them")
            snapshot.empty(connection)
        snapshot.load(connection, folder, schema)
        migrate_to(connection, HEAD)
        settle(house.work(session, house.clock()))


def _reach_bucket(config: Config) -> None:
    """Raise MediaDown before anything is touched."""
    if config.media:
        next(open_media(config, LABELS[0]).names(), None)


def _carry(config: Config, staging: Path) -> None:
    """Where files live in a bucket, put them there; what nobody names there any more is swept in time.

    All of them, whatever the bucket has: one of the same name may have rotted in it.
    """
    if config.media is None:
        return
    for label in LABELS:
        media = open_media(config, label)
        for path in (staging / "media" / label).glob("??/??/*"):
            with path.open("rb") as source:
                media.put(source, suffix=path.suffix)
    shutil.rmtree(staging / "media", ignore_errors=True)


def _try_keys(work: Work) -> None:
    """Open one data key of each master key's version."""
    tried: set[int] = set()
    query = select(models.DataKey.wrapped, models.DataKey.purpose).where(models.DataKey.wrapped.is_not(None))
    for wrapped, purpose in work.session.execute(query):
        assert wrapped is not None
        if wrapped[0] not in tried:
            tried.add(wrapped[0])
            try:
                work.vault.unwrap(wrapped, purpose)
            except Unsealable as error:
                raise WrongKeys(f"these are not the keys of this backup: {error}") from error


def _hold_letters(work: Work) -> int:
    letter = models.Notice
    waiting = update(letter).where(letter.sent_at.is_(None), letter.parked_at.is_(None))
    held = work.session.execute(waiting.values(parked_at=work.now, error=RESTORED).returning(letter.id))
    return len(held.all())


def _entries(config: Config, folder: Path, wish: Wish) -> set[Entry]:
    places: Iterable[Path] = (
        config.data / erasure_log.NAME,
        folder.parent / erasure_log.NAME,
        *wish.erasures,
    )
    return set().union(*(erasure_log.read(path) for path in places))


# Moving it into place. The database comes last: until it is there, no start finds half a restore.


def _put_in_place(config: Config, staging: Path, now: datetime, embedded: bool) -> Path | None:
    aside = config.data / f"before-restore-{now:%Y%m%dT%H%M%SZ}"
    moved = _put_aside(config, aside)
    names = sorted((path.name for path in staging.iterdir()), key=lambda name: name == DATABASE)
    for name in names:
        if name == LOCK:
            continue
        target = config.data / name
        if embedded and name == DATABASE:
            target = _database_file(config) or target
        if name == KEYS and target.is_dir():
            shutil.rmtree(target)
        shutil.move(staging / name, target)
        sync(target.parent)
    shutil.rmtree(staging)
    return aside if moved else None


def _put_aside(config: Config, aside: Path) -> bool:
    found = [path for path in _occupants(config) if not path.name.startswith("before-restore-")]
    if not found:
        return False
    aside.mkdir(mode=0o700)
    database = _database_file(config)
    logs = [database.with_name(f"{database.name}{end}") for end in ("-wal", "-shm")] if database else []
    for path in {*found, *(log for log in logs if log.exists())}:
        shutil.move(path, aside / path.name)
    if (config.data / KEYS).is_dir():
        shutil.copytree(config.data / KEYS, aside / KEYS)
    sync(config.data)
    return True
