"""The demo of every installation: its people make every move of its regulations, and every page opens."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from tests.browse import Browser
from tests.cast import photo
from tests.demo.conftest import WEDNESDAY
from webapp import create_app
from webapp.cli.demo import demo_group
from webapp.config import Config
from webapp.demo import draw, load, paint
from webapp.demo.cast import citizens
from webapp.demo.files import read, stories
from webapp.demo.load import load_small, log_ins
from webapp.operations.clock import record_warning
from webapp.operations.house import House
from webapp.store import models, record
from webapp.store.migrate import migrate

OWN = ("tay-ninh", "khanh-hoa")
ALL = ("quang-nam", "da-nang-merged", *OWN)
# What nobody does in a story: people join through the form, which is told in tests of its own.
UNTOLD = {"join"}


def config_of(folder: Path, installation: str) -> Config:
    return Config.from_environment(
        {"HOIDAP_DATA": str(folder), "DEMO": "on", "INSTALLATION": installation, "RATE_LIMITS": "off"}
    )


def loaded_house(folder: Path, installation: str, now: datetime = WEDNESDAY) -> House:
    house = House(config_of(folder, installation), lambda: now)
    migrate(house.store)
    load_small(house, now)
    return house


@pytest.fixture(scope="module", params=ALL)
def town(request, tmp_path_factory):
    """An installation's demo with quick little pictures, and an app over it."""
    folder = tmp_path_factory.mktemp(request.param) / "data"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paint, "photo", lambda scene, side, seed: photo(64 + seed, 48 + len(scene + side)))
        patch.setattr(draw, "draw_all", lambda folder, names: [draw.draw(folder, name) for name in names])
        house = loaded_house(folder, request.param)
    yield house
    house.close()


@pytest.fixture(scope="module")
def app(town):
    return create_app(town.config, lambda: WEDNESDAY)


@pytest.fixture(scope="module")
def files(town):
    with town.store.reader() as session:
        ids = session.scalars(select(models.Case.id)).all()
        return [record.load(session, town.law, case_id) for case_id in ids]


def governed(files):
    """The cases by their regulation."""
    laws = {file.regulation.id: file.regulation for file in files}
    return [(law, [file for file in files if file.regulation.id == law.id]) for law in laws.values()]


def test_every_regulation_has_stories(town, files):
    assert {law.id for law, _ in governed(files)} == {row.regulation for row in town.law.applies}


def test_every_state_and_every_move(files):
    for law, told in governed(files):
        states = {row.state for file in told for row in (*file.state.submissions, *file.state.assignments)}
        assert states == {state.id for state in law.states}, law.id
        made = {event.data.get("move") for file in told for event in file.events}
        assert {move.id for move in law.moves} - made == UNTOLD, law.id


def test_every_rating_and_secrecy_and_several_grounds(files):
    for law, told in governed(files):
        assert {s.rating for f in told for s in f.state.submissions} >= {choice.id for choice in law.ratings}
        assert {s.secrecy for f in told for s in f.state.submissions} == {row.id for row in law.secrecies}
        assert len({e.data.get("ground") for f in told for e in f.events} - {None}) >= 5, law.id


def test_every_role_has_somebody_and_everybody_has_a_name_of_their_own(town, files):
    staff = read("cast", town.law.id)["staff"]
    for law, _ in governed(files):
        wanted = {role.id for role in law.roles if role.org not in ("reporter", "system")}
        assert wanted <= {row["role"] for row in staff}
    assert len({row["username"] for row in staff}) == len({row["name"] for row in staff}) == len(staff)
    assert all(log_in.role and log_in.agency for log_in in log_ins(town.law))


def test_projections_are_what_the_events_make(town):
    with town.store.reader() as session:
        assert list(record.differences(session, town.law)) == []


def test_nothing_is_in_the_future_and_late_clocks_are_recorded(files):
    for file in files:
        instants = [event.at for event in file.events]
        assert instants[-1] <= WEDNESDAY
        for clock in file.state.clocks:
            waits = clock.running and not clock.paused_at and clock.due_at < WEDNESDAY
            assert bool(clock.breached_at) or not waits, (file.row.code, clock.clock)


