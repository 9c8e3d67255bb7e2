"""Settings our promises stand on are asserted on every connection, and a wrong one is refused."""

import multiprocessing
from contextlib import ExitStack

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from webapp.config import Config
from webapp.store import engine as engine_module
from webapp.store.engine import SettingsRefused, make_engine

SETTINGS = {
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "recursive_triggers": 1,
    "secure_delete": 1,
    "busy_timeout": 30_000,
    "trusted_schema": 0,
    "query_only": 0,
}


def test_every_sqlite_connection_has_every_setting(sqlite_config: Config) -> None:
    engine = make_engine(sqlite_config)
    with ExitStack() as stack:
        for connection in [stack.enter_context(engine.connect()) for _ in range(12)]:
            found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in SETTINGS}
            assert found == SETTINGS


@pytest.mark.parametrize("setting", ["synchronous", "foreign_keys", "recursive_triggers", "secure_delete"])
def test_a_sqlite_connection_without_a_setting_is_refused(
    sqlite_config: Config, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    monkeypatch.setattr(engine_module, "_set_pragma", lambda connection, name, wanted: None)
    monkeypatch.setattr(engine_module, "_SQLITE_SETTINGS", {setting: 3})
    with pytest.raises(SettingsRefused, match=setting):
        make_engine(sqlite_config).connect()


def test_a_database_in_memory_is_refused(sqlite_config: Config) -> None:
    with pytest.raises(SettingsRefused, match="plain file"):
        make_engine(Config(data=sqlite_config.data, database_url="sqlite://"))


def test_ddl_is_part_of_the_transaction_and_rolls_back(config: Config) -> None:
    engine = make_engine(config)
    with engine.connect() as connection:
        connection.execute(text("CREATE TABLE gone (id integer)"))
        connection.rollback()
        connection.execute(text("CREATE TABLE gone (id integer)"))
    engine.dispose()


def test_foreign_keys_hold(config: Config) -> None:
    engine = make_engine(config)
    with engine.connect() as connection:
        connection.execute(text("CREATE TABLE parent (id integer PRIMARY KEY)"))
        connection.execute(text("CREATE TABLE child (parent integer REFERENCES parent (id))"))
        with pytest.raises(IntegrityError):
            connection.execute(text("INSERT INTO child VALUES (1)"))
    engine.dispose()


def _open_new_database(config: Config, start: object) -> None:
    start.wait()  # type: ignore[attr-defined]
    with make_engine(config).connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def test_eight_processes_may_open_a_new_database_at_the_same_moment(sqlite_config: Config) -> None:
    spawn = multiprocessing.get_context("spawn")
    start = spawn.Barrier(8)
    openers = [spawn.Process(target=_open_new_database, args=(sqlite_config, start)) for _ in range(8)]
    for opener in openers:
        opener.start()
    for opener in openers:
        opener.join(60)
    assert [opener.exitcode for opener in openers] == [0] * 8


@pytest.mark.parametrize(
    "wanted", [("fsync", "on"), ("synchronous_commit", "on"), ("full_page_writes", "on")]
)
def test_every_postgres_connection_has_every_setting(
    postgres_config: Config, wanted: tuple[str, str]
) -> None:
    engine = make_engine(postgres_config)
    with engine.connect() as connection:
        assert connection.exec_driver_sql(f"SHOW {wanted[0]}").scalar() == wanted[1]
    engine.dispose()


def test_a_postgres_connection_that_would_not_wait_for_the_disk_is_refused(postgres_config: Config) -> None:
    unsafe = f"{postgres_config.database_url}&options=-csynchronous_commit%3Doff"
    with pytest.raises(SettingsRefused, match="synchronous_commit"):
        make_engine(Config(data=postgres_config.data, database_url=unsafe)).connect()
