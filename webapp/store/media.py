"""Files named by their content, durable before their name is told. Callers seal originals first."""

import hashlib
import logging
import os
import re
import tempfile
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


class MediaStore:
    """A folder of content-named files, spread over two levels of sub-folders.

    Durability follows the strictest model of a file system: without the fsync of the file, or of
    any folder on the way to it, a name acknowledged before a power cut was lost in measurements.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _fsync_folder(self._folder.parent)

    def put(self, data: bytes | Readable | Iterable[bytes], *, suffix: str = ".bin") -> str:
        """Keep `data` and return its name (SHA-256 in hex, and the suffix) once it is durable.

        The same content gives the same name. ValueError for a suffix that is not like ".bin"; MediaDown
        when the disk (or the source) refuses, and then nothing is left behind.
        """
        if not _SUFFIX.match(suffix):
            raise ValueError(f"{suffix!r} is not a suffix like '.bin'")
        try:
            return self._put(_blocks(data), suffix)
        except OSError as error:
            log.error("a file could not be stored: %s, errno %s", type(error).__name__, error.errno)
            raise MediaDown(*error.args) from error

    def open(self, name: str) -> IO[bytes]:
        """The file for reading. ValueError for a name that is not ours, FileNotFoundError when gone."""
        return self.path(name).open("rb")

    def path(self, name: str) -> Path:
        """Where a file of this name is or would be. ValueError for a name that is not ours."""
        if not _NAME.match(name):
            raise ValueError(f"{name!r} is not the name of a stored file")
        path = self._folder / name[:2] / name[2:4] / name
        if not path.resolve().is_relative_to(self._folder.resolve()):
            raise ValueError(f"{name!r} leads outside the media folder")
        return path

    def delete(self, name: str) -> bool:
        """Remove a file for good; False when there was none. ValueError for a name that is not ours."""
        path = self.path(name)
        try:
            path.unlink()
        except FileNotFoundError:
            return False
        _fsync_folder(path.parent)
        return True

    def names(self) -> Iterator[str]:
        """The names of all finished files, in no order."""
        return (path.name for path in self._folder.glob("??/??/*") if _NAME.match(path.name))

    def unfinished(self) -> Iterator[Path]:
        """What killed processes left behind, and what is being written right now; for the sweeper."""
        return self._folder.glob(f"{_UNFINISHED}*")

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


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
