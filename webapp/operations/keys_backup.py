"""The keys in an archive of their own: without them a backup is unreadable, with them it is open."""

from __future__ import annotations

import io
import os
import re
import tarfile
from pathlib import Path

from webapp.config import Config
from webapp.operations.backup import MARK
from webapp.store.keyring import KEY_BYTES, locked
from webapp.store.snapshot import sync

_KEY = re.compile(r"[a-z][a-z0-9-]{0,30}\.key\Z")


class BadKeyFile(Exception):
    """The archive may not lie there, or is not one of keys; the message says what to do."""


def save(config: Config, to: Path) -> list[str]:
    """Write all keys into the new file `to`; returns their names. Raises BadKeyFile."""
    to = to.absolute()
    _refuse_place(config, to)
    descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as file, locked(config.keys_folder):
        names = sorted(path.name for path in config.keys_folder.iterdir() if _KEY.match(path.name))
        with tarfile.open(fileobj=file, mode="w") as archive:
            for name in names:
                archive.add(config.keys_folder / name, arcname=name)
        file.flush()
        os.fsync(descriptor)
    sync(to.parent)
    return names


def unpack(archive: Path, folder: Path) -> None:
    """Put the keys of an archive into an empty folder. Raises BadKeyFile."""
    found = _read(archive)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, key in found.items():
        descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as file:
            file.write(key)
            file.flush()
            os.fsync(descriptor)
    sync(folder)


def _read(archive: Path) -> dict[str, bytes]:
    try:
        with tarfile.open(fileobj=io.BytesIO(archive.read_bytes())) as opened:
            members = [(row.name, opened.extractfile(row)) for row in opened.getmembers()]
            found = {name: file.read(KEY_BYTES + 1) for name, file in members if file and _KEY.match(name)}
    except (OSError, tarfile.TarError) as error:
        raise BadKeyFile(f"{archive} cannot be read as an archive of keys") from error
    if not found or any(len(key) != KEY_BYTES for key in found.values()):
        raise BadKeyFile(f"{archive} holds no whole set of keys")
    return found


def _refuse_place(config: Config, to: Path) -> None:
    for folder in to.resolve().parents:
        if (folder / MARK).exists():
            raise BadKeyFile(f"{folder} holds backups: keep the keys on another medium, in another place")
        if folder == config.data.resolve():
            raise BadKeyFile(f"{folder} is what the keys are to be saved from: choose another medium")
    if to.exists():
        raise BadKeyFile(f"{to} exists already: choose a new name")
