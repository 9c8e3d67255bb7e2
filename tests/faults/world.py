"""What campaigns share: the product as processes, reporters who send again, and the count of what is left.

A campaign prints its figures as one line of JSON (`pytest -rP` or `-s` shows it) and asserts its bars.
"""

from __future__ import annotations

import json
import os
import random
import re
import secrets
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from tests import zygote
from tests.cast import Town, photo
from tests.journeys.conftest import free_port
from webapp.operations.checkup import checkup
from webapp.operations.verify import verify
from webapp.store import models

PYTHON = (sys.executable, "-m", "flask", "--app", "webapp")
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
NUMBER = re.compile(r'<p class="number">([^<]+)</p>')
CODE = re.compile(r"\b([0-9A-Z]{5}(?:-[0-9A-Z]{5}){4})\b")
RESTART_BAR_S = 2.0


def tell(campaign: str, **figures: Any) -> dict[str, Any]:
    print(json.dumps({"campaign": campaign, **figures}), flush=True)
    return figures


def busy() -> float:
    """How much slower this machine is just now because others use it too: runnable processes per core."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


# The product


@dataclass
class Served:
    """Processes of the product in one group, on one data folder and port."""

    data: Path
    log: Path
    words: tuple[str, ...] = ("serve",)
    more: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def environ(self) -> dict[str, str]:
        own = {"HOIDAP_DATA": str(self.data), "PORT": str(self.port), "DEMO": "on", "SECURE_COOKIES": "off"}
        return {**os.environ, **own, "RATE_LIMITS": "off", "MIN_FREE_BYTES": "0", **self.more}

    def start(self) -> None:
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [*PYTHON, *self.words], env=self.environ(), stdout=out, stderr=out, start_new_session=True
            )

    def kill(self) -> None:
        """SIGKILL to the whole group at once, as the kernel does it when memory runs out."""
        assert self.process is not None
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def wait(self, seconds: float = 60) -> float:
        """Seconds until the front page answers 200."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            if self.process is not None and self.process.poll() is not None:
                raise AssertionError(f"it ended by itself: {self.log.read_text()[-2000:]}")
            try:
                if get(self.port, "/")[0] == 200:
                    return time.monotonic() - began
            except (OSError, HTTPException):
                time.sleep(0.02)
        raise AssertionError(f"no answer in {seconds} s: {self.log.read_text()[-2000:]}")


@dataclass
class Quick(Served):
    """`flask serve` forked from a process that has imported everything; see tests/zygote.py."""

    started: zygote.Started | None = None

    def start(self) -> None:
        self.started = zygote.start(self.words, self.environ(), self.log)

    def kill(self) -> None:
        if self.started:
            self.started.kill()
        self.started = None


@contextmanager
def quick(data: Path, log: Path, *words: str, **more: str) -> Iterator[Quick]:
    served = Quick(data, log, words or ("serve",), more)
    try:
        served.start()
        served.wait()
        yield served
    finally:
        served.kill()


@contextmanager
def serving(data: Path, log: Path, *words: str, **more: str) -> Iterator[Served]:
    served = Served(data, log, words or ("serve",), more)
    served.start()
    try:
        served.wait()
        yield served
    finally:
        served.kill()


def get(port: int, path: str, cookie: str = "", timeout: float = 5) -> tuple[int, str, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), (answer.headers["Set-Cookie"] or "").split(";")[0]
    finally:
        connection.close()


# Reporters


@dataclass(frozen=True)
class Acknowledged:
    secret: str
    number: str
    code: str


