"""Files named by their content, durable before their name is told. Callers seal originals first."""

import hashlib
import logging
import os
import re
import shutil
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Final, Protocol

log = logging.getLogger("hoidap.media")
_NAME: Final = re.compile(r"[0-9a-f]{64}\.[a-z0-9]{1,8}\Z")
_SUFFIX: Final = re.compile(r"\.[a-z0-9]{1,8}\Z")
_UNFINISHED: Final = "unfinished-"
_BLOCK: Final = 1024 * 1024


class MediaDown(OSError):
    """The store takes or gives no file just now. Nothing was kept, and the same may be asked for again."""


class Readable(Protocol):
    """Anything bytes can be read from, such as an open file or an upload."""

    def read(self, size: int, /) -> bytes: ...


class MediaStore(ABC):
    """Content-named files: in a folder here, or in a bucket (`store.bucket`).

    A name that is not ours is a ValueError everywhere, a store that cannot answer is MediaDown.
    """

    label: str  # "sealed" or "public": which of an installation's stores this is

    def put(self, data: bytes | Readable | Iterable[bytes], *, suffix: str = ".bin") -> str:
        """Keep `data` and return its name (SHA-256 in hex, and the suffix) once it is durable.

        The same content gives the same name. ValueError for a suffix that is not like ".bin"; MediaDown
        when the store (or the source) refuses, and then nothing is left behind.
        """
        if not _SUFFIX.match(suffix):
            raise ValueError(f"{suffix!r} is not a suffix like '.bin'")
        try:
            return self._put(_blocks(data), suffix)
        except MediaDown:
            raise
        except OSError as error:
            log.error("a file could not be stored: %s, errno %s", type(error).__name__, error.errno)
            raise MediaDown(*error.args) from error

    @abstractmethod
    def _put(self, blocks: Iterator[bytes], suffix: str) -> str: ...

    @abstractmethod
    def open(self, name: str) -> IO[bytes]:
        """The file for reading. FileNotFoundError when it is gone."""

    def seekable(self, name: str) -> IO[bytes]:
        """As `open`, for a file that is too large for memory and of which only parts are read. Not empty."""
        return self.open(name)

    @abstractmethod
    def delete(self, name: str) -> bool:
        """Remove a file for good, with every older version of it; False when there was none."""

    def forget(self, name: str) -> None:
        """Delete a file that no row names any more; when that fails now, the sweep does it."""
        try:
            self.delete(name)
        except OSError as error:
            log.error("a file is left to the sweep: %s, errno %s", type(error).__name__, error.errno)

    @abstractmethod
    def listed(self) -> Iterator[tuple[str, float]]:
        """The name of every finished file and when it was last put (seconds since 1970), in no order."""

    def names(self) -> Iterator[str]:
        """The names of all finished files, in no order."""
        return (name for name, _ in self.listed())

    @abstractmethod
    def put_at(self, name: str) -> float | None:
        """When this file was last put; None when there is none."""

    @abstractmethod
    def where(self, name: str) -> str:
        """Where an operator finds a file of this name."""

    @abstractmethod
    def copy_to(self, name: str, target: Path) -> bool:
        """Copy a file to a durable `target` in an existing folder; False when there is none."""

    @abstractmethod
    def drop_unfinished(self, before: float) -> int:
        """Remove what killed processes left half written before that time; returns how much it was."""

    @abstractmethod
    def clear(self) -> None:
        """Remove everything: for a demonstration that is thrown away."""


