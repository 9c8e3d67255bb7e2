"""When the disk runs full: reports are politely not taken, and there is room to recover with."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from tests.browse import Browser
from tests.cast import MANHOLE, photo
from tests.citizen.conftest import SEND, fill
from webapp import create_app
from webapp.config import GIGABYTE, MEGABYTE, Config
from webapp.store import models, space

TERABYTE = 1024 * GIGABYTE


@pytest.fixture
def full(town, monkeypatch):
    """An installation that wants more room than there is."""
    config = replace(town.house.config, min_free_bytes=1024 * TERABYTE)
    return create_app(config, town.clock)


def test_on_a_full_disk_the_form_comes_back_as_typed_and_says_when_to_try_again(full, town):
    browser = fill(Browser(full).go("/gui")).attach("Chụp ảnh", photo(), name="mot.jpg").press(SEND, 503)
    assert browser.response.headers["Retry-After"] == "600"
    assert browser.sees("sắp hết chỗ", "113")
    assert browser.value("Kể ngắn gọn") == MANHOLE
    with town.house.store.reader() as session:
        assert session.scalar(select(func.count()).select_from(models.Case)) == 0
    assert list(town.house.media.names()) == [], "no photo was written to the full disk"


def test_status_says_that_reports_are_not_taken(full):
    assert full.test_client().get("/status").json["taking_reports"] is False


@pytest.mark.parametrize(
    ("disk", "needed"),
    [(4 * GIGABYTE, 200 * MEGABYTE), (30 * GIGABYTE, int(0.9 * GIGABYTE)), (4 * TERABYTE, 2 * GIGABYTE)],
)
def test_needed_is_three_percent_within_reason(town, monkeypatch, disk, needed):
    config: Config = town.house.config
    usage = space.shutil.disk_usage(config.data)
    monkeypatch.setattr(space.shutil, "disk_usage", lambda _: usage._replace(total=disk))
    assert abs(space.needed_bytes(config) - needed) < 2
    assert space.needed_bytes(replace(config, min_free_bytes=7)) == 7


def test_the_reserve_takes_real_room_and_gives_it_back(town, monkeypatch):
    config = town.house.config
    runner = create_app(config, town.clock).test_cli_runner()
    assert space.make_reserve(config) and space.make_reserve(config)
    assert (config.data / "reserve").stat().st_blocks * 512 >= space.RESERVE
    monkeypatch.setenv("HOIDAP_DATA", str(config.data))
    assert runner.invoke(args=["store", "free-reserve"]).exit_code == 0
    assert not (config.data / "reserve").exists()
    assert "no reserve" in runner.invoke(args=["store", "free-reserve"]).output


def test_no_reserve_is_made_where_it_would_take_the_room_that_reports_need(town):
    config = replace(town.house.config, min_free_bytes=1024 * TERABYTE)
    assert space.make_reserve(config) is False
    assert not (config.data / "reserve").exists()
