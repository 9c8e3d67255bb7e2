"""What the sender sees of their sealed identity, and what becomes of photos beyond the day's limit."""

from __future__ import annotations

import pytest

from tests.cast import BUOI, photo
from webapp.operations import erasure
from webapp.operations import photos as photos_of
from webapp.store import models


@pytest.mark.parametrize("purge", [False, True])
def test_after_an_erasure_it_says_that_and_when(town, open_mine, purge):
    receipt = town.report()
    town.clock.forward(days=1)
    town.house.write(
        town.clock(), lambda work: erasure.erase_person(work, 1, "data_subject", None, purge_text=purge)
    )
    said = open_mine(receipt.code).part("Danh tính đã xóa")
    assert "đã được xóa ngày 03/03/2026" in said and "theo yêu cầu của người gửi" in said
    assert BUOI.name not in said


def test_photos_of_a_supplement_count_for_the_day(town, open_mine, monkeypatch):
    receipt = town.report(photos=[town.kept(photo())])
    town.do(receipt.case_id, "request_supplement", "hoa", texts={"reason": "Ảnh rõ hơn?"})
    monkeypatch.setattr(photos_of, "DAY_FILES", 2)
    mine = open_mine(receipt.code).fill("Trả lời của Ông/Bà", "Đây ạ.")
    mine.attach("Chọn ảnh có sẵn", photo(500, 400), photo(400, 500), name="hai.jpg").press("Gửi bổ sung")
    assert mine.sees("Đã gửi thông tin bổ sung", "“hai.jpg”: Hôm nay Ông/Bà đã gửi 2 ảnh")
    with town.house.store.reader() as session:
        assert session.query(models.Photo).count() == 2


def test_a_report_takes_so_many_photos_in_all_but_those_that_failed_do_not_count(
    town, open_mine, monkeypatch
):
    receipt = town.report(photos=[town.kept(photo()), town.kept(photo(300, 300))])
    waiting = town.house.write(town.clock(), photos_of.next_pending)
    town.house.write(town.clock(), lambda work: photos_of.store_derivatives(work, waiting.id, None))
    town.do(receipt.case_id, "request_supplement", "hoa", texts={"reason": "Ảnh rõ hơn?"})
    monkeypatch.setattr(photos_of, "MAX_FILES", 2)
    mine = open_mine(receipt.code).fill("Trả lời của Ông/Bà", "Đây ạ.")
    mine.attach("Chọn ảnh có sẵn", photo(500, 400), photo(400, 500), name="hai.jpg").press("Gửi bổ sung")
    assert mine.sees("“hai.jpg”: Mỗi phản ánh nhận tối đa 2 ảnh.")
    with town.house.store.reader() as session:
        assert session.query(models.Photo).count() == 3


def test_the_form_offers_the_formats_that_are_taken(browser):
    browser.go("/gui")
    accepted = {
        el.get("accept") for el in browser.page.find("input") if el.get("type") == "file" and el.get("name")
    }
    assert accepted == {"image/jpeg,image/png,image/webp,image/heic"}
    assert browser.sees("JPEG, PNG, WebP hoặc HEIC")