class FolderStore(MediaStore):
    """A folder of content-named files, spread over two levels of sub-folders.

    Durability follows the strictest model of a file system: without the fsync of the file, or of
    any folder on the way to it, a name acknowledged before a power cut was lost in measurements.
    """

    def __init__(self, folder: Path) -> None:
        self.label = folder.name
        self._folder = folder.absolute()
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _fsync_folder(self._folder.parent)

    def open(self, name: str) -> IO[bytes]:
        return self.path(name).open("rb")

    def path(self, name: str) -> Path:
        """Where a file of this name is or would be. ValueError for a name that is not ours."""
        path = self._folder / spread(name)
        if not path.resolve().is_relative_to(self._folder.resolve()):
            raise ValueError(f"{name!r} leads outside the media folder")
        return path

    def delete(self, name: str) -> bool:
        path = self.path(name)
        try:
            path.unlink()
        except FileNotFoundError:
            return False
        _fsync_folder(path.parent)
        return True

    def listed(self) -> Iterator[tuple[str, float]]:
        for name in self.names():
            put_at = self.put_at(name)
            if put_at is not None:
                yield name, put_at

    def names(self) -> Iterator[str]:
        return (path.name for path in self._folder.glob("??/??/*") if is_name(path.name))

    def put_at(self, name: str) -> float | None:
        return _changed_at(self.path(name))

    def where(self, name: str) -> str:
        return str(self.path(name))

    def copy_to(self, name: str, target: Path) -> bool:
        """A second name for the same file where that can be: a finished file never changes."""
        try:
            os.link(self.path(name), target)
        except FileNotFoundError:
            return False
        except OSError:  # on another disk, or too many links
            return _copied(self.path(name), target)
        return True

    def unfinished(self) -> Iterator[Path]:
        """What killed processes left behind, and what is being written right now."""
        return self._folder.glob(f"{_UNFINISHED}*")

    def drop_unfinished(self, before: float) -> int:
        old = [path for path in self.unfinished() if (_changed_at(path) or before) < before]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    def clear(self) -> None:
        for path in self._folder.glob("*"):  # the folder stays for stores that are open
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()

    def _put(self, blocks: Iterator[bytes], suffix: str) -> str:
        with tempfile.NamedTemporaryFile(dir=self._folder, prefix=_UNFINISHED, delete=False) as file:
            try:
                return self._finish(file, _write(file, blocks) + suffix)
            except BaseException:
                with suppress(OSError):  # what cannot be removed now is left to the sweeper
                    Path(file.name).unlink()
                raise

    def _finish(self, file: IO[bytes], name: str) -> str:
        file.flush()
        os.fsync(file.fileno())
        path = self.path(name)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.rename(file.name, path)
        # All levels every time: another process may have made a folder and not yet synced it.
        for folder in (path.parent, path.parent.parent, self._folder):
            _fsync_folder(folder)
        return name


def is_name(name: str) -> bool:
    """Whether a store may have given this name."""
    return bool(_NAME.match(name))


def checked(name: str) -> str:
    """The name itself. ValueError for one that is not ours."""
    if not is_name(name):
        raise ValueError(f"{name!r} is not the name of a stored file")
    return name


def spread(name: str) -> Path:
    """Where a file lies inside a folder of files, here and in a backup. ValueError for a name not ours."""
    return Path(checked(name)[:2], name[2:4], name)


def _blocks(data: bytes | Readable | Iterable[bytes]) -> Iterator[bytes]:
    if isinstance(data, bytes):
        return iter((data,))
    if isinstance(data, Iterable) and not hasattr(data, "read"):
        return iter(data)
    return _read_blocks(data)  # type: ignore[arg-type]


def _read_blocks(source: Readable) -> Iterator[bytes]:
    while block := source.read(_BLOCK):
        yield block


def _write(file: IO[bytes], blocks: Iterator[bytes]) -> str:
    digest = hashlib.sha256()
    for block in blocks:
        digest.update(block)
        file.write(block)
    return digest.hexdigest()


def _copied(source: Path, target: Path) -> bool:
    try:
        shutil.copyfile(source, target)
    except FileNotFoundError:
        return False
    with target.open("rb") as file:
        os.fsync(file.fileno())
    return True


def _changed_at(path: Path) -> float | None:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return None


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
