"""Photos of a report: how many, what stays of them, and what happens when one cannot be opened."""

from __future__ import annotations

import hashlib
import threading

import pytest

from tests.cast import MANHOLE, Town, photo
from tests.pictures import corpus
from webapp.cli import worker
from webapp.operations import intake, photos, redrawing, texts
from webapp.operations.people import Person
from webapp.operations.work import Conflict
from webapp.pictures.pool import Broke, Pool
from webapp.store import models

OPEN, HIDDEN, CONFIDENTIAL = "open", "hide_name", "confidential"


class FakePool:
    """Answers at once: redraws in this process, or fails as told."""

    size = 2

    def __init__(self, fault: Exception | None = None) -> None:
        self.fault = fault

    def redraw(self, data: bytes) -> list[tuple[int, int, bytes]]:
        if self.fault:
            raise self.fault
        return photos.redraw(data)


def rows(town: Town, case_id: int) -> list[models.Photo]:
    with town.house.reading(town.clock()) as work:
        return photos.of_case(work, case_id)


def reported(town: Town, *pictures: bytes, **changes: object) -> int:
    return town.report(photos=[town.kept(data) for data in pictures], **changes).case_id


def work_off(town: Town, fault: Exception | None = None) -> None:
    while worker.redraw(town.house, FakePool(fault)):
        pass


def test_the_worker_redraws_in_a_child_and_every_width_can_be_shown(any_town: Town):
    case_id = reported(any_town, photo(3000, 2000))
    with Pool(1) as pool:
        assert worker.redraw(any_town.house, pool) and not worker.redraw(any_town.house, pool)
    (row,) = rows(any_town, case_id)
    assert row.status == "ready" and [one["width"] for one in row.derivatives] == list(photos.WIDTHS)
    with any_town.house.reading(any_town.clock()) as work:
        for wanted, copy in zip(photos.WIDTHS, row.derivatives, strict=True):
            shown = photos.shown(work, row, wanted)
            assert hashlib.sha256(shown).hexdigest() == copy["sha256"] and b"CANARY" not in shown


@pytest.mark.parametrize("make", [corpus.webp, corpus.heic, corpus.png, corpus.portrait_shot])
def test_every_kind_of_photo_goes_the_whole_way(town: Town, make):
    case_id = reported(town, make())
    work_off(town)
    assert rows(town, case_id)[0].status == "ready"


# What is kept


@pytest.mark.parametrize("secrecy", [HIDDEN, CONFIDENTIAL])
def test_of_a_hidden_reporters_photo_only_the_redrawn_copy_is_kept(any_town: Town, secrecy: str):
    data = photo(3000, 2000)
    case_id = reported(any_town, data, secrecy=secrecy)
    (before,) = rows(any_town, case_id)
    work_off(any_town)
    (after,) = rows(any_town, case_id)
    assert after.original is None and after.wrapped is None
    assert not any_town.house.media.path(before.original).exists()
    assert after.sha256 == after.derivatives[-1]["sha256"] != hashlib.sha256(data).hexdigest()
    assert (after.width, after.size, after.mime) == (2560, after.derivatives[-1]["size"], "image/jpeg")


def test_a_named_reporters_original_is_kept_sealed_with_all_the_camera_wrote(any_town: Town):
    data = photo()
    case_id = reported(any_town, data, secrecy=OPEN)
    work_off(any_town)
    (row,) = rows(any_town, case_id)
    assert photos.original_of(any_town.house.vault, any_town.house.media, row) == data
    assert row.sha256 == hashlib.sha256(data).hexdigest()


def test_staff_photos_keep_their_original_also_in_a_confidential_case(town: Town):
    case_id = town.to_agency(secrecy=CONFIDENTIAL).case_id
    town.do(case_id, "accept", "tu")
    data = photo(camera="STAFF")
    town.do(case_id, "enter_result", "tu", texts={"result": "Xong."}, photos=[town.kept(data)])
    work_off(town)
    (row,) = rows(town, case_id)
    assert row.assignment == 1 and photos.original_of(town.house.vault, town.house.media, row) == data


def test_the_same_report_sent_again_after_redrawing_is_still_the_same(any_town: Town):
    data = photo()
    report = any_town.written(photos=[any_town.kept(data)])
    first = any_town.house.write(any_town.clock(), lambda work: intake.submit(work, report))
    work_off(any_town)
    (row,) = rows(any_town, first.case_id)
    by_file = any_town.written(secret=report.secret, photos=[any_town.kept(data)])
    by_id = any_town.written(
        secret=report.secret,
        photos=[photos.Kept(row.uid, "", b"", row.mime, row.size, row.sha256, row.width, row.height)],
    )
    for again in (by_file, by_id):
        receipt = any_town.house.write(any_town.clock(), lambda work, again=again: intake.submit(work, again))
        assert receipt.again and receipt.code == first.code
    other = any_town.written(secret=report.secret, photos=[any_town.kept(photo(camera="OTHER"))])
    with pytest.raises(Conflict):
        any_town.house.write(any_town.clock(), lambda work: intake.submit(work, other))


# How many


def test_photos_beyond_a_days_fifty_are_left_out_one_by_one_and_the_text_is_taken(
    any_town: Town, monkeypatch
):
    monkeypatch.setattr(photos, "DAY_FILES", 3)
    reported(any_town, photo(camera="1"), photo(camera="2"))
    kept = [any_town.kept(photo(camera=str(number))) for number in (3, 4, 5)]
    receipt = any_town.report(photos=kept)
    assert [photo.uid for photo in rows(any_town, receipt.case_id)] == [kept[0].uid]
    assert [(left.uid, left.code) for left in receipt.not_taken] == [
        (kept[1].uid, "day_files"),
        (kept[2].uid, "day_files"),
    ]
    file = any_town.file(receipt.case_id)
    with any_town.house.reading(any_town.clock()) as work:
        assert MANHOLE in texts.read(work, file.row, [1, 2]).values()


