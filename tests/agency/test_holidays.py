"""The calendar at the desk: what is missing is said, a notice is looked at before it counts, a slip is mended."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from webapp.operations import recount
from webapp.store import models

NOTICE = {
    "year": "2026",
    "number": "Thông báo 12/TB-BNV",
    "issued": "2026-03-01",
    "off-1-from": "2026-03-04",
    "off-1-name": "Nghỉ hoán đổi",
    "work-1-on": "2026-03-14",
    "work-1-name": "Làm bù cho 04/3",
}
ADDRESS = "/co-quan/lich-nghi"


def form(desk, who="son"):
    return desk(who).go(f"{ADDRESS}/nhap?nam=2026")


def entered(town):
    with town.house.store.reader() as session:
        return list(session.scalars(select(models.CalendarNotice)))


def test_the_years_without_a_notice_are_said(town, desk):
    son = desk("son").go("/co-quan/").follow("Lịch nghỉ")
    assert son.sees("Chưa có thông báo chính thức đủ cho: 2026, 2027")
    assert son.sees("Tết Nguyên đán Đinh Mùi (04/02, 05/02, 08/02, 09/02, 10/02)")


def test_a_notice_is_looked_at_then_entered_and_counts_at_once(town, desk):
    case_id = town.to_agency().case_id
    town.do(case_id, "accept", "tu")
    looked = form(desk).press("Xem trước điều", **NOTICE)
    assert looked.sees("Thứ Tư 04/03/2026", "làm việc → nghỉ", "Hạn đang chạy sẽ đổi 1", "Lùi lại 1")
    assert entered(town) == []
    listed = looked.press("Nhập thông báo này")
    assert listed.sees("Đã nhập Thông báo 12/TB-BNV", "Còn 1 hạn đang chạy được tính lại", "Võ Văn Sơn nhập")
    with town.house.reading(town.clock(), fresh=True) as work:
        calendar = work.law.first.counting.calendar
    assert not calendar.is_working(date(2026, 3, 4)) and calendar.is_working(date(2026, 3, 14))
    recount.run_batch(town.house)
    assert not desk("son").go(ADDRESS).sees("được tính lại theo lịch mới")
    assert desk("tu").go(f"/co-quan/vu/{case_id}").sees("Tính lại hạn vì lịch nghỉ thay đổi")
    assert desk("tu").go("/co-quan/tin").sees("Hạn đã tính lại")


def test_the_number_to_count_again_is_the_same_before_and_after(town, desk):
    """Terms that end before the first day that counts otherwise are looked at too."""
    town.report()
    town.do(town.to_agency().case_id, "accept", "tu")
    looked = form(desk).press("Xem trước điều", **NOTICE)
    assert looked.sees("Hạn đang chạy sẽ đổi 1", "Cả 3 hạn đang chạy sẽ được tính lại")
    assert looked.press("Nhập thông báo này").sees("Còn 3 hạn đang chạy được tính lại")
    done = recount.run_batch(town.house)
    assert (done.moved, done.doubt) == (1, 0)


def test_a_second_press_enters_nothing_twice(town, desk):
    looked = form(desk).press("Xem trước điều", **NOTICE)
    looked.press("Nhập thông báo này").back_and_press_again()
    assert len(entered(town)) == 1


def test_rows_grow_without_a_script_and_keep_what_was_typed(town, desk):
    more = form(desk).press("Thêm dòng ngày nghỉ", **NOTICE).press("Thêm dòng làm bù")
    assert more.page.by_id["f-off-1-from"].get("value") == "2026-03-04"
    assert {"f-off-3-from", "f-work-2-on"} <= more.page.by_id.keys()


def test_the_days_that_wait_stand_in_the_form(desk):
    page = desk("hoa").go(f"{ADDRESS}/nhap?nam=2027").page
    ids = ("f-off-1-from", "f-off-1-to", "f-off-2-from", "f-off-2-to")
    assert [page.by_id[id].get("value") for id in ids] == ["2027-02-04", "2027-02-10", "2027-09-03", ""]


def test_faults_stand_by_their_fields_and_nothing_is_lost(desk):
    wrong = NOTICE | {"number": "", "issued": "2026-12-01", "off-1-to": "2026-03-01"}
    back = form(desk).press("Xem trước điều", 422, **wrong)
    assert back.sees("Còn thiếu số thông báo", "Dòng “Ngày nghỉ 1”: ngày cuối phải từ ngày đầu")
    back.press("Xem trước điều", 422, **NOTICE | {"issued": "2026-12-01", "off-1-to": ""})
    assert back.sees("Ngày ký ở trong tương lai")
    assert back.press("Xem trước điều", 422, **NOTICE | {"year": "mười", "off-1-to": ""}).sees("Xin chọn năm")


def test_a_slip_is_mended_by_a_notice_that_replaces_it(town, desk):
    form(desk).press("Xem trước điều", **NOTICE).press("Nhập thông báo này")
    again = desk("son").follow("Sửa: nhập thông báo thay thế")
    assert again.sees("Thay cho Thông báo 12/TB-BNV, 01/03/2026")
    mended = {"number": "Đính chính 13/TB-BNV", "issued": "2026-03-02", "off-1-from": "2026-03-05"}
    again.press("Xem trước điều", **mended).press("Nhập thông báo này")
    assert again.sees("Đã được thay bằng Đính chính 13/TB-BNV")
    with town.house.reading(town.clock(), fresh=True) as work:
        calendar = work.law.first.counting.calendar
    assert calendar.is_working(date(2026, 3, 4)) and not calendar.is_working(date(2026, 3, 5))


def test_only_the_centre_and_the_supervision_keep_it(desk):
    assert not desk("tu").go("/co-quan/").has_link("Lịch nghỉ")
    desk("tu").go(ADDRESS, 404).go(f"{ADDRESS}/nhap", 404)
    desk("hoa").go(ADDRESS)
