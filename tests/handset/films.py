"""Films that cannot be mistaken for one another, and a server that is killed while one of them comes."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy import select

from tests.handset.conftest import Server
from tests.phone import film
from webapp.operations import recordings
from webapp.store import models

MEGABYTE = 1 << 20
TENTHS = [n / 10 for n in range(10)]
# What a network that comes back does, without waiting for the next turn.
AGAIN = """(async () => { for (const row of await hoidapQueue.reports()) await hoidapQueue.again(row.id);
  hoidapQueue.drain(); return true; })()"""
# How much of the film is over; -1 when it has arrived and left the phone.
OFFSET = """(async () => { const [row] = await hoidapQueue.reports();
  const [file] = row ? await hoidapQueue.files(row.id) : []; return file ? file.offset : -1; })()"""


def a_film(folder: Path, size: int, name: str = "phim.mp4") -> Path:
    path = folder / name
    path.write_bytes(film(size, os.urandom(8)))
    return path


def hash_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def fingerprints(server: Server) -> set[str]:
    """Of every recording as the centre would open it."""
    house = server.town.house
    with house.reading(house.clock()) as work:
        rows = work.session.scalars(select(models.Recording)).all()
        return {hashlib.sha256(b"".join(recordings.content(work, row))).hexdigest() for row in rows}


def cut(server: Server, run: Callable[[str], object], size: int, shares: Sequence[float]) -> list[float]:
    """Kill the server with everything it runs at each of these shares of the film; the megabytes that were over."""
    left, cuts = sorted(shares), []
    deadline = time.monotonic() + 300
    while left:
        assert time.monotonic() < deadline, f"the film stands still before {left[0]:.0%}"
        offset = int(str(run(OFFSET)))
        assert offset >= 0, f"the film was over before it was cut at {left}"
        if offset < left[0] * size:
            time.sleep(0.02)
            continue
        left.pop(0)
        server.kill()
        cuts.append(round(offset / MEGABYTE, 1))
        server.start()
        run(AGAIN)
    return cuts


def arrived_once(server: Server, path: Path) -> None:
    assert fingerprints(server) == {hash_of(path)}
    assert (server.count(models.Case), server.count(models.Recording)) == (1, 1)
    assert server.town.differences() == []
