"""Fixtures that every test may use: the town on SQLite, the town on both databases, a browser-less client.

They import what they need when they are first used: the tests of the core need none of it, and are quick.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

BROWSERS = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"]

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.bucket import S3
    from tests.cast import Town


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server of this test process."""
    from tests.postgres import start_postgres, stop_postgres

    folder = Path(tempfile.mkdtemp(prefix="hoidap-pg-"))
    url = start_postgres(folder)
    yield url
    stop_postgres(folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The one browser of this test process: a second Playwright beside it would not start.

    Where it is there, Chromium without its windows: the same engine for two thirds of the processor. `make check`
    asks for a whole one by TEST_BROWSER.
    """
    from playwright.sync_api import sync_playwright

    wanted = BROWSERS[1:] if os.environ.get("TEST_BROWSER") == "whole" else BROWSERS
    path = next(filter(None, map(shutil.which, wanted)), None)
    assert path, "no Chromium: run `make test`, which installs the packages of system-packages.txt"
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", *quiet])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3]:
    """An S3 server of this test process."""
    from tests.bucket import S3

    server = S3()
    yield server
    server.stop()


@pytest.fixture
def s3(s3_server: S3) -> Iterator[S3]:
    """The S3 server, well again after the test."""
    yield s3_server
    s3_server.fault = lambda environ: ""


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """The town on SQLite."""
    from tests.cast import found_town

    town = found_town(tmp_path / "data")
    yield town
    town.house.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def any_town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Town]:
    """The town, once on SQLite and once on PostgreSQL."""
    from tests.cast import found_town
    from tests.postgres import fresh_database

    if request.param == "sqlite":
        town = found_town(tmp_path / "data")
        yield town
        town.house.close()
        return
    with fresh_database(request.getfixturevalue("postgres_server")) as url:
        town = found_town(tmp_path / "data", url)
        yield town
        town.house.close()


@pytest.fixture
def app(town: Town):
    """The application of the town: the same data folder, the same standing clock."""
    from webapp.app import create_app

    return create_app(town.house.config, town.clock)


@pytest.fixture
def client(app):
    return app.test_client()
