"""Column types that mean the same on SQLite and PostgreSQL, and the base of all models."""

import json
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from sqlalchemy import DateTime, Dialect, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator, TypeEngine

PUB_SCHEMA: Final = "pub"
PUB_PREFIX: Final = "pub_"

# SQLite has no schemas: there the prefix alone tells a public table.
SQLITE_SCHEMAS: Final[dict[str | None, str | None]] = {PUB_SCHEMA: None}

_NAMES: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Refuses naive values with ValueError, gives back aware UTC.

    On SQLite it is text of fixed width (`2026-11-22T01:02:03.000000Z`), so that text order is time order;
    on PostgreSQL it is `timestamptz`.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        wanted: TypeEngine[Any] = String(27) if dialect.name == "sqlite" else DateTime(timezone=True)
        return dialect.type_descriptor(wanted)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        return utc_text(value) if dialect.name == "sqlite" else _utc(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return _utc(datetime.fromisoformat(value) if isinstance(value, str) else value)


class Json(TypeDecorator[Any]):
    """A value kept as canonical JSON text: the same value always has the same bytes, on both databases.

    Assign a new value to change one; a change inside a stored dict or list is not noticed.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else canonical_json(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


class Base(DeclarativeBase):
    """The base of every model.

    Public tables have names that start `pub_` and `__table_args__ = {"schema": PUB_SCHEMA}`.
    """

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map: ClassVar = {datetime: UtcDateTime, dict[str, Any]: Json, list[Any]: Json}


# Made once: json.dumps would make an encoder for each call.
_canonical: Final = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
).encode


def canonical_json(value: Any) -> str:
    """Sorted keys, no spaces, real letters. ValueError for NaN, infinities and keys that are not text."""
    if not _has_text_keys(value):
        raise ValueError("JSON keys must be text: json would turn a number into text without saying so")
    return _canonical(value)


def utc_text(value: datetime) -> str:
    """The fixed-width text of an instant; for SQLite and for canonical facts. ValueError when naive."""
    return _utc(value).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _utc(value: datetime) -> datetime:
    if not isinstance(value, datetime) or value.utcoffset() is None:
        raise ValueError(f"an instant needs a datetime with a time zone, got {value!r}")
    return value.astimezone(UTC)


_HOLDERS: Final = (dict, list, tuple)


def _has_text_keys(value: Any) -> bool:
    # Only what can hold keys is looked into: most of what there is are leaves.
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                return False
        value = value.values()
    elif not isinstance(value, (list, tuple)):
        return True
    return all(_has_text_keys(item) for item in value if isinstance(item, _HOLDERS))
