"""Makes the rows of many cases: `python -m webapp.demo.generate`, a process of its own.

A job comes on standard input as JSON; batches go out on standard output, each with its length before it.
"""

from __future__ import annotations

import gc
import hashlib
import json
import marshal
import random
import secrets
import struct
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import IO, Any

from webapp.core.regulation import Regulation
from webapp.core.secret_code import ALPHABET
from webapp.core.workflow import Actor
from webapp.demo import plot
from webapp.demo.files import read
from webapp.demo.life import Life, Town
from webapp.demo.rows import Batch, Numbers
from webapp.demo.when import Hours
from webapp.demo.words import Weighted, Words
from webapp.operations import intake
from webapp.operations.intake import CODE_SYMBOLS, Place, Report
from webapp.regulations.directory import COMMUNE
from webapp.regulations.installation import Installation
from webapp.regulations.load import load_installation
from webapp.store.keyring import MasterKeys
from webapp.store.sealing import Keys, Vault

BATCH = 500  # cases in one batch
TEXTS = 40  # text ids set aside for one case
# Every so many cases one more person tells each history, up to TELLERS: a million cases are 125,000
# histories, and the time goes into keys, seals and rows, which each case has of its own.
MANY = 50_000
TELLERS = 8
LENGTH = struct.Struct(">Q")
_YEARS = timedelta(days=730)
_BITS = 5 * CODE_SYMBOLS
_HALF = _BITS // 2


@dataclass(frozen=True)
class Job:
    """What one process makes: every `step`th batch from `first` on, of `cases` in all."""

    installation: str
    keys_folder: str
    now: str
    seed: int
    cases: int
    first: int
    step: int
    bases: dict[str, int]  # the last id in use, by table
    accounts: list[tuple[str, str, int]]  # role, agency, account
    taken: list[str]  # public numbers that are in use already


def send(out: IO[bytes], value: Any) -> None:
    data = marshal.dumps(value)
    out.write(LENGTH.pack(len(data)) + data)
    out.flush()


def receive(source: IO[bytes]) -> Any:
    """The next batch, or None at the end. Only ever read from our own child."""
    head = source.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    return marshal.loads(source.read(length))  # noqa: S302 (from our own child)


