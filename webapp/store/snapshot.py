"""The whole database at one moment, written to files while it is being used, and read back.

SQLite gives one database file; PostgreSQL gives one CSV file a table, which any version of it can read.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Integer, Table, text

from webapp.store.columns import PUB_SCHEMA, Base
from webapp.store.migrate import migrate_to

DATABASE: Final = "hoidap.db"
TABLES: Final = "tables"
PAGES: Final = 512  # 2 MB a step
_BLOCK: Final = 1024 * 1024


def write(connection: Connection, folder: Path) -> None:
    """Write what `connection`'s reading transaction sees. Writers are not held up meanwhile."""
    if connection.dialect.name == "sqlite":
        _write_sqlite(connection, folder / DATABASE)
    else:
        (folder / TABLES).mkdir(mode=0o700, exist_ok=True)
        for table in _tables(connection):
            _write_table(connection, table, _file(folder, table))


def load(connection: Connection, folder: Path, revision: str) -> None:
    """Fill an empty PostgreSQL database from `write`'s files, in the caller's transaction."""
    migrate_to(connection, revision)
    for table in _tables(connection):
        file = _file(folder, table)
        if file.exists():
            _load_table(connection, table, file)
            _continue_numbers(connection, table)


def empty(connection: Connection) -> None:
    """Throw every table of a PostgreSQL database away, in the caller's transaction."""
    for table in (*Base.metadata.sorted_tables, "alembic_version"):
        connection.execute(text(f"DROP TABLE IF EXISTS {table} CASCADE"))


def is_empty(connection: Connection) -> bool:
    return connection.execute(text("SELECT to_regclass('cases')")).scalar() is None


# SQLite


def _write_sqlite(connection: Connection, path: Path) -> None:
    source: Any = connection.connection.driver_connection
    # The transaction must have begun to read: that holds its moment still while others write on, so that
    # the copy, made in short steps, never has to begin again.
    connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")
    path.unlink(missing_ok=True)
    target = sqlite3.connect(path, isolation_level=None)
    try:
        source.backup(target, pages=PAGES, sleep=0)
        target.execute("PRAGMA journal_mode=DELETE")  # one file, and nothing beside it
    finally:
        target.close()
    sync(path)


# PostgreSQL


def _tables(connection: Connection) -> Iterator[Table]:
    """Tables that this database has, those first that others refer to."""
    for table in Base.metadata.sorted_tables:
        if connection.execute(text("SELECT to_regclass(:name)"), {"name": str(table)}).scalar():
            yield table


def _file(folder: Path, table: Table) -> Path:
    return folder / TABLES / f"{table.schema or 'public'}.{table.name}.csv"


def _write_table(connection: Connection, table: Table, path: Path) -> None:
    driver: Any = connection.connection.driver_connection
    with path.open("wb") as file, driver.cursor() as cursor:
        with cursor.copy(f"COPY {_name(table)} TO STDOUT (FORMAT csv, HEADER)") as copy:
            for block in copy:
                file.write(block)
        file.flush()
        os.fsync(file.fileno())


def _load_table(connection: Connection, table: Table, path: Path) -> None:
    driver: Any = connection.connection.driver_connection
    with path.open("rb") as file, driver.cursor() as cursor:
        columns = ", ".join(f'"{name}"' for name in file.readline().decode().strip().split(","))
        with cursor.copy(f"COPY {_name(table)} ({columns}) FROM STDIN (FORMAT csv)") as copy:
            while block := file.read(_BLOCK):
                copy.write(block)


def _continue_numbers(connection: Connection, table: Table) -> None:
    keys = list(table.primary_key)
    if len(keys) != 1 or not isinstance(keys[0].type, Integer):
        return
    name, key = _name(table), keys[0].name
    sequence = f"pg_get_serial_sequence('{name}', '{key}')"
    if connection.execute(text(f"SELECT {sequence}")).scalar():
        highest = f"(SELECT coalesce(max({key}), 0) FROM {name})"  # noqa: S608  our own names
        connection.execute(text(f"SELECT setval({sequence}, greatest(1, {highest}), {highest} > 0)"))


def _name(table: Table) -> str:
    return f"{PUB_SCHEMA}.{table.name}" if table.schema else table.name


def sync(path: Path) -> None:
    """Make a file or folder durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
