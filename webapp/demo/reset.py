"""Throwing a demo away, and only a demo."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import inspect, make_url, text

from webapp.demo.load import STAMP, NotADemo
from webapp.operations.house import House
from webapp.store import models
from webapp.store.migrate import migrate


def reset(house: House) -> None:
    """An empty database of this version's schema where a demo was. Raises NotADemo for any other.

    Keys stay, and the drawn pictures: neither tells anything of a case.
    """
    if _has_tables(house):
        _require_stamp(house)
        if house.store.engine.dialect.name == "sqlite":
            _delete_files(house)
        else:
            _drop_tables(house)
        for media in (house.media, house.public_media):
            media.clear()
    migrate(house.store)


def _has_tables(house: House) -> bool:
    return bool(inspect(house.store.engine).has_table(models.Meta.__tablename__))


def _require_stamp(house: House) -> None:
    with house.store.reader() as session:
        stamp = session.get(models.Meta, "stamp")
        if stamp is None or stamp.value != STAMP:
            raise NotADemo("this database is not stamped as a demo: it is not thrown away")


def _delete_files(house: House) -> None:
    house.store.close()
    path = make_url(house.config.database_url).database
    assert path is not None
    for ending in ("", "-wal", "-shm"):
        Path(path + ending).unlink(missing_ok=True)


def _drop_tables(house: House) -> None:
    with house.store.writer() as session:
        for name in ("pub", "public"):
            session.execute(text(f"DROP SCHEMA IF EXISTS {name} CASCADE"))
        session.execute(text("CREATE SCHEMA public"))
    house.store.close()
