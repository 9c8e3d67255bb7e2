"""PostgreSQL is killed with all its children under load, and started again: the application recovers by itself."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cast import found_town
from tests.faults.world import Reporter, busy, fine, judge, quick, seconds, tell
from tests.postgres import _servers, new_database, start_postgres, stop_postgres

RECOVERY_BAR_S = 10.0


@pytest.fixture
def own_server() -> Iterator[tuple[Path, str]]:
    folder = Path(tempfile.mkdtemp(prefix="hoidap-pgk-"))
    yield folder, start_postgres(folder)
    stop_postgres(folder)
    shutil.rmtree(folder, ignore_errors=True)


def kill_server(folder: Path) -> None:
    """The postmaster and its children with -9 (each child is a group of its own).

    Started again too early it would find its own dead children still there.
    """
    server = _servers.pop(folder)
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    for pid in (server.pid, *map(int, children)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    server.wait(10)
    time.sleep(2.5)


def campaign(folder: Path, server_url: str, tmp_path: Path, kills: int) -> dict:
    url = new_database(server_url, "killed")
    town = found_town(tmp_path / "data", url)
    stop, recovery = threading.Event(), []
    with quick(town.house.config.data, tmp_path / "log", DATABASE_URL=url) as served:
        reporters = [Reporter(served.port, stop) for _ in range(4)]
        for reporter in reporters:
            reporter.start()
        for _ in range(kills):
            time.sleep(2)
            kill_server(folder)
            start_postgres(folder)
            recovery.append(_until_all_are_answered(reporters))
        stop.set()
        for reporter in reporters:
            reporter.join(40)
    town.house.store.close()  # the pool of this process was cut off as well
    acknowledged = [one for reporter in reporters for one in reporter.acknowledged]
    figures = {
        "kills": kills, **judge(town, acknowledged), **seconds(recovery),
        "slowest_answer_s": round(max(reporter.slowest for reporter in reporters), 1),
        "answers": dict(sorted(sum_of(reporters).items())),
    }  # fmt: skip
    town.house.close()
    return figures


def _until_all_are_answered(reporters: list[Reporter]) -> float:
    began, before = time.monotonic(), [len(reporter.acknowledged) for reporter in reporters]
    while any(len(r.acknowledged) == n for r, n in zip(reporters, before, strict=True)):
        assert time.monotonic() - began < 60, "the application did not recover"
        time.sleep(0.02)
    return time.monotonic() - began


def sum_of(reporters: list[Reporter]) -> dict[int, int]:
    total: dict[int, int] = {}
    for reporter in reporters:
        for status, count in reporter.answers.items():
            total[status] = total.get(status, 0) + count
    return total


def _check(figures: dict) -> None:
    tell("postgresql -9", **figures)
    fine(figures)
    assert figures["recovery_max_s"] < RECOVERY_BAR_S * busy()
    assert set(figures["answers"]) <= {200, 503}, (
        "while the database is away the answer is 503, never a crash"
    )
    assert figures["slowest_answer_s"] < 20


def test_a_killed_postgresql_costs_nothing_acknowledged(own_server, tmp_path: Path):
    _check(campaign(*own_server, tmp_path, 2))


@pytest.mark.slow
def test_a_postgresql_killed_twenty_times_costs_nothing_acknowledged(own_server, tmp_path: Path):
    _check(campaign(*own_server, tmp_path, 20))
