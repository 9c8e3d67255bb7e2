"""Photos and documents in a bucket: the whole way of a report, what fails on the way, and what comes back."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from tests.browse import Browser
from tests.bucket import SECRET, client_of, everything_in
from tests.cast import MANHOLE, TAM_KY, Town, photo
from tests.citizen.conftest import SEND, code_on, fill
from tests.phone import File, Phone, film, inside
from webapp import create_app
from webapp.cli import backup as backup_commands
from webapp.cli import store as store_commands
from webapp.cli import worker
from webapp.config import Config, ConfigError
from webapp.demo import reset
from webapp.operations import backup, erasure, erasure_log, files, photos, restore
from webapp.operations.house import House
from webapp.operations.verify import verify
from webapp.pictures.pool import Pool
from webapp.store import bucket as bucket_store
from webapp.store import models
from webapp.store.bucket import BucketStore
from webapp.store.media import MediaDown
from webapp.store.sealing import CHUNK_BYTES

DAYS = timedelta(days=30)


@pytest.fixture
def bucket(s3, tmp_path):
    return s3.bucket(tmp_path)


@pytest.fixture
def town(town, bucket):
    """The same town, its files in the bucket."""
    return replace(town, house=House(replace(town.house.config, media=bucket), town.clock))


@pytest.fixture
def kept(town) -> Town:
    """A published report with a photo; nobody's draft; all of it in the bucket."""
    case_id = town.to_approved(photos=[town.kept(photo())], secrecy="open").case_id
    town.redraw()
    town.publish(case_id, [1])
    town.clock.at = datetime.now(UTC)  # a bucket dates files by its own clock
    return town


def names(town: Town) -> set[str]:
    return {*town.house.media.names(), *town.house.public_media.names()}


def count(town: Town, model) -> int:
    with town.house.store.reader() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


# The whole way


def test_a_report_with_a_photo_goes_the_whole_way_and_leaves_no_residue(app, town, bucket):
    reporter = fill(Browser(app).go("/gui")).attach("Chụp ảnh", photo(), name="a.jpg").press(SEND)
    code = code_on(reporter)
    assert not [path for path in town.house.config.media_folder.rglob("*") if path.is_file()]
    with Pool(1) as pool:
        assert worker.redraw(town.house, pool)
    town.do(1, "receive", "hoa", tokens={"category": "giao-thong", "area": TAM_KY})
    town.do(1, "distribute", "hoa", tokens={"agency": "so-xaydung"})
    town.do(1, "accept", "tu")
    town.do(1, "enter_result", "tu", texts={"result": "Đã thay nắp cống mới."})
    town.do(1, "approve", "lan")
    town.publish(1, [1])
    (public,) = town.house.public_media.names()
    shown = app.test_client().get(f"/anh/{public}")
    assert shown.status_code == 200 and shown.data.startswith(b"\xff\xd8") and b"CANARY" not in shown.data
    own = Browser(app).go("/theo-doi").fill("Mã bí mật", code).press("Xem phản ánh")
    assert own.client.get("/theo-doi/cua-toi/anh/1").data.startswith(b"\xff\xd8")
    assert verify(town.house, town.clock()).problems == []
    draft = fill(Browser(app).go("/gui"), **{"Kể ngắn gọn": ""}).attach("Chụp ảnh", photo(camera="2"))
    draft.press(SEND, 422)  # a draft of somebody else stays
    before = everything_in(bucket)
    assert not any(b"CANARY-CAM" in content or MANHOLE.encode() in content for _, content in before)

    town.house.write(town.clock(), lambda work: erasure.erase_person(work, 1, "data_subject", None))
    with town.house.store.reader() as session:
        row = session.scalars(select(models.Photo)).one()
        named = {*files.sealed_names(session), *files.public_names(session)}
    assert row.original is None and row.wrapped is None
    assert {key.rpartition("/")[2] for key, _ in everything_in(bucket)} == named
    assert count(town, models.Upload) == 1