class Maker:
    """Makes batches of cases in the order of their submission."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.law: Installation = load_installation(job.installation)
        self.now = datetime.fromisoformat(job.now)
        masters = MasterKeys.load(Path(job.keys_folder))
        # Held in memory: asking the folder at every wrapping would cost more than the wrapping.
        newest = dict([masters.newest()])
        self.vault = Vault(Keys.load_or_create(Path(job.keys_folder)), MasterKeys(newest))
        self._taken = frozenset(job.taken)
        self._actors = {
            (role, agency): Actor(frozenset({role}), agency, account)
            for role, agency, account in job.accounts
        }
        secret = self.vault.blind_index("demo-numbers", self.law.code_prefix)
        self._rounds = [hashlib.sha256(f"{secret}/{part}".encode()).digest()[:16] for part in range(4)]

    def batches(self) -> Iterator[dict[str, Any]]:
        count = -(-self.job.cases // BATCH)
        for part in range(self.job.first, count, self.job.step):
            yield self.batch(part)

    def batch(self, part: int) -> dict[str, Any]:
        """The cases of one batch: their rows by table, and what they add to the public counts."""
        chance = random.Random(f"{self.job.seed}/{part}")  # noqa: S311 - histories, not keys
        first, last = part * BATCH, min((part + 1) * BATCH, self.job.cases)
        batch = Batch(self.law, self.vault, self.now)
        author = _Author(self, chance)
        tellers = min(TELLERS, 1 + self.job.cases // MANY)
        for number in range(first, last, tellers):
            told = range(number, min(number + tellers, last))
            life, reports = author.case(number, len(told))
            numbers = [self._numbers(each, each - number) for each in told]
            batch.add(life, list(zip(reports, numbers, strict=True)))
        counts = [(list(cell), sums) for cell, sums in batch.counts.items()]
        return {"cases": last - first, "tables": batch.tables, "counts": counts}

    def _numbers(self, number: int, place: int = 0) -> Numbers:
        base = self.job.bases
        return Numbers(
            case=base["cases"] + number + 1,
            content_key=base["data_key"] + 2 * number + 1,
            identity_key=base["data_key"] + 2 * number + 2,
            identity=base["identity"] + number + 1,
            submission=base["submission"] + number + 1,
            code=self.code(base["cases"] + number + 1),
            shift=TEXTS * place,
        )

    def first_text(self, number: int) -> int:
        return self.job.bases["text"] + TEXTS * number + 1

    def code(self, case: int) -> str:
        """A public number that looks random and that no other case id gives."""
        value = self._shuffled(case)
        while f"{self.law.code_prefix}-{_symbols(value)}" in self._taken:
            value = self._shuffled(value)
        return f"{self.law.code_prefix}-{_symbols(value)}"

    def _shuffled(self, value: int) -> int:
        """A keyed permutation of the numbers of `_BITS` bits (a Feistel network)."""
        left, right = value >> _HALF, value & ((1 << _HALF) - 1)
        for key in self._rounds:
            mixed = hashlib.blake2b(right.to_bytes(4, "big"), key=key, digest_size=4).digest()
            left, right = right, left ^ (int.from_bytes(mixed, "big") & ((1 << _HALF) - 1))
        return left << _HALF | right

    def actors(self) -> dict[tuple[str, str], Actor]:
        return self._actors


def _symbols(value: int) -> str:
    return "".join(ALPHABET[(value >> (5 * place)) & 31] for place in reversed(range(CODE_SYMBOLS)))


@dataclass(slots=True)
class _Kind:
    """What the reports of one history have in common."""

    category: str
    area: str
    secrecy: str = "hide_name"
    channel: str = "web"
    with_email: bool = False


class _Author:
    """Writes the cases of one batch from one seeded chance."""

    def __init__(self, maker: Maker, chance: random.Random) -> None:
        self._maker, self._chance = maker, chance
        self._words = Words(chance)
        weights = read("texts")["weights"]
        directory = maker.law.directory
        self._areas = Weighted(chance, [area.id for area in directory.areas], weights["area"])
        self._categories = Weighted(
            chance,
            [row.id for row in directory.categories if row.id in weights["category"]],
            weights["category"],
        )
        self._hours: dict[str, Hours] = {}

    def case(self, number: int, tellers: int) -> tuple[Life, list[Report]]:
        """One history, and as many reports of it by different people."""
        at = self._sent_at(number)
        area, category = self._areas.pick(), self._categories.pick()
        reports = self._reports(number, at, category, area, tellers)
        report = reports[0]
        regulation = self._governing(report, at)
        town = Town(
            regulation,
            self._hours_of(regulation),
            self._chance,
            self._words,
            self._maker.now,
            self._maker.actors(),
            self._maker.law.directory.coordinator.id,
        )
        life = Life(town, at, category, area, report.secrecy, self._maker.first_text(number))
        life.text("report", report.text)
        plot.live(life, _opening(regulation, report), *self._agencies(category, area))
        return life, reports

    def _sent_at(self, number: int) -> datetime:
        """Spread over two years in the order of numbers; more by day than by night."""
        share = (number + self._chance.random()) / self._maker.job.cases
        start = self._maker.now - _YEARS
        day = start + _YEARS * share
        zone = self._maker.law.first.zone
        hour = min(23, max(0, round(self._chance.gauss(13.5, 4.6))))
        clock = time(hour, int(self._chance.random() * 60), int(self._chance.random() * 60))
        local = datetime.combine(day.astimezone(zone).date(), clock, zone)
        moment = local + timedelta(microseconds=int(self._chance.random() * 1_000_000))
        latest = self._maker.now - timedelta(seconds=30 + self._chance.random() * 3000)
        return min(moment.astimezone(UTC), latest)

    def _reports(self, number: int, at: datetime, category: str, area: str, tellers: int) -> list[Report]:
        """Alike in what the record holds of them: the secrecy, the channel, which fields were given."""
        draw = self._chance.random()
        kind = _Kind(category, area)
        kind.secrecy = "confidential" if draw < 0.04 else "open" if draw < 0.3 else "hide_name"
        kind.channel = "email" if self._chance.random() < 0.05 else "web"
        kind.with_email = self._chance.random() < 0.3
        return [self._report(number + teller, at, kind) for teller in range(tellers)]

    def _report(self, number: int, at: datetime, kind: _Kind) -> Report:
        where = self._words.where()
        return Report(
            secret=secrets.token_hex(16),
            text=self._words.report(kind.category, where),
            place=self._place(kind.area, where),
            occurred_on=_legal_date(at, self._maker.law),
            person=self._words.person(number, kind.with_email),
            secrecy=kind.secrecy,
            undertaking=True,
            channel=kind.channel,
            category=kind.category,
            area=kind.area,
        )

    def _place(self, area: str, where: dict[str, str]) -> Place:
        spot = self._maker.law.directory.area(area)
        assert spot is not None
        return Place(
            f"{where['road']}, {where['spot']}",
            round(spot.lat + self._chance.uniform(-0.02, 0.02), 5),
            round(spot.lon + self._chance.uniform(-0.02, 0.02), 5),
            float(int(5 + self._chance.random() * 40)),
        )

    def _governing(self, report: Report, at: datetime) -> Regulation:
        law = self._maker.law
        area = law.directory.area(report.area or "")
        assert area is not None
        on = date.fromisoformat(report.occurred_on)
        for kind in dict.fromkeys(row.kind for row in law.applies):
            row = law.row_for(area.group, kind, report.channel, on)
            regulation = law.in_force(row.regulation, on) if row else None
            if regulation:
                return regulation
        raise LookupError(f"no regulation for {report.area} on {at}")

    def _hours_of(self, regulation: Regulation) -> Hours:
        return self._hours.setdefault(f"{regulation.id}/{regulation.version}", Hours(regulation.counting))

    def _agencies(self, category: str, area: str) -> tuple[str, str]:
        """Who gets the case, and who gets it when the first returns it."""
        committee = COMMUNE + area
        first = self._maker.law.directory.proposed_agency(category, area) or committee
        other = committee if first != committee else self._words.pick(("so-xaydung", "so-nnmt"))
        return first, other


def _legal_date(at: datetime, law: Installation) -> str:
    zone = law.first.zone
    return at.astimezone(zone).date().isoformat()


def _opening(regulation: Regulation, report: Report) -> dict[str, object]:
    return {
        "channel": report.channel,
        "secrecy": report.secrecy,
        "given": intake.given(report),
        "regulation": regulation.id,
        "version": regulation.version,
    }


def main() -> None:
    job = Job(**json.load(sys.stdin))
    maker = Maker(job)
    # What is made here has no cycles; the collector would only walk through it again and again.
    gc.freeze()
    gc.disable()
    for batch in maker.batches():
        send(sys.stdout.buffer, batch)


def as_json(job: Job) -> bytes:
    return json.dumps(asdict(job)).encode()


if __name__ == "__main__":
    main()
