"""A parent that keeps its children running, forked from what it has imported so that a start is cheap."""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

DEATHS, WITHIN_S = 5, 60.0
# One request makes thousands of objects and keeps none: by default they are looked through ten times over.
YOUNG_OBJECTS = 50_000
_LOOK_S = 0.2
_DEATH_SIGNAL, _NAME = 1, 15  # prctl(2)

log = logging.getLogger("hoidap.serve")


@dataclass(frozen=True, slots=True)
class Job:
    """`run` returns when the process is told to end by SIGTERM; `name` is what `ps` shows, 15 letters."""

    name: str
    run: Callable[[], None]


def supervise(jobs: Sequence[Job], grace_s: float) -> int:
    """Keep `jobs` running until SIGINT or SIGTERM; one that dies is started again after a moment.

    The caller has one thread and no open connection: both would be shared with every child. Gives up, with
    status 1, when they die again and again: then it is for a person to look.
    """
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    gc.freeze()  # what is there now is shared by all children; a collection would copy its pages
    gc.set_threshold(YOUNG_OBJECTS)
    running = {_fork(job): job for job in jobs}
    died: deque[float] = deque(maxlen=DEATHS)
    hopeless = False
    while not hopeless and not stop.wait(_LOOK_S):
        for job in [running.pop(pid) for pid in list(running) if _has_ended(pid)]:
            hopeless = hopeless or (len(died) == DEATHS and time.monotonic() - died[0] < WITHIN_S)
            died.append(time.monotonic())
            stop.wait(min(2.0, _LOOK_S * len(died)))
            if not hopeless and not stop.is_set():
                running[_fork(job)] = job
    _end(set(running), grace_s)
    return 1 if hopeless else 0


def _fork(job: Job) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        _become(job.name, parent)
        job.run()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:
        log.exception("%s ended", job.name)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _become(name: str, parent: int) -> None:
    """A child that ends with its parent, whatever ends it, and does not listen to the keyboard."""
    # Ctrl-C reaches the whole group: only the parent answers it, and ends the children in order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        libc.prctl(_NAME, name.encode(), 0, 0, 0)
        libc.prctl(_DEATH_SIGNAL, signal.SIGTERM)
        if os.getppid() != parent:  # it died before it could have told us
            os._exit(1)


def _has_ended(pid: int) -> bool:
    return os.waitpid(pid, os.WNOHANG)[0] == pid


def _end(running: set[int], grace_s: float) -> None:
    for pid in running:
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + grace_s
    while running and time.monotonic() < deadline:
        running -= {pid for pid in running if _has_ended(pid)}
        time.sleep(0.02)
    for pid in running:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