def test_a_part_of_a_film_is_all_that_is_asked_of_the_bucket(app, s3):
    one = File(film(3 * CHUNK_BYTES), "video")
    phone = Phone(inside(app), [one])
    phone.report()
    phone.upload(one)
    client, asked = Browser(app).log_in("hoa").client, []
    s3.fault = lambda environ: asked.append(environ.get("HTTP_RANGE", "all")) or ""
    answer = client.get("/co-quan/vu/1/ban-ghi/1", headers={"Range": f"bytes={CHUNK_BYTES}-"})
    assert answer.status_code == 206 and answer.data == one.data[CHUNK_BYTES:]
    assert "all" not in asked and len(asked) == 3  # its head and two chunks


@pytest.fixture
def app(town):
    return create_app(town.house.config, town.clock)


def test_an_erased_original_is_gone_in_every_version(town, bucket):
    versions = {"Bucket": bucket.name, "VersioningConfiguration": {"Status": "Enabled"}}
    client_of(bucket).put_bucket_versioning(**versions)
    receipt = town.report(photos=[town.kept(photo())], secrecy="open")
    town.redraw()
    with town.house.store.reader() as session:
        original = session.scalars(select(models.Photo.original)).one()
        submission = session.scalars(
            select(models.Submission.id).where(models.Submission.case_id == receipt.case_id)
        ).one()
    assert any(original in key for key, _ in everything_in(bucket))
    town.house.write(town.clock(), lambda work: erasure.erase_person(work, submission, "court_order", None))
    assert not any(original in key for key, _ in everything_in(bucket))


# What fails on the way


@pytest.mark.parametrize("fault", ["503", "hang", "rot", "gone"])
def test_a_report_whose_photo_the_bucket_does_not_take_comes_back_as_typed(
    app, town, s3, monkeypatch, fault, caplog
):
    monkeypatch.setattr(bucket_store, "READ_S", 0.3)
    if fault == "gone":
        broken = replace(town.house.config.media, endpoint="http://127.0.0.1:9")
        app.extensions["hoidap"].media = BucketStore(broken, "sealed")
    else:
        s3.fault = lambda environ: fault if environ["REQUEST_METHOD"] == "PUT" else ""
    browser = fill(Browser(app).go("/gui")).attach("Chụp ảnh", photo(), name="a.jpg").press(SEND, 503)
    assert browser.sees("Kho ảnh đang trục trặc", "113") and browser.value("Kể ngắn gọn") == MANHOLE
    assert browser.response.headers["Retry-After"] == "60" and count(town, models.Case) == 0
    assert SECRET not in caplog.text and "CANARY" not in browser.response.text
    s3.fault = lambda environ: ""
    if fault == "gone":
        app.extensions["hoidap"].media = town.house.media
    browser.attach("Chụp ảnh", photo(), name="a.jpg").press(SEND)
    assert count(town, models.Photo) == 1 and verify(town.house, town.clock()).problems == []


def test_a_server_that_names_no_hash_is_asked_what_it_has(town, s3):
    s3.fault = lambda environ: "mute" if environ["REQUEST_METHOD"] == "PUT" else ""
    s3.asked.clear()
    assert town.house.media.put(b"x") in town.house.media.names()
    assert s3.asked[:2] == ["PUT", "GET"]


def test_while_the_bucket_is_down_pages_say_so_and_the_worker_waits(app, kept, s3):
    (public,) = kept.house.public_media.names()
    kept.report(photos=[kept.kept(photo(camera="2"))])
    s3.fault = lambda environ: "503"
    answer = app.test_client().get(f"/anh/{public}")
    assert answer.status_code == 503 and "Máy chủ" in answer.text
    assert app.test_client().get("/").status_code == 200, "what needs no file goes on"
    with Pool(1) as pool, pytest.raises(MediaDown):
        worker.redraw(kept.house, pool)
    s3.fault = lambda environ: ""
    kept.clock.forward(minutes=photos.CLAIM_MINUTES + 1)
    with Pool(1) as pool:
        assert worker.redraw(kept.house, pool)
    with kept.house.store.reader() as session:
        assert set(session.scalars(select(models.Photo.status))) == {"ready"}


