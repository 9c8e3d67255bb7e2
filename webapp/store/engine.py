"""Engines for the two databases, with the settings our promises stand on asserted on every connection."""

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from webapp.config import Config
from webapp.store.columns import PUB_PREFIX, PUB_SCHEMA, SQLITE_SCHEMAS

PUBLIC_ROLE: Final = "hoidap_public"
BUSY_TIMEOUT_MS: Final = 30_000

# The execution option that says how a transaction begins on SQLite.
MODE: Final = "hoidap_mode"
_BEGIN: Final = {
    "read": ("PRAGMA query_only=ON", "BEGIN"),
    "write": ("PRAGMA query_only=OFF", "BEGIN IMMEDIATE"),
    "plain": ("PRAGMA query_only=OFF", "BEGIN"),
}

# synchronous 2 is FULL. Without recursive_triggers, INSERT OR REPLACE deletes past the append-only triggers.
_SQLITE_SETTINGS: Final[dict[str, str | int]] = {
    "busy_timeout": BUSY_TIMEOUT_MS,
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "recursive_triggers": 1,
    "secure_delete": 1,
    "wal_autocheckpoint": 4000,
    "trusted_schema": 0,
}
# remote_apply is stronger than on: it also waits for a standby.
_POSTGRES_SETTINGS: Final = {
    "fsync": ("on",),
    "full_page_writes": ("on",),
    "synchronous_commit": ("on", "remote_apply"),
}


class SettingsRefused(RuntimeError):
    """A connection does not have a setting our promises need, so it is not used."""


def make_engine(config: Config) -> Engine:
    """The engine of the inner doors and the worker. Its connections raise SettingsRefused when unsafe."""
    url = make_url(config.database_url)
    return _sqlite_engine(url) if url.get_backend_name() == "sqlite" else _postgres_engine(url)


def make_public_engine(config: Config) -> Engine:
    """The engine of the public door: reads tables named `pub_*` and nothing else, writes nothing.

    The database must exist. On PostgreSQL `grant_public` must have run, else connecting raises.
    """
    url = make_url(config.database_url)
    if url.get_backend_name() == "sqlite":
        return _sqlite_public_engine(url)
    return _postgres_public_engine(make_url(config.public_database_url or config.database_url))


# --- SQLite ------------------------------------------------------------------------------------


def _sqlite_engine(url: URL) -> Engine:
    path = _sqlite_path(url)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = _sqlite(url, lambda: sqlite3.connect(path, **_sqlite_arguments()))
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "checkin", _allow_writing)
    return engine


def _sqlite_public_engine(url: URL) -> Engine:
    address = f"{_sqlite_path(url).as_uri()}?mode=ro"
    engine = _sqlite(url, lambda: sqlite3.connect(address, uri=True, **_sqlite_arguments()))
    event.listen(engine, "connect", _set_up_public_sqlite)
    event.listen(engine, "begin", _begin_public_sqlite)
    return engine


def _sqlite(url: URL, creator: Callable[[], sqlite3.Connection]) -> Engine:
    options = {"schema_translate_map": SQLITE_SCHEMAS}
    return create_engine(url, creator=creator, pool_size=10, max_overflow=20, execution_options=options)


def _sqlite_arguments() -> dict[str, Any]:
    # isolation_level None: the driver begins nothing by itself, our begin event does.
    return {"isolation_level": None, "check_same_thread": False, "timeout": BUSY_TIMEOUT_MS / 1000}


def _sqlite_path(url: URL) -> Path:
    if not url.database or url.database == ":memory:" or url.query:
        raise SettingsRefused("SQLite needs a plain file: what is kept in memory is lost with the process")
    return Path(url.database).absolute()


def _set_up_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    for name, wanted in _SQLITE_SETTINGS.items():
        _set_pragma(connection, name, wanted)
    _assert_pragmas(connection, _SQLITE_SETTINGS)


