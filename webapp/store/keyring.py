"""Key files, and the master keys in their versions: the newest wraps, the older ones only open.

Version 1 is `master.key`, later ones are `master-2.key` and so on. The folder is asked at every wrapping, so
that a process which runs on while keys are rotated does not go on wrapping with an old one.
"""

import fcntl
import os
import re
import secrets
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

KEY_BYTES: Final = 32
MAX_VERSION: Final = 255  # the version is one byte of every wrapped key
_MASTER: Final = re.compile(r"master(?:-([1-9]\d{0,2}))?\.key\Z")


class KeysUnusable(Exception):
    """The key files cannot be used. The message names the file and how to mend it."""


class MasterKeys:
    """The master keys by version, from a folder or (without one) held in memory alone."""

    def __init__(self, keys: Mapping[int, bytes], folder: Path | None = None) -> None:
        self._keys = dict(keys)
        self._folder = folder

    @classmethod
    def load(cls, folder: Path) -> "MasterKeys":
        """The master keys of `folder`. Raises KeysUnusable when one may not be used."""
        with locked(folder):
            return cls(_masters(folder), folder)

    def __repr__(self) -> str:
        return f"MasterKeys({sorted(self._keys)})"

    def versions(self) -> tuple[int, ...]:
        """The versions there are now, oldest first."""
        self._follow()
        return tuple(sorted(self._keys))

    def newest(self) -> tuple[int, bytes]:
        """The version that wraps, and its key."""
        version = self.versions()[-1]
        return version, self._keys[version]

    def key(self, version: int) -> bytes:
        """The key of that version, also when another process has just made it. Raises KeyError."""
        if version not in self._keys:
            self._follow()
        return self._keys[version]

    def add(self, version: int) -> None:
        """Make the key of a version, durable before anything is wrapped by it; an existing one stays.

        Raises KeysUnusable for a version that cannot be written into a wrapped key.
        """
        if self._folder is None or not 1 < version <= MAX_VERSION:
            raise KeysUnusable(f"there can be no master key of version {version} here")
        path = self._folder / master_name(version)
        with locked(self._folder):
            if not path.exists():
                write_key(path.with_suffix(".new"))
                os.rename(path.with_suffix(".new"), path)
        self._follow()

    def remove(self, version: int) -> None:
        """Destroy an old key for good. Raises KeysUnusable for the newest one."""
        if self._folder is None or version >= self.newest()[0]:
            raise KeysUnusable(f"master key version {version} is in use")
        with locked(self._folder):
            destroy(self._folder / master_name(version))
        self._follow()

    def _follow(self) -> None:
        if self._folder is None or set(master_versions(self._folder)) == self._keys.keys():
            return
        with locked(self._folder):
            self._keys = _masters(self._folder)


def master_name(version: int) -> str:
    return "master.key" if version == 1 else f"master-{version}.key"


def master_versions(folder: Path) -> list[int]:
    """Which master keys lie in `folder`, oldest first."""
    hits = (_MASTER.match(name) for name in os.listdir(folder))
    return sorted(int(hit[1] or 1) for hit in hits if hit)


def _masters(folder: Path) -> dict[int, bytes]:
    found = {version: load_key(folder / master_name(version)) for version in master_versions(folder)}
    if not found:
        raise KeysUnusable(f"{folder} lacks master.key: restore all keys from the backup")
    return found


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Alone with the key folder; what was done in it is durable afterwards."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_key(path: Path) -> None:
    """A fresh key in a file of its own that nobody else may read."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
        file.flush()
        os.fsync(descriptor)


def load_key(path: Path) -> bytes:
    """The key in a file. Raises KeysUnusable when others may read it or when it was cut."""
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise KeysUnusable(f"{path} can be read by others: chmod 600, and ask who may have read it")
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise KeysUnusable(f"{path} has {len(key)} bytes instead of {KEY_BYTES}: restore it from the backup")
    return key


def destroy(path: Path) -> None:
    """Write over a key's file, then remove it: the first helps on plain disks, the second everywhere."""
    with open(path, "r+b") as file:
        file.write(bytes(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
