"""Towns to attack. `walked` is one walk of everybody through everything, made once and only looked at."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.browse import Browser
from tests.cast import found_town
from tests.crawl import Crawl, Lived, crawl, lived_in
from webapp.app import create_app
from webapp.store import models

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = (
    "\"'><xss-canary onxss=1></textarea></title></script><img src=x onerror=\"window.pwned='yes'\">"
    "<script>window.pwned='yes'</script> javascript:window.pwned=1 http://evil.example/x <!--"
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests elsewhere that docs/asvs.toml names carry the mark as if it were written on them."""
    named: dict[str, list[str]] = {}
    for row in tomllib.loads((ROOT / "docs/asvs.toml").read_text("utf-8"))["requirement"]:
        for node in row["tests"]:
            named.setdefault(node, []).append(row["id"])
    for item in items:
        node = item.nodeid.split("[")[0]
        known = {id for mark in item.iter_markers("asvs") for id in mark.args}
        if missing := [id for id in named.get(node, ()) if id not in known]:
            item.add_marker(pytest.mark.asvs(*missing))


@pytest.fixture(scope="session")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawl]:
    """Everybody's walk over https, with secure cookies, as a real installation has them."""
    town = found_town(tmp_path_factory.mktemp("walked") / "data")
    app = create_app(replace(town.house.config, secure_cookies=True), town.clock)
    yield crawl(app, lived_in(town))
    town.house.close()


@pytest.fixture(scope="session")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawl]:
    """The same walk through a town where everybody wrote markup into everything. Over plain http."""
    town = found_town(tmp_path_factory.mktemp("attacked") / "data")
    lived = lived_in(town, lambda text: text + HOSTILE)
    _rename_staff(lived)
    yield crawl(create_app(town.house.config, town.clock), lived)
    town.house.close()


def _rename_staff(lived: Lived) -> None:
    def rename(work: Any) -> None:
        for id in lived.town.ids.values():
            work.session.get_one(models.Account, id).name += HOSTILE

    lived.town.house.write(lived.town.clock(), rename)


@pytest.fixture
def desk(app: Any) -> Callable[[str], Browser]:
    """`desk("hoa")`: a fresh browser of Hoa, logged in."""
    return lambda who: Browser(app).log_in(who)
