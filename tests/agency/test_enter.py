"""The centre enters what was called in: number and code are read out once, a second tap changes nothing."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from webapp.agency import enter
from webapp.store import models

TITLE = "Nhập phản ánh thay người dân"


@pytest.fixture
def form(desk):
    """Hoa's form with a call written into it."""
    hoa = desk("hoa")
    hoa.go("/co-quan/").follow(TITLE)
    hoa.choose("Nhận qua kênh nào", "Thư điện tử").choose("Lĩnh vực", "Giao thông")
    hoa.fill("Người gửi nói gì", "Đèn đường trước chợ tắt ba đêm liền.").fill("Tả chỗ đó", "Trước chợ")
    hoa.fill("Xảy ra ngày nào", "2026-03-01").fill("Họ và tên", "Trần Văn Ổi").fill(
        "Số điện thoại", "0905111222"
    )
    return hoa.tick("Người gửi cam đoan")


def cases(town):
    with town.house.store.reader() as session:
        return session.scalar(select(func.count(models.Case.id)))


def test_what_was_called_in_becomes_a_case_with_a_code_to_read_out(form, town):
    form.press("Nhập phản ánh")
    assert re.search(r"Nhóm 5: [0-9A-Z]{5}", form.words), "the secret code is shown once"
    event = town.file(1).events[0]
    assert (event.role, event.account, event.data["channel"]) == ("intake_officer", town.ids["hoa"], "email")
    form.follow("Mở phản ánh này")
    assert form.sees("Đèn đường trước chợ")


def test_a_second_tap_enters_nothing_twice(form, town):
    form.press("Nhập phản ánh").back_and_press_again()
    assert cases(town) == 1


def test_every_fault_is_named_at_once_and_nothing_typed_is_lost(form, town):
    form.fill("Số điện thoại", "12").fill("Họ và tên", "").fill("Xảy ra ngày nào", "hôm qua")
    form.press("Nhập phản ánh", 422)
    assert form.sees("Số điện thoại này chưa đủ chữ số", "họ tên", "QN20, Điều 5.3")
    assert form.value("Người gửi nói gì") == "Đèn đường trước chợ tắt ba đêm liền."
    assert cases(town) == 0


@pytest.mark.parametrize(
    ("phone", "said"),
    [("0905 11", "Số điện thoại này chưa đủ chữ số"), ("chín không", "Số điện thoại này chưa đúng")],
)
def test_a_number_nobody_can_call_is_refused_while_the_caller_is_on_the_line(form, town, phone, said):
    form.fill("Số điện thoại", phone).press("Nhập phản ánh", 422)
    assert form.sees(said)
    assert cases(town) == 0


def test_the_clerk_reads_the_choices_as_said_of_the_caller(form):
    assert form.sees("Ẩn tên", "Giữ bí mật, chỉ trả lời riêng người gửi") and not form.sees("tên tôi")


def test_only_those_who_take_reports_in_find_the_page(desk):
    desk("tu").go("/co-quan/nhap", 404)
    assert not desk("tu").go("/co-quan/").has_link(TITLE)


def test_without_a_choice_of_secrecy_it_is_the_regulations_first(app, desk, town, monkeypatch):
    app.config["WTF_CSRF_ENABLED"] = False
    law = town.house.law.regulation("QN20")
    turned = replace(law, secrecies=law.secrecies[::-1])
    monkeypatch.setattr(enter, "_governing", lambda *_: turned)
    told = {
        "channel": "email",
        "category": "giao-thong",
        "text": "Đèn đường tắt.",
        "place": "Trước chợ",
        "occurred": "2026-03-01",
        "name": "Trần Văn Ổi",
        "phone": "0905111222",
        "undertaking": "1",
    }
    assert desk("hoa").client.post("/co-quan/nhap", data=told).status_code == 200
    assert town.file(1).state.submissions[0].secrecy == turned.secrecies[0].id != law.secrecies[0].id


def test_an_empty_form_hears_everything_that_is_missing_at_once(desk):
    hoa = desk("hoa").go("/co-quan/nhap")
    assert "(không bắt buộc)" in hoa.words  # so that what is needed can be told from it
    hoa.press("Nhập phản ánh", 422)
    assert hoa.sees("Xin chọn kênh nhận.", "Còn thiếu: ")
    assert not hoa.sees("Chưa có quy chế nào nhận phản ánh")
