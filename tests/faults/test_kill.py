"""Everything is killed at once in the middle of the work, again and again: what was acknowledged is there."""

from __future__ import annotations

import random
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.cast import Town
from tests.faults.world import (
    RESTART_BAR_S,
    Reporter,
    Served,
    busy,
    fine,
    judge,
    quick,
    seconds,
    serving,
    tell,
)  # fmt: skip
from webapp.store import models


def campaign(town: Town, served: Served, kills: int, lives: tuple[float, float], budget_s: float) -> dict:
    """Four reporters send texts and one photos; they know nothing of the kills but that answers fail."""
    stop = threading.Event()
    reporters = [Reporter(served.port, stop, photos=n == 4) for n in range(5)]
    recovery: list[float] = []
    deadline = time.monotonic() + budget_s
    for reporter in reporters:
        reporter.start()
    try:
        while len(recovery) < kills and time.monotonic() < deadline:
            time.sleep(random.uniform(*lives))
            served.kill()
            served.start()
            recovery.append(served.wait())
        time.sleep(1)
    finally:
        stop.set()
        for reporter in reporters:
            reporter.join(30)
        served.kill()
    acknowledged = [one for reporter in reporters for one in reporter.acknowledged]
    retries = sum(reporter.retries for reporter in reporters)
    return {"kills": len(recovery), "retries": retries, **judge(town, acknowledged), **seconds(recovery)}


def test_kills_lose_and_double_nothing(town: Town, tmp_path: Path):
    with quick(town.house.config.data, tmp_path / "log") as served:
        figures = campaign(town, served, 60, (0.05, 0.35), budget_s=300)
    tell("kill -9 of everything", **figures)
    fine(figures)
    assert figures["kills"] == 60


def test_a_restart_answers_within_two_seconds(town: Town, tmp_path: Path):
    """The whole command, imports and all; on a machine that others use too, as much longer."""
    with serving(town.house.config.data, tmp_path / "log") as served:
        times = []
        for _ in range(3):
            served.kill()
            began = time.monotonic()
            served.start()
            served.wait()
            times.append(time.monotonic() - began)
    figures = tell("restart of flask serve", **seconds(times))
    assert figures["recovery_median_s"] < RESTART_BAR_S * busy()


@pytest.mark.slow
def test_a_thousand_kills_lose_and_double_nothing(town: Town, tmp_path: Path):
    with quick(town.house.config.data, tmp_path / "log") as served:
        figures = campaign(town, served, 1000, (0.05, 0.5), budget_s=2400)
    tell("kill -9 of everything, long", **figures, bound_95=round(3 / figures["kills"], 5))
    fine(figures)
    with town.house.store.reader() as session:
        assert session.scalar(select(func.count(models.Photo.id)))
