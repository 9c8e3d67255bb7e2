"""Counters of requests, kept where the other web processes can read them.

Each process writes its own file of plain numbers, mapped into memory: counting costs no system call, and
whichever process is asked for /metrics reads all files.
"""

from __future__ import annotations

import mmap
import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

CLASSES: Final = ("public", "citizen", "agency", "static", "status", "other")
STATUSES: Final = ("2xx", "3xx", "4xx", "5xx")
BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_ROW: Final = len(STATUSES) + len(BUCKETS) + 2  # then the count and the sum of seconds
_NUMBERS: Final = len(CLASSES) * _ROW
_BYTES: Final = 8 * _NUMBERS


@dataclass(frozen=True, slots=True)
class Counted:
    """What one process counted for one class of endpoints. `buckets` are cumulative."""

    process: str
    endpoint: str
    statuses: Sequence[int]
    buckets: Sequence[int]
    count: int
    seconds: float


class Meter:
    """The counters of this process; in memory alone until `share` gives them a file."""

    def __init__(self) -> None:
        self._numbers: memoryview[float] = memoryview(bytearray(_BYTES)).cast("d")
        self._turn = threading.Lock()

    def share(self, folder: Path, process: int) -> None:
        """Count in the file of web process number `process` from now on, from zero."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(folder / f"web-{process}.meter", os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        os.ftruncate(descriptor, _BYTES)
        with self._turn:
            self._numbers = memoryview(mmap.mmap(descriptor, _BYTES)).cast("d")
        os.close(descriptor)

    def count(self, endpoint: str, status: int, seconds: float) -> None:
        start = CLASSES.index(endpoint) * _ROW
        with self._turn:
            self._numbers[start + min(max(status // 100, 2), 5) - 2] += 1
            for place, limit in enumerate(BUCKETS, start + len(STATUSES)):
                self._numbers[place] += seconds <= limit
            self._numbers[start + _ROW - 2] += 1
            self._numbers[start + _ROW - 1] += seconds

    def own(self) -> Iterator[Counted]:
        return _read("0", self._numbers)


def all_counted(folder: Path, own: Meter) -> list[Counted]:
    """What all web processes counted; this one's when they share nothing."""
    rows: list[Counted] = []
    for path in sorted(folder.glob("web-*.meter")):
        data = path.read_bytes()
        if len(data) == _BYTES:
            rows += _read(path.stem.removeprefix("web-"), memoryview(data).cast("d"))
    return rows or list(own.own())


def _read(process: str, numbers: memoryview[float]) -> Iterator[Counted]:
    for index, endpoint in enumerate(CLASSES):
        row = numbers[index * _ROW : (index + 1) * _ROW].tolist()
        if row[-2]:
            end = len(STATUSES)
            whole = [int(number) for number in row[:-1]]
            yield Counted(process, endpoint, whole[:end], whole[end:-1], whole[-1], row[-1])