def test_a_smaller_photo_still_fits_where_a_larger_one_did_not(town: Town, monkeypatch):
    large, small = photo(1200, 900), photo(64, 48)
    monkeypatch.setattr(photos, "DAY_BYTES", len(large) + 2 * len(small))
    kept = [town.kept(data) for data in (large, photo(1200, 900, camera="OTHER"), small)]
    receipt = town.report(photos=kept)
    assert [left.code for left in receipt.not_taken] == ["day_bytes"]
    assert [photo.uid for photo in rows(town, receipt.case_id)] == [kept[0].uid, kept[2].uid]


def test_the_quota_is_of_one_phone_and_of_24_hours(town: Town, monkeypatch):
    monkeypatch.setattr(photos, "DAY_FILES", 1)
    reported(town, photo())
    other = town.report(person=Person("Lê Văn A", "+84905999999", ""), photos=[town.kept(photo())])
    assert not other.not_taken
    town.clock.forward(hours=23)
    assert town.report(photos=[town.kept(photo())]).not_taken
    town.clock.forward(hours=2)
    assert not town.report(photos=[town.kept(photo())]).not_taken


def test_one_report_brings_ten_photos_at_most(town: Town):
    kept = [town.kept(photo(camera=str(number))) for number in range(11)]
    receipt = town.report(photos=kept)
    assert [left.code for left in receipt.not_taken] == ["too_many"]


def test_a_report_whose_photos_are_all_left_out_does_not_claim_to_bring_one(town: Town, monkeypatch):
    monkeypatch.setattr(photos, "DAY_FILES", 0)
    receipt = town.report(photos=[town.kept(photo())])
    assert "photo" not in town.file(receipt.case_id).state.submissions[0].given


# When one cannot be opened


def test_a_photo_that_fails_becomes_a_supplement_request_and_nothing_is_lost(any_town: Town):
    case_id = reported(any_town, corpus.cut_short())
    work_off(any_town)
    file = any_town.file(case_id)
    assert file.events[-1].data["move"] == "request_supplement" and file.events[-1].role == "system"
    (row,) = rows(any_town, case_id)
    assert row.status == "failed"
    assert photos.original_of(any_town.house.vault, any_town.house.media, row) == corpus.cut_short()
    with any_town.house.reading(any_town.clock()) as work:
        said = texts.read(work, file.row, [file.events[-1].data["facts"]["reason"]])
    assert "gửi lại ảnh" in next(iter(said.values()))
    assert any(notice.template == "supplement_requested" for notice in any_town.notices())
    assert any_town.differences() == []


def test_the_request_of_a_confidential_report_is_sealed_too(town: Town):
    case_id = reported(town, corpus.cut_short(), secrecy=CONFIDENTIAL)
    work_off(town)
    id = town.file(case_id).events[-1].data["facts"]["reason"]
    with town.house.store.reader() as session:
        assert session.get_one(models.Text, id).body is None


def test_while_another_photo_stands_the_report_is_not_held_up(town: Town):
    case_id = reported(town, photo(), corpus.cut_short())
    work_off(town)
    assert [row.status for row in rows(town, case_id)] == ["ready", "failed"]
    assert len(town.file(case_id).events) == 1


def test_two_failed_photos_make_one_request(town: Town):
    case_id = reported(town, corpus.cut_short(), corpus.png_cut_short())
    work_off(town)
    assert [event.data["move"] for event in town.file(case_id).events] == ["submit", "request_supplement"]


def test_where_the_regulation_no_longer_allows_it_only_the_photo_shows_as_failed(town: Town):
    case_id = town.to_agency(photos=[town.kept(corpus.cut_short())]).case_id
    before = len(town.file(case_id).events)
    work_off(town)
    assert rows(town, case_id)[0].status == "failed" and len(town.file(case_id).events) == before


def test_a_broken_child_is_tried_three_times_before_the_photo_fails(any_town: Town):
    case_id = reported(any_town, photo())
    for attempt in (1, 2, 3):
        assert rows(any_town, case_id)[0].status == "pending"
        work_off(any_town, Broke("timeout"))
        assert rows(any_town, case_id)[0].attempts == attempt
        any_town.clock.forward(minutes=2)
    assert rows(any_town, case_id)[0].status == "failed"


def test_a_lost_original_alarms_and_stops_no_other_photo(town: Town, caplog):
    lost, good = reported(town, photo()), reported(town, photo(camera="2"))
    town.house.media.delete(rows(town, lost)[0].original)
    work_off(town)
    assert "is lost" in caplog.text
    assert rows(town, lost)[0].status == "pending" and rows(town, good)[0].status == "ready"


def test_copies_that_come_too_late_change_nothing(town: Town):
    case_id = reported(town, photo(), secrecy=OPEN)
    (row,) = rows(town, case_id)
    work_off(town)
    done = rows(town, case_id)[0].derivatives
    town.house.write(town.clock(), lambda work: redrawing.done(work, row.id, []))
    town.house.write(town.clock(), lambda work: redrawing.failed(work, row.id))
    assert rows(town, case_id)[0].derivatives == done and len(town.file(case_id).events) == 1


def test_the_worker_runs_with_its_pool_and_stops(town: Town):
    case_id = reported(town, photo())
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(town.house, stop))
    thread.start()
    for _ in range(200):
        if rows(town, case_id)[0].status == "ready":
            break
        stop.wait(0.05)
    stop.set()
    thread.join(20)
    assert not thread.is_alive() and rows(town, case_id)[0].status == "ready"
