"""Bringing a database to the schema of this version, under the write lock, and refusing a newer one."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from webapp.store.engine import grant_public
from webapp.store.session import Store
from webapp.store.shipped import shipped

HEAD: Final = "head"


class NewerSchema(Exception):
    """The database was written by a later version of the program; this one must not touch it."""


def migrate(store: Store) -> None:
    """Bring the database to this version's schema. Raises NewerSchema."""
    with store.writer() as session:
        connection = session.connection()
        current, script = _current(connection), ScriptDirectory.from_config(_config())
        if current is not None and current not in {revision.revision for revision in script.walk_revisions()}:
            raise NewerSchema(f"the database is at schema {current}, which this version does not know")
        if current != script.get_current_head():
            grant_public(connection)
            command.upgrade(_config(connection), "head")
            grant_public(connection)


def is_current(connection: Connection) -> bool:
    """Whether the database has the schema of this version."""
    return _current(connection) == ScriptDirectory.from_config(_config()).get_current_head()


def migrate_to(connection: Connection, revision: str) -> None:
    """Bring a database up to `revision` (or HEAD) in the caller's transaction. Raises NewerSchema."""
    script = ScriptDirectory.from_config(_config())
    if revision != HEAD and revision not in {row.revision for row in script.walk_revisions()}:
        raise NewerSchema(f"the data is of schema {revision}, which this version does not know")
    grant_public(connection)
    command.upgrade(_config(connection), revision)
    grant_public(connection)


def current_revision(store: Store) -> str | None:
    with store.reader() as session:
        return _current(session.connection())


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config(connection: Connection | None = None) -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(migrations_folder()))
    config.attributes["connection"] = connection
    return config


def migrations_folder() -> Path:
    return shipped("migrations")
