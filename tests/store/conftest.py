"""Real databases for the store's tests: a SQLite file or a fresh PostgreSQL database for each test."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import fresh_database, start_postgres, stop_postgres
from webapp.config import Config, sqlite_url
from webapp.store.session import Store


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A server of this test process; under xdist each worker has its own."""
    # Not tmp_path: its parents are closed to the server's user, its names too long for a socket.
    folder = Path(tempfile.mkdtemp(prefix="hoidap-pg-"))
    try:
        yield start_postgres(folder)
    finally:
        stop_postgres(folder)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_config(postgres_url: str, tmp_path: Path) -> Iterator[Config]:
    with fresh_database(postgres_url) as url:
        yield Config(data=tmp_path / "data", database_url=url)


@pytest.fixture
def sqlite_config(tmp_path: Path) -> Config:
    data = tmp_path / "data"
    return Config(data=data, database_url=sqlite_url(data))


@pytest.fixture(params=["sqlite", "postgresql"])
def config(request: pytest.FixtureRequest) -> Config:
    """The settings of each database in turn."""
    name = "sqlite_config" if request.param == "sqlite" else "postgres_config"
    found: Config = request.getfixturevalue(name)
    return found


@pytest.fixture
def store(config: Config) -> Iterator[Store]:
    opened = Store(config)
    yield opened
    opened.close()
