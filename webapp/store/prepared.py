"""Statements put together once and then handed to the driver as they are.

SQLAlchemy compiles a statement once too, but looks it up, wraps its values and makes a result for each run:
that takes ten times as long as SQLite takes to add the row. For statements of busy paths only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Dialect, Executable
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from webapp.store.columns import SQLITE_SCHEMAS

# Where a session keeps its one connection for the whole of its one transaction: asking it each time costs as
# much as the statement.
CONNECTION = "hoidap_connection"
Values = Mapping[str, Any]
_Compiled = tuple[str, Sequence[str] | None, Mapping[str, Callable[[Any], Any]]]


class Prepared:
    """`statement` with the values that `names` say, or with those that it binds itself."""

    def __init__(self, statement: Executable, names: Sequence[str] | None = None) -> None:
        self._statement, self._names = statement, names
        self._by_dialect: dict[str, _Compiled] = {}

    def run(self, session: Session, values: Values | Sequence[Values]) -> Any:
        """Once, or once for each of a list; the driver's own cursor, with values as the driver gives them.

        What is pending in the session goes first: this may depend on it. Raises what SQLAlchemy raises.
        """
        session.flush()
        connection = session.info.get(CONNECTION) or session.connection()
        dialect = connection.dialect
        text, order, shapes = self._by_dialect.get(dialect.name) or self._compile(dialect)
        cursor = connection.connection.cursor()
        try:
            if isinstance(values, Mapping):
                cursor.execute(text, _ready(order, shapes, values))
            else:
                cursor.executemany(text, [_ready(order, shapes, row) for row in values])
        except dialect.loaded_dbapi.Error as error:
            # Without the values, for they may be a person's.
            raise DBAPIError.instance(
                text, None, error, dialect.loaded_dbapi.Error, hide_parameters=True, dialect=dialect
            ) from error
        return cursor

    def _compile(self, dialect: Dialect) -> _Compiled:
        schemas = SQLITE_SCHEMAS if dialect.name == "sqlite" else None
        compiled: Any = self._statement.compile(  # type: ignore[attr-defined]
            dialect=dialect,
            column_keys=self._names,
            schema_translate_map=schemas,
            render_schema_translate=schemas is not None,
        )
        shapes = {
            name: bind.type.dialect_impl(dialect).bind_processor(dialect)
            for name, bind in compiled.binds.items()
        }
        needed = {name: shape for name, shape in shapes.items() if shape}
        found = self._by_dialect[dialect.name] = (str(compiled), compiled.positiontup, needed)
        return found


def _ready(order: Sequence[str] | None, shapes: Mapping[str, Callable[[Any], Any]], values: Values) -> Any:
    if order is None:
        return {**values, **{name: shape(values[name]) for name, shape in shapes.items()}}
    return [shape(values[name]) if (shape := shapes.get(name)) else values[name] for name in order]