def _set_up_public_sqlite(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
    _set_up_sqlite(connection, record)
    _set_pragma(connection, "query_only", 1)
    _assert_pragmas(connection, {"query_only": 1})
    # Last, because it refuses pragmas too.
    connection.set_authorizer(authorize_public)


def _set_pragma(connection: DBAPIConnection, name: str, wanted: str | int) -> None:
    # Turning on WAL does not wait for the busy time-out when several processes open a new file at once.
    deadline = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            connection.execute(f"PRAGMA {name}={wanted}").fetchall()
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _assert_pragmas(connection: DBAPIConnection, wanted: dict[str, str | int]) -> None:
    for name, value in wanted.items():
        (found,) = connection.execute(f"PRAGMA {name}").fetchone()
        if found != value:
            raise SettingsRefused(f"SQLite has {name}={found!r} but needs {value!r}")


def _begin_sqlite(connection: Connection) -> None:
    driver: Any = connection.connection.driver_connection
    for statement in _BEGIN[connection.get_execution_options().get(MODE, "plain")]:
        driver.execute(statement)


def _begin_public_sqlite(connection: Connection) -> None:
    driver: Any = connection.connection.driver_connection
    driver.execute("BEGIN")


def _allow_writing(connection: DBAPIConnection | None, _record: ConnectionPoolEntry) -> None:
    # A reader's connection goes back to the pool as it came; None is a connection already thrown away.
    if connection is not None:
        connection.execute("PRAGMA query_only=OFF")


# --- the wall on SQLite ------------------------------------------------------------------------

_ALLOWED: Final = frozenset(
    {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE, sqlite3.SQLITE_TRANSACTION, sqlite3.SQLITE_SAVEPOINT}
)
# SQLAlchemy asks read_uncommitted when it first connects, FTS5 asks data_version at every search.
_READABLE_PRAGMAS: Final = frozenset({"data_version", "read_uncommitted", "query_only"})
# What SQLite asks when FTS5 declares a table's columns to it. Nothing is written: the file is open
# read-only, and the schema table refuses statements that name it in an UPDATE.
_DECLARING: Final = frozenset(
    {(sqlite3.SQLITE_READ, "sqlite_master", "ROWID")}
    | {
        (sqlite3.SQLITE_UPDATE, "sqlite_master", column)
        for column in ("type", "name", "tbl_name", "rootpage", "sql")
    }
)
_REFUSED_FUNCTIONS: Final = frozenset({"load_extension", "readfile", "writefile", "edit", "fts3_tokenizer"})


def authorize_public(
    action: int, first: str | None, second: str | None, _database: str | None, _inner: str | None
) -> int:
    """SQLite's authorizer for the public door: SQLITE_OK for reading `pub_*`, SQLITE_DENY otherwise."""
    return sqlite3.SQLITE_OK if _may_public(action, first or "", second) else sqlite3.SQLITE_DENY


def _may_public(action: int, first: str, second: str | None) -> bool:
    if (action, first, second) in _DECLARING:
        return True
    if action == sqlite3.SQLITE_READ:
        return first.lower().startswith(PUB_PREFIX)
    if action == sqlite3.SQLITE_FUNCTION:
        return (second or "").lower() not in _REFUSED_FUNCTIONS
    if action == sqlite3.SQLITE_PRAGMA:
        return first.lower() in _READABLE_PRAGMAS and second is None
    return action in _ALLOWED


# --- PostgreSQL --------------------------------------------------------------------------------


def _postgres_engine(url: URL) -> Engine:
    engine = create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=20)
    event.listen(engine, "connect", _assert_postgres)
    return engine


def _postgres_public_engine(url: URL) -> Engine:
    engine = create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=20)
    event.listen(engine, "connect", _set_up_public_postgres)
    return engine


def _assert_postgres(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for name, wanted in _POSTGRES_SETTINGS.items():
        found = _fetch_one(cursor, f"SHOW {name}")
        if found not in wanted:
            raise SettingsRefused(f"PostgreSQL has {name}={found} but needs {wanted[0]}")
    connection.rollback()


_READABLE_BEYOND_PUB: Final = """
    SELECT coalesce(string_agg(c.oid::regclass::text, ', '), '') FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
      AND n.nspname NOT IN ('pub', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'
      AND (has_table_privilege(c.oid, 'SELECT') OR has_any_column_privilege(c.oid, 'SELECT'))
"""


def _set_up_public_postgres(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    # A login of its own that was not made by us need not be a member; the check below judges it.
    if _fetch_one(cursor, f"SELECT pg_has_role(current_user, '{PUBLIC_ROLE}', 'MEMBER')"):
        cursor.execute(f"SET ROLE {PUBLIC_ROLE}")
    cursor.execute("SET default_transaction_read_only = on")
    # One moment of the database for all of a page, as SQLite gives it.
    cursor.execute("SET default_transaction_isolation = 'repeatable read'")
    connection.commit()
    readable = _fetch_one(cursor, _READABLE_BEYOND_PUB)
    read_only = _fetch_one(cursor, "SHOW default_transaction_read_only")
    connection.rollback()
    if readable or read_only != "on":
        problem = f"can read {readable}" if readable else "can write"
        raise SettingsRefused(f"the public door {problem}: run grant_public, or mend its login")


def _fetch_one(cursor: Any, statement: str) -> Any:
    cursor.execute(statement)
    return cursor.fetchone()[0]


_MAKE_ROLE: Final = f"""
DO $$ BEGIN
    CREATE ROLE {PUBLIC_ROLE} NOLOGIN;
    GRANT {PUBLIC_ROLE} TO CURRENT_USER;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""
_GRANTS: Final = (
    f"CREATE SCHEMA IF NOT EXISTS {PUB_SCHEMA}",
    f"GRANT USAGE ON SCHEMA {PUB_SCHEMA} TO {PUBLIC_ROLE}",
    f"GRANT SELECT ON ALL TABLES IN SCHEMA {PUB_SCHEMA} TO {PUBLIC_ROLE}",
    f"ALTER DEFAULT PRIVILEGES IN SCHEMA {PUB_SCHEMA} GRANT SELECT ON TABLES TO {PUBLIC_ROLE}",
)


def grant_public(connection: Connection) -> None:
    """On PostgreSQL make the schema `pub` and the role that may read its tables, now and later; else nothing.

    Runs in the caller's transaction and may run again. The login needs CREATEROLE the first time.
    """
    if connection.dialect.name != "postgresql":
        return
    for statement in (_MAKE_ROLE, *_GRANTS):
        connection.execute(text(statement))