def test_people_places_and_categories_are_known(town):
    directory, people = town.law.directory, citizens()
    for story in stories(town.law.id):
        area = directory.area(story["area"])
        assert story["who"] in people and area and directory.category(story["category"]), story["place"]
        if "lat" in story and not any(step["move"] == "refuse" for step in story["steps"]):
            near = abs(story["lat"] - area.lat) < 0.06 and abs(story["lon"] - area.lon) < 0.06
            assert near, story["place"]


# Pages


def test_every_desk_and_its_cases_open(town, app):
    for log_in in log_ins(town.law):
        desk = Browser(app).log_in(log_in.username, log_in.password).go("/co-quan/")
        links = {el.get("href") for el in desk.page.find("a") if "/vu/" in (el.get("href") or "")}
        for link in sorted(links)[:4]:
            desk.go(link)


def test_public_pages_open(town, app, files):
    visitor = Browser(app).go("/")
    shown = [
        file.row.code for file in files if any(a.publication == "public" for a in file.state.assignments)
    ]
    for code in shown[:2]:
        visitor.go(f"/pa/{code}")
    for regulation in {row.regulation for row in town.law.applies}:
        visitor.go(f"/quy-che/{regulation}")


# Any day


MOMENTS = [
    datetime(2026, 2, 18, 4, 0, tzinfo=UTC),  # Tet
    datetime(2026, 3, 6, 13, 20, tzinfo=UTC),  # Friday evening
    pytest.param(datetime(2026, 3, 9, 0, 3, tzinfo=UTC), marks=pytest.mark.slow),  # Monday, early
    pytest.param(datetime(2026, 11, 22, 3, 30, tzinfo=UTC), marks=pytest.mark.slow),  # Sunday
]


@pytest.mark.parametrize("now", MOMENTS, ids=lambda now: f"{now:%a-%d-%m}")
@pytest.mark.parametrize("installation", OWN)
def test_stories_fit_any_day(tmp_path, monkeypatch, installation, now):
    monkeypatch.setattr(paint, "photo", lambda *_: photo(8, 8))
    monkeypatch.setattr(draw, "draw_all", lambda folder, names: [draw.draw(folder, name) for name in names])
    house = loaded_house(tmp_path / "data", installation, now)
    with house.store.reader() as session:
        assert list(record.differences(session, house.law)) == []
        assert len(session.scalars(select(models.Case.id)).all()) == len(stories(installation))
    house.close()


@pytest.mark.parametrize("installation", OWN)
def test_many_cases_are_for_quang_nam_only(monkeypatch, installation):
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.setenv("HOIDAP_DATA", folder)
        monkeypatch.setenv("INSTALLATION", installation)
        monkeypatch.setattr(load, "load_small", lambda house, now: pytest.fail("too late: it loads already"))
        answer = CliRunner().invoke(demo_group, ["load", "--cases", "100"])
    assert answer.exit_code == 1 and "QN20" in answer.output and "INSTALLATION=quang-nam" in answer.output


def test_a_reminder_has_words_on_the_desk(town, app, files):
    """What the worker does after loading: clocks that will soon fall due are told, and their cases still open."""
    with town.store.reader() as session:
        due = session.execute(
            select(models.Deadline.case_id, models.Deadline.no).where(models.Deadline.warn_at <= WEDNESDAY)
        ).all()
    told = {
        id for id, no in due if town.write(WEDNESDAY, lambda work, id=id, no=no: record_warning(work, id, no))
    }
    log_in = next(row for row in log_ins(town.law) if row.username == "tiepnhan1")
    desk = Browser(app).log_in(log_in.username, log_in.password)
    for id in sorted(told)[:3]:
        assert "Đã nhắc sắp đến hạn" in desk.go(f"/co-quan/vu/{id}").words
    if any(clock.reminders for file in files for clock in file.regulation.clocks):
        assert told
