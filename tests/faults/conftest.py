"""A prepared town that campaigns copy, so that every crash meets the same database."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cast import Town, found_town, photo
from tests.faults.act import CASES, open_town


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a case waiting for each of act.ACTS."""
    data = tmp_path_factory.mktemp("prepared") / "data"
    town = found_town(data)
    made = {"distribute": town.report().case_id}
    town.do(made["distribute"], "receive", "hoa", tokens={"category": "giao-thong", "area": "20341"})
    made["publish"] = town.to_approved(photos=[town.kept(photo(64, 48))]).case_id
    made["erase"] = town.report(photos=[town.kept(photo(80, 60))]).case_id
    town.redraw()
    made["tick"] = town.report().case_id
    assert made == CASES
    town.house.close()
    return data


@pytest.fixture
def copied(prepared: Path, tmp_path: Path) -> Iterator[Callable[[], Path]]:
    """Makes fresh copies of the prepared folder."""
    made: list[Path] = []

    def copy() -> Path:
        made.append(tmp_path / f"copy-{len(made)}")
        shutil.copytree(prepared, made[-1])
        return made[-1]

    yield copy
    for path in made:
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def reopen() -> Iterator[Callable[[Path], Town]]:
    """Opens a folder as a next process would."""
    opened: list[Town] = []

    def reopen(data: Path) -> Town:
        opened.append(open_town(data))
        return opened[-1]

    yield reopen
    for town in opened:
        town.house.close()
