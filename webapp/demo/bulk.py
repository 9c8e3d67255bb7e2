"""Writing prepared rows as fast as the database takes them."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

from sqlalchemy import make_url, text

from webapp.demo.rows import Table
from webapp.operations.house import House
from webapp.store.columns import PUB_SCHEMA

WORTH_DROPPING = 20_000
# Parents before children, so that the order also pleases a database that checks at once.
ORDER = (
    *("data_key", "identity", "cases", "text", "submission", "case_event"),
    *("submission_state", "assignment", "deadline", "outbox"),
    *("pub.pub_card", "pub.pub_step", "pub.pub_clock", "pub.pub_content"),
)
_CACHE_KB = 1_000_000
TOGETHER = 40  # batches in one transaction
Write = Callable[[dict[str, Table]], None]


@contextmanager
def writer(house: House, *, fresh_indexes: bool) -> Iterator[Write]:
    """A function that writes batches; nobody else writes on SQLite meanwhile.

    With `fresh_indexes` secondary indexes are dropped before and made again after: sorting once is
    cheaper than a million insertions in no order.
    """
    way = _sqlite if house.store.engine.dialect.name == "sqlite" else _postgres
    with way(house, fresh_indexes) as write:
        yield write


# SQLite


@contextmanager
def _sqlite(house: House, fresh_indexes: bool) -> Iterator[Write]:
    house.store.close()
    with _lock(house), closing(_connect(house)) as connection:
        indexes = _drop_indexes(connection) if fresh_indexes else []
        transaction = _Transaction(connection)
        yield transaction.insert
        transaction.commit()
        for statement in indexes:
            connection.execute(statement)
        connection.execute("PRAGMA analysis_limit=1000")
        connection.execute("ANALYZE")
        # Durable from here on, as everything else in this database.
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _connect(house: House) -> sqlite3.Connection:
    path = make_url(house.config.database_url).database
    assert path is not None
    connection = sqlite3.connect(path, isolation_level=None, timeout=30)
    # A load that is cut off is thrown away, so it need not survive a power cut half way.
    for setting in ("synchronous=OFF", "foreign_keys=OFF", f"cache_size=-{_CACHE_KB}", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {setting}")
    connection.execute("PRAGMA wal_autocheckpoint=20000")
    return connection


@contextmanager
def _lock(house: House) -> Iterator[None]:
    """The lock file that every SQLite writer takes first, for the whole load."""
    descriptor = os.open(house.config.lock_file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        os.close(descriptor)


class _Transaction:
    """Batches share transactions: a page of an index in no order is then written once for many rows."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection, self._batches = connection, 0

    def insert(self, tables: dict[str, Table]) -> None:
        if not self._batches:
            self._connection.execute("BEGIN IMMEDIATE")
        for table in ORDER:
            if table in tables:
                columns, rows = tables[table]
                self._connection.executemany(_statement(table.removeprefix(f"{PUB_SCHEMA}."), columns), rows)
        self._batches += 1
        if self._batches == TOGETHER:
            self.commit()

    def commit(self) -> None:
        if self._batches:
            self._connection.execute("COMMIT")
            self._batches = 0


def _statement(table: str, columns: list[str]) -> str:
    # Names come from our own models, never from outside.
    marks = ",".join("?" * len(columns))
    names = ",".join(f'"{name}"' for name in columns)
    return f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608


def _drop_indexes(connection: sqlite3.Connection) -> list[str]:
    """Drop what was made by CREATE INDEX on our tables; returns the statements that make it again."""
    names = {table.removeprefix(f"{PUB_SCHEMA}.") for table in ORDER}
    query = "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    found = [row for row in connection.execute(query).fetchall() if row[1] in names]
    for name, _, _ in found:
        connection.execute(f"DROP INDEX {name}")
    return [sql for _, _, sql in found]


# PostgreSQL


@contextmanager
def _postgres(house: House, fresh_indexes: bool) -> Iterator[Write]:
    """COPY, a transaction a batch. Indexes stay: the server keeps up with the makers."""
    yield lambda tables: _copy(house, tables)
    with house.store.writer() as session:
        session.execute(text("ANALYZE"))
        for table in ("cases", "data_key", "identity", "submission", "text"):
            last = f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"  # noqa: S608
            session.execute(text(last))


def _copy(house: House, tables: dict[str, Table]) -> None:
    with house.store.writer() as session:
        raw: Any = session.connection().connection.driver_connection
        for table in ORDER:
            if table not in tables:
                continue
            columns, rows = tables[table]
            names = ",".join(f'"{name}"' for name in columns)
            with raw.cursor().copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
