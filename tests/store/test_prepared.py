"""Statements that go to the driver as they are: on both databases they mean what SQLAlchemy would mean."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError

from tests.cast import Town
from webapp.store import inserts, models
from webapp.store.prepared import Prepared

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
KEY = {"purpose": "identity", "wrapped": b"\x01\x02", "created_at": AT}


def test_a_row_comes_back_as_it_was_given_with_its_id(any_town: Town) -> None:
    with any_town.house.store.writer() as session:
        id = inserts.add(session, models.DataKey, KEY)
    with any_town.house.store.reader() as session:
        row = session.get_one(models.DataKey, id)
        assert (row.purpose, row.wrapped, row.created_at) == ("identity", b"\x01\x02", AT)


def test_many_rows_and_what_was_pending_before_them(any_town: Town) -> None:
    with any_town.house.store.writer() as session:
        session.add(models.Meta(key="a", value="1"))
        inserts.add_all(session, models.Meta, [{"key": name, "value": name} for name in "bc"])
        inserts.drop(session, models.Meta, "key", "b")
        found = Prepared(select(models.Meta.value).where(models.Meta.key == bindparam("key")))
        values = [found.run(session, {"key": name}).fetchone() for name in "abc"]
    assert values == [("1",), None, ("c",)]


def test_a_broken_key_is_the_usual_error_and_tells_no_values(any_town: Town) -> None:
    row = {"key": "nobody", "value": "0905123456"}
    with pytest.raises(IntegrityError) as broken, any_town.house.store.writer() as session:
        inserts.add_all(session, models.Meta, [row, row])
    assert "0905123456" not in str(broken.value)
