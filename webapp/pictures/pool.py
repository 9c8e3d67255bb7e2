"""Children that redraw, started ahead of need: each sees one picture and ends, and another takes its place.

A child that is used once costs 70 ms of CPU to start and buys two things: a picture that takes over its
decoder meets no other citizen's picture, and a limit on CPU time means this picture's time.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self

from webapp.pictures.confine import Limits
from webapp.pictures.judge import BadPhoto
from webapp.pictures.redraw import KEPT, WIDTHS, Copy
from webapp.pictures.segments import is_bare

PROGRAM = ("-m", "webapp.pictures.child")
WALL_S: Final = 30.0
SIZE: Final = max(1, min(2, os.cpu_count() or 1))
_LINE: Final = 1000
_CODES: Final = frozenset({"unreadable", "too_many_pixels", "too_heavy", "empty"})
_ROOT: Final = Path(__file__).resolve().parents[2]


class Broke(Exception):
    """The child gave no answer (code timeout), died (died), or answered nonsense (nonsense)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class _Child:
    process: subprocess.Popen[bytes]
    output: IO[bytes]

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()
        self.output.close()


class Pool:
    """Redraws pictures in child processes; several threads may use one pool."""

    def __init__(self, size: int = SIZE, limits: Limits | None = None, wall_s: float = WALL_S) -> None:
        self.size = size
        self._limits = limits or Limits()
        self._wall_s = wall_s
        self._turn = threading.Lock()
        self._ready = deque(self._start() for _ in range(size))
        self._closed = False

    def redraw(self, data: bytes) -> list[Copy]:
        """The redrawn copies, the one to keep last. Raises BadPhoto for the picture, Broke for the child."""
        child = self._take()
        try:
            child.process.communicate(data, timeout=self._wall_s)
            return _believed(child.process.returncode, child.output)
        except subprocess.TimeoutExpired as error:
            raise Broke("timeout") from error
        finally:
            child.kill()
            self._replace()

    def close(self) -> None:
        """End the children that wait."""
        with self._turn:
            self._closed = True
            while self._ready:
                self._ready.pop().kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _take(self) -> _Child:
        with self._turn:
            while self._ready:
                child = self._ready.popleft()
                if child.process.poll() is None:
                    return child
                child.kill()
        return self._start()

    def _replace(self) -> None:
        with self._turn:
            if not self._closed and len(self._ready) < self.size:
                self._ready.append(self._start())

    def _start(self) -> _Child:
        output = _memory_file()
        process = subprocess.Popen(  # noqa: S603 (our own program)
            [sys.executable, *PROGRAM, *self._limits.arguments()],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.DEVNULL,
            cwd="/",
            # Nothing of our own environment: it may hold the database's password.
            env={"PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
            start_new_session=True,
        )
        return _Child(process, output)


def _memory_file() -> IO[bytes]:
    """Where a child writes: a file whose size the kernel limits, in memory where the system has that."""
    if hasattr(os, "memfd_create"):
        return open(os.memfd_create("redrawn"), "w+b")
    return tempfile.TemporaryFile()


def _believed(status: int | None, output: IO[bytes]) -> list[Copy]:
    """The child's answer, if it is one that a child of ours could give."""
    if status != 0:
        raise Broke("died")
    output.seek(0)
    try:
        found = json.loads(output.readline(_LINE))
        copies = [_copy(output, *sizes) for sizes in found.get("copies", ())]
    except (ValueError, TypeError, AttributeError) as error:
        raise Broke("nonsense") from error
    if not copies:
        raise _fault(found.get("bad"))
    if output.read(1) or len(copies) > len(WIDTHS) + 1:
        raise Broke("nonsense")
    return copies


def _copy(output: IO[bytes], width: int, height: int, size: int) -> Copy:
    if not (0 < width <= KEPT and 0 < height <= KEPT and size > 0):
        raise ValueError("impossible sizes")
    data = output.read(size)
    if len(data) != size or not is_bare(data):
        raise ValueError("not a bare JPEG")
    return Copy(width, height, data)


def _fault(code: Any) -> Exception:
    return BadPhoto(code) if isinstance(code, str) and code in _CODES else Broke("nonsense")
