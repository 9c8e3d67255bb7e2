"""Token buckets in a database of their own, shared by all processes of this machine.

Nothing here is worth an fsync or a backup: a lost bucket is a full one. Who stands behind a bucket cannot be
told from the file: its name is an HMAC under a random key that is thrown away every day.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import math
import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

log = logging.getLogger("hoidap.limits")
BUSY_S: Final = 2.0
_SWEEP_EVERY: Final = 256
_SCHEMA: Final = """
    PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA secure_delete=ON;
    CREATE TABLE IF NOT EXISTS day (day TEXT PRIMARY KEY, key BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS bucket (name BLOB PRIMARY KEY, tokens REAL NOT NULL, at REAL NOT NULL,
        full_at REAL NOT NULL) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS bucket_full ON bucket (full_at);
"""
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Rule:
    """A bucket of `burst` tokens that fills again at `each` tokens in `seconds`.

    A `soft` one keeps nobody waiting: when it is empty it stays empty, and only tells that it is.
    """

    purpose: str
    each: float
    seconds: float
    burst: float
    soft: bool = False

    @property
    def rate(self) -> float:
        return self.each / self.seconds


@dataclass(frozen=True, slots=True)
class Draw:
    """So many tokens from one subject's bucket of a rule."""

    rule: Rule
    subject: str = ""
    tokens: float = 1


class Limits:
    """The buckets in one file. A fault of the file lets people in: a limit is no reason to lose a report."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._here = threading.Lock()
        self._database: sqlite3.Connection | None = None
        self._takes = 0

    def take(self, draws: Sequence[Draw], now: datetime) -> int:
        """Draw from all buckets or from none: 0, or the seconds until it is worth asking again."""
        return self._tried(lambda db: self._take(db, draws, now), 0)

    def give_back(self, draws: Sequence[Draw], now: datetime) -> None:
        """Put tokens back that turned out to be no attempt on anything."""
        self._tried(lambda db: self._give_back(db, draws, now), None)

    def level(self, draw: Draw, now: datetime) -> float:
        """How full a bucket is, from 0 to 1; nothing is drawn."""
        return self._tried(lambda db: self._level(db, draw, now), 1.0)

    def close(self) -> None:
        with self._here:
            self._forget()

    def _take(self, db: sqlite3.Connection, draws: Sequence[Draw], now: datetime) -> int:
        at, key = now.timestamp(), _key_of(db, now)
        left = [(draw, _name(key, draw), _filled(db, _name(key, draw), draw.rule, at)) for draw in draws]
        hard = (row for row in left if not row[0].rule.soft)
        waits = [(draw.tokens - tokens) / draw.rule.rate for draw, _, tokens in hard]
        if max(waits, default=0) > 0:
            return math.ceil(max(waits))
        for draw, name, tokens in left:
            _keep(db, name, draw.rule, max(0.0, tokens - draw.tokens), at)
        self._sweep(db, at)
        return 0

    def _level(self, db: sqlite3.Connection, draw: Draw, now: datetime) -> float:
        name = _name(_key_of(db, now), draw)
        return _filled(db, name, draw.rule, now.timestamp()) / draw.rule.burst

    def _give_back(self, db: sqlite3.Connection, draws: Sequence[Draw], now: datetime) -> None:
        at, key = now.timestamp(), _key_of(db, now)
        for draw in draws:
            name = _name(key, draw)
            tokens = min(draw.rule.burst, _filled(db, name, draw.rule, at) + draw.tokens)
            _keep(db, name, draw.rule, tokens, at)

    def _sweep(self, db: sqlite3.Connection, at: float) -> None:
        """A full bucket and no bucket are the same thing."""
        self._takes += 1
        if self._takes % _SWEEP_EVERY == 1:
            db.execute("DELETE FROM bucket WHERE full_at < ?", (at,))

    def _tried(self, work: Callable[[sqlite3.Connection], Result], otherwise: Result) -> Result:
        with self._here:
            try:
                with _transaction(self._open()) as database:
                    return work(database)
            except sqlite3.OperationalError as error:  # locked, or the disk is full
                log.warning("limits are not kept: %s", error.sqlite_errorname)
            except sqlite3.DatabaseError:  # without fsyncs a power cut may break the file
                log.warning("limits.db was broken and is made anew")
                self._forget()
                _remove(self._path)
        return otherwise

    def _open(self) -> sqlite3.Connection:
        if self._database is None:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._database = sqlite3.connect(
                self._path, timeout=BUSY_S, isolation_level=None, check_same_thread=False
            )
            self._database.executescript(_SCHEMA)
            self._path.chmod(0o600)
        return self._database

    def _forget(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None


@contextmanager
def _transaction(database: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    database.execute("BEGIN IMMEDIATE")
    try:
        yield database
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


def _key_of(db: sqlite3.Connection, now: datetime) -> bytes:
    """Today's key. At the first request of a day yesterday's goes, and all buckets that it named."""
    day = now.astimezone(UTC).date().isoformat()
    row = db.execute("SELECT key FROM day WHERE day = ?", (day,)).fetchone()
    if row is None:
        row = (secrets.token_bytes(32),)
        db.execute("DELETE FROM day")
        db.execute("DELETE FROM bucket")
        db.execute("INSERT INTO day (day, key) VALUES (?, ?)", (day, *row))
    key: bytes = row[0]
    return key


def _name(key: bytes, draw: Draw) -> bytes:
    return hmac.digest(key, f"{draw.rule.purpose}\0{draw.subject}".encode(), hashlib.sha256)[:16]


def _filled(db: sqlite3.Connection, name: bytes, rule: Rule, at: float) -> float:
    """What is in the bucket at this moment; a clock that went back fills nothing."""
    row = db.execute("SELECT tokens, at FROM bucket WHERE name = ?", (name,)).fetchone()
    if row is None:
        return rule.burst
    return min(rule.burst, float(row[0]) + max(0.0, at - float(row[1])) * rule.rate)


def _keep(db: sqlite3.Connection, name: bytes, rule: Rule, tokens: float, at: float) -> None:
    full_at = at + (rule.burst - tokens) / rule.rate
    db.execute("INSERT OR REPLACE INTO bucket VALUES (?, ?, ?, ?)", (name, tokens, at, full_at))


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
