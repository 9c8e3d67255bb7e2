"""A file system that forgets at a power cut whatever was not fsynced: `python -m tests.faults.forgetful SOURCE MOUNT OUT`.

It starts with the files of SOURCE, all durable. When it is unmounted it writes to OUT what a disk would still
have: contents as of the last fsync of each file, names as of the last fsync of each folder. That is the
strictest model; real file systems are kinder.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import mfusepy

PAGE = 4096


@dataclass
class File:
    """Contents now; and of pages changed since the last fsync, what they held then."""

    data: bytearray = field(default_factory=bytearray)
    before: dict[int, bytes] = field(default_factory=dict)
    size_before: int = 0
    mode: int = 0o600

    def write(self, data: bytes, at: int) -> None:
        for page in range(at // PAGE, (at + len(data) - 1) // PAGE + 1):
            self._remember(page)
        if len(self.data) < at:
            self.data.extend(bytes(at - len(self.data)))
        self.data[at : at + len(data)] = data

    def truncate(self, length: int) -> None:
        for page in range(length // PAGE, len(self.data) // PAGE + 1):
            self._remember(page)
        if length < len(self.data):
            del self.data[length:]
        else:
            self.data.extend(bytes(length - len(self.data)))

    def _remember(self, page: int) -> None:
        self.before.setdefault(page, bytes(self.data[page * PAGE : (page + 1) * PAGE]))

    def sync(self) -> None:
        self.before.clear()
        self.size_before = len(self.data)

    def survives(self) -> bytes:
        data = bytearray(self.data)
        data.extend(bytes(max(0, self.size_before - len(data))))
        for page, old in self.before.items():
            data[page * PAGE : page * PAGE + len(old)] = old
        return bytes(data[: self.size_before])


@dataclass
class Folder:
    names: dict[str, Any] = field(default_factory=dict)
    durable: dict[str, Any] = field(default_factory=dict)
    mode: int = 0o700

    def sync(self) -> None:
        self.durable = dict(self.names)


def read_in(path: Path) -> Folder:
    folder = Folder()
    for entry in path.iterdir():
        if entry.is_dir():
            folder.names[entry.name] = read_in(entry)
        else:
            file = File(bytearray(entry.read_bytes()), mode=stat.S_IMODE(entry.stat().st_mode))
            file.sync()
            folder.names[entry.name] = file
    folder.sync()
    return folder


def write_out(folder: Folder, path: Path) -> None:
    path.mkdir(mode=0o700, parents=True)
    for name, node in folder.durable.items():
        if isinstance(node, Folder):
            write_out(node, path / name)
        else:
            (path / name).write_bytes(node.survives())
            (path / name).chmod(node.mode)


class Forgetful(mfusepy.Operations):
    """The operations SQLite and the media store use; what one of them lacks answers "not implemented"."""

    use_ns = True

    def __init__(self, root: Folder, out: Path) -> None:
        self.root, self.out = root, out
        self.handles: dict[int, File] = {}

    def _find(self, path: str) -> Any:
        node: Any = self.root
        for part in filter(None, path.split("/")):
            node = node.names.get(part) if isinstance(node, Folder) else None
            if node is None:
                raise mfusepy.FuseOSError(errno.ENOENT)
        return node

    def _parent(self, path: str) -> tuple[Folder, str]:
        above, _, name = path.rpartition("/")
        return self._find(above), name

    def _handle(self, file: File) -> int:
        number = max(self.handles, default=0) + 1
        self.handles[number] = file
        return number

    def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:
        node = self.handles[fh] if fh and fh in self.handles else self._find(path)
        folder = isinstance(node, Folder)
        now = time.time_ns()
        return {
            "st_mode": (stat.S_IFDIR if folder else stat.S_IFREG) | node.mode,
            "st_nlink": 2 if folder else 1, "st_size": 0 if folder else len(node.data), "st_ino": id(node),
            "st_uid": 0, "st_gid": 0, "st_mtime": now, "st_atime": now, "st_ctime": now,
        }  # fmt: skip

    def readdir(self, path: str, fh: int) -> list[str]:
        return [".", "..", *self._find(path).names]

    def mkdir(self, path: str, mode: int) -> int:
        folder, name = self._parent(path)
        folder.names[name] = Folder(mode=mode & 0o777)
        return 0

    def rmdir(self, path: str) -> int:
        folder, name = self._parent(path)
        del folder.names[name]
        return 0

    def create(self, path: str, mode: int, fi: Any = None) -> int:
        folder, name = self._parent(path)
        folder.names[name] = File(mode=mode & 0o777)
        return self._handle(folder.names[name])

    def open(self, path: str, flags: int) -> int:
        file = self._find(path)
        if flags & os.O_TRUNC:
            file.truncate(0)
        return self._handle(file)

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        return bytes(self.handles[fh].data[offset : offset + size])

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        self.handles[fh].write(data, offset)
        return len(data)

    def truncate(self, path: str, length: int, fh: int | None = None) -> int:
        (self.handles[fh] if fh else self._find(path)).truncate(length)
        return 0

    def fsync(self, path: str, datasync: int, fh: int) -> int:
        self.handles[fh].sync()
        return 0

    def fsyncdir(self, path: str, datasync: int, fh: int) -> int:
        self._find(path).sync()
        return 0

    def rename(self, old: str, new: str) -> int:
        (source, name), (target, other) = self._parent(old), self._parent(new)
        target.names[other] = source.names.pop(name)
        return 0

    def unlink(self, path: str) -> int:
        folder, name = self._parent(path)
        if name not in folder.names:
            raise mfusepy.FuseOSError(errno.ENOENT)
        del folder.names[name]
        return 0

    def chmod(self, path: str, mode: int) -> int:
        self._find(path).mode = mode & 0o777
        return 0

    def utimens(self, path: str, times: Any = None) -> int:
        return 0

    def release(self, path: str, fh: int) -> int:
        self.handles.pop(fh, None)
        return 0

    def statfs(self, path: str) -> dict[str, int]:
        return {"f_bsize": PAGE, "f_frsize": PAGE, "f_blocks": 2**24, "f_bavail": 2**23, "f_bfree": 2**23,
                "f_namemax": 255}  # fmt: skip

    def destroy(self, path: str) -> None:
        write_out(self.root, self.out)


def main(source: str, mount: str, out: str) -> None:
    mfusepy.FUSE(Forgetful(read_in(Path(source)), Path(out)), mount, foreground=True, nothreads=True)


if __name__ == "__main__":
    main(*sys.argv[1:4])
