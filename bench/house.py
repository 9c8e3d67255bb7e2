"""A house to measure in: a folder of its own with staff and some published cases, and a server on it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tests.cast import Town, found_town

SETTINGS = {"DEMO": "on", "SECURE_COOKIES": "off", "RATE_LIMITS": "off", "PYTHONUNBUFFERED": ""}


@contextmanager
def town(parent: str | None = None, cases: int = 25) -> Iterator[Town]:
    """The test cast's town, at the present hour, with published cases."""
    folder = Path(tempfile.mkdtemp(prefix="hoidap-bench-", dir=parent))
    made = found_town(folder / "data")
    made.clock.at = datetime.now(UTC)
    for _ in range(cases):
        made.to_published(occurred_on=made.clock.at.date().isoformat())
    try:
        yield made
    finally:
        made.house.close()
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def running(
    command: Sequence[str], data: Path, port: int, path: str = "/healthz", **more: str
) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """The server process and the seconds it took to its first 200."""
    environ = {**os.environ, **SETTINGS, "HOIDAP_DATA": str(data), "PORT": str(port), **more}
    with (data.parent / "server.log").open("ab") as out:
        begun = time.perf_counter()
        process = subprocess.Popen(command, env=environ, stdout=out, stderr=out)
        try:
            yield process, wait_for(f"http://127.0.0.1:{port}{path}", process, begun)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                process.kill()


def wait_for(url: str, process: subprocess.Popen[bytes], begun: float | None = None) -> float:
    begun = time.perf_counter() if begun is None else begun
    while time.perf_counter() - begun < 60:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return time.perf_counter() - begun
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"no answer from {url}")


def serve(*words: str) -> list[str]:
    return [sys.executable, "-m", "flask", "--app", "webapp", "serve", *words]


# What the processes cost, from /proc


def tree(pid: int) -> list[int]:
    """A process and all below it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += tree(int(child))
    return found


def cpu_seconds(pids: Sequence[int]) -> float:
    """User and system time so far of these processes."""
    ticks = 0
    for pid in pids:
        parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(parts[11]) + int(parts[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def rss_megabytes(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def name_of(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text().strip()
