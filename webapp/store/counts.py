"""The public figures: one cell for a month, a category, an area and an agency, added to as cases change."""

from __future__ import annotations

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from webapp.store import models

Cell = tuple[str, str, str, str]
Share = tuple[Cell, tuple[int, int, int]]


def add_counts(session: Session, old: Share | None, new: Share | None) -> None:
    """Take a case's share out as it was and put it in as it is: received, answered, on time."""
    if old == new:
        return
    for sign, part in ((-1, old), (1, new)):
        if part:
            cell, numbers = part
            _add(session, cell, tuple(sign * number for number in numbers))


def _add(session: Session, cell: Cell, numbers: tuple[int, ...]) -> None:
    table = models.PubCount.__table__
    assert isinstance(table, Table)
    dialect = session.get_bind().dialect.name
    make = sqlite.insert if dialect == "sqlite" else postgresql.insert
    names = ("received", "answered", "on_time")
    keys = ("month", "category", "area", "agency")
    statement = make(table).values(
        dict(zip(keys, cell, strict=True)) | dict(zip(names, numbers, strict=True))
    )
    session.execute(
        statement.on_conflict_do_update(
            index_elements=list(keys),
            set_={name: table.c[name] + number for name, number in zip(names, numbers, strict=True)},
        )
    )
