"""Loading very many cases: children make the rows, this process writes them in large transactions."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from webapp.demo import bulk
from webapp.demo.cast import add_committees
from webapp.demo.generate import Job, as_json, receive
from webapp.demo.load import LOADING, prepare
from webapp.operations.house import House
from webapp.operations.work import Work
from webapp.regulations.installation import Installation
from webapp.store import models
from webapp.store.counts import Cell, add_counts

MAKERS = 2
_TELL_S = 5.0
_ROOT = Path(__file__).resolve().parents[2]
Tell = Callable[[str], object]


REGULATION = "QN20"  # the paths in plot.py go through this one


class NoPaths(Exception):
    """This installation has no regulation that many cases could be made for; the message says so."""


class MakingFailed(RuntimeError):
    """A child that makes rows ended badly; what it said stands on standard error."""


def require_paths(law: Installation) -> None:
    """Raises NoPaths where many cases cannot be made."""
    if REGULATION not in {row.regulation for row in law.applies}:
        raise NoPaths(
            f"many cases are made for Quang Nam's {REGULATION} only, and {law.id} does not run it: "
            "leave --cases out, or use INSTALLATION=quang-nam"
        )


def load_many(house: House, now: datetime, cases: int, seed: int, tell: Tell) -> None:
    """Add `cases` invented cases. Raises NotADemo, NoPaths, MakingFailed.

    Broken off, it leaves the database marked `loading`; only a reset mends that.
    """
    require_paths(house.law)
    house.write(now, prepare)
    house.write(now, lambda work: add_committees(work, house.law))
    house.write(now, lambda work: _mark(work, loading=True))
    counts: dict[Cell, list[int]] = {}
    jobs = _jobs(house, now, cases, seed)
    with bulk.writer(house, fresh_indexes=cases >= bulk.WORTH_DROPPING) as write:
        progress = _Progress(cases, tell)
        for batch in _batches(jobs):
            write(batch["tables"])
            _add_up(counts, batch["counts"])
            progress.more(batch["cases"])
        tell("building indexes")
    house.write(now, lambda work: _finish(work, counts))


def _jobs(house: House, now: datetime, cases: int, seed: int) -> list[Job]:
    house.keys  # noqa: B018 (made at the first start, before the children ask for them)
    with house.store.reader() as session:
        bases = {
            model.__tablename__: session.scalar(select(func.coalesce(func.max(model.id), 0))) or 0
            for model in (models.Case, models.DataKey, models.Identity, models.Submission, models.Text)
        }
        # The first account of a role and agency, as everywhere in the demo.
        rows = session.scalars(select(models.Account).order_by(models.Account.id.desc()))
        actors = {(role, row.agency): row.id for row in rows for role in row.roles}
        taken = list(session.scalars(select(models.Case.code)))
    accounts = [(role, agency, account) for (role, agency), account in actors.items()]
    means = (house.config.installation, str(house.config.keys_folder), now.isoformat(), seed, cases)
    return [Job(*means, part, MAKERS, bases, accounts, taken) for part in range(MAKERS)]


def _batches(jobs: list[Job]) -> Iterator[Any]:
    """The batches of all children in turn, which is the order of the case numbers."""
    with ExitStack() as stack:
        children = [stack.enter_context(_child(job)) for job in jobs]
        turn = 0
        while True:
            source = children[turn % len(children)].stdout
            assert source is not None
            batch = receive(source)
            if batch is None:
                break
            yield batch
            turn += 1
        for child in children:
            if child.wait():
                raise MakingFailed(f"exit code {child.returncode}")


class _child:  # noqa: N801 (a context manager, read like a function)
    """A running maker, ended with the block."""

    def __init__(self, job: Job) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "webapp.demo.generate"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"PYTHONPATH": str(_ROOT)},
        )
        assert self._process.stdin is not None
        self._process.stdin.write(as_json(job))
        self._process.stdin.close()

    def __enter__(self) -> subprocess.Popen[bytes]:
        return self._process

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


def _add_up(counts: dict[Cell, list[int]], rows: list[Any]) -> None:
    for cell, numbers in rows:
        sums = counts.setdefault(tuple(cell), [0, 0, 0])
        for index, number in enumerate(numbers):
            sums[index] += number


def _mark(work: Work, *, loading: bool) -> None:
    row = work.session.get(models.Meta, LOADING)
    if loading and row is None:
        work.session.add(models.Meta(key=LOADING, value=work.now.isoformat()))
    if not loading and row is not None:
        work.session.delete(row)


def _finish(work: Work, counts: dict[Cell, list[int]]) -> None:
    for cell, (received, answered, on_time) in counts.items():
        add_counts(work.session, None, (cell, (received, answered, on_time)))
    _mark(work, loading=False)


class _Progress:
    """A line every few seconds: how many, how fast, how long still."""

    def __init__(self, total: int, tell: Tell) -> None:
        self._total, self._tell, self._done = total, tell, 0
        self._start = self._told = time.monotonic()

    def more(self, cases: int) -> None:
        self._done += cases
        at = time.monotonic()
        if at - self._told < _TELL_S and self._done < self._total:
            return
        self._told = at
        speed = self._done / max(0.001, at - self._start)
        left = (self._total - self._done) / max(1.0, speed)
        self._tell(f"{self._done:,} of {self._total:,} cases, {speed:,.0f} a second, {left:.0f} s to go")
