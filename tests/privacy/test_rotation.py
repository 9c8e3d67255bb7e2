"""The master key is changed while everything stays readable, and a stop in the middle costs nothing."""

from __future__ import annotations

import os
import secrets
import stat
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from tests.cast import BUOI, Town, photo
from webapp.cli.keys import keys_group
from webapp.operations import documents, erasure, intake, people, photos, rotation, verify
from webapp.store import models
from webapp.store.keyring import KeysUnusable, MasterKeys
from webapp.store.sealing import Keys, Unsealable, Vault, wrapped_by


def begin(town: Town) -> int:
    return town.house.write(town.clock(), lambda work: rotation.begin(work, town.house.masters))


def rewrap(town: Town, newest: int, limit: int = 500, batches: int = 10**6) -> int:
    """What `keys rotate` does, stopping after so many batches."""
    done = 0
    for place in rotation.PLACES:
        last = None
        while batches:
            batches -= 1
            batch = town.house.write(
                town.clock(),
                lambda work: rotation.rewrap(work, place, newest, last, limit),  # noqa: B023
            )
            done, last = done + batch.done, batch.last
            if last is None:
                break
    return done


def remove(town: Town) -> list[int]:
    return town.house.write(town.clock(), lambda work: rotation.remove_old(work, town.house.masters))


def versions(town: Town) -> Counter[int]:
    with town.house.store.reader() as session:
        return sum(rotation.status(session).values(), Counter())


def fill(town: Town, reports: int = 3) -> list[int]:
    """Some reports, one with a photo, and a photo in a draft."""
    cases = [town.report().case_id for _ in range(reports - 1)]
    cases.append(town.report(photos=[town.kept(photo())]).case_id)
    secret, kept = secrets.token_hex(16), town.kept(photo())
    town.house.write(town.clock(), lambda work: photos.keep_upload(work, secret, kept))
    return cases


def attach_document(town: Town) -> None:
    pdf = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n%%EOF\n"
    kept = documents.keep(town.house.vault, town.house.media, pdf)
    case_id, author = town.to_agency().case_id, town.ids["tu"]
    town.house.write(
        town.clock(), lambda work: documents.attach(work, case_id, 1, kept, "Biên bản hiện trường", author)
    )


def readable(town: Town, vault: Vault | None = None) -> int:
    """Opens everything that is sealed; returns how many things there were."""
    with town.house.reading(town.clock()) as work:
        rows = list(work.session.scalars(select(models.Submission)))
        for row in rows:
            assert people.reveal(work, row.identity_id) == BUOI
            assert intake.open_place(work, work.session.get_one(models.Case, row.case_id), row).lat == 15.5736
        pictures = [p for p in work.session.scalars(select(models.Photo)) if p.wrapped]
        for picture in pictures:
            assert photos.original_of(vault or work.vault, work.media, picture).startswith(b"\xff\xd8")
        for draft in work.session.scalars(select(models.Upload)):
            (vault or work.vault).unwrap(draft.wrapped, "photo")
        return len(rows) + len(pictures)


def test_every_place_with_wrapped_keys_is_rotated():
    tables = [getattr(models, name).__table__ for name in models.__all__]
    found = {table.name for table in tables if "wrapped" in table.columns}
    assert found == {place.model.__tablename__ for place in rotation.PLACES}


def test_after_a_rotation_everything_opens_with_the_new_key_alone(any_town: Town):
    fill(any_town)
    assert set(versions(any_town)) == {1}
    newest = begin(any_town)
    assert rewrap(any_town, newest) == 8  # two keys a report, a photo, a draft
    assert versions(any_town) == Counter({2: 8})
    any_town.clock.forward(minutes=11)
    assert remove(any_town) == [1]
    folder = any_town.house.config.keys_folder
    assert not (folder / "master.key").exists()
    fresh = Vault(Keys.load_or_create(folder), MasterKeys.load(folder))
    assert readable(any_town) == readable(any_town, fresh) == 4
    assert any_town.differences() == []


def test_documents_of_staff_open_after_a_rotation_too(town: Town):
    attach_document(town)
    rewrap(town, begin(town))
    assert set(versions(town)) == {2}
    found = verify.verify(town.house, town.clock())
    assert found.rows == 1 and found.problems == []


def test_in_the_middle_both_forms_open_and_another_run_completes(any_town: Town):
    fill(any_town, reports=5)
    newest = begin(any_town)
    rewrap(any_town, newest, limit=3, batches=2)  # killed here
    assert versions(any_town) == Counter({1: 6, 2: 6})
    assert readable(any_town) == 6
    assert begin(any_town) == newest, "it goes on with the key it made"
    assert rewrap(any_town, newest, limit=3) == 6
    assert set(versions(any_town)) == {2}


def test_the_next_rotation_takes_the_next_number(town: Town):
    fill(town)
    for expected in (2, 3):
        newest = begin(town)
        assert newest == expected
        rewrap(town, newest)
        town.clock.forward(minutes=11)
        remove(town)
    assert town.house.masters.versions() == (3,)
    assert readable(town) == 4


def test_a_new_key_file_is_private(town: Town):
    begin(town)
    path = town.house.config.keys_folder / "master-2.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and len(path.read_bytes()) == 32
    assert not path.with_suffix(".new").exists()


def test_the_old_key_stays_while_anything_names_it_or_a_request_might(town: Town):
    fill(town)
    newest = begin(town)
    with pytest.raises(rotation.StillNeeded) as needed:
        remove(town)
    assert needed.value.rows == 8
    rewrap(town, newest)
    with pytest.raises(rotation.StillNeeded) as needed:
        remove(town)
    assert needed.value.rows == 0 and needed.value.until == town.clock() + timedelta(minutes=10)
    assert town.house.masters.versions() == (1, 2)


