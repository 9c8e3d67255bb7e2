"""A backup while people go on working: the database at one moment, and every file it names then.

Keys are never in it; see `keys_backup`. Files have their content's hash for a name and never change, so a
backup links those that an earlier one has, and only new ones cost room.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from webapp.operations import erasure_log, files
from webapp.operations.house import House
from webapp.store import models, snapshot
from webapp.store.columns import utc_text
from webapp.store.media import MediaStore, spread
from webapp.store.migrate import current_revision
from webapp.store.snapshot import sync

MANIFEST = "manifest.json"
MARK = "HOIDAP-BACKUPS"  # in the folder that holds backups: keys must not come near it
FORMAT = 1
OWN = "directory"
TRIES = 5
_NAME = "%Y%m%dT%H%M%SZ"
_UNFINISHED = ".unfinished-"
_MARK_TEXT = "Backups of Hoi Dap. Keep the keys somewhere else: whoever has both can read everything.\n"


class BadBackup(Exception):
    """The folder is not a whole backup; the message says what is wrong with it."""


@dataclass
class Made:
    """A finished backup. `problems` are files the live store has lost or that rotted there."""

    folder: Path
    files: int = 0
    linked: int = 0
    events: int = 0
    expired: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def make(house: House, to: Path, now: datetime, version: str, keep: timedelta) -> Made:
    """Back up into a new folder inside `to`, then delete backups older than `keep`, never the newest."""
    to.mkdir(mode=0o700, parents=True, exist_ok=True)
    (to / MARK).write_text(_MARK_TEXT)
    _clear_unfinished(to)
    name = now.astimezone(UTC).strftime(_NAME)
    made, work = Made(to / name), to / f"{_UNFINISHED}{name}"
    if made.folder.exists():
        raise BadBackup(f"{made.folder} exists already: wait a second")
    work.mkdir(mode=0o700)
    earlier = backups(to)
    facts = _take(house, work, earlier[-1] if earlier else None, made)
    manifest = {"format": FORMAT, "made_at": utc_text(now), "version": version, **facts}
    _write_manifest(work, manifest | {"schema": current_revision(house.store), "files": _listed(work)})
    _sync_folders(work)
    os.rename(work, made.folder)
    erasure_log.Follower().follow(house)
    erasure_log.append(to / erasure_log.NAME, erasure_log.read(erasure_log.path_of(house)))
    sync(to)
    made.expired = _expire(to, now - keep)
    return made


def backups(to: Path) -> list[Path]:
    """Finished backups in a folder, oldest first."""
    return sorted(path.parent for path in to.glob(f"[0-9]*Z/{MANIFEST}"))


def check(folder: Path) -> dict[str, Any]:
    """The manifest of a backup, once every file is what it says. Raises BadBackup."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
        wanted = manifest["files"]
    except (OSError, ValueError, KeyError) as error:
        raise BadBackup(f"{folder} has no {MANIFEST} that can be read: it is not a backup") from error
    if manifest.get("format") != FORMAT:
        raise BadBackup(f"{folder} was made by another version of this program")
    wrong = [name for name, sha256 in wanted.items() if _hash_of(folder / name) != sha256]
    if wrong:
        raise BadBackup(f"{len(wrong)} files are missing or changed, e.g. {wrong[0]}: take an older backup")
    return manifest


def _hash_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return ""


# Making one


def _take(house: House, work: Path, previous: Path | None, made: Made) -> dict[str, Any]:
    """Files, database, and files again: what a row names was there before the row or came just then.

    A file may come and go between the two looks (a hidden reporter's original goes once it is redrawn);
    then the database names a file nobody caught, and another moment is taken.
    """
    parts = [_Part(media, names, work, previous) for media, names in files.stores(house)]
    for _ in range(TRIES):
        for part in parts:
            part.take_all(made)
        facts = _take_database(house, work, parts)
        for part in parts:
            part.take_all(made)
        if not any(part.missing() for part in parts):
            break
    for part in parts:
        made.problems += [f"{name} is named by a row and not there" for name in sorted(part.missing())]
        part.drop_unnamed()
        made.files += len(part.taken)
    made.events = facts["events"]
    _take_directory(house, work)
    return facts


def _take_directory(house: House, work: Path) -> None:
    """The operator's own agencies and areas: small files, each written whole."""
    own = house.config.directory_folder
    if own.is_dir():
        shutil.copytree(own, work / OWN, ignore=shutil.ignore_patterns("*.new"))
        for path in (work / OWN).iterdir():
            sync(path)


def _take_database(house: House, work: Path, parts: list[_Part]) -> dict[str, Any]:
    with house.store.reader() as session:
        connection = session.connection()
        snapshot.write(connection, work)
        for part in parts:
            part.wanted = part.names(session)
        events = session.scalars(select(func.count(models.CaseEvent.seq))).one()
        return {"database": connection.dialect.name, "events": events}


@dataclass
class _Part:
    """One media store on its way into the backup."""

    media: MediaStore
    names: files.Names
    work: Path
    previous: Path | None
    taken: set[str] = field(default_factory=set)
    wanted: set[str] = field(default_factory=set)

    def missing(self) -> set[str]:
        return self.wanted - self.taken

    def inside(self, name: str) -> Path:
        """Where a file lies in the backup."""
        return Path("media", self.media.label) / spread(name)

    def take_all(self, made: Made) -> None:
        for name in self.media.names():
            if name not in self.taken:
                self._take(name, made)

    def _take(self, name: str, made: Made) -> None:
        target = self.work / self.inside(name)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.previous and _linked(self.previous / self.inside(name), target):
            made.linked += 1
        elif not self.media.copy_to(name, target):
            return  # deleted since it was listed
        elif _hash_of(target) != name.partition(".")[0]:
            target.unlink()
            made.problems.append(f"{name} has rotted")
            return
        self.taken.add(name)

    def drop_unnamed(self) -> None:
        for name in self.taken - self.wanted:
            (self.work / self.inside(name)).unlink()
        self.taken &= self.wanted


def _linked(source: Path, target: Path) -> bool:
    try:
        os.link(source, target)
    except OSError:  # not there, or not on the same disk, or too many links
        return False
    return True


def _listed(work: Path) -> dict[str, str]:
    """Every file of the backup with its hash; of media files that is their name, looked at when taken."""
    found = {}
    for path in sorted(work.rglob("*")):
        if path.is_file():
            stem = path.name.partition(".")[0]
            found[str(path.relative_to(work))] = stem if len(stem) == 64 else _hash_of(path)
    return found


def _write_manifest(work: Path, manifest: dict[str, Any]) -> None:
    path = work / MANIFEST
    path.write_text(json.dumps(manifest, indent=1, sort_keys=True), "utf-8")
    sync(path)


def _sync_folders(work: Path) -> None:
    for folder in (*(path for path in work.rglob("*") if path.is_dir()), work):
        sync(folder)


def _clear_unfinished(to: Path) -> None:
    for path in to.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(path)


def _expire(to: Path, before: datetime) -> list[str]:
    old = [path for path in backups(to)[:-1] if _made_at(path) < before]
    for path in old:
        shutil.rmtree(path)
    return [path.name for path in old]


def _made_at(folder: Path) -> datetime:
    return datetime.strptime(folder.name, _NAME).replace(tzinfo=UTC)
