"""Append-only means it, by every way SQL has of changing a row."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from webapp.config import Config
from webapp.store.engine import make_engine
from webapp.store.triggers import create_append_only, declared_triggers, existing_triggers

BOTH = [
    "UPDATE case_event SET kind = 'x'",
    "DELETE FROM case_event",
    "INSERT INTO case_event (id, kind) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET kind = 'x'",
]
SQLITE = [
    "INSERT OR REPLACE INTO case_event (id, kind) VALUES (1, 'x')",
    "REPLACE INTO case_event (id, kind) VALUES (1, 'x')",
    "UPDATE OR REPLACE case_event SET id = 1 WHERE id = 2",
]
POSTGRES = [
    "TRUNCATE case_event",
    "TRUNCATE case_event CASCADE",
    "UPDATE case_event SET kind = 'x' WHERE id = 99",
    "SET session_replication_role = replica; DELETE FROM case_event",
]


@pytest.fixture
def connection(config: Config) -> Iterator[Connection]:
    engine = make_engine(config)
    with engine.begin() as opened:
        opened.execute(text("CREATE TABLE case_event (id integer PRIMARY KEY, kind text)"))
        create_append_only(opened, "case_event")
        opened.execute(text("INSERT INTO case_event VALUES (1, 'submitted'), (2, 'received')"))
    with engine.connect() as opened:
        yield opened
    engine.dispose()


def _assert_refused(connection: Connection, statement: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text(statement))
    connection.rollback()
    rows = connection.execute(text("SELECT id, kind FROM case_event ORDER BY id")).all()
    assert [tuple(row) for row in rows] == [(1, "submitted"), (2, "received")]


@pytest.mark.parametrize("statement", BOTH)
def test_a_change_is_refused_on_both_databases(connection: Connection, statement: str) -> None:
    _assert_refused(connection, statement)


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
@pytest.mark.parametrize("statement", SQLITE)
def test_replacing_is_refused_on_sqlite(connection: Connection, statement: str) -> None:
    _assert_refused(connection, statement)


@pytest.mark.parametrize("config", ["postgresql"], indirect=True)
@pytest.mark.parametrize("statement", POSTGRES)
def test_truncating_and_going_round_the_triggers_is_refused_on_postgresql(
    connection: Connection, statement: str
) -> None:
    _assert_refused(connection, statement)


def test_appending_is_allowed(connection: Connection) -> None:
    connection.execute(text("INSERT INTO case_event VALUES (3, 'answered')"))
    assert connection.scalar(text("SELECT count(*) FROM case_event")) == 3


def test_the_existing_triggers_are_the_declared_ones_also_when_made_twice(connection: Connection) -> None:
    create_append_only(connection, "case_event")
    assert existing_triggers(connection) == declared_triggers(connection.dialect.name, ["case_event"])


def test_a_dropped_trigger_shows(connection: Connection) -> None:
    name = "append_only_case_event_delete"
    where = "" if connection.dialect.name == "sqlite" else " ON case_event"
    connection.execute(text(f"DROP TRIGGER {name}{where}"))
    (missing,) = declared_triggers(connection.dialect.name, ["case_event"]) - existing_triggers(connection)
    assert missing.name == name


@pytest.mark.parametrize("config", ["postgresql"], indirect=True)
def test_a_disabled_trigger_shows(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE case_event DISABLE TRIGGER append_only_case_event_update"))
    assert existing_triggers(connection) != declared_triggers("postgresql", ["case_event"])


@pytest.mark.parametrize("name", ["", "Case", "a b", "x;drop", "a\n"])
def test_a_table_name_that_needs_quoting_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="plain table name"):
        declared_triggers("sqlite", [name])
