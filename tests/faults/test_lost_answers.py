"""Answers that never arrive, processes that come in twos: one report, one number, one effect."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from tests.cast import Town
from tests.faults.proxy import Proxy
from tests.faults.world import Quick, Reporter, fine, judge, quick, tell
from webapp.store import models


def test_an_answer_lost_after_the_commit_is_given_again(town: Town, tmp_path: Path):
    stop = threading.Event()
    with (
        quick(town.house.config.data, tmp_path / "log", "serve", "--workers", "0") as served,
        Proxy(served.port, 0.5) as proxy,
    ):
        proxy.cut_after = 300
        reporters = [Reporter(proxy.port, stop, limit=25) for _ in range(4)]
        for reporter in reporters:
            reporter.start()
        for reporter in reporters:
            reporter.join(60)
        stop.set()
    acknowledged = [one for reporter in reporters for one in reporter.acknowledged]
    figures = {"answers_lost": proxy.lost, **judge(town, acknowledged)}
    tell("lost answers", **figures)
    fine(figures)
    assert figures["acknowledged"] == 100 and figures["answers_lost"] > 30


def test_two_of_everything_have_one_effect(town: Town, tmp_path: Path):
    """Two web processes on two ports and two workers on one data folder; each report goes to both webs."""
    for _ in range(10):
        town.report()  # on Monday in March: long overdue, so both workers race for their clocks
    data, stop = town.house.config.data, threading.Event()
    with (
        quick(data, tmp_path / "a") as one,
        quick(data, tmp_path / "b") as two,
    ):
        reporters = [Reporter((one, two)[n % 2].port, stop, limit=50) for n in range(4)]
        twins = [_Twin(reporter, (two, one)[n % 2].port, stop) for n, reporter in enumerate(reporters)]
        for thread in (*reporters, *twins):
            thread.start()
        for reporter in reporters:
            reporter.join(100)
        stop.set()
        for twin in twins:
            twin.join(20)
        _until_recorded(town)
    acknowledged = [one for thread in (*reporters, *twins) for one in thread.acknowledged]
    figures = {**judge(town, acknowledged), **_breaches(town)}
    tell("two of everything", **figures, distinct=len({one.secret for one in acknowledged}))
    fine(figures)
    assert len({one.secret for one in acknowledged}) == 200 and figures["breached_twice"] == 0
    assert figures["breached"] >= 20


class _Twin(Reporter):
    """Sends what the other is just sending to the other server: the same person tapping twice."""

    def __init__(self, other: Reporter, port: int, stop: threading.Event) -> None:
        super().__init__(port, stop)
        self.other = other

    def report(self) -> None:
        secret = self.other.open_secret
        done = self.send(secret) if secret else None
        if done:
            self.acknowledged.append(done)
        self.stop_at.wait(0.005)


def _until_recorded(town: Town) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and _breaches(town)["breached"] < 20:
        time.sleep(0.2)


def _breaches(town: Town) -> dict[str, int]:
    with town.house.store.reader() as session:
        event = models.CaseEvent
        rows = session.execute(select(event.case_id, event.data).where(event.kind == "clock_breached")).all()
    counted = Counter((case_id, json.dumps(data, sort_keys=True)) for case_id, data in rows)
    return {"breached": len(rows), "breached_twice": sum(n - 1 for n in counted.values())}


# A message leaves at least once

SENDER = """
import sys, time
from datetime import UTC, datetime
from webapp.config import Config
from webapp.notify import send
from webapp.notify.channels import Files, REPORTER, STAFF
from webapp.operations.house import House

class Slow(Files):
    def deliver(self, letter):
        with open(sys.argv[1], "a") as log:
            log.write(letter.id + "\\n")
        super().deliver(letter)
        time.sleep(0.02)   # here the process is killed: sent, and not yet marked

config = Config.from_environment()
house = House(config, lambda: datetime.now(UTC))
sender = send.Sender(config, house.store, house.law, {STAFF: None, REPORTER: Slow(config.data / "outbox")})
print("ready", flush=True)
while True:
    sender.send_due(house.clock())
    time.sleep(0.01)
"""


def test_a_worker_killed_between_sending_and_marking_sends_every_message(town: Town, tmp_path: Path):
    for _ in range(40):
        town.report()
    log, kills = tmp_path / "sent", 0
    environ = Quick(town.house.config.data, log).environ()
    deadline = time.monotonic() + 60
    while _unsent(town) and time.monotonic() < deadline:
        worker = subprocess.Popen(
            [sys.executable, "-c", SENDER, str(log)], env=environ, stdout=subprocess.PIPE
        )
        assert worker.stdout is not None
        worker.stdout.readline()
        time.sleep(0.3 if kills < 5 else 8)
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        kills += 1
        _run_leases_out(town)
    sent = Counter(log.read_text().split())
    with town.house.store.reader() as session:
        wanted = set(session.scalars(select(models.Notice.id).where(models.Notice.submission.is_not(None))))
    files = list((town.house.config.data / "outbox").glob("*.txt"))
    figures = {"messages": len(wanted), "kills": kills, "sent_again": sum(sent.values()) - len(sent)}
    tell(
        "worker killed between send and mark",
        **figures,
        **{k: v for k, v in judge(town, []).items() if k == "corrupted"},
    )
    assert set(sent) == wanted and len(files) == len(wanted), "every message, each under one id"
    assert kills >= 2 and figures["sent_again"] >= 1, "the kills met no message on its way"


def _unsent(town: Town) -> int:
    with town.house.store.reader() as session:
        row = models.Notice
        return session.scalar(select(func.count()).where(row.sent_at.is_(None), row.parked_at.is_(None))) or 0


def _run_leases_out(town: Town) -> None:
    """As if two minutes had gone by."""
    with town.house.store.writer() as session:
        for row in session.scalars(select(models.Notice).where(models.Notice.claimed_until.is_not(None))):
            row.claimed_until = row.claimed_until - timedelta(minutes=5)
