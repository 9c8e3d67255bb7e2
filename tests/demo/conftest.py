"""A small demo loaded once for the tests that only look at it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cast import QUICK_HASHER
from webapp.config import Config
from webapp.operations import accounts
from webapp.operations.house import House
from webapp.store.migrate import migrate

# A Wednesday morning, so that clocks of hours and of days can stand in every way.
WEDNESDAY = datetime(2026, 3, 11, 3, 20, tzinfo=UTC)


def new_house(folder: Path, now: datetime = WEDNESDAY, database_url: str | None = None) -> House:
    environ = {"HOIDAP_DATA": str(folder), "DEMO": "on"}
    if database_url:
        environ["DATABASE_URL"] = database_url
    house = House(Config.from_environment(environ), lambda: now)
    migrate(house.store)
    return house


@pytest.fixture(scope="module", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """Thirty people of each demo log in: what a log-in costs is no matter here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "_HASHER", QUICK_HASHER)
        yield


@pytest.fixture
def house(tmp_path: Path):
    house = new_house(tmp_path / "data")
    yield house
    house.close()
