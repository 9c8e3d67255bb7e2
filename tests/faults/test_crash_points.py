"""One operation, killed at every point at which something becomes durable, and at moments of chance.

Afterwards all invariants hold, what was acknowledged is there, and doing it again completes it.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from select import select as select_of

import pytest
from sqlalchemy import func, select

from tests.cast import Town
from tests.faults.act import ACTS, CASES, open_town
from tests.faults.world import tell
from webapp.operations.checkup import checkup
from webapp.operations.verify import verify
from webapp.operations.work import Refusal
from webapp.store import models

ACT = ("-m", "tests.faults.act")
POINTS = "fdatasync,fsync,rename,unlink,unlinkat"


def effects(town: Town, name: str) -> int:
    """How often the operation has left its mark."""
    with town.house.store.reader() as session:
        if name == "erase":
            return len(session.scalars(select(models.Erasure.id)).all())
        event = models.CaseEvent
        query = select(func.count()).select_from(event)
        if name == "submit":
            mac = town.house.vault.receipt_mac("ab" * 16)
            row = models.Submission
            return session.scalar(select(func.count()).where(row.secret_mac == mac)) or 0
        if name == "tick":
            return session.scalar(query.where(event.kind == "clock_breached")) or 0
        kinds = {"distribute": "distributed", "publish": "published"}
        return session.scalar(query.where(event.kind == kinds[name], event.case_id == CASES[name])) or 0


def problems(town: Town) -> list[str]:
    return [*checkup(town.house), *verify(town.house, town.clock()).problems]


def judge(town: Town, name: str, acknowledged: bool) -> None:
    """What must hold after a kill, whatever had been reached; then the operation is done again."""
    assert problems(town) == []
    before = effects(town, name)
    if acknowledged:
        assert before >= 1, f"{name} was acknowledged and is gone"
    again(town, name)
    town.clock.at = type(town.clock)().at
    assert problems(town) == []
    if name == "tick":
        with town.house.store.reader() as session:
            event = models.CaseEvent
            found = session.execute(select(event.case_id, event.occurred_at, event.target, event.data)
                                    .where(event.kind == "clock_breached")).all()  # fmt: skip
        assert max(Counter((row[0], row[1], row[2], str(row[3])) for row in found).values(), default=0) <= 1
    elif name != "erase":  # asked again it adds a line to the list, and erases nothing twice
        assert effects(town, name) == 1


def again(town: Town, name: str) -> None:
    try:
        ACTS[name](town)
    except Refusal:
        assert effects(town, name) == 1, "refused though it had not happened"
    if name == "tick":  # a lease of the killed worker may still run
        town.clock.forward(minutes=3)
        ACTS[name](town)


@pytest.mark.parametrize("name", ACTS)
def test_killed_at_random_instants(name: str, copied, reopen):
    """Eight kills for each of five operations: forty."""
    reached: Counter[str] = Counter()
    took = killed_after(name, copied())[1]
    for _ in range(8):
        data = copied()
        acknowledged, _ = killed_after(name, data, random.uniform(0, 1.2 * took))
        town = reopen(data)
        reached["after" if acknowledged else "during" if effects(town, name) else "before"] += 1
        judge(town, name, acknowledged)
    tell("killed at random instants", operation=name, kills=8, **reached)


def killed_after(name: str, data: Path, seconds: float = 60) -> tuple[bool, float]:
    """Fork a process, let it begin, kill it that much later or when it is done.

    Whether the operation was acknowledged, and how long it lived.
    """
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        _act_and_tell(name, data, write)
    os.close(write)
    with os.fdopen(read, "rb", buffering=0) as said:
        assert said.read(6) == b"begun\n"
        began = time.monotonic()
        select_of([said], [], [], seconds)
        lived = time.monotonic() - began
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        return said.read(5) == b"done\n", lived


def _act_and_tell(name: str, data: Path, write: int) -> None:
    try:
        town = open_town(data)
        assert town.house.vault
        os.write(write, b"begun\n")
        ACTS[name](town)
        os.write(write, b"done\n")
        signal.pause()
    finally:
        os._exit(1)


def strace(*words: str) -> list[str]:
    found = shutil.which("strace")
    assert found, "no strace: run `make check`, which installs the packages of system-packages.txt"
    return [found, "-f", "-qq", *words]


def count_points(name: str, data: Path, log: Path) -> tuple[int, int]:
    command = [*strace("-e", f"trace={POINTS},write", "-o", str(log)), sys.executable, *ACT, name, str(data)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    lines = log.read_text().splitlines()
    begun = next(n for n, line in enumerate(lines) if '"begun' in line)
    marks = [bool(re.search(rf"\b({POINTS.replace(',', '|')})\(", line)) for line in lines]
    return sum(marks[:begun]), sum(marks)


@pytest.mark.slow
@pytest.mark.parametrize("name", ACTS)
def test_killed_at_every_point(name: str, copied, reopen, tmp_path: Path):
    """The n-th sync, rename or unlink of the process does not come back: for every n of the operation."""
    first, last = count_points(name, copied(), tmp_path / "trace")
    assert last > first, "the operation made nothing durable"
    passed = 0
    for n in range(first + 1, last + 1):
        data = copied()
        inject = f"inject={POINTS}:signal=SIGKILL:when={n}"
        command = [
            *strace("-e", f"trace={POINTS}", "-e", inject, "-o", "/dev/null"),
            sys.executable,
            *ACT,
            name,
        ]
        done = subprocess.run([*command, str(data)], check=False, capture_output=True, text=True, timeout=60)
        judge(reopen(data), name, "done" in done.stdout)
        passed += 1
        shutil.rmtree(data)
    tell("crash points", operation=name, points=last - first, passed=passed)