def test_a_running_process_follows_without_a_restart(town: Town):
    folder = town.house.config.keys_folder
    running = Vault(town.house.keys, MasterKeys.load(folder))
    before = running.new_data_key()
    newest = begin(town)
    made_elsewhere = town.house.vault.new_data_key()
    assert running.unwrap(made_elsewhere[1]) == made_elsewhere[0]
    assert wrapped_by(running.new_data_key()[1]) == newest, "it no longer wraps with the old one"
    assert running.unwrap(before[1]) == before[0]


def test_a_key_whose_master_is_gone_says_which_file_to_restore(town: Town):
    fill(town)
    begin(town)
    _, wrapped = town.house.vault.new_data_key()
    folder = town.house.config.keys_folder
    (folder / "master-2.key").unlink()
    with pytest.raises(Unsealable, match=r"master-2\.key is not here"):
        Vault(Keys.load_or_create(folder), MasterKeys.load(folder)).unwrap(wrapped)


def test_a_lost_new_key_is_not_made_again_under_its_number(town: Town):
    fill(town)
    rewrap(town, begin(town))
    (town.house.config.keys_folder / "master-2.key").unlink()
    assert begin(town) == 3
    with pytest.raises(Unsealable, match=r"data_key \d+: master-2\.key is not here"):
        rewrap(town, 3)


def test_keys_without_any_master_are_refused(town: Town):
    folder = town.house.config.keys_folder
    begin(town)
    assert Keys.load_or_create(folder).master == (folder / "master-2.key").read_bytes()
    for path in folder.glob("master*"):
        path.unlink()
    with pytest.raises(KeysUnusable, match=r"master\.key"):
        Keys.load_or_create(folder)


def test_the_newest_master_is_never_removed(town: Town):
    with pytest.raises(KeysUnusable):
        town.house.masters.remove(1)


def test_a_key_destroyed_while_its_batch_is_under_way_stays_destroyed(any_town: Town):
    receipt = any_town.report()
    newest = begin(any_town)

    def slow(work):
        place = rotation.PLACES[0]
        rows = work.session.scalars(select(models.DataKey).order_by(models.DataKey.id)).all()
        # Somebody else's commit between our reading and our writing, as PostgreSQL lets it happen.
        work.session.execute(
            update(models.DataKey)
            .where(models.DataKey.id == rows[0].id)
            .values(wrapped=None)
            .execution_options(synchronize_session=False)
        )
        return [rotation._rewrap(work, place, row) for row in rows]

    assert sorted(any_town.house.write(any_town.clock(), slow)) == [0, 1]
    with any_town.house.store.reader() as session:
        keys = list(session.scalars(select(models.DataKey).order_by(models.DataKey.id)))
    assert keys[0].wrapped is None and wrapped_by(bytes(keys[1].wrapped)) == newest
    assert receipt.case_id


def test_an_erased_person_is_not_counted_and_not_brought_back(any_town: Town):
    cases = fill(any_town)
    with any_town.house.reading(any_town.clock()) as work:
        row = people.of_submission(work, cases[0], 1)
    any_town.house.write(
        any_town.clock(), lambda work: erasure.erase_person(work, row.id, "data_subject", None)
    )
    assert rewrap(any_town, begin(any_town)) == 7
    with any_town.house.reading(any_town.clock()) as work, pytest.raises(Unsealable):
        people.reveal(work, row.identity_id)


def test_the_command_rotates_shows_and_removes(town: Town, monkeypatch: pytest.MonkeyPatch):
    fill(town)
    monkeypatch.setenv("HOIDAP_DATA", str(town.house.config.data))
    run = lambda *words: CliRunner().invoke(keys_group, list(words))  # noqa: E731
    assert "master.key (newest): data_key 6, photo 1, upload 1, document 0" in run("status").output
    early = run("rotate", "--remove-old", "--batch", "2")
    assert early.exit_code == 1 and "the old master key stays" in early.output
    assert "master-2.key (newest): data_key 6, photo 1, upload 1, document 0" in run("status").output
    done = run("rotate", "--remove-old", "--grace", "0")
    assert done.exit_code == 0 and "master.key destroyed" in done.output
    now = "data_key 6, photo 1, upload 1, document 0, recording 0, expected_file 0"
    assert run("status").output.strip() == f"master-2.key (newest): {now}"
    assert readable(town) == 4


def test_a_removed_key_leaves_no_copy_in_the_folder(tmp_path: Path):
    folder = tmp_path / "keys"
    old = Keys.load_or_create(folder).master
    masters = MasterKeys.load(folder)
    masters.add(2)
    masters.remove(1)
    assert all(old not in path.read_bytes() for path in folder.iterdir())


def test_a_command_killed_in_the_middle_is_completed_by_the_next(town: Town):
    for _ in range(40):
        town.report()
    environ = {**os.environ, "HOIDAP_DATA": str(town.house.config.data)}
    code = "from webapp.cli.keys import keys_group; keys_group()"
    command = [sys.executable, "-c", code, "rotate", "--batch", "1"]
    process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    while process.poll() is None and versions(town)[2] < 5:
        time.sleep(0.002)
    process.kill()
    process.communicate()
    cut = versions(town)
    assert cut[1] > 0 and cut[2] >= 5 and cut.total() == 80, "it was to be killed in the middle"
    assert readable(town) == 40
    subprocess.run(
        [*command[:-1], "500", "--remove-old", "--grace", "0"], env=environ, check=True, capture_output=True
    )
    assert versions(town) == Counter({2: 80}) and town.house.masters.versions() == (2,)
    assert readable(town) == 40
