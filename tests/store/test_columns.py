"""Column types behave alike on both databases."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import MetaData, select, text
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from webapp.store.columns import PUB_SCHEMA, Base, canonical_json, utc_text
from webapp.store.engine import grant_public
from webapp.store.session import Store


class SampleBase(DeclarativeBase):
    """A base of its own: what tests make up must not count as the product's tables."""

    metadata = MetaData(naming_convention=Base.metadata.naming_convention)
    type_annotation_map = Base.type_annotation_map


class ColumnSample(SampleBase):
    __tablename__ = "column_sample"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime | None]
    facts: Mapped[dict[str, Any] | None]


class PubSample(SampleBase):
    __tablename__ = "pub_sample"
    __table_args__ = {"schema": PUB_SCHEMA}  # noqa: RUF012

    id: Mapped[int] = mapped_column(primary_key=True)


TABLES = ["column_sample", "pub.pub_sample"]
NOON = datetime(2026, 11, 22, 12, 0, 0, 5, tzinfo=timezone(timedelta(hours=7)))


@pytest.fixture
def filled(store: Store) -> Store:
    with store.engine.begin() as connection:
        grant_public(connection)
        SampleBase.metadata.create_all(
            connection, tables=[SampleBase.metadata.tables[name] for name in TABLES]
        )
    return store


def _stored(store: Store, sample: ColumnSample) -> ColumnSample:
    with store.writer() as session:
        session.add(sample)
    with store.reader() as session:
        return session.scalars(select(ColumnSample)).one()


def test_an_instant_comes_back_as_the_same_instant_in_utc(filled: Store) -> None:
    found = _stored(filled, ColumnSample(at=NOON, facts=None))
    assert found.at == NOON and found.at.tzinfo is UTC
    assert found.facts is None


def test_a_naive_value_is_refused(filled: Store) -> None:
    with pytest.raises(StatementError, match="time zone"):
        _stored(filled, ColumnSample(at=NOON.replace(tzinfo=None)))


def test_a_naive_value_is_refused_in_a_comparison_too(filled: Store) -> None:
    with filled.reader() as session, pytest.raises(StatementError, match="time zone"):
        session.scalars(select(ColumnSample).where(ColumnSample.at < NOON.replace(tzinfo=None))).all()


def test_time_order_is_column_order_and_comparisons_hold(filled: Store) -> None:
    instants = [NOON + timedelta(microseconds=step) for step in (7, -6, 0, 999_995, -86_400_000_000)]
    with filled.writer() as session:
        session.add_all(ColumnSample(at=at) for at in instants)
    with filled.reader() as session:
        assert session.scalars(select(ColumnSample.at).order_by(ColumnSample.at)).all() == sorted(instants)
        assert len(session.scalars(select(ColumnSample).where(ColumnSample.at <= NOON)).all()) == 3


def test_json_comes_back_and_is_kept_in_canonical_text(filled: Store) -> None:
    facts = {"b": [1, None], "a": {"z": "\u0111", "y": True}}
    assert _stored(filled, ColumnSample(facts=facts)).facts == facts
    with filled.engine.connect() as connection:
        kept = connection.scalar(text("SELECT facts FROM column_sample"))
    assert kept == '{"a":{"y":true,"z":"\u0111"},"b":[1,null]}'


def test_public_tables_lie_in_their_own_schema_only_on_postgresql(filled: Store) -> None:
    name = "pub_sample" if filled.engine.dialect.name == "sqlite" else "pub.pub_sample"
    with filled.writer() as session:
        session.add(PubSample(id=7))
    with filled.engine.connect() as connection:
        assert connection.scalar(text(f"SELECT id FROM {name}")) == 7


def test_the_text_of_an_instant_has_fixed_width_and_sorts_by_time() -> None:
    assert utc_text(NOON) == "2026-11-22T05:00:00.000005Z"
    assert utc_text(datetime(999, 1, 1, tzinfo=UTC)) == "0999-01-01T00:00:00.000000Z"


@pytest.mark.parametrize("value", [float("nan"), {"a": float("inf")}, {1: "a"}, [{"a": {None: 1}}]])
def test_values_json_cannot_hold_are_refused(value: Any) -> None:
    with pytest.raises(ValueError):
        canonical_json(value)


def test_names_of_keys_follow_the_convention() -> None:
    assert SampleBase.metadata.tables["column_sample"].primary_key.name == "pk_column_sample"