class Reporter(threading.Thread):
    """Sends report after report; each until it is acknowledged, always with the same secret and content."""

    def __init__(self, port: int, stop: threading.Event, photos: bool = False, limit: int = 10**9) -> None:
        super().__init__(daemon=True)
        self.port, self.stop_at, self.limit = port, stop, limit
        self.photos = photos
        self.cookie = self.token = ""
        self.acknowledged: list[Acknowledged] = []
        self.open_secret = ""
        self.retries = 0
        self.answers: dict[int, int] = {}
        self.slowest = 0.0

    def run(self) -> None:
        while not self.stop_at.is_set() and len(self.acknowledged) < self.limit:
            self.report()

    def report(self) -> None:
        secret = self.open_secret = secrets.token_hex(16)
        picture = photo(64, 48, camera=f"CAM-{secret}") if self.photos else b""
        while not self.stop_at.is_set():
            try:
                done = self.send(secret, picture)
            except (OSError, HTTPException):
                done = None
            if done:
                self.acknowledged.append(done)
                self.open_secret = ""
                return
            self.retries += 1
            self.stop_at.wait(0.03 + random.random() * 0.05)

    def send(self, secret: str, picture: bytes = b"") -> Acknowledged | None:
        if not self.token:
            status, page, self.cookie = get(self.port, "/gui")
            found = TOKEN.search(page)
            if status != 200 or found is None:
                return None
            self.token = found[1]
        body, kind = multipart({"csrf_token": self.token, **written(secret)}, picture)
        began = time.monotonic()
        status, page = self._post(body, {"Content-Type": kind, "Cookie": self.cookie})
        self.slowest = max(self.slowest, time.monotonic() - began)
        self.answers[status] = self.answers.get(status, 0) + 1
        number, code = NUMBER.search(page), CODE.search(page)
        return Acknowledged(secret, number[1], code[1]) if status == 200 and number and code else None

    def _post(self, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("POST", "/gui", body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()


def written(secret: str) -> dict[str, str]:
    return {
        "secret": secret, "text": f"Nắp cống vỡ trước cổng trường. {secret}", "commune": "20341",
        "place": "Trước cổng trường", "happened": "2026-03-02", "category": "giao-thong",
        "reporter_name": "Nguyễn Thị Bưởi", "phone": "", "visibility": "hide_name", "undertaking": "1",
    } | {"phone": f"09{int(secret[:7], 16) % 10**8:08d}"}  # fmt: skip


def multipart(values: dict[str, str], picture: bytes = b"") -> tuple[bytes, str]:
    line = secrets.token_hex(12)
    parts = [
        f'--{line}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in values.items()
    ]
    if picture:
        head = f'--{line}\r\nContent-Disposition: form-data; name="photos"; filename="a.jpg"\r\n'
        parts.append(head.encode() + b"Content-Type: image/jpeg\r\n\r\n" + picture + b"\r\n")
    return b"".join([*parts, f"--{line}--\r\n".encode()]), f"multipart/form-data; boundary={line}"


# Counting what is left


def judge(town: Town, acknowledged: list[Acknowledged]) -> dict[str, int]:
    """Every acknowledged receipt is there exactly once, with the same number and code; nothing is broken."""
    vault = town.house.vault
    with town.house.store.reader() as session:
        row = models.Submission
        query = select(row.secret_mac, models.Case.code, row.code_mac)
        found = session.execute(query.join(models.Case, models.Case.id == row.case_id)).all()
        macs = {mac: (number, code) for mac, number, code in found}
        cases = session.scalar(select(func.count(models.Case.id))) or 0
    lost = sum(vault.receipt_mac(one.secret) not in macs for one in acknowledged)
    other = sum(
        macs.get(vault.receipt_mac(one.secret), (one.number, ""))[0] != one.number
        or vault.code_for(one.secret) != one.code
        for one in acknowledged
    )
    problems = [*checkup(town.house), *verify(town.house, town.clock()).problems]
    for problem in problems[:10]:
        print(problem)
    return {
        "acknowledged": len(acknowledged), "lost": lost, "other_answer": other,
        "doubled": cases - len(macs) + len(found) - len(macs), "corrupted": len(problems),
    }  # fmt: skip


def fine(figures: dict[str, Any]) -> None:
    assert figures["acknowledged"] > 0, figures
    wrong = {
        name: figures[name] for name in ("lost", "other_answer", "doubled", "corrupted") if figures[name]
    }
    assert not wrong, figures


def seconds(values: list[float]) -> dict[str, float]:
    return {
        "recovery_median_s": round(statistics.median(values), 2),
        "recovery_max_s": round(max(values), 2),
        "load": round(busy(), 1),
    }
