"""Adding and dropping rows without the bookkeeping of the ORM: one prepared statement per table.

For the paths that write many rows in one transaction. What is pending in the session goes first, because it
may be what these rows refer to.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Delete, Insert, Table, bindparam, delete, insert
from sqlalchemy.orm import Session

from webapp.store.columns import Base

Values = dict[str, Any]


def add(session: Session, model: type[Base], values: Values) -> int:
    """Add one row and return the id that it got."""
    session.flush()
    result = session.connection().execute(_insert(model), _named(model, values))
    key = result.inserted_primary_key
    assert key is not None
    id: int = key[0]
    return id


def add_all(session: Session, model: type[Base], rows: Sequence[Values]) -> None:
    """Add rows that all have the same attributes."""
    if rows:
        session.flush()
        session.connection().execute(_insert(model), [_named(model, row) for row in rows])


def put_all(session: Session, table: Table, rows: Sequence[Values]) -> None:
    """Add rows that are told by columns of a table."""
    session.flush()
    session.connection().execute(_into(table), list(rows))


def drop(session: Session, model: type[Base], column: str, value: object) -> None:
    """Delete the rows with that value, if there are any; for rows that nobody holds in this session."""
    session.flush()
    session.connection().execute(_without(model, column), {"value": value})


@cache
def _without(model: type[Base], column: str) -> Delete:
    table = model.__table__
    assert isinstance(table, Table)
    return delete(table).where(table.c[column] == bindparam("value"))


def _insert(model: type[Base]) -> Insert:
    table = model.__table__
    assert isinstance(table, Table)
    return _into(table)


@cache
def _into(table: Table) -> Insert:
    return insert(table)


def _named(model: type[Base], values: Values) -> Values:
    renamed = _renamed(model)
    return {renamed.get(name, name): value for name, value in values.items()} if renamed else values


@cache
def _renamed(model: type[Base]) -> Values:
    """The attributes whose column has another name."""
    pairs = {row.key: row.columns[0].name for row in model.__mapper__.column_attrs}
    return {name: column for name, column in pairs.items() if name != column}
