"""The queue of a phone: the text first and at once, its files piece by piece, and a receipt that lists them."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.browse import Browser
from tests.cast import Town, photo
from tests.citizen.conftest import submit
from tests.phone import FILES, RECEIPT, REPORT, File, Phone, film, inside
from webapp.app import create_app
from webapp.doors import limits
from webapp.operations import expected, files, people, recordings, uploads
from webapp.operations.verify import verify
from webapp.store import models
from webapp.store.sealing import CHUNK_BYTES


@pytest.fixture
def app(any_town: Town):
    """The queue is tried on both databases."""
    return create_app(any_town.house.config, any_town.clock)


@pytest.fixture
def town(any_town: Town) -> Town:
    return any_town


@pytest.fixture
def phone(app):
    """`phone(file, ...)`: a phone with those files in its queue."""
    return lambda *files, **more: Phone(inside(app), files, **more)


def rows(town: Town, model) -> list:
    with town.house.store.reader() as session:
        return list(session.scalars(select(model).order_by(model.id)))


def on_disk(town: Town) -> list:
    return list(uploads.partials(town.house).listed())


# The text


def test_the_text_is_answered_at_once_with_number_code_and_term(phone, town):
    picture = File(photo())
    one = phone(picture)
    answer = one.report()
    assert answer.status == 200 and answer.headers["Cache-Control"] == "no-store"
    told = answer.json
    assert told["number"] == town.file(1).row.code and len(told["code"]) == 29
    assert told["received_at"] == "2026-03-02T01:00:00.000000Z" and told["due"] > told["received_at"]
    assert told["complete"] is False
    [line] = told["files"]
    assert (line["id"], line["state"], line["offset"]) == (picture.id, "waiting", 0)


def test_sent_again_it_is_the_same_report_with_the_same_answer(phone, town):
    one = phone(File(photo()))
    first = one.report().json
    assert [one.report().json for _ in range(3)] == [first] * 3
    assert len(rows(town, models.Case)) == len(rows(town, models.ExpectedFile)) == 1


def test_other_content_under_the_same_secret_is_a_conflict(phone, town):
    one = phone()
    one.report()
    one.fields = {"text": "Chuyện khác hẳn."}
    answer = one.report()
    assert answer.status == 409 and "nội dung khác" in answer.json["error"]
    other = replace(one, fields={}, files=[File(photo())])
    assert other.report().status == 409, "other files are other content"
    assert len(rows(town, models.Case)) == 1


def test_what_waited_under_a_category_that_is_gone_is_taken_and_sorted_by_a_person(phone, town):
    one = phone(fields={"category": "da-bo", "commune": "99999", "place": ""})
    answer = one.report()
    assert answer.status == 200
    (case,) = rows(town, models.Case)
    assert case.category is None and case.area is None
    assert one.report().json["number"] == answer.json["number"], "the lost answer comes again"


def test_a_number_that_is_too_short_is_not_what_a_report_that_waited_is_refused_for(phone, town):
    one = phone(fields={"phone": "0905 123"})
    answer = one.report()
    assert answer.status == 200, answer.json
    assert one.report().json["number"] == answer.json["number"], "the lost answer comes again"
    with town.house.reading(town.clock()) as work:
        sender = work.session.scalars(select(models.Identity.id)).one()
        assert people.reveal(work, sender).phone == "+840905123"


def test_faults_come_by_field_in_the_words_of_the_form(phone, town):
    one = phone(fields={"text": "", "phone": "call me", "undertaking": ""})
    answer = one.report()
    assert answer.status == 422
    assert set(answer.json["errors"]) == {"text", "phone", "undertaking"}
    assert answer.json["errors"]["phone"].startswith("Số điện thoại này chưa đúng")
    assert rows(town, models.Case) == []


def test_what_was_taken_before_a_rule_is_known_by_its_content_alone(phone, town, monkeypatch):
    one = phone(File(photo()))
    first = one.report().json
    newer = lambda *_, **__: {"email": "Cần thư điện tử."}  # noqa: E731
    monkeypatch.setattr("webapp.citizen.form.faults", newer)
    assert one.report().json == first
    one.fields = {"text": "Chuyện khác hẳn.", "happened": "hôm kia", "phone": "call me"}
    answer = one.report()
    assert answer.status == 409, "nobody is told that other words than the server's were received"
    assert phone().report().status == 422
    assert len(rows(town, models.Case)) == 1


def test_the_form_and_the_queue_give_one_receipt_for_one_secret(phone, town, app):
    """Whichever came first: the answer of the one may be lost, and the other be tried."""
    app.config["WTF_CSRF_ENABLED"] = False
    picture = photo()
    for queue_first in (True, False):
        one = phone(File(picture))
        sendings = [one.report, lambda one=one: submit(app.test_client(), one.secret, photos=_file(picture))]
        for send in sendings if queue_first else reversed(sendings):
            answer = send()
            assert getattr(answer, "status", answer) in (200, "200 OK") or answer.status_code == 200
        assert one.receipt().json["complete"] is True, "what the form brought need not be sent once more"
        page = submit(app.test_client(), one.secret, photos=_file(picture)).text
        told = one.report().json
        assert told["number"] in page and told["code"] in page
        assert one.state(one.files[0])["state"] == "received"
    assert len(rows(town, models.Case)) == 2 and len(rows(town, models.Photo)) == 2
    assert verify(town.house, town.clock()).problems == []


def _file(data: bytes):
    import io

    return (io.BytesIO(data), "a.jpg")


@pytest.mark.parametrize(
    "told",
    [{"v": 2}, {"secret": "zz"}, {"secret": 7}, {"fields": []}, {"fields": {"text": 7}}, {"files": {}},
     {"files": ["x"]}, {"files": [{"id": "../../etc", "kind": "photo"}]}, {"files": [{}] * 51}],
)  # fmt: skip
def test_what_no_phone_of_ours_writes_is_refused_whole(phone, town, told):
    assert phone().report(**told).status == 400
    assert rows(town, models.Case) == []


@pytest.mark.parametrize("change", [{"size": -1}, {"size": True}, {"size": "7"}, {"sha256": "x"}, {"kind": "exe"},
                                    {"type": "a\r\nb"}, {"id": "a"}])  # fmt: skip
def test_a_promise_that_cannot_be_one_is_refused(phone, town, change):
    one = phone()
    assert one.report(files=[File(b"x").promise() | change]).status == 400
    assert one.report(files=[File(b"x", id="a" * 20).promise()] * 2).status == 400, "one name for two files"


# Files


def test_a_photo_arrives_in_pieces_and_becomes_a_photo_like_any_other(phone, town):
    picture = File(photo(900, 700))
    one = phone(picture)
    one.report()
    assert (
        one.create(picture).status == 201 and one.answers[-1].headers["Location"] == f"{FILES}/{picture.id}"
    )
    assert (
        one.create(picture).status == 200 and one.answers[-1].headers["Location"] == f"{FILES}/{picture.id}"
    )
    one.upload(picture, 1000)
    told = one.receipt().json
    assert told["complete"] is True and told["files"][0]["sha256"] == picture.sha256
    assert told["files"][0]["state"] == "received" and one.head(picture).offset == len(picture.data)
    assert on_disk(town) == []
    town.redraw()
    [row] = rows(town, models.Photo)
    assert row.status == "ready" and row.original is None, "of who hides, only the redrawn copy is left"
    assert one.state(picture)["size"] == len(picture.data), "the receipt still names what the phone sent"
    assert verify(town.house, town.clock()).problems == []


def test_what_a_head_tells_is_what_tus_asks_for(phone):
    picture = File(photo())
    one = phone(picture)
    one.report()
    one.create(picture)
    one.patch(picture, 0, picture.data[:700])
    answer = one.head(picture)
    assert (answer.status, answer.offset, answer.headers["Upload-Length"]) == (
        200,
        700,
        str(len(picture.data)),
    )
    assert answer.headers["Tus-Resumable"] == "1.0.0" and answer.headers["Cache-Control"] == "no-store"
    assert "sha256 " in answer.headers["Upload-Metadata"]
    able = one.send("OPTIONS", FILES)
    assert able.status == 204 and able.headers["Tus-Version"] == "1.0.0"
    assert able.headers["Tus-Extension"] == "creation,checksum,termination"
    assert able.headers["Tus-Max-Size"] == str(100 * 2**20)
    assert "sha256" in able.headers["Tus-Checksum-Algorithm"]
    assert one.send("HEAD", f"{FILES}/{picture.id}", {**one.own(), "Tus-Resumable": "0.2.2"}).status == 412
    assert one.answers[-1].headers["Tus-Version"] == "1.0.0"


def test_a_piece_at_the_wrong_place_changes_nothing_and_is_told_the_right_one(phone):
    picture = File(photo())
    one = phone(picture)
    one.report()
    assert one.patch(picture, 5, b"x").status == 409 and one.answers[-1].offset == 0
    one.patch(picture, 0, picture.data[:1000])
    for at in (0, 999, 1001, 10**9):
        answer = one.patch(picture, at, b"zzz")
        assert (answer.status, answer.offset) == (409, 1000)
    one.upload(picture)
    assert one.state(picture)["state"] == "received"
    answer = one.patch(picture, 1000, picture.data[1000:])
    assert (answer.status, answer.offset) == (409, len(picture.data)), (
        "the last answer was lost: it is all here"
    )


def test_a_piece_that_was_changed_on_its_way_is_460_and_not_kept(phone):
    picture = File(photo())
    one = phone(picture)
    one.report()
    good = picture.data[:1000]
    answer = one.patch(picture, 0, good, Upload_Checksum="sha256 " + "A" * 43 + "=")
    assert answer.status == 460 and one.head(picture).offset == 0
    sha1 = "sha1 " + __import__("base64").b64encode(hashlib.sha1(good).digest()).decode()
    assert one.patch(picture, 0, good, Upload_Checksum=sha1).status == 204, "the protocol demands sha1"
    for broken in ("crc32 AAAA", "sha256", "sha256 !!", ""):
        assert one.patch(picture, 1000, b"x", Upload_Checksum=broken).status == 400
    assert one.head(picture).offset == 1000


def test_cut_at_every_piece_and_begun_again_it_arrives_whole(phone, town, app):
    """After every piece another process goes on: a new application on the same folder."""
    picture, at = File(photo(1200, 900)), 0
    one = phone(picture)
    one.report()
    step = len(picture.data) // 12 + 1
    while at < len(picture.data):
        one.to = inside(create_app(town.house.config, town.clock))
        assert one.head(picture).offset == at
        at = one.patch(picture, at, picture.data[at : at + step]).offset
    assert one.state(picture)["state"] == "received" and one.state(picture)["sha256"] == picture.sha256


def test_another_file_than_was_promised_is_refused_with_a_reason(phone, town):
    picture = File(photo())
    one = phone(picture)
    one.report()
    assert one.patch(picture, 0, bytes(len(picture.data))).status == 204
    told = one.state(picture)
    assert told["state"] == "refused" and "khác với tệp máy đã báo" in told["reason"]
    assert one.receipt().json["complete"] is True, "nothing more is awaited"
    assert one.head(picture).status == one.patch(picture, 0, b"x").status == 410
    assert one.create(picture).status == 410
    assert on_disk(town) == [] and rows(town, models.Photo) == []


@pytest.mark.asvs("5.2.2")
def test_what_is_no_photo_is_refused_and_the_reporter_is_asked_for_another(phone, town):
    bad, also_bad = File(b"<svg onload=alert(1)>" * 50), File(b"MZ" * 700)
    one = phone(bad, also_bad)
    one.report()
    one.upload(bad)
    assert one.state(bad)["state"] == "refused" and "Không mở được ảnh" in one.state(bad)["reason"]
    assert town.file(1).state.submissions[0].state == "submitted", "another photo is on its way"
    one.upload(also_bad)
    assert town.file(1).events[-1].kind == "supplement_requested"


def test_a_film_and_a_spoken_report_are_kept_sealed_as_they_came(phone, town):
    moving, spoken = (
        File(film(3 * CHUNK_BYTES + 5), "video", "video/mp4"),
        File(b"OggS" + bytes(5000), "voice", ""),
    )
    false = File(b"OggS" + bytes(900), "video", "video/mp4")
    one = phone(moving, spoken, false)
    one.report()
    for file in (moving, spoken, false):
        one.upload(file, 2**20)
    assert [one.state(file)["state"] for file in (moving, spoken, false)] == [
        "received",
        "received",
        "refused",
    ]
    found = rows(town, models.Recording)
    assert [(row.kind, row.mime, row.size) for row in found] == [
        ("video", "video/mp4", len(moving.data)), ("voice", "audio/ogg", 5004)]  # fmt: skip
    with town.house.reading(town.clock()) as work:
        assert b"".join(recordings.content(work, found[0])) == moving.data
    stored = b"".join(
        path.read_bytes() for path in (town.house.config.data / "media").rglob("*") if path.is_file()
    )
    assert moving.data[100:200] not in stored
    assert verify(town.house, town.clock()).problems == []


def test_pieces_lie_sealed_on_disk(phone, town):
    picture = File(photo(900, 700, camera="CANARY-CAM"))
    one = phone(picture)
    one.report()
    one.patch(picture, 0, picture.data[:3000])
    [path] = (town.house.config.media_folder / "partial").iterdir()
    assert b"CANARY-CAM" in picture.data[:3000] and b"CANARY-CAM" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.asvs("5.2.1")
def test_more_than_was_promised_is_not_taken(phone):
    picture = File(photo())
    one = phone(picture)
    one.report()
    assert one.patch(picture, 0, picture.data + b"more").status == 413
    assert one.head(picture).offset == 0
    assert one.patch(picture, 0, bytes(8 * 2**20 + 1)).status == 413, "a piece takes a bounded time"


def test_a_file_may_be_given_up_until_it_is_received(phone, town):
    one, other = File(photo()), File(photo(300, 200))
    queue = phone(one, other)
    queue.report()
    queue.patch(one, 0, one.data[:1000])
    assert queue.drop(one).status == 204 and queue.drop(one).status == 204
    assert queue.head(one).status == 410 and on_disk(town) == []
    assert queue.state(one)["reason"].startswith("Ông/Bà đã bỏ tệp này")
    queue.upload(other)
    assert queue.drop(other).status == 409 and len(rows(town, models.Photo)) == 1


# Who may


@pytest.mark.asvs("8.2.2")
def test_only_the_secret_of_the_report_opens_its_files_and_receipt(phone):
    picture = File(photo())
    mine, other = phone(picture), phone(File(photo(300, 200)))
    mine.report()
    other.report()
    stranger = replace(other, files=[picture])
    assert stranger.head(picture).status == 404 and stranger.patch(picture, 0, b"x").status == 404
    assert stranger.create(picture).status == 404 and stranger.drop(picture).status == 404
    assert phone().receipt().status == 404
    for shown in ("", "Bearer", "Bearer zz", f"Basic {mine.secret}", mine.secret):
        answer = mine.send("GET", RECEIPT, {"Authorization": shown})
        assert answer.status == 401 and answer.headers["WWW-Authenticate"] == "Bearer"
    unknown = phone(picture)
    assert unknown.create(picture).status == 404, "the text goes first"


@pytest.mark.asvs("3.5.1")
@pytest.mark.parametrize("header", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
                                    {"Origin": "https://evil.example"}, {"Origin": "null"}])  # fmt: skip
def test_another_site_is_turned_away(phone, town, header):
    one = phone()
    asked = {"Content-Type": "application/json", **header}
    assert one.send("POST", REPORT, asked, b"{}").status == 403
    assert one.send("GET", RECEIPT, {"Authorization": f"Bearer {one.secret}", **header}).status == 403
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        assert one.send("POST", REPORT, {"Content-Type": kind}, b'{"v": 1}').status == 400
    own = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin", "Content-Type": "application/json"}
    assert one.send("POST", REPORT, own, b"{}").status == 400, "let in, and then it is no report"


# Limits


@pytest.mark.asvs("5.2.4")
def test_what_is_too_large_or_too_much_is_refused_but_the_text_is_in(phone, town, monkeypatch):
    monkeypatch.setattr(recordings, "MAX_BYTES", 4000)
    many = [File(photo(100 + n, 80)) for n in range(11)]
    big = File(film(5000), "video")
    one = phone(big, *many, File(b""))
    told = one.report().json
    states = [line["state"] for line in told["files"]]
    assert states == ["refused", *["waiting"] * 10, "refused", "refused"]
    assert "tối đa 10 tệp" in told["files"][11]["reason"] and told["number"]
    assert one.create(big).status == 410


@pytest.mark.asvs("5.2.4")
def test_what_one_reporter_may_send_in_a_day_counts_every_way_of_sending(phone, town, monkeypatch):
    from webapp.operations import photos

    monkeypatch.setattr(photos, "DAY_FILES", 3)
    town.report(photos=[town.kept(photo())])
    one = phone(File(photo(101, 80)), File(photo(102, 80)), File(photo(103, 80)))
    assert [line["state"] for line in one.report().json["files"]] == ["waiting", "waiting", "refused"]
    other = phone(File(photo(104, 80)))
    assert other.report().json["files"][0]["state"] == "refused", "what is promised counts as if it were here"
    town.clock.forward(hours=25)
    later = phone(File(photo(105, 80)))
    assert later.report().json["files"][0]["state"] == "waiting"


def test_a_busy_place_is_told_when_to_try_again(town):
    app = create_app(replace(town.house.config, rate_limits=True), town.clock)
    one = Phone(inside(app))
    one.report()
    answers = [Phone(inside(app)).report() for _ in range(25)]
    refused = [answer for answer in answers if answer.status == 429]
    assert refused and int(refused[0].headers["Retry-After"]) > 0 and "113" in refused[0].json["error"]
    assert one.report().status == 200, "who lost the answer gets it again, however busy the place is"
    guesses = [Phone(inside(app)).receipt().status for _ in range(15)]
    assert guesses[0] == 404 and guesses[-1] == 429


def test_pieces_beyond_what_a_place_may_send_wait_and_nothing_of_them_is_lost(town, monkeypatch):
    monkeypatch.setattr(limits, "UPLOAD", replace(limits.UPLOAD, each=0.01, burst=0.01))
    picture = File(photo(900, 700))
    one = Phone(inside(create_app(replace(town.house.config, rate_limits=True), town.clock)), [picture])
    one.report()
    assert one.patch(picture, 0, picture.data[:8000]).status == 204
    answer = one.patch(picture, 8000, picture.data[8000:])
    assert answer.status == 429 and int(answer.headers["Retry-After"]) > 0
    assert one.head(picture).offset == 8000
    town.clock.forward(hours=2)
    one.upload(picture, 3000)
    assert one.state(picture)["state"] == "received"


def test_on_a_full_disk_nothing_is_taken_and_nothing_lost(phone, town):
    picture = File(photo())
    one = phone(picture)
    one.report()
    one.patch(picture, 0, picture.data[:1000])
    full = inside(create_app(replace(town.house.config, min_free_bytes=2**60), town.clock))
    late = Phone(full, one.files, one.secret)
    for answer in (Phone(full).report(), late.patch(picture, 1000, picture.data[1000:])):
        assert answer.status == 503 and answer.headers["Retry-After"] == "600"
    assert late.head(picture).offset == 1000


def test_a_media_store_that_is_down_leaves_the_last_piece_to_be_asked_for_again(
    phone, town, app, monkeypatch
):
    from webapp.store.media import MediaDown

    picture = File(photo())
    one = phone(picture)
    one.report()
    media = app.extensions["hoidap"].media

    def down(*_args, **_more):
        raise MediaDown(5, "down")

    with monkeypatch.context() as patched:
        patched.setattr(media, "put", down)
        assert one.patch(picture, 0, picture.data).status == 503
    assert one.head(picture).offset == len(picture.data) and one.state(picture)["state"] == "waiting"
    assert one.patch(picture, len(picture.data), b"").status == 204
    assert one.state(picture)["state"] == "received"


# Crashes and time


def test_what_is_whole_but_was_not_taken_over_is_taken_over_by_the_worker_or_the_next_request(phone, town):
    for finish in (lambda one, file: uploads.finish_left(town.house), lambda one, file: one.create(file)):
        picture = File(photo(400, 300))
        one = phone(picture)
        one.report()
        _write(town, one, picture, picture.data)
        assert one.state(picture)["state"] == "waiting" and one.head(picture).offset == len(picture.data)
        finish(one, picture)
        assert one.state(picture)["state"] == "received" and on_disk(town) == []


def _write(town: Town, one: Phone, file: File, data: bytes) -> None:
    """Pieces on disk as a process leaves them that is killed right after the last fsync."""
    with town.house.reading(town.clock()) as work:
        upload = uploads.find(work, one.secret, file.id)
    seal = uploads._seal(town.house, upload.told)
    with uploads.partials(town.house).locked(upload.told.name, seal) as partial:
        partial.append(data)


@pytest.mark.parametrize("left", [b"\0\0\1", b"\0\0\1\0" + b"half a piece", b"\0" * 4096, None])
def test_what_a_crash_left_of_a_piece_does_not_count(phone, town, left):
    picture = File(photo(900, 700))
    one = phone(picture)
    one.report()
    one.patch(picture, 0, picture.data[:4000])
    [path] = (town.house.config.media_folder / "partial").iterdir()
    whole = path.read_bytes()
    one.patch(picture, 4000, picture.data[4000:8000])
    # None: the room of the second piece is there, and what should be in it never came.
    path.write_bytes(whole + left if left else whole + path.read_bytes()[len(whole) :][:4] + bytes(4029))
    assert one.head(picture).offset == 4000
    one.upload(picture, 3000)
    assert one.state(picture)["state"] == "received"


def test_pieces_that_rotted_begin_again(phone, town):
    picture = File(photo(900, 700))
    one = phone(picture)
    one.report()
    one.patch(picture, 0, picture.data[:4000])
    [path] = (town.house.config.media_folder / "partial").iterdir()
    rotten = bytearray(path.read_bytes())
    one.patch(picture, 4000, picture.data[4000:8000])
    rotten[100] ^= 1
    path.write_bytes(bytes(rotten) + path.read_bytes()[len(rotten) :])
    answer = one.patch(picture, 8000, picture.data[8000:])
    assert (answer.status, answer.offset) == (409, 0)
    one.upload(picture)
    assert one.state(picture)["state"] == "received"


def test_pieces_go_after_a_week_and_the_phone_begins_again(phone, town):
    picture = File(photo())
    one = phone(picture)
    one.report()
    one.patch(picture, 0, picture.data[:1000])
    [path] = (town.house.config.media_folder / "partial").iterdir()
    for days, left in ((6.9, 1000), (7.1, 0)):
        at = (town.clock() - timedelta(days=days)).timestamp()
        os.utime(path, (at, at))
        files.sweep(town.house, town.clock())
        assert one.head(picture).offset == left
    one.upload(picture)
    assert one.state(picture)["state"] == "received"


def test_two_who_send_the_same_file_at_once_make_one_photo(phone, town, app):
    picture = File(photo(1000, 800))
    one = phone(picture)
    one.report()
    one.create(picture)

    def eagerly(step: int) -> int:
        mine, at = Phone(inside(app), [picture], one.secret), 0
        while at < len(picture.data):
            answer = mine.patch(picture, at, picture.data[at : at + step])
            assert answer.status in (204, 409), answer.body
            at = answer.offset
        return at

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(eagerly, (700, 900, 1100, 1300))) == {len(picture.data)}
    assert one.state(picture)["state"] == "received" and len(rows(town, models.Photo)) == 1
    assert verify(town.house, town.clock()).problems == []


def test_two_who_send_the_same_report_at_once_make_one_case(phone, town):
    one = phone(File(photo()))
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: one.report(), range(8)))
    assert {answer.status for answer in answers} == {200} and len({a.json["number"] for a in answers}) == 1
    assert len(rows(town, models.Case)) == len(rows(town, models.ExpectedFile)) == 1


# Who reads what


def test_the_officer_reads_what_is_on_its_way(phone, town, app):
    moving = File(film(5000), "video")
    one = phone(File(photo()), File(photo(300, 200)), moving, File(b"x" * 26 * 2**20))
    one.report()
    hoa = Browser(app).log_in("hoa").go("/co-quan/vu/1")
    assert hoa.sees("Còn 2 ảnh đang gửi từ máy người dân.", "Còn 1 đoạn phim đang gửi từ máy người dân.")
    assert hoa.sees("1 tệp người gửi kèm không nhận được.")
    for file in one.files[:3]:
        one.upload(file)
    hoa.go("/co-quan/vu/1")
    assert not hoa.sees("đang gửi từ máy người dân") and hoa.sees("Còn 2 ảnh đang được chuẩn bị để xem.")
    assert hoa.sees("Phim và ghi âm của người gửi", "Đoạn phim 1")


def test_what_never_came_is_not_said_to_be_on_its_way(phone, town, app):
    one = phone(File(photo()))
    one.report()
    town.clock.forward(days=7)
    hoa = Browser(app).log_in("hoa").go("/co-quan/vu/1")
    assert hoa.sees("Còn 1 ảnh chưa đến, đã quá 7 ngày.") and not hoa.sees("đang gửi từ máy người dân")
    one.upload(one.files[0])
    assert not hoa.go("/co-quan/vu/1").sees("1 ảnh chưa đến")


def test_the_reporter_reads_the_same(phone, town, app):
    moving = File(film(5000), "video")
    one = phone(File(photo()), moving, File(b"x" * 26 * 2**20))
    code = one.report().json["code"]
    one.upload(moving)
    mine = Browser(app).go("/theo-doi").fill("Mã bí mật", code).press("Xem phản ánh")
    assert mine.sees("Đã gửi nội dung, còn 1 ảnh đang gửi từ máy của Ông/Bà.", "Đã nhận 1 đoạn phim.")
    assert mine.sees("1 tệp không nhận được. Tệp này lớn quá 25 MB.")


@pytest.mark.asvs("5.4.1")
@pytest.mark.parametrize(("secrecy", "has"), [("open", {"hoa", "tu", "son"}), ("hide_name", {"hoa"}),
                                              ("confidential", {"hoa"})])  # fmt: skip
def test_a_recording_is_saved_as_a_file_by_those_who_may_have_it(phone, town, app, secrecy, has):
    moving = File(film(2 * 2**20), "video")
    one = phone(moving, fields={"visibility": secrecy})
    number = one.report().json["number"]
    one.upload(moving, 2**20)
    town.do(1, "receive", "hoa", tokens={"category": "giao-thong", "area": "20341"})
    town.do(1, "distribute", "hoa", tokens={"agency": "so-xaydung"})
    for who in ("hoa", "tu", "son", "binh"):
        desk = Browser(app).log_in(who)
        answer = desk.client.get("/co-quan/vu/1/ban-ghi/1")
        assert answer.status_code == (200 if who in has else 404), who
        if who in has:
            assert answer.data == moving.data and answer.mimetype == "video/mp4"
            assert answer.headers["Content-Disposition"] == f"attachment; filename={number}-video-1.mp4"
            assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
            assert answer.headers["Cache-Control"] == "no-store"
            assert desk.go("/co-quan/vu/1").has_link("Đoạn phim 1")
        elif who != "binh":
            assert desk.go("/co-quan/vu/1").sees("Đoạn phim 1", "xin hỏi Trung tâm")
    assert Browser(app).log_in("hoa").client.get("/co-quan/vu/1/ban-ghi/99").status_code == 404


def test_every_reason_has_its_words(phone):
    codes = ["empty", "too_large", "too_many", "day_files", "day_bytes", "wrong_hash", "unreadable",
             "too_many_pixels", "too_heavy", "unknown_type", "withdrawn"]  # fmt: skip
    from webapp.words import sentence

    assert all(sentence("file_refused", code, size=1, count=1) for code in codes)
    assert all(
        sentence(table, kind, count=1) for table in ("arriving", "arriving_mine") for kind in expected.KINDS
    )
