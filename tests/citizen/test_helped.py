"""Who cannot type: somebody sends it for them, or the desk calls them back."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select

from tests.browse import Browser
from tests.cast import Town
from tests.citizen.conftest import SEND, fill
from tests.phone import Phone, inside
from webapp.operations import callbacks, erasure, erasure_log, intake, people, scrubbing
from webapp.operations.callbacks import Wish
from webapp.operations.intake import Place
from webapp.operations.work import Conflict
from webapp.store import models

HELPER, HER_NUMBER = "Trần Văn Giúp", "0912 000 111"
HELPED = {"Họ và tên người gửi hộ": HELPER, "Số điện thoại người gửi hộ": HER_NUMBER}
READ = "Tôi đã đọc lời cam đoan"
CALL = "Gọi lại cho tôi"


def one(town: Town, model):
    with town.house.store.reader() as session:
        return session.scalars(select(model)).one()


def helped(app) -> Browser:
    return fill(Browser(app).go("/gui"), **HELPED).tick(READ).press(SEND)


# Sending for somebody


def test_who_helps_is_recorded_apart_and_sealed(app, town):
    assert helped(app).heading == "Đã gửi thành công"
    row = one(town, models.Submission)
    with town.house.reading(town.clock()) as work:
        assert people.reveal(work, row.identity_id).name == "Nguyễn Thị Bưởi"
        helper = people.helper_of(work, row)
        assert helper and (helper.name, helper.phone) == (HELPER, "+84912000111")
    raw = b"".join(path.read_bytes() for path in town.house.config.data.glob("hoidap.db*"))
    assert HELPER.encode() not in raw and b"912000111" not in raw


@pytest.mark.parametrize(
    ("left_out", "said"),
    [("name", "Xin cho biết họ và tên người gửi hộ"), ("read", "Xin đọc lời cam đoan cho người gửi")],
)
def test_a_helper_says_who_they_are_and_that_the_reporter_heard_it(app, town, left_out, said):
    browser = fill(Browser(app).go("/gui"), **HELPED)
    browser.fill("Họ và tên người gửi hộ", "") if left_out == "name" else None
    if left_out != "read":
        browser.tick(READ)
    browser.press(SEND, 422)
    assert browser.sees(said)
    assert any(el.tag == "details" and el.get("open") is not None for el in browser.page.find("details"))


def test_the_queue_brings_a_helper_too_and_a_retry_is_the_same_report(app, town):
    phone = Phone(inside(app), fields={"helper_name": HELPER, "helper_phone": HER_NUMBER, "helper_read": "1"})
    assert phone.report().json == phone.report().json
    assert one(town, models.Submission).helper_id
    phone.fields = {**phone.fields, "helper_name": "Ai khác"}
    assert phone.report().status == 409


def test_a_helper_is_opened_with_the_reporter_and_never_else(app, town):
    helped(app)
    desk = Browser(app).log_in("hoa").go("/co-quan/vu/1")
    assert desk.sees("Có người gửi hộ") and not desk.sees(HELPER)
    desk.follow("Mở và ghi lý do").choose("Mở để làm gì?", "Liên hệ người gửi").fill(
        "Lý do", "Hỏi chỗ"
    ).press("Mở")
    assert desk.sees(HELPER, "0912 000 111", "Nguyễn Thị Bưởi")
    assert not Browser(app).go("/").sees(HELPER)


def test_a_helper_is_erased_with_the_reporter(app, town):
    helped(app)
    row = one(town, models.Submission)
    town.house.write(town.clock(), lambda work: erasure.erase_person(work, row.id, "data_subject", None))
    with town.house.store.reader() as session:
        helper = session.get_one(models.Identity, row.helper_id)
        assert (helper.name, helper.phone, helper.phone_index) == (None, None, None) and helper.erased_at
        assert session.get_one(models.DataKey, helper.key_id).wrapped is None


# Being called back


def wish(app, **extra: str) -> Browser:
    browser = Browser(app).go("/goi-lai").fill("Số điện thoại", "0905 777 888")
    return (
        browser.fill("Tả chỗ đó", "Cầu Ông Trang")
        .choose("Xã/phường/đặc khu", "Phường Tam Kỳ")
        .press(CALL, **extra)
    )


def desk(app) -> Browser:
    return Browser(app).log_in("hoa")


def test_a_number_and_a_place_are_enough_and_no_report_is_made(app, town):
    browser = wish(app)
    assert browser.heading == "Đã ghi, sẽ gọi lại" and browser.sees("chưa phải là phản ánh")
    row = one(town, models.Callback)
    assert (row.area, row.closed_at, row.doubt) == ("20341", None, None)
    with town.house.store.reader() as session:
        assert not session.scalars(select(models.Case)).all()
    raw = b"".join(path.read_bytes() for path in town.house.config.data.glob("hoidap.db*"))
    assert b"905777888" not in raw and "Ông Trang".encode() not in raw


def test_what_is_missing_is_said_and_nothing_typed_is_lost(app):
    browser = (
        Browser(app)
        .go("/goi-lai")
        .fill("Tả chỗ đó", "Cầu Ông Trang")
        .fill("Số điện thoại", "12")
        .press(CALL, 422)
    )
    assert browser.sees("Số điện thoại này chưa đủ chữ số") and browser.value("Tả chỗ đó") == "Cầu Ông Trang"
    browser.fill("Số điện thoại", "0905 777 888").fill("Tả chỗ đó", "").press(CALL, 422)
    assert browser.sees("lấy vị trí, hoặc tả chỗ đó") and browser.value("Số điện thoại") == "0905 777 888"


def test_a_second_press_is_one_wish(app, town):
    wish(app).back_and_press_again()
    assert one(town, models.Callback)


def test_the_list_shows_the_place_that_was_typed_and_not_the_number(app, town):
    wish(app)
    listed = desk(app).go("/co-quan/goi-lai")
    assert listed.sees("Phường Tam Kỳ", "Cầu Ông Trang") and not listed.sees("0905 777 888")
    assert one(town, models.Callback).attempts == []


def test_the_centre_calls_and_enters_the_report(app, town):
    wish(app)
    hoa = desk(app).go("/co-quan/")
    assert hoa.sees("Cần gọi lại: 1 người")
    hoa.follow("Cần gọi lại")
    assert hoa.sees("Phường Tam Kỳ") and not hoa.sees("905777888")
    hoa.press("Gọi")
    assert hoa.sees("0905 777 888", "Cầu Ông Trang")
    [attempt] = one(town, models.Callback).attempts
    assert attempt["account"] == town.ids["hoa"]
    hoa.follow("Nhập phản ánh cho người này")
    assert hoa.value("Số điện thoại") == "+84905777888" and hoa.value("Tả chỗ đó") == "Cầu Ông Trang"
    hoa.choose("Nhận qua kênh nào", "Điện thoại").fill("Người gửi nói gì", "Cầu gãy lan can.")
    hoa.choose("Lĩnh vực", "Giao thông").fill("Họ và tên", "Lê Thị Chữ").fill(
        "Địa chỉ liên hệ", "Thôn 2"
    ).tick("Người gửi cam đoan")
    hoa.press("Nhập phản ánh")
    assert hoa.heading == "Đã nhập phản ánh"
    row = one(town, models.Callback)
    assert (row.outcome, row.case_id, row.place) == ("reported", 1, None)
    with town.house.store.reader() as session:
        assert session.get_one(models.Identity, row.identity_id).phone is None, "the report has its own"
    assert not hoa.go("/co-quan/").sees("Cần gọi lại")


def test_nobody_answers_and_then_it_is_given_up(app, town):
    wish(app)
    hoa = desk(app).go("/co-quan/goi-lai").press("Gọi").press("Không nghe máy")
    assert hoa.sees("vẫn trong danh sách", "Đã mở số 1 lần")
    hoa.press("Gọi").press("Thôi gọi")
    row = one(town, models.Callback)
    assert row.outcome == "unreachable" and [a["outcome"] for a in row.attempts] == [
        "no_answer",
        "unreachable",
    ]
    assert hoa.sees("Không ai đang chờ gọi lại")


def test_a_number_is_for_whoever_opened_it(app, town):
    wish(app)
    assert desk(app).go("/co-quan/nhap?goi-lai=1", 404)
    for who in ("tu", "lan"):
        Browser(app).log_in(who).go("/co-quan/goi-lai", 404)
    assert one(town, models.Callback).attempts == []


def test_a_wish_of_a_machine_stands_last_and_says_so(app, town):
    wish(app, tieu_de="x")
    wish(app)
    hoa = desk(app).go("/co-quan/goi-lai")
    first, second = [li for li in hoa.page.find("li") if li.find("form") is not None]
    assert "Nghi tự động" in "".join(second.itertext()) and "Nghi tự động" not in "".join(first.itertext())


@pytest.mark.parametrize(
    ("number", "says"),
    [("0905 123", "Số điện thoại này chưa đủ chữ số."), ("", "Xin ghi số điện thoại.")],
)
def test_a_number_that_nobody_can_call_is_told(app, town, number, says):
    browser = Browser(app).go("/goi-lai").fill("Tả chỗ đó", "Cầu").fill("Số điện thoại", number)
    assert browser.press(CALL, 422).sees(says)


def test_a_corrected_number_of_the_same_form_is_the_one_that_is_called(app, town):
    form = secrets.token_hex(16)

    def sent(number: str, status: int = 200) -> Browser:
        browser = Browser(app).go("/goi-lai").fill("Tả chỗ đó", "Cầu").fill("Số điện thoại", number)
        return browser.press(CALL, status, secret=form)

    sent("0905 777 888")
    assert sent("0905 777 999").heading == "Đã ghi, sẽ gọi lại"
    assert desk(app).go("/co-quan/goi-lai").press("Gọi").sees("0905 777 999") and one(town, models.Callback)
    assert sent("0905 777 999").heading == "Đã ghi, sẽ gọi lại", "the same is the same wish, opened or not"
    browser = sent("0905 777 000", 409)
    assert browser.sees("đã có người mở để gọi") and browser.value("Số điện thoại") == "0905 777 000"
    browser.press(CALL)
    with town.house.reading(town.clock()) as work:
        assert callbacks.count(work) == 2


WISH = Wish(secrets.token_hex(16), "+84905777888", Place("Cầu Ông Trang", 15.5, 108.5, 8.0), "20341")


def asked(town: Town, wish: Wish = WISH) -> int:
    return town.house.write(town.clock(), lambda work: callbacks.ask(work, wish))


def opened(town: Town, id: int, who: str = "hoa") -> callbacks.Caller:
    return town.house.write(town.clock(), lambda work: callbacks.open_number(work, id, town.ids[who]))


def test_what_the_same_form_says_else_is_a_conflict_once_somebody_opened_it(town):
    id = asked(town)
    assert asked(town, replace(WISH, phone="+84905777999")) == id
    assert opened(town, id).phone == "+84905777999"
    with pytest.raises(Conflict):
        asked(town)
    town.house.write(town.clock(), lambda work: callbacks.note(work, id, town.ids["hoa"], "not_needed"))
    row = one(town, models.Callback)
    assert (row.digest, row.place) == (None, None) and scrubbing.is_due(town.house)


def entering(app) -> Browser:
    hoa = desk(app).go("/co-quan/nhap?goi-lai=1")
    hoa.choose("Nhận qua kênh nào", "Điện thoại").fill("Người gửi nói gì", "Cầu gãy lan can.")
    hoa.choose("Lĩnh vực", "Giao thông").fill("Họ và tên", "Lê Thị Chữ")
    return hoa.fill("Địa chỉ liên hệ", "Thôn 2").tick("Người gửi cam đoan")


def test_the_position_travels_into_the_report_and_a_second_tap_is_the_same_report(app, town):
    opened(town, asked(town))
    hoa = entering(app).fill("Tả chỗ đó", "Cầu Ông Trang, đầu phía nam").press("Nhập phản ánh")
    hoa.back_and_press_again()
    assert hoa.heading == "Đã nhập phản ánh"
    with town.house.reading(town.clock()) as work:
        row = work.session.scalars(select(models.Submission)).one()
        place = intake.open_place(work, work.session.get_one(models.Case, 1), row)
    assert place == Place("Cầu Ông Trang, đầu phía nam", 15.5, 108.5, 8.0)


def test_a_report_closes_no_wish_that_somebody_else_has_opened_since(app, town):
    id = asked(town)
    opened(town, id)
    hoa = entering(app)
    opened(town, id, "son")
    hoa.press("Nhập phản ánh")
    assert hoa.heading == "Đã nhập phản ánh" and one(town, models.Callback).closed_at is None


def test_whom_nobody_reached_in_thirty_days_is_kept_no_longer(town):
    asked(town)
    close = lambda: town.house.write(town.clock(), callbacks.close_the_old)  # noqa: E731
    town.clock.forward(days=30)
    close()
    assert one(town, models.Callback).closed_at is None
    town.clock.forward(hours=1)
    close()
    row = one(town, models.Callback)
    assert (row.outcome, row.closed_by, row.place) == ("expired", None, None)
    assert one(town, models.Identity).phone is None


def test_a_closed_wish_does_not_come_back_with_a_backup(town):
    id = asked(town)
    with town.house.store.reader() as session:
        uid = session.scalars(select(models.Identity.uid)).one()
    follower = erasure_log.Follower()
    assert follower.follow(town.house) == 0
    entry = erasure_log.Entry("2026-03-02T01:00:00.000000Z", uid, erasure_log.WISH_OVER, False)
    again = lambda work: erasure_log.do_again(work, [entry])  # noqa: E731
    assert [town.house.write(town.clock(), again) for _ in range(2)] == [1, 0]
    row = one(town, models.Callback)
    assert row.id == id and row.closed_at and one(town, models.Identity).phone is None
    assert follower.follow(town.house) == 1
    assert {one.identity for one in erasure_log.read(erasure_log.path_of(town.house))} == {uid}


def test_two_who_open_a_number_at_once_are_both_written_down(any_town):
    id = asked(any_town)
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda who: opened(any_town, id, who), ("hoa", "son") * 4))
    with any_town.house.store.reader() as session:
        assert len(session.get_one(models.Callback, id).attempts) == 8
