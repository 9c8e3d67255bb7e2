"""Files that nobody names go after two days; a name without its file, or a file with another content, shows."""

from __future__ import annotations

import os
import secrets
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from tests.cast import Town, photo
from webapp.cli import worker
from webapp.operations import documents, files, photos
from webapp.operations.verify import verify
from webapp.store import models


@pytest.fixture
def published(town: Town) -> Town:
    """A named report with a photo, published; a document; a draft."""
    case_id = town.to_approved(photos=[town.kept(photo())], secrecy="open").case_id
    town.redraw()
    town.publish(case_id, [1])
    kept = documents.keep(town.house.vault, town.house.media, b"%PDF-1.7\n1 0 obj\n%%EOF\n")
    town.house.write(
        town.clock(), lambda work: documents.attach(work, case_id, 1, kept, "Báo cáo", town.ids["tu"])
    )
    draft = town.kept(photo(camera="DRAFT"))
    town.house.write(town.clock(), lambda work: photos.keep_upload(work, secrets.token_hex(16), draft))
    age_all(town, hours=1000)
    return town


def age_all(town: Town, hours: float) -> None:
    for media in (town.house.media, town.house.public_media):
        for path in [*map(media.path, media.names()), *media.unfinished()]:
            age(town, path, hours)


def age(town: Town, path: Path, hours: float) -> None:
    at = (town.clock() - timedelta(hours=hours)).timestamp()
    os.utime(path, (at, at))


def every_file(town: Town) -> set[str]:
    return {*town.house.media.names(), *town.house.public_media.names()}


def test_files_that_a_row_names_stay_however_old_they_are(published: Town):
    before = every_file(published)
    swept = files.sweep(published.house, published.clock())
    assert every_file(published) == before and len(before) == 6
    assert (swept.files, swept.drafts, swept.missing) == (0, 0, [])


@pytest.mark.parametrize(("hours", "left"), [(47, True), (49, False)])
def test_a_file_without_a_row_goes_after_48_hours(town: Town, hours: int, left: bool):
    for media in (town.house.media, town.house.public_media):
        age(town, media.path(media.put(b"nobody's")), hours)
        unfinished = media.path(media.put(b"x")).parents[2] / "unfinished-abc"
        unfinished.write_bytes(b"half")
        age(town, unfinished, hours)
    swept = files.sweep(town.house, town.clock())
    for media in (town.house.media, town.house.public_media):
        assert (b"nobody's" in {media.open(name).read() for name in media.names()}) is left
        assert bool(list(media.unfinished())) is left
    assert swept.files == (0 if left else 4)


def test_a_draft_goes_after_a_day_and_its_file_with_it(published: Town):
    published.clock.forward(hours=25)
    age_all(published, hours=1000)
    swept = files.sweep(published.house, published.clock())
    assert (swept.drafts, swept.files) == (1, 1)


def test_a_photo_taken_back_from_the_public_goes(published: Town):
    with published.house.store.writer() as session:
        session.delete(session.scalars(select(models.PubPhoto)).one())
    assert files.sweep(published.house, published.clock()).files == 1
    assert list(published.house.public_media.names()) == []


def test_a_row_without_its_file_alarms(published: Town, caplog):
    name = next(iter(published.house.public_media.names()))
    published.house.public_media.delete(name)
    assert files.sweep(published.house, published.clock()).missing == [name]
    assert name in caplog.text
    with published.house.store.reader() as session:
        assert session.get_one(models.Meta, files.MISSING).value == "1"


def test_the_worker_sweeps_once_an_hour(town: Town, monkeypatch):
    times = []
    real = files.sweep
    monkeypatch.setattr(files, "sweep", lambda house, now: times.append(now) or real(house, now))
    for _ in range(5):
        worker.sweep(town.house)
        town.clock.forward(minutes=31)
    assert len(times) == 3


# Verifying


def problems(town: Town) -> list[str]:
    return verify(town.house, town.clock()).problems


def test_a_sound_store_has_no_problems(published: Town):
    found = verify(published.house, published.clock())
    assert found.problems == [] and (found.files, found.rows, found.unnamed) == (6, 4, 0)


def test_one_flipped_byte_anywhere_is_found(published: Town):
    for media in (published.house.media, published.house.public_media):
        for name in sorted(media.names()):
            path = media.path(name)
            whole = path.read_bytes()
            path.write_bytes(whole[:50] + bytes([whole[50] ^ 1]) + whole[51:])
            assert any(name in problem and "changed" in problem for problem in problems(published))
            path.write_bytes(whole)
    assert problems(published) == []


def test_every_missing_file_is_found(published: Town):
    for media in (published.house.media, published.house.public_media):
        for name in sorted(media.names()):
            path = media.path(name)
            path.rename(path.with_suffix(".away"))
            assert any("its file is missing" in problem for problem in problems(published))
            path.with_suffix(".away").rename(path)


def test_files_that_changed_places_are_found(published: Town):
    first, second = published.kept(photo(camera="1")), published.kept(photo(camera="2"))
    with published.house.store.writer() as session:
        session.execute(update(models.Upload).values(original=first.original, sha256=second.sha256))
    assert any(problem.startswith("upload") for problem in problems(published))


def test_a_hash_that_is_not_the_files_is_found(published: Town):
    with published.house.store.writer() as session:
        session.execute(update(models.Photo).values(sha256="0" * 64))
    assert problems(published) == ["photo 1: its file is another than the row says"]


def test_a_public_photo_of_a_withdrawn_answer_is_found(published: Town):
    with published.house.store.writer() as session:
        session.execute(update(models.PubContent).values(withdrawn_on="2026-03-03"))
    (problem,) = problems(published)
    assert "nothing is published" in problem


def test_a_file_that_the_sweep_should_have_taken_is_found(published: Town):
    media = published.house.media
    path = media.path(media.put(b"nobody's"))
    age(published, path, 10)
    assert problems(published) == []
    age(published, path, 100)
    assert any("no sweep took it" in problem for problem in problems(published))


def test_after_the_contents_key_is_destroyed_nothing_need_open(published: Town):
    with published.house.store.writer() as session:
        key = session.get_one(models.Case, 1).content_key_id
        session.execute(update(models.DataKey).where(models.DataKey.id == key).values(wrapped=None))
    assert problems(published) == []


def test_the_command_says_what_is_wrong_and_fails(published: Town, monkeypatch):
    from click.testing import CliRunner

    from webapp.cli import store

    monkeypatch.setattr(store, "open_house", lambda: _opened(published))
    sound = CliRunner().invoke(store.store_group, ["verify"])
    assert sound.exit_code == 0 and "6 files, 4 rows, 0 files without a row, 0 problems" in sound.output
    name = next(iter(published.house.public_media.names()))
    published.house.public_media.path(name).write_bytes(b"other")
    broken = CliRunner().invoke(store.store_group, ["verify"])
    assert broken.exit_code == 1 and name in broken.output and "1 problems" in broken.output


def _opened(town: Town):
    from contextlib import nullcontext

    return nullcontext(town.house)
