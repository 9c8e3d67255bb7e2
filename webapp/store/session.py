"""Transactions: who may read, who may write, and that only the outermost caller commits."""

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NoReturn

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from webapp.config import Config
from webapp.store.engine import MODE, make_engine, make_public_engine
from webapp.store.prepared import CONNECTION
from webapp.store.scrub import scrub_postgres, scrub_sqlite

LOCK_TIMEOUT_S: Final = 30.0
SCRUB_WAIT_S: Final = 10.0
_LOOKS: Final = 36
_LOOK_S: Final = 0.0001
_HOOKS: Final = "hoidap_after_commit"


class StoreBusy(Exception):
    """Another writer held the database for longer than the time-out; the same request may be sent again."""


class _Inside(Session):
    """A session whose transaction belongs to whoever opened it."""

    def commit(self) -> NoReturn:
        raise RuntimeError("operations never commit: leave the `with store.writer()` block instead")

    def rollback(self) -> NoReturn:
        raise RuntimeError("operations never roll back: raise out of the block, or use begin_nested()")


class Store:
    """The database of one process: `reader()`, `writer()` and `public()` sessions."""

    def __init__(self, config: Config, *, lock_timeout_s: float = LOCK_TIMEOUT_S) -> None:
        self.engine = make_engine(config)
        self.public_engine = make_public_engine(config)
        self._reading = _reader_of(self.engine)
        self._writing = self.engine.execution_options(**{MODE: "write"})
        self._lock_file = config.lock_file if self.engine.dialect.name == "sqlite" else None
        self._lock_timeout_s = lock_timeout_s
        self._here = threading.local()
        self._turn = threading.Lock()

    @contextmanager
    def reader(self) -> Iterator[Session]:
        """A session that sees one moment of the database and can write nothing.

        Raises RuntimeError when something was added or changed in it, rather than losing it silently.
        """
        with _reading(self._reading) as session:
            yield session

    @contextmanager
    def public(self) -> Iterator[Session]:
        """A reading session of the public door, which sees tables named `pub_*` and nothing else."""
        with _reading(self.public_engine) as session:
            yield session

    @contextmanager
    def writer(self) -> Iterator[Session]:
        """One writing transaction: commits when the block ends, rolls back when it raises.

        Raises StoreBusy after the time-out, RuntimeError inside another writer of the same thread.
        Hooks given to `after_commit` run last, when the lock is free again; when some fail, the others
        still run and an ExceptionGroup tells of them, though what was written stays written.
        """
        with self._only_one_here(), self._writing.connect() as connection, _joined(connection) as session:
            session.info[_HOOKS] = []
            # Nothing that can be done before or after the turn is done within it.
            with self._locked(), connection.begin():
                yield session
                session.flush()
        _run(session.info[_HOOKS])

    def scrub(self, wait_s: float = SCRUB_WAIT_S) -> None:
        """Let what was deleted leave the files. Raises StoreBusy when somebody is in the way for so long.

        With `secure_delete` SQLite has written over it in the database; here the log of old pages goes too.
        """
        if self._lock_file is None:
            if not scrub_postgres(self.engine, wait_s):
                raise StoreBusy("somebody uses a table that is to be written anew")
            return
        with self._only_one_here(), self._locked():
            if not scrub_sqlite(self.engine, wait_s):
                raise StoreBusy("a reader still sees what was deleted")

    def close(self) -> None:
        """Close pooled connections; the store may still be used and opens new ones."""
        self.engine.dispose()
        self.public_engine.dispose()

    @contextmanager
    def _only_one_here(self) -> Iterator[None]:
        if getattr(self._here, "writing", False):
            raise RuntimeError("this thread is already inside a writer: pass its session down")
        self._here.writing = True
        try:
            yield
        finally:
            self._here.writing = False

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """On SQLite wait for the turn among this process's threads, then among processes."""
        if self._lock_file is None:
            yield
            return
        deadline = time.monotonic() + self._lock_timeout_s
        if not self._turn.acquire(timeout=self._lock_timeout_s):
            raise StoreBusy("another thread is writing")
        try:
            with _file_lock(self._lock_file, deadline):
                yield
        finally:
            self._turn.release()


@contextmanager
def _joined(connection: Connection) -> Iterator[Session]:
    """A session in the transaction that its caller begins and ends on this connection."""
    mode: Final = "rollback_only"
    with _Inside(connection, expire_on_commit=False, join_transaction_mode=mode) as session:
        session.info[CONNECTION] = connection
        yield session


def after_commit(session: Session, hook: Callable[[], object]) -> None:
    """Run `hook` once the writer's transaction is committed; never when it rolls back.

    Raises RuntimeError for a session that is not a writer's.
    """
    if _HOOKS not in session.info:
        raise RuntimeError("only a writer's session has something to run after its commit")
    session.info[_HOOKS].append(hook)


def _run(hooks: list[Callable[[], object]]) -> None:
    failures: list[Exception] = []
    for hook in hooks:
        try:
            hook()
        except Exception as failure:
            failures.append(failure)
    if failures:
        raise ExceptionGroup("committed, but hooks failed afterwards", failures)


def _reader_of(engine: Engine) -> Engine:
    if engine.dialect.name == "sqlite":
        return engine.execution_options(**{MODE: "read"})
    # Repeatable read gives a page one moment of the database, as SQLite does.
    return engine.execution_options(postgresql_readonly=True, isolation_level="REPEATABLE READ")


@contextmanager
def _reading(engine: Engine) -> Iterator[Session]:
    with _Inside(engine, expire_on_commit=False) as session:
        yield session
        if session.new or session.dirty or session.deleted:
            raise RuntimeError("a reading session was changed: use store.writer() to write")


@contextmanager
def _file_lock(path: Path, deadline: float) -> Iterator[None]:
    # A descriptor of its own each time: flock belongs to the open file, so two of them exclude each other
    # even inside one process, and the kernel frees the lock of a killed process.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _wait_for(descriptor, deadline)
        yield
    finally:
        # Closing alone would leave it locked while a child forked meanwhile still has the descriptor.
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        os.close(descriptor)


def _wait_for(descriptor: int, deadline: float) -> None:
    # Most transactions are over within a few milliseconds, which is not worth a thread.
    for _ in range(_LOOKS):
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_LOOK_S)
    return _queue_for(descriptor, deadline)


def _queue_for(descriptor: int, deadline: float) -> None:
    # The kernel's queue is fair where trying again and again is not (8 processes that do nothing but write
    # waited 45 ms instead of 141 ms at the 99th percentile), but it knows no time-out, so another thread
    # stands in it. One that is given up gets the lock of a closed file, which the kernel frees at once.
    got_it = threading.Event()
    threading.Thread(target=_stand_in_line, args=(descriptor, got_it), daemon=True).start()
    if not got_it.wait(max(0.0, deadline - time.monotonic())):
        raise StoreBusy("another process is writing")


def _stand_in_line(descriptor: int, got_it: threading.Event) -> None:
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    got_it.set()
