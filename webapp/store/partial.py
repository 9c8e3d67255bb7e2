"""Uploads on their way: a file for each, piece after piece, every piece sealed before it is written.

Only the file knows how far an upload has come, so no crash can part the two: a piece counts once it is whole
and opens, and whoever says so has fsynced it before. What a crash left of an unfinished piece is cut off by
the next one. One process at a time writes to a file: the kernel's lock on it ends with the process.
"""

from __future__ import annotations

import fcntl
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from webapp.store.sealing import Unsealable, Vault

PIECE_BYTES: Final = 8 * 1024 * 1024  # the largest piece: it is sealed, and held in memory, as one
WAIT_S: Final = 10.0
OVERHEAD: Final = 29  # what Vault.seal adds: version, nonce, tag
_HEAD: Final = 4  # before each piece: the length of what is sealed
_LOOK_S: Final = 0.02
_NAME: Final = re.compile(r"[0-9a-f]{32}\Z")


class Busy(Exception):
    """Another request writes to this upload just now."""


@dataclass(frozen=True, slots=True)
class Seal:
    """What opens and closes the pieces of one upload; a piece opens only at its own offset."""

    vault: Vault
    key: bytes = field(repr=False)
    name: str

    def close(self, offset: int, piece: bytes) -> bytes:
        return self.vault.seal(self.key, piece, "partial", self.name, f"piece {offset}")

    def open(self, offset: int, sealed: bytes) -> bytes:
        return self.vault.open(self.key, sealed, "partial", self.name, f"piece {offset}")


@dataclass(frozen=True, slots=True)
class _Piece:
    """Where a sealed piece lies in the file, and where its content lies in the upload."""

    at: int
    offset: int
    sealed: int

    @property
    def end(self) -> int:
        return self.offset + self.sealed - OVERHEAD


class Partial:
    """One upload's file, open and locked."""

    def __init__(self, descriptor: int, path: Path, seal: Seal) -> None:
        self._descriptor, self._path, self._seal = descriptor, path, seal

    @property
    def length(self) -> int:
        """How many bytes of the upload are here for good."""
        pieces = self._whole()
        return pieces[-1].end if pieces else 0

    def append(self, piece: bytes) -> None:
        """Add a piece, durable when this returns. OSError when the disk refuses; then nothing was added."""
        pieces = self._whole()
        at = pieces[-1].at + pieces[-1].sealed if pieces else 0
        sealed = self._seal.close(pieces[-1].end if pieces else 0, piece)
        os.ftruncate(self._descriptor, at)
        try:
            _write(self._descriptor, len(sealed).to_bytes(_HEAD, "big") + sealed, at)
            os.fsync(self._descriptor)
        except OSError:
            with suppress(OSError):  # gives the room back; if not even that works, it is no piece anyway
                os.ftruncate(self._descriptor, at)
            raise

    def read(self) -> Iterator[bytes]:
        """The pieces opened, in their order. Raises Unsealable."""
        for piece in self._whole():
            yield self._opened(piece)

    def clear(self) -> None:
        """Begin again from nothing."""
        os.ftruncate(self._descriptor, 0)
        os.fsync(self._descriptor)

    def drop(self) -> None:
        """Remove the file; whoever waits for its lock finds it gone."""
        self._path.unlink(missing_ok=True)
        _fsync_folder(self._path.parent)

    def _whole(self) -> list[_Piece]:
        """All pieces but a last one that does not open: it was never acknowledged.

        Only the last can be so, for each piece was durable before the next one began.
        """
        pieces = _pieces(self._descriptor)
        try:
            return pieces if not pieces or self._opened(pieces[-1]) else pieces[:-1]
        except Unsealable:
            return pieces[:-1]

    def _opened(self, piece: _Piece) -> bytes:
        return self._seal.open(piece.offset, os.pread(self._descriptor, piece.sealed, piece.at))


class Partials:
    """The folder of all uploads on their way."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def locked(self, name: str, seal: Seal, wait_s: float = WAIT_S) -> Iterator[Partial]:
        """The file of this upload (made when there is none), for us alone. Raises Busy after `wait_s`."""
        path, deadline = self._path(name), time.monotonic() + wait_s
        while True:
            descriptor = self._open(path)
            try:
                _lock(descriptor, deadline)
                if _is(descriptor, path):  # else it was dropped while we waited: take the new one
                    yield Partial(descriptor, path, seal)
                    return
            finally:
                # Closing alone would leave it locked while a child forked meanwhile still has it.
                fcntl.flock(descriptor, fcntl.LOCK_UN)
                os.close(descriptor)

    def length(self, name: str, seal: Seal) -> int:
        """How far this upload has come, for whoever only looks: without a lock, and without making a file."""
        path = self._path(name)
        try:
            descriptor = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            return 0
        try:
            return Partial(descriptor, path, seal).length
        finally:
            os.close(descriptor)

    def has(self, name: str) -> bool:
        return self._path(name).exists()

    def begin(self, name: str) -> bool:
        """Make the file of a new upload, durable; False when it is there already."""
        existed = self._path(name).exists()
        os.close(self._open(self._path(name)))
        return not existed

    def listed(self) -> Iterator[tuple[str, float, int]]:
        """Name, last change (seconds since 1970) and supposed length of every upload on its way."""
        for path in self._folder.glob("*"):
            with suppress(FileNotFoundError):
                yield path.name, path.stat().st_mtime, _supposed(path)

    def drop(self, name: str) -> bool:
        """Remove a file that nobody waits for any more; False when there was none, or it is being written."""
        path = self._path(name)
        try:
            descriptor = os.open(path, os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not _is(descriptor, path):
                return False
            path.unlink()
            _fsync_folder(self._folder)
        except BlockingIOError:
            return False
        finally:
            os.close(descriptor)
        return True

    def _path(self, name: str) -> Path:
        if not _NAME.match(name):
            raise ValueError(f"{name!r} is not the name of an upload")
        return self._folder / name

    def _open(self, path: Path) -> int:
        try:
            return os.open(path, os.O_RDWR)
        except FileNotFoundError:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            # Before anything in it is acknowledged: a name that was not synced is lost with the power.
            for folder in (self._folder, self._folder.parent, self._folder.parent.parent):
                _fsync_folder(folder)
            return descriptor


def _pieces(descriptor: int) -> list[_Piece]:
    """What the lengths in the file say; bytes after the last whole piece are none."""
    size, at, offset = os.fstat(descriptor).st_size, 0, 0
    found: list[_Piece] = []
    while at + _HEAD <= size:
        sealed = int.from_bytes(os.pread(descriptor, _HEAD, at), "big")
        if not OVERHEAD < sealed <= PIECE_BYTES + OVERHEAD or at + _HEAD + sealed > size:
            break
        found.append(_Piece(at + _HEAD, offset, sealed))
        at, offset = at + _HEAD + sealed, found[-1].end
    return found


def _supposed(path: Path) -> int:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        pieces = _pieces(descriptor)
    finally:
        os.close(descriptor)
    return pieces[-1].end if pieces else 0


def _lock(descriptor: int, deadline: float) -> None:
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise Busy from None
            time.sleep(_LOOK_S)


def _is(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _write(descriptor: int, data: bytes, at: int) -> None:
    rest = memoryview(data)
    while rest:
        done = os.pwrite(descriptor, rest, at)
        rest, at = rest[done:], at + done


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
