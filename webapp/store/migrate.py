"""Bringing a database to the schema of this version, under the write lock, and refusing a newer one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, inspect, text

from webapp.store.engine import grant_public
from webapp.store.session import Store
from webapp.store.shipped import shipped

if TYPE_CHECKING:
    from alembic.config import Config as AlembicConfig

HEAD: Final = "head"


class NewerSchema(Exception):
    """The database was written by a later version of the program; this one must not touch it."""


def migrate(store: Store) -> None:
    """Bring the database to this version's schema. Raises NewerSchema."""
    with store.writer() as session:
        connection = session.connection()
        current, known = _current(connection), _revisions()
        if current is not None and current not in known:
            raise NewerSchema(f"the database is at schema {current}, which this version does not know")
        if current != known[-1]:
            _upgrade(connection, HEAD)


def is_current(connection: Connection) -> bool:
    """Whether the database has the schema of this version."""
    return _current(connection) == _revisions()[-1]


def migrate_to(connection: Connection, revision: str) -> None:
    """Bring a database up to `revision` (or HEAD) in the caller's transaction. Raises NewerSchema."""
    if revision != HEAD and revision not in _revisions():
        raise NewerSchema(f"the data is of schema {revision}, which this version does not know")
    _upgrade(connection, revision)


def current_revision(store: Store) -> str | None:
    with store.reader() as session:
        return _current(session.connection())


def _upgrade(connection: Connection, revision: str) -> None:
    from alembic import command  # a third of the time a process takes to start, and almost never needed

    grant_public(connection)
    command.upgrade(_config(connection), revision)
    grant_public(connection)


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def _revisions() -> list[str]:
    """In their order: a migration's file name begins with its revision."""
    return sorted(path.name.split("_")[0] for path in (migrations_folder() / "versions").glob("[0-9]*_*.py"))


def _config(connection: Connection | None = None) -> AlembicConfig:
    from alembic.config import Config as AlembicConfig

    config = AlembicConfig()
    config.set_main_option("script_location", str(migrations_folder()))
    config.attributes["connection"] = connection
    return config


def migrations_folder() -> Path:
    return shipped("migrations")
