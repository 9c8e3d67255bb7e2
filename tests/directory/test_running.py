"""An import is seen by processes that run already: no restart, and no broken file stops them."""

from __future__ import annotations

import os

import pytest

from tests.browse import Browser
from tests.cast import Town
from webapp.app import create_app
from webapp.operations import house as house_module
from webapp.operations.house import House
from webapp.operations.organisation import apply, plan
from webapp.regulations.directory_own import csv_rows

RENAMED = "id;name;short\nso-xaydung;Sở Xây dựng và Giao thông;Sở XD&GT\n"


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    """Readers look at the files at every turn instead of every two seconds."""
    monkeypatch.setattr(house_module, "LOOK_EVERY_S", -1.0)


def bring(town: Town, text: str = RENAMED) -> None:
    rows = {"agency": csv_rows(text, "agency.csv", "agency")}
    law = town.house.law
    apply(
        plan(town.house.config, law.directory.id, rows, {row.area for row in law.applies}), town.clock(), "x"
    )


def test_two_running_apps_see_what_one_imports(town: Town):
    receipt = town.to_agency()
    first, second = (create_app(town.house.config, town.clock) for _ in range(2))
    for app in (first, second):
        assert "Sở Xây dựng và Giao thông" not in Browser(app).go(f"/pa/{receipt.number}").words
    bring(town)
    for app in (first, second):
        assert "Sở Xây dựng và Giao thông" in Browser(app).go(f"/pa/{receipt.number}").words
    other = House(town.house.config, town.clock)
    named = other.write(town.clock(), lambda work: work.law.directory.agency("so-xaydung").name)
    assert named == "Sở Xây dựng và Giao thông"
    other.close()


def test_what_did_not_change_is_read_once(town: Town):
    bring(town)
    assert town.house.law is town.house.law
    with town.house.reading(town.clock(), fresh=True) as work:
        assert work.law is town.house.law


def test_a_file_broken_by_hand_changes_nothing_for_who_runs(town: Town, caplog):
    bring(town)
    before = town.house.law
    path = town.house.config.directory_folder / "quang-nam.toml"
    path.write_text("[[agency]\n", "utf-8")
    os.utime(path, ns=(1, 1))
    with town.house.reading(town.clock(), fresh=True) as work:
        assert work.law.directory.agency("so-xaydung").short == "Sở XD&GT"
    assert town.house.law is before
    assert "cannot be read" in caplog.text


def test_a_file_that_cannot_be_opened_stops_nobody_and_is_looked_at_seldom(town: Town, monkeypatch, caplog):
    bring(town)
    before, asked = town.house.law, []

    def closed(*_args, **_kwargs):
        asked.append(1)
        raise PermissionError(13, "not yours")

    monkeypatch.setattr(house_module, "load_installation", closed)
    for _ in range(5):
        town.report()
    assert town.house.law is before and len(asked) == 1 and caplog.text.count("cannot be read") == 1
