"""Migrations make exactly what the models, the triggers and the partial indexes declare."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from tests.cast import Town
from webapp.config import Config
from webapp.store import migrate as migrations
from webapp.store.migrate import NewerSchema, current_revision, migrate
from webapp.store.models import Case
from webapp.store.session import Store
from webapp.store.triggers import declared_triggers, existing_triggers


@pytest.fixture
def migrated(config: Config):
    store = Store(config)
    migrate(store)
    yield store
    store.close()


def names_of_indexes(connection: Connection) -> set[str]:
    query = "SELECT name FROM sqlite_master WHERE type = 'index' AND name LIKE 'ix_%'"
    if connection.dialect.name == "postgresql":
        query = "SELECT indexname FROM pg_indexes WHERE indexname LIKE 'ix_%'"
    return {row[0] for row in connection.execute(text(query))}


def test_the_migrated_schema_is_what_the_models_say(migrated: Store):
    with migrated.reader() as session:
        connection = session.connection()
        # SQLite has no schemas, which the comparison does not know; there the index names must do.
        if connection.dialect.name == "postgresql":
            context = MigrationContext.configure(connection, opts={"include_schemas": True})
            assert compare_metadata(context, Case.metadata) == []
        declared = {str(index.name) for table in Case.metadata.tables.values() for index in table.indexes}
        assert names_of_indexes(connection) == declared


def test_a_migration_file_is_named_for_its_revision_and_they_follow_each_other():
    script = ScriptDirectory.from_config(migrations._config())
    chain = [revision.revision for revision in script.walk_revisions()]
    assert migrations._revisions() == list(reversed(chain))


def test_columns_on_sqlite_are_those_of_the_models(tmp_path: Path):
    store = Store(Config.from_environment({"HOIDAP_DATA": str(tmp_path)}))
    migrate(store)
    with store.reader() as session:
        for table in Case.metadata.tables.values():
            rows = session.execute(text(f"PRAGMA table_info({table.name})")).all()
            assert {row.name for row in rows} == {column.name for column in table.columns}, table.name
            assert {row.name for row in rows if row.notnull or row.pk} == {
                column.name for column in table.columns if not column.nullable
            }, table.name
    store.close()


def test_every_declared_trigger_is_there_and_no_other(migrated: Store):
    with migrated.reader() as session:
        connection = session.connection()
        assert existing_triggers(connection) == declared_triggers(connection.dialect.name)


def test_down_and_up_again_gives_the_same_schema(migrated: Store):
    def shape() -> tuple[set[str], frozenset]:
        with migrated.reader() as session:
            connection = session.connection()
            return names_of_indexes(connection), existing_triggers(connection)

    before = shape()
    with migrated.writer() as session:
        command.downgrade(migrations._config(session.connection()), "base")
    assert shape() == (set(), frozenset())
    migrate(migrated)
    assert shape() == before


def test_migrating_twice_changes_nothing_and_keeps_data(any_town: Town):
    receipt = any_town.to_published()
    migrate(any_town.house.store)
    assert any_town.file(receipt.case_id).row.code == receipt.number
    assert any_town.differences() == []


def test_a_newer_schema_is_refused(migrated: Store):
    with migrated.writer() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NewerSchema, match="9999"):
        migrate(migrated)
    assert current_revision(migrated) == "9999"
