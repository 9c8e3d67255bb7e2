"""Triggers that make a table append-only, and the means to see that they are all still there.

SQLite's batch migrations drop triggers without a word, so after every migration a test compares
`existing_triggers` with `declared_triggers`, definitions included.
"""

import re
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from sqlalchemy import Connection

APPEND_ONLY_TABLES: Final = (
    "calendar_day",
    "calendar_notice",
    "case_event",
    "erasure",
    "reveal",
    "reveal_delay",
)

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,40}\Z")
_FUNCTION: Final = "hoidap_append_only"
_MAKE_FUNCTION: Final = f"""
CREATE OR REPLACE FUNCTION {_FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP; END $$
"""
_EXISTING_SQLITE: Final = "SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger'"
# tgenabled A is ENABLE ALWAYS; the pretty form names only what the search path does not find.
_EXISTING_POSTGRES: Final = """
SELECT c.relname, t.tgname, pg_get_triggerdef(t.oid, true) || ' ' || t.tgenabled::text
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal
"""


class Trigger(NamedTuple):
    """One trigger: its table, its name and its definition as the database tells it."""

    table: str
    name: str
    definition: str


def create_append_only(connection: Connection, table: str) -> None:
    """Refuse UPDATE and DELETE (TRUNCATE too on PostgreSQL) on `table`; may run again.

    Runs in the caller's transaction. ValueError for a name that is not plain lower-case letters.
    """
    create = _create_on_sqlite if connection.dialect.name == "sqlite" else _create_on_postgres
    create(connection, declared_triggers(connection.dialect.name, [table]))


def declared_triggers(dialect: str, tables: Iterable[str] = APPEND_ONLY_TABLES) -> frozenset[Trigger]:
    """The triggers that must exist for `tables` on "sqlite" or "postgresql"."""
    declare: Callable[[str], list[Trigger]] = _sqlite_triggers if dialect == "sqlite" else _postgres_triggers
    return frozenset(trigger for table in tables for trigger in declare(_plain(table)))


def existing_triggers(connection: Connection) -> frozenset[Trigger]:
    """Every trigger in the database, whoever made it, in the form `declared_triggers` gives."""
    query = _EXISTING_SQLITE if connection.dialect.name == "sqlite" else _EXISTING_POSTGRES
    return frozenset(Trigger(*row) for row in connection.exec_driver_sql(query))


def _plain(table: str) -> str:
    if not _NAME.match(table):
        raise ValueError(f"{table!r} is not a plain table name")
    return table


def _sqlite_triggers(table: str) -> list[Trigger]:
    return [_sqlite_trigger(table, verb) for verb in ("update", "delete")]


def _sqlite_trigger(table: str, verb: str) -> Trigger:
    name = f"append_only_{table}_{verb}"
    refusal = f"SELECT RAISE(ABORT, '{table} is append-only: {verb.upper()} refused');"
    return Trigger(table, name, f"CREATE TRIGGER {name} BEFORE {verb.upper()} ON {table} BEGIN {refusal} END")


def _postgres_triggers(table: str) -> list[Trigger]:
    return [_postgres_trigger(table, verb) for verb in ("update", "delete", "truncate")]


def _postgres_trigger(table: str, verb: str) -> Trigger:
    # Per statement, so that a statement that touches no row is refused as well.
    name = f"append_only_{table}_{verb}"
    where = f"BEFORE {verb.upper()} ON {table} FOR EACH STATEMENT"
    return Trigger(table, name, f"CREATE TRIGGER {name} {where} EXECUTE FUNCTION {_FUNCTION}() A")


def _create_on_sqlite(connection: Connection, triggers: Iterable[Trigger]) -> None:
    for trigger in triggers:
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {trigger.name}")
        connection.exec_driver_sql(trigger.definition)


def _create_on_postgres(connection: Connection, triggers: Iterable[Trigger]) -> None:
    connection.exec_driver_sql(_MAKE_FUNCTION.replace("%", "%%"))
    for table, name, definition in triggers:
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name} ON {table}")
        connection.exec_driver_sql(definition.removesuffix(" A"))
        # ALWAYS: a session that plays replica skips ordinary triggers.
        connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")
