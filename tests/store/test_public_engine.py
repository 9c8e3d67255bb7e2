"""The wall: the public door reads tables named pub_* and nothing else, and writes nothing."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, MetaData, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from webapp.config import Config
from webapp.store.columns import PUB_SCHEMA, Base
from webapp.store.engine import (
    PUBLIC_ROLE,
    SettingsRefused,
    authorize_public,
    grant_public,
    make_engine,
    make_public_engine,
)
from webapp.store.session import Store

PRIVATE = ["identity", "case_event", "publisher", "xpub_card"]
TRIES = [
    "SELECT * FROM {}",
    "SELECT count(*) FROM {}",
    "SELECT 1 FROM {}",
    "SELECT id FROM pub_wall_card WHERE id IN (SELECT id FROM {})",
    "SELECT c.id FROM pub_wall_card c LEFT JOIN {} s ON s.id = c.id",
    "WITH pub_x AS (SELECT * FROM {}) SELECT count(*) FROM pub_x",
    "SELECT id FROM pub_wall_card UNION ALL SELECT id FROM {} AS pub_x",
    "SELECT exists(SELECT 1 FROM {})",
]
REFUSALS = [
    "prohibited",
    "not authorized",
    "authorization denied",
    "permission denied",
    "read-only",
    "may not be modified",
]
WRITES = [
    "INSERT INTO pub_wall_card (id) VALUES (9)",
    "UPDATE pub_wall_card SET id = 9",
    "DELETE FROM pub_wall_card",
    "DROP TABLE pub_wall_card",
    "CREATE TABLE pub_new (id integer)",
    "CREATE TEMPORARY TABLE pub_new AS SELECT 1 AS id",
    "CREATE INDEX pub_index ON pub_wall_card (id)",
    "ALTER TABLE pub_wall_card ADD COLUMN x integer",
]
SQLITE_TRICKS = [
    "SELECT * FROM sqlite_master",
    "SELECT * FROM sqlite_schema",
    "SELECT * FROM pragma_table_info('identity')",
    "PRAGMA table_info(identity)",
    "PRAGMA query_only=OFF",
    "PRAGMA writable_schema=ON",
    "PRAGMA trusted_schema=ON",
    "PRAGMA database_list",
    "ATTACH DATABASE ':memory:' AS pub_other",
    "DETACH DATABASE main",
    "ANALYZE",
    "UPDATE sqlite_master SET sql = ''",
    "SELECT count(*) FROM sqlite_master",
    "SELECT load_extension('x')",
    "SELECT * FROM dbstat",
    "SELECT * FROM pub_window",
    "SELECT * FROM IDENTITY",
    "EXPLAIN SELECT * FROM identity",
    "CREATE VIRTUAL TABLE pub_v USING fts5(a)",
]


class SampleBase(DeclarativeBase):
    """A base of its own: what tests make up must not count as the product's tables."""

    metadata = MetaData(naming_convention=Base.metadata.naming_convention)
    type_annotation_map = Base.type_annotation_map


class PubWallCard(SampleBase):
    __tablename__ = "pub_wall_card"
    __table_args__ = {"schema": PUB_SCHEMA}  # noqa: RUF012

    id: Mapped[int] = mapped_column(primary_key=True)


@pytest.fixture
def walled(store: Store) -> Store:
    with store.engine.begin() as connection:
        grant_public(connection)
        SampleBase.metadata.create_all(connection, tables=[SampleBase.metadata.tables["pub.pub_wall_card"]])
        for name in PRIVATE:
            connection.execute(text(f"CREATE TABLE {name} (id integer)"))
            connection.execute(text(f"INSERT INTO {name} VALUES (7)"))
        # A view that looks public must not be a window into the house.
        schema = "pub." if connection.dialect.name == "postgresql" else ""
        if not schema:
            connection.execute(text("CREATE VIEW pub_window AS SELECT * FROM identity"))
        connection.execute(text(f"INSERT INTO {schema}pub_wall_card (id) VALUES (7)"))
    return store


def _assert_refused(store: Store, statement: str) -> None:
    with store.public() as session, pytest.raises(DBAPIError) as refusal:
        session.execute(text(_for(store.engine, statement))).all()
    said = str(refusal.value).lower()
    assert any(word in said for word in REFUSALS)


def _for(engine: Engine, statement: str) -> str:
    return statement if engine.dialect.name == "sqlite" else statement.replace("pub_wall", "pub.pub_wall")


def test_the_public_door_reads_public_tables(walled: Store) -> None:
    with walled.public() as session:
        assert session.query(PubWallCard).count() == 1
        assert session.get_one(PubWallCard, 7).id == 7


@pytest.mark.parametrize("table", PRIVATE)
def test_every_way_of_reading_another_table_is_refused(walled: Store, table: str) -> None:
    for statement in TRIES:
        _assert_refused(walled, statement.format(table))


def test_every_table_that_is_not_public_is_refused(walled: Store) -> None:
    for name in sorted(_private_tables(walled)):
        _assert_refused(walled, f"SELECT count(*) FROM {name}")


def _private_tables(store: Store) -> set[str]:
    sqlite = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND substr(name, 1, 4) != 'pub_'"
    postgres = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    with store.reader() as session:
        names = set(session.scalars(text(sqlite if store.engine.dialect.name == "sqlite" else postgres)))
    assert names >= set(PRIVATE)
    return names


