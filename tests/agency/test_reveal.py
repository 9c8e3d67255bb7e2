"""Opening a sealed identity at the desk: who may, what is written down, and that the person is shown once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.cast import BUOI
from webapp.operations import erasure, people, reveal
from webapp.store import models

OPEN = "Mở và ghi lý do"
DO = "Mở danh tính"
WHY = "Gọi hỏi nắp cống ở bên nào đường."
PERSON = (BUOI.name, people.spoken(BUOI.phone), BUOI.email)


def page(case_id: int, no: int = 1) -> str:
    return f"/co-quan/vu/{case_id}/mo-danh-tinh?no={no}"


def ledger(town) -> list[models.Reveal]:
    with town.house.store.reader() as session:
        return list(session.scalars(select(models.Reveal)))


def opened(desk, who: str, case_id: int, purpose: str = "Liên hệ người gửi"):
    browser = desk(who).go(page(case_id)).choose("Mở để làm gì?", purpose).fill("Lý do", WHY)
    return browser.press(DO)


def test_the_person_is_shown_once_and_then_only_that_it_was_opened(town, desk):
    case_id = town.report().case_id
    hoa = desk("hoa").go(f"/co-quan/vu/{case_id}")
    assert hoa.sees("Danh tính đã niêm.") and not hoa.sees(BUOI.name)
    hoa.follow(OPEN)
    assert hoa.sees("Người gửi sẽ thấy lần mở này", "Trần Thị Hoa", "Điều 6.1, 11.3", "Điều 13.7")
    hoa.choose("Mở để làm gì?", "Liên hệ người gửi").fill("Lý do", WHY).press(DO)
    assert hoa.hops == [200] and hoa.sees(*PERSON, WHY, "Người gửi thấy lần mở này ngay bây giờ.")
    assert hoa.response.headers["Cache-Control"] == "no-store"
    assert not any(value in hoa.url for value in PERSON)
    hoa.follow("Về phản ánh này")
    assert hoa.sees("Đã mở lúc 02/03/2026, 08:00: Trần Thị Hoa", "Liên hệ người gửi (Điều 6.1, 11.3)")
    assert not any(hoa.sees(value) for value in (*PERSON, WHY))
    with hoa.client.session_transaction() as session:
        assert not any(value in str(dict(session)) for value in (*PERSON, WHY))
    assert len(ledger(town)) == 1


def test_a_second_tap_opens_nothing_more_and_shows_nothing(town, desk):
    case_id = town.report().case_id
    hoa = opened(desk, "hoa", case_id).back_and_press_again()
    assert hoa.hops == [303, 200] and hoa.url == f"/co-quan/vu/{case_id}"
    assert hoa.sees("Lần mở này đã được ghi.") and not hoa.sees(BUOI.name)
    assert len(ledger(town)) == 1


def test_what_is_missing_is_said_at_once_and_what_was_written_stays(town, desk):
    case_id = town.report().case_id
    hoa = desk("hoa").go(page(case_id)).press(DO, 422)
    assert hoa.sees("Xin chọn mục đích mở.", "Chưa mở được vì còn thiếu lý do mở.")
    hoa.choose("Mở để làm gì?", "Cung cấp cho cơ quan").fill("Lý do", WHY).press(DO, 422)
    assert hoa.sees("còn thiếu tên cơ quan yêu cầu", "còn thiếu số, ngày văn bản")
    assert hoa.value("Lý do") == WHY and not ledger(town)
    hoa.fill("Cơ quan yêu cầu", "Công an phường Tam Kỳ").fill("Số, ngày văn bản", "Công văn 12/CV-CA")
    assert hoa.press(DO).sees(BUOI.name)
    assert ledger(town)[0].purpose == reveal.COMPETENT_BODY


def test_a_handler_opens_for_their_own_purposes_only(town, desk):
    case_id = town.to_agency().case_id
    tu = desk("tu").go(page(case_id))
    assert tu.sees("Xác minh địa điểm") and not tu.sees("Cung cấp cho cơ quan")
    assert not tu.sees("Cơ quan yêu cầu cung cấp")
    tu.fill("Lý do", WHY).press(DO, 422, purpose="competent_body")
    assert tu.sees("Xin chọn mục đích mở.") and not ledger(town)
    assert opened(desk, "tu", case_id, "Xác minh địa điểm").sees(*PERSON)


@pytest.mark.parametrize("who", ["lan", "son"])
def test_who_may_not_is_told_why_with_the_article(town, desk, who):
    case_id = town.to_agency().case_id
    browser = desk(who).go(f"/co-quan/vu/{case_id}")
    assert not browser.has_link(OPEN) and browser.sees("Không mở được: việc này do", "(Điều 6.1, 11.3).")
    browser.go(page(case_id), 409)
    assert browser.sees("Không mở được: việc này do") and not browser.has_button(DO)
    data = {"purpose": "contact_reporter", "reason": WHY, "csrf_token": browser.hidden("csrf_token")}
    assert browser.client.post(page(case_id), data=data).status_code == 409
    assert not ledger(town)


def test_strangers_and_reports_that_are_not_there_get_nothing(town, desk):
    case_id = town.to_agency().case_id
    binh = desk("binh").go("/co-quan/")
    token = {"csrf_token": binh.hidden("csrf_token")}
    for address in (page(case_id), page(999)):
        binh.go(address, 404)
        assert binh.client.post(address, data=token).status_code == 404
    for no in ("0", "2", "-1", "x", "²", "99999"):
        desk("hoa").go(f"/co-quan/vu/{case_id}/mo-danh-tinh?no={no}", 404)


def test_it_needs_the_forms_token(town, desk):
    case_id = town.report().case_id
    data = {"purpose": "contact_reporter", "reason": WHY}
    assert desk("hoa").client.post(page(case_id), data=data).status_code == 400
    assert not ledger(town)


def test_an_overseers_leave_can_be_used_and_only_the_overseer_sees_such_an_opening(town, desk):
    case_id = town.to_agency().case_id
    until, son = town.clock() + timedelta(days=30), town.actor("son")
    town.house.write(
        town.clock(), lambda work: reveal.allow_delay(work, case_id, 1, son, until, "Điều tra yêu cầu")
    )
    hoa = desk("hoa").go(page(case_id)).choose("Mở để làm gì?", "Cung cấp cho cơ quan").fill("Lý do", WHY)
    hoa.fill("Cơ quan yêu cầu", "Công an").fill("Số, ngày", "Công văn 12")
    hoa.choose("Khi nào người gửi thấy?", "Từ 01/04/2026, 08:00").press(DO)
    assert hoa.sees(BUOI.name, "Người gửi thấy lần mở này từ 01/04/2026, 08:00.")
    assert not desk("tu").go(f"/co-quan/vu/{case_id}").sees("Đã mở lúc")
    assert desk("son").go(f"/co-quan/vu/{case_id}").sees("Đã mở lúc", "Người gửi thấy từ 01/04/2026")


def test_a_leave_for_another_purpose_is_refused_and_the_form_stays(town, desk):
    case_id = town.report().case_id
    hoa = desk("hoa").go(page(case_id)).choose("Mở để làm gì?", "Liên hệ").fill("Lý do", WHY)
    hoa.press(DO, 409, delay="99")
    assert hoa.sees("Không mở được: việc cho người gửi biết muộn") and hoa.value("Lý do") == WHY
    assert not ledger(town)
    assert hoa.press(DO).sees(BUOI.name)


def test_after_an_erasure_there_is_nothing_to_open(town, desk):
    receipt = town.report()
    town.house.write(town.clock(), lambda work: erasure.erase_person(work, 1, "data_subject", None))
    hoa = desk("hoa").go(f"/co-quan/vu/{receipt.case_id}")
    assert hoa.sees("Thông tin người gửi đã được xóa ngày 02/03/2026: theo yêu cầu của người gửi.")
    assert not hoa.has_link(OPEN)
    assert hoa.go(page(receipt.case_id), 409).sees("Không mở được: thông tin người gửi đã được xóa.")
