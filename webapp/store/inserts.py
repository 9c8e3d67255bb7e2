"""Adding and dropping rows without the bookkeeping of the ORM: one prepared statement for each table.

For the paths that write many rows in one transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Table, bindparam, delete, insert
from sqlalchemy.orm import Session

from webapp.store.columns import Base
from webapp.store.prepared import Prepared

Values = dict[str, Any]


def add(session: Session, model: type[Base], values: Values) -> int:
    """Add one row and return the id that it got."""
    named = _named(model, values)
    cursor = _into(_table(model), tuple(named), returning=True).run(session, named)
    id: int = cursor.lastrowid if cursor.description is None else cursor.fetchone()[0]
    return id


def add_all(session: Session, model: type[Base], rows: Sequence[Values]) -> None:
    """Add rows that all have the same attributes."""
    put_all(session, _table(model), [_named(model, row) for row in rows])


def put_all(session: Session, table: Table, rows: Sequence[Values]) -> None:
    """Add rows that are told by columns of a table, all by the same."""
    if rows:
        _into(table, tuple(rows[0])).run(session, rows)


def drop(session: Session, model: type[Base], column: str, value: object) -> None:
    """Delete the rows with that value, if there are any; for rows that nobody holds in this session."""
    _without(model, column).run(session, {"value": value})


@cache
def _into(table: Table, names: tuple[str, ...], *, returning: bool = False) -> Prepared:
    statement = insert(table) if returning else insert(table).inline()
    return Prepared(statement, names)


@cache
def _without(model: type[Base], column: str) -> Prepared:
    table = _table(model)
    return Prepared(delete(table).where(table.c[column] == bindparam("value")))


def _table(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table


def _named(model: type[Base], values: Values) -> Values:
    renamed = _renamed(model)
    return {renamed.get(name, name): value for name, value in values.items()} if renamed else values


@cache
def _renamed(model: type[Base]) -> Values:
    """The attributes whose column has another name."""
    pairs = {row.key: row.columns[0].name for row in model.__mapper__.column_attrs}
    return {name: column for name, column in pairs.items() if name != column}