def test_an_erasure_holds_though_the_bucket_is_down_and_the_sweep_does_the_rest(kept, s3, bucket):
    with kept.house.store.reader() as session:
        original = session.scalars(select(models.Photo.original)).one()
    s3.fault = lambda environ: "503"
    kept.house.write(kept.clock(), lambda work: erasure.erase_person(work, 1, "data_subject", None))
    s3.fault = lambda environ: ""
    assert original in names(kept)
    kept.clock.forward(hours=files.UNNAMED_HOURS + 1)
    assert files.sweep(kept.house, kept.clock()).files == 1
    assert original not in names(kept)
    assert not any(original in key for key, _ in everything_in(bucket))


# Keeping it in order


def test_the_sweep_takes_what_no_row_names_and_alarms_for_what_is_missing(kept):
    stray = kept.house.media.put(b"nobody's")
    kept.clock.forward(hours=files.UNNAMED_HOURS - 1)
    assert files.sweep(kept.house, kept.clock()).files == 0
    assert verify(kept.house, kept.clock()).unnamed == 1
    kept.clock.forward(hours=2)
    swept = files.sweep(kept.house, kept.clock())
    assert (swept.files, swept.missing) == (1, []) and stray not in names(kept)
    (public,) = kept.house.public_media.names()
    kept.house.public_media.delete(public)
    assert files.sweep(kept.house, kept.clock()).missing == [public]


def test_verify_finds_what_is_missing_and_what_was_changed(kept, bucket):
    sealed, public = next(iter(kept.house.media.names())), next(iter(kept.house.public_media.names()))
    client_of(bucket).put_object(Bucket=bucket.name, Key=f"hoi/dap/sealed/{sealed}", Body=b"other")
    kept.house.public_media.delete(public)
    problems = verify(kept.house, kept.clock()).problems
    assert any(
        f"s3://{bucket.name}/hoi/dap/sealed/{sealed}" in line and "changed" in line for line in problems
    )
    assert any("its file is missing" in line for line in problems)


def test_a_backup_of_the_bucket_comes_back_in_another_one_and_in_a_folder(kept, s3, tmp_path):
    made = backup.make(kept.house, tmp_path / "backups", kept.clock(), "test", DAYS)
    assert made.problems == [] and made.files == len(names(kept)) == 4
    kept.clock.forward(seconds=1)
    again = backup.make(kept.house, tmp_path / "backups", kept.clock(), "test", DAYS)
    assert again.linked == again.files, "what an earlier backup has is not fetched again"
    (tmp_path / "second").mkdir()
    for data, bucket in (("bucket", s3.bucket(tmp_path / "second")), ("folder", None)):
        config = replace(kept.house.config, data=tmp_path / data, media=bucket)
        config = replace(config, database_url=f"sqlite:///{config.data / 'hoidap.db'}")
        restore_keys(kept, config.data)
        done = restore.restore(config, made.folder, kept.clock(), restore.Wish())
        house = House(config, kept.clock)
        assert done.problems == [] and verify(house, kept.clock()).problems == []
        assert {*house.media.names(), *house.public_media.names()} == names(kept)
        assert (config.data / "media").exists() is (bucket is None)
        house.close()


def restore_keys(town: Town, data: Path) -> None:
    shutil.copytree(town.house.config.keys_folder, data / "keys")


def test_who_was_erased_after_the_backup_is_not_carried_back_into_the_bucket(kept, s3, tmp_path):
    with kept.house.store.reader() as session:
        original = session.scalars(select(models.Photo.original)).one()
    made = backup.make(kept.house, tmp_path / "backups", kept.clock(), "test", DAYS)
    kept.clock.forward(hours=1)
    kept.house.write(kept.clock(), lambda work: erasure.erase_person(work, 1, "data_subject", None))
    erasure_log.Follower().follow(kept.house)
    (tmp_path / "second").mkdir()
    second = s3.bucket(tmp_path / "second")
    config = replace(kept.house.config, data=tmp_path / "other", media=second)
    config = replace(config, database_url=f"sqlite:///{config.data / 'hoidap.db'}")
    restore_keys(kept, config.data)
    wish = restore.Wish(erasures=(erasure_log.path_of(kept.house),))
    assert restore.restore(config, made.folder, kept.clock(), wish).erased_again == 1
    carried = [key for key, _ in everything_in(second)]
    assert carried and not any(original in key for key in carried)


