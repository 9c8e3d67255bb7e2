"""The small demo: every state of the law, every way a clock can stand, and nothing of a camera in public."""

from __future__ import annotations

import io
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select

from tests.cast import photo
from tests.demo.conftest import WEDNESDAY, new_house
from webapp.core import timing
from webapp.demo import draw, load, paint
from webapp.demo.files import read, stories
from webapp.demo.load import NotADemo, load_small, log_ins
from webapp.operations import accounts
from webapp.store import models, record

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """The demo with quick little pictures: what is painted has tests of its own below."""
    house = new_house(tmp_path_factory.mktemp("demo") / "data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paint, "photo", lambda scene, side, seed: photo(64 + seed, 48 + len(scene + side)))
        patch.setattr(draw, "draw_all", lambda folder, names: [draw.draw(folder, name) for name in names])
        load_small(house, WEDNESDAY)
    yield house
    house.close()


@pytest.fixture(scope="module")
def files(loaded):
    """The cases under QN20; those of the hotline are looked at with the other installations."""
    with loaded.store.reader() as session:
        ids = session.scalars(select(models.Case.id).where(models.Case.regulation == "QN20")).all()
        return [record.load(session, loaded.law, case_id) for case_id in ids]


def test_every_state_is_shown(files):
    law = files[0].regulation
    found = {row.state for file in files for row in (*file.state.submissions, *file.state.assignments)}
    assert found == {state.id for state in law.states}


def test_every_move_was_made(files):
    law = files[0].regulation
    made = {event.data.get("move") for file in files for event in file.events}
    assert {move.id for move in law.moves} - made == {"join"}


def test_every_rating_and_ground_and_secrecy(files):
    law = files[0].regulation
    assert {s.rating for f in files for s in f.state.submissions} >= {choice.id for choice in law.ratings}
    assert {s.secrecy for f in files for s in f.state.submissions} == {choice.id for choice in law.secrecies}
    grounds = {event.data.get("ground") for file in files for event in file.events} - {None}
    assert len(grounds) >= 6


def test_every_clock_stands_every_way(files):
    law = files[0].regulation
    found = {(c.clock, _way(law, c)) for file in files for c in file.state.clocks}
    ways = ("running", "soon", "late", "met_on_time", "met_late")
    missing = {(clock.id, way) for clock in law.clocks for way in ways} - found
    assert not missing, sorted(missing)


def _way(law, clock):
    standing = timing.standing(clock, WEDNESDAY)
    if clock.met_at:
        return "met_on_time" if standing == "on_time" else "met_late"
    if standing == "late":
        return "late"
    return "soon" if law.near(clock.clock, clock.due_at, WEDNESDAY) else "running"


def test_late_clocks_are_recorded(loaded, files):
    for file in files:
        for clock in file.state.clocks:
            overdue = clock.running and clock.due_at + timedelta(minutes=2) < WEDNESDAY
            assert bool(clock.breached_at) or not overdue
    with loaded.store.reader() as session:
        assert not session.scalars(select(models.Deadline).where(models.Deadline.parked.is_not(None))).all()


def test_projections_are_what_the_events_make(loaded):
    with loaded.store.reader() as session:
        assert list(record.differences(session, loaded.law)) == []


def test_nothing_happens_in_the_future_or_backwards(files):
    for file in files:
        instants = [event.at for event in file.events]
        assert instants == sorted(instants) and instants[-1] <= WEDNESDAY


def test_recorded_in_order(loaded):
    with loaded.store.reader() as session:
        rows = session.scalars(
            select(models.CaseEvent).order_by(models.CaseEvent.case_id, models.CaseEvent.n)
        ).all()
    for first, second in pairwise(rows):
        assert first.case_id != second.case_id or first.recorded_at <= second.recorded_at


def test_several_agencies_and_every_account(loaded, files):
    assert any(len(file.state.open_assignments) > 1 for file in files)
    agencies = {a.agency for file in files for a in file.state.assignments}
    assert {row["agency"] for row in read("cast")["staff"]} - {"ioc", "vp-ubnd"} == agencies
    with loaded.reading(WEDNESDAY) as work:
        for log_in in log_ins(loaded.law)[:2]:
            assert accounts.check(work, log_in.username, log_in.password).name == log_in.name
    assert all(log_in.role and log_in.agency and len(log_in.password) >= 12 for log_in in log_ins(loaded.law))


def test_public_pictures_have_nothing_of_a_camera(loaded):
    names = list(loaded.public_media.names())
    assert len(names) >= 12
    for name in names:
        data = loaded.public_media.path(name).read_bytes()
        with Image.open(io.BytesIO(data)) as image:
            assert not image.getexif()
        assert b"CANARY" not in data


def test_no_photo_waits_for_the_worker(loaded):
    with loaded.store.reader() as session:
        assert {photo.status for photo in session.scalars(select(models.Photo))} == {"ready"}


def test_letters_of_the_past_are_not_sent_again(loaded):
    with loaded.store.reader() as session:
        waiting = session.scalars(select(models.Notice).where(models.Notice.sent_at.is_(None))).all()
    assert all(notice.created_at >= WEDNESDAY - timedelta(minutes=5) for notice in waiting)


def test_a_second_load_changes_nothing(loaded):
    assert [row.username for row in load_small(loaded, WEDNESDAY)] == [
        row.username for row in log_ins(loaded.law)
    ]
    with loaded.store.reader() as session:
        assert len(session.scalars(select(models.Case.id)).all()) == len(stories("quang-nam"))


MOMENTS = [
    datetime(2026, 3, 9, 0, 3, tzinfo=UTC),  # Monday, early
    datetime(2026, 2, 18, 4, 0, tzinfo=UTC),  # between holidays
    datetime(2026, 11, 22, 0, 30, tzinfo=UTC),  # Sunday
    pytest.param(datetime(2026, 3, 12, 15, 55, tzinfo=UTC), marks=pytest.mark.slow),  # late in the evening
    pytest.param(datetime(2026, 12, 28, 9, 59, tzinfo=UTC), marks=pytest.mark.slow),  # the year's last week
]


@pytest.mark.parametrize("now", MOMENTS, ids=lambda now: f"{now:%a-%d-%m}")
def test_stories_fit_any_day(tmp_path, monkeypatch, now):
    monkeypatch.setattr(load, "Album", _NoAlbum)
    monkeypatch.setattr(load, "stories", _without_photos)
    house = new_house(tmp_path / "data", now)
    load_small(house, now)
    with house.store.reader() as session:
        assert list(record.differences(session, house.law)) == []
        assert len(session.scalars(select(models.Case.id)).all()) == len(stories("quang-nam"))
    house.close()


class _NoAlbum:
    def __init__(self, house):
        pass

    def prepare(self, names):
        assert not list(names)


def _without_photos(installation):
    told = []
    for story in stories(installation):
        steps = [{k: v for k, v in step.items() if k not in ("photos", "chosen")} for step in story["steps"]]
        told.append({k: v for k, v in story.items() if k != "photos"} | {"steps": steps})
    return told


def test_real_cases_are_not_mixed_with_a_demo(house):
    house.write(WEDNESDAY, _a_case)
    with pytest.raises(NotADemo):
        load_small(house, WEDNESDAY)


def _a_case(work):
    key = models.DataKey(purpose="content", wrapped=b"x", created_at=work.now)
    work.session.add(key)
    work.session.flush()
    work.session.add(
        models.Case(
            code="QN-000001",
            regulation="QN20",
            version="1",
            opened_at=work.now,
            content_key_id=key.id,
            events=0,
            state="",
            track="",
        )
    )


# Pictures


def test_the_same_seed_draws_the_same_picture():
    assert paint.photo("manhole", "before", 3) == paint.photo("manhole", "before", 3)


@pytest.mark.parametrize("scene", paint.SCENES)
def test_pictures_are_phone_photos(scene):
    before, after = paint.photo(scene, "before", 1), paint.photo(scene, "after", 1)
    assert before != after
    with Image.open(io.BytesIO(before)) as image:
        assert sorted(image.size) == [1200, 1600]
        exif = image.getexif()
        assert exif[0x0110] and exif.get_ifd(0x8825)[2]
    assert 60_000 < len(before) < 900_000


def test_drawing_does_not_depend_on_the_process():
    code = "import hashlib; from webapp.demo import paint; print(hashlib.sha256(paint.photo('sign','after',2)).hexdigest())"
    told = [
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert told[0] == told[1]


# What the demo is about must fit what may be shown


def test_stories_name_known_people_and_places(house):
    directory = house.law.directory
    people = {row["id"] for row in read("cast")["citizen"]}
    for story in stories("quang-nam"):
        assert (
            story["who"] in people and directory.area(story["area"]) and directory.category(story["category"])
        )
        area = directory.area(story["area"])
        if "lat" in story and not any(step["move"] == "refuse" for step in story["steps"]):
            assert abs(story["lat"] - area.lat) < 0.06 and abs(story["lon"] - area.lon) < 0.06, story["place"]