@pytest.mark.parametrize("statement", WRITES)
def test_every_write_is_refused(walled: Store, statement: str) -> None:
    _assert_refused(walled, statement)


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
@pytest.mark.parametrize("statement", SQLITE_TRICKS)
def test_ways_round_the_wall_are_closed_on_sqlite(walled: Store, statement: str) -> None:
    _assert_refused(walled, statement)


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
@pytest.mark.parametrize("statement", ["VACUUM", "VACUUM INTO '{}'", "ATTACH DATABASE '{}' AS pub_x"])
def test_no_copy_can_be_made_outside_a_transaction_either(
    walled: Store, statement: str, tmp_path: Path
) -> None:
    raw = walled.public_engine.raw_connection()
    with pytest.raises(sqlite3.DatabaseError, match=r"authoriz"):
        raw.cursor().execute(statement.format(tmp_path / "copy.db"))
    raw.close()
    assert not (tmp_path / "copy.db").exists()


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_public_full_text_search_works_behind_the_wall(walled: Store) -> None:
    with walled.engine.begin() as connection:
        connection.execute(text("CREATE VIRTUAL TABLE pub_search USING fts5(words)"))
        connection.execute(text("INSERT INTO pub_search VALUES ('duong co o ga')"))
    for _ in range(2):
        with walled.public() as session:
            found = session.execute(text("SELECT words, rank FROM pub_search('ga') ORDER BY rank")).all()
            assert len(found) == 1


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_the_public_door_sees_what_was_published_meanwhile(walled: Store) -> None:
    with walled.public() as session:
        session.query(PubWallCard).count()
    with walled.writer() as session:
        session.add(PubWallCard(id=8))
    with walled.public() as session:
        assert session.query(PubWallCard).count() == 2


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_every_public_connection_is_walled_also_straight_from_the_pool(walled: Store) -> None:
    connections = [walled.public_engine.connect() for _ in range(11)]
    for connection in connections:
        with pytest.raises(DBAPIError, match="prohibited"):
            connection.exec_driver_sql("SELECT * FROM identity")
        assert connection.exec_driver_sql("PRAGMA query_only").scalar() == 1
        connection.close()


def test_the_public_engine_makes_no_database(sqlite_config: Config) -> None:
    sqlite_config.data.mkdir()
    with pytest.raises(OperationalError, match="unable to open"):
        make_public_engine(sqlite_config).connect()


def test_the_authorizer_refuses_an_action_it_does_not_know() -> None:
    assert authorize_public(9999, None, None, None, None) == 1


# --- PostgreSQL only ---------------------------------------------------------------------------


@pytest.fixture
def public_login(postgres_config: Config) -> Iterator[Config]:
    """Settings with a login of its own for the public door, which is only a member of the role."""
    engine = make_engine(postgres_config)
    with engine.begin() as connection:
        grant_public(connection)
        connection.execute(text("CREATE TABLE identity (id integer)"))
        connection.execute(text("CREATE TABLE pub.pub_later (id integer)"))
        connection.execute(text("DROP ROLE IF EXISTS wall_visitor"))
        connection.execute(text(f"CREATE ROLE wall_visitor LOGIN IN ROLE {PUBLIC_ROLE}"))
    engine.dispose()
    url = postgres_config.database_url
    yield Config(
        data=postgres_config.data,
        database_url=url,
        public_database_url=url.replace("//postgres@", "//wall_visitor@"),
    )


def test_a_login_of_its_own_reads_tables_made_after_the_grant(public_login: Config) -> None:
    engine = make_public_engine(public_login)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM pub.pub_later")) == 0
        assert connection.scalar(text("SELECT session_user")) == "wall_visitor"
        with pytest.raises(DBAPIError, match="permission denied"):
            connection.execute(text("SELECT * FROM identity"))
    engine.dispose()


def test_stepping_back_up_is_no_way_round_for_a_login_of_its_own(public_login: Config) -> None:
    engine = make_public_engine(public_login)
    with engine.connect() as connection:
        connection.execute(text("RESET ROLE"))
        with pytest.raises(DBAPIError, match="permission denied"):
            connection.execute(text("SELECT * FROM identity"))
    engine.dispose()


def test_a_role_that_was_granted_too_much_is_refused_at_connecting(public_login: Config) -> None:
    engine = make_engine(public_login)
    with engine.begin() as connection:
        connection.execute(text(f"GRANT SELECT ON identity TO {PUBLIC_ROLE}"))
    engine.dispose()
    with pytest.raises(SettingsRefused, match="identity"):
        make_public_engine(public_login).connect()


def test_a_login_that_could_read_the_house_is_refused_as_the_public_one(public_login: Config) -> None:
    engine = make_engine(public_login)
    with engine.begin() as connection:
        connection.execute(text("DROP ROLE IF EXISTS wall_owner"))
        connection.execute(text("CREATE ROLE wall_owner LOGIN"))
        connection.execute(text("GRANT SELECT (id) ON identity TO wall_owner"))
    engine.dispose()
    url = public_login.database_url.replace("//postgres@", "//wall_owner@")
    wrong = Config(data=public_login.data, database_url=public_login.database_url, public_database_url=url)
    with pytest.raises(SettingsRefused, match="identity"):
        make_public_engine(wrong).connect()


@pytest.mark.parametrize("config", ["postgresql"], indirect=True)
def test_the_role_holds_for_every_transaction_of_a_pooled_connection(walled: Store) -> None:
    for _ in range(3):
        with walled.public() as session:
            assert session.scalar(text("SELECT current_user")) == PUBLIC_ROLE
            assert session.scalar(text("SHOW transaction_read_only")) == "on"


@pytest.mark.parametrize("config", ["postgresql"], indirect=True)
def test_granting_again_changes_nothing(walled: Store) -> None:
    with walled.engine.begin() as connection:
        grant_public(connection)
    with walled.public() as session:
        assert session.query(PubWallCard).count() == 1