def test_commands_say_in_a_sentence_that_the_bucket_is_down(kept, s3, tmp_path, monkeypatch):
    made = backup.make(kept.house, tmp_path / "backups", kept.clock(), "test", DAYS)
    environ = {"HOIDAP_DATA": str(kept.house.config.data), "DEMO": "on", **settings(kept)}
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    s3.fault = lambda environ: "503"
    to = ["--to", str(tmp_path / "more")]
    for command, words in ((backup_commands.backup_command, to), (store_commands.store_group, ["verify"])):
        done = CliRunner().invoke(command, words)
        assert done.exit_code == 1 and "did not list its files: SlowDown. Try again" in done.output
    monkeypatch.setenv("HOIDAP_DATA", str(tmp_path / "empty"))
    restore_keys(kept, tmp_path / "empty")
    done = CliRunner().invoke(backup_commands.restore_command, [str(made.folder)])
    assert done.exit_code == 1 and "did not list its files" in done.output
    assert [path.name for path in (tmp_path / "empty").iterdir()] == ["keys"], "nothing was touched"


def settings(town: Town) -> dict[str, str]:
    bucket = town.house.config.media
    url = f"s3://{bucket.name}/{bucket.prefix}?endpoint={bucket.endpoint}"
    return {"MEDIA_URL": url, "MEDIA_CREDENTIALS_FILE": str(bucket.credentials_file)}


def test_a_demo_that_is_thrown_away_leaves_the_bucket_empty(kept, bucket):
    reset.reset(kept.house)
    assert everything_in(bucket) == []


# Settings


def test_the_settings_say_which_bucket(kept):
    assert Config.from_environment(settings(kept)).media == kept.house.config.media
    assert SECRET not in repr(kept.house.config) and Config.from_environment({}).media is None


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://bucket", "MEDIA_URL cannot be read"),
        ("s3://id:PASSWORD@bucket", "MEDIA_URL cannot be read"),
        ("s3://Bucket/a b", "MEDIA_URL cannot be read"),
        ("s3://bucket?secret=PASSWORD", "option besides"),
        ("s3://bucket?endpoint=http://s3.example.vn", "https"),
        ("s3://bucket?endpoint=https://a:PASSWORD@s3.example.vn", "endpoint"),
        ("s3://bucket?endpoint=s3.example.vn", "endpoint"),
    ],
)
def test_a_wrong_address_is_refused_and_not_repeated(tmp_path, url, why):
    key = tmp_path / "key"
    key.write_text("id\nsecret\n")
    with pytest.raises(ConfigError, match=why) as refused:
        Config.from_environment({"MEDIA_URL": url, "MEDIA_CREDENTIALS_FILE": str(key)})
    assert "PASSWORD" not in str(refused.value)


def test_without_its_key_or_its_package_the_setting_is_refused(tmp_path, monkeypatch):
    with pytest.raises(ConfigError, match="needs MEDIA_CREDENTIALS_FILE"):
        Config.from_environment({"MEDIA_URL": "s3://bucket"})
    key = tmp_path / "key"
    key.write_text("only one line\nand-a-second\n")
    environ = {"MEDIA_URL": "s3://bucket", "MEDIA_CREDENTIALS_FILE": str(key)}
    with pytest.raises(ConfigError, match="two lines"):
        Config.from_environment(environ)
    monkeypatch.setitem(sys.modules, "botocore", None)
    with pytest.raises(ConfigError, match=r"pip install 'hoidap\[s3\]'"):
        Config.from_environment(environ)


def test_whoever_uses_a_folder_does_not_load_the_library():
    code = "import sys, webapp.app, webapp.cli.serve, webapp.cli.worker; sys.exit('botocore' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
