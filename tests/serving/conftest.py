"""A real server of this test's own, and what it wrote."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bench.client import Form, Line, encoded
from bench.house import free_port, name_of, tree, wait_for
from tests.cast import Town, found_town


@dataclass
class Server:
    """`flask serve` on a folder; `log` is everything its processes printed."""

    town: Town
    port: int
    process: subprocess.Popen[bytes]
    log: Path
    fields: dict[str, str] = field(default_factory=dict)

    def line(self) -> Line:
        return Line(self.port)

    def pids(self, kind: str) -> list[int]:
        return [pid for pid in tree(self.process.pid) if name_of(pid) == f"hoidap-{kind}"]

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(40)

    def lines(self) -> list[dict[str, Any]]:
        """The log lines that are JSON."""
        return [json.loads(row) for row in self.log.read_text().splitlines() if row.startswith("{")]

    def send_report(self, **changes: str) -> int:
        form = Form.fetched(self.port)
        body = encoded(form.fields("2026-03-02", 905123456) | changes)
        return Line(self.port, form.cookie).post("/gui", body).status


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """`start("--web", "2", RATE_LIMITS="on")`: a running server; stopped when the test ends."""
    started: list[Server] = []

    def make(*words: str, **settings: str) -> Server:
        town = started[0].town if started else found_town(tmp_path / "data")
        port, log = free_port(), tmp_path / "server.log"
        environ = {**os.environ, "HOIDAP_DATA": str(town.house.config.data), "PORT": str(port), "DEMO": "on",
                   "SECURE_COOKIES": "off", "RATE_LIMITS": "off", **settings}  # fmt: skip
        command = [sys.executable, "-m", "flask", "--app", "webapp", "serve", *words]
        with log.open("ab") as out:
            process = subprocess.Popen(command, env=environ, stdout=out, stderr=out)
        started.append(Server(town, port, process, log))
        wait_for(f"http://127.0.0.1:{port}/healthz", process)
        return started[-1]

    yield make
    for server in started:
        if server.process.poll() is None:
            server.stop()
    if started:
        started[0].town.house.close()
