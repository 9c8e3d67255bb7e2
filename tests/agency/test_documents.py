"""Documents that come with a result: taken, kept while the form is mended, saved at the desk and by the sender."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from tests.browse import Browser
from tests.cast import photo
from tests.operations.test_documents import A_PDF, docx
from webapp.agency.draft import _title
from webapp.operations import documents, rotation, verify
from webapp.store import models

FIELD, DO = "Văn bản kèm theo", "Nhập kết quả"


@pytest.fixture
def handling(town):
    receipt = town.to_agency()
    town.do(receipt.case_id, "accept", "tu")
    return receipt


def form(desk, receipt):
    return desk("tu").go(f"/co-quan/vu/{receipt.case_id}").follow(DO)


def count(town, model) -> int:
    with town.house.store.reader() as session:
        return session.scalar(select(func.count()).select_from(model))


def test_a_document_reaches_the_desk_and_the_sender_as_a_file(town, desk, handling, app):
    tu = form(desk, handling)
    assert tu.sees("PDF hoặc DOCX (Word), tối đa 5 tệp, mỗi tệp không quá 15 MB")
    tu.fill("Kết quả xử lý", "Đã thay.").attach(FIELD, A_PDF, name="Biên bản nghiệm thu.pdf").press(DO)
    lan = desk("lan").go(f"/co-quan/vu/{handling.case_id}")
    assert lan.sees("Văn bản kèm theo", "Biên bản nghiệm thu (PDF, 1 kB)")
    lan.follow("Biên bản nghiệm thu")
    assert lan.response.data == A_PDF
    assert lan.response.headers["Content-Disposition"].startswith("attachment;")
    assert lan.response.headers["Cache-Control"] == "no-store"
    reader = Browser(app).go("/theo-doi").fill("Mã bí mật", handling.code).press("Xem phản ánh")
    reader.go("/theo-doi/cua-toi/van-ban/1", 404)  # not before it is an answer
    town.do(handling.case_id, "approve", "lan")
    town.publish(handling.case_id)
    reader.go("/theo-doi/cua-toi")
    assert "Biên bản nghiệm thu (PDF, 1 kB)" in reader.part("Sở Xây dựng trả lời")
    reader.follow("Biên bản nghiệm thu")
    assert reader.response.data == A_PDF and "attachment" in reader.response.headers["Content-Disposition"]
    assert "Biên bản" not in app.test_client().get(f"/pa/{handling.number}").text


def test_documents_are_kept_while_the_form_is_mended(town, desk, handling):
    tu = form(desk, handling)
    tu.attach(FIELD, A_PDF, docx(), name="Quyết định 12.pdf").attach("Ảnh sau xử lý", photo()).press(DO, 422)
    assert tu.sees(
        "Văn bản đã nhận, không cần chọn lại", "Ảnh đã nhận", "Quyết định 12 · DOCX, 1 kB", "Ảnh 1"
    )
    assert tu.sees("Còn thiếu: kết quả xử lý.")
    drafts_open(town)
    tu.fill("Kết quả xử lý", "Đã thay.").press(DO).back_and_press_again()
    assert (count(town, models.Document), count(town, models.Photo), count(town, models.Upload)) == (2, 1, 0)
    with town.house.reading(town.clock()) as work:
        found = documents.titles(work, work.session.get_one(models.Case, handling.case_id))
    assert found == {1: "Quyết định 12", 2: "Quyết định 12"}


def drafts_open(town):
    """Drafts of documents are checked and wrapped anew like everything else that is sealed."""
    assert not verify.verify(town.house, town.clock()).problems
    place = next(place for place in rotation.PLACES if place.name == "upload")
    newest = town.house.write(town.clock(), lambda work: rotation.begin(work, town.house.masters))
    batch = town.house.write(town.clock(), lambda work: rotation.rewrap(work, place, newest))
    assert batch.done == 3


def test_one_can_be_left_out_again(town, desk, handling):
    tu = form(desk, handling).attach(FIELD, A_PDF, name="Nháp.pdf").press(DO, 422)
    tu.tick("Bỏ Nháp").fill("Kết quả xử lý", "Đã thay.").press(DO)
    assert count(town, models.Document) == 0 and count(town, models.Upload) == 0


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"", "a.pdf", "Tệp “a” trống"),
        (b"<html>", "a.pdf", "Tệp “a” không phải PDF hay DOCX"),
        (A_PDF[:-7], "a.pdf", "Không mở được tệp “a”"),
        (docx(**{"word/vbaProject.bin": b"x"}), "a.docx", "có macro"),
        (A_PDF + bytes(documents.MAX_BYTES), "a.pdf", "lớn quá 15 MB"),
    ],
)
def test_a_file_that_is_not_taken_is_said_plainly_and_nothing_is_lost(town, desk, handling, data, name, said):
    tu = form(desk, handling).fill("Kết quả xử lý", "Đã thay.").attach(FIELD, data, name=name).press(DO, 422)
    assert tu.sees(said, "Nội dung đã viết vẫn còn.") and tu.value("Kết quả xử lý") == "Đã thay."
    tu.press(DO)
    assert town.file(handling.case_id).events[-1].kind == "result_entered"


def test_the_same_file_once_more_takes_no_room(town, desk, handling):
    three = [A_PDF + b"\n" * n for n in range(3)]
    tu = form(desk, handling).attach(FIELD, *three, name="a.pdf").press(DO, 422)
    tu.fill("Kết quả xử lý", "Đã thay.").attach(FIELD, *three, name="a.pdf").press(DO)
    assert count(town, models.Document) == 3


def test_too_many_are_said_and_the_first_are_kept(town, desk, handling):
    tu = (
        form(desk, handling)
        .attach(FIELD, *[A_PDF + b"\n" * n for n in range(7)], name="a.pdf")
        .press(DO, 422)
    )
    assert tu.sees("Nhiều quá 2 văn bản. Xin bớt lại.")
    tu.fill("Kết quả xử lý", "Đã thay.").press(DO)
    assert count(town, models.Document) == documents.MAX_FILES


def test_a_kept_document_is_no_photo_and_a_kept_photo_no_document(town, desk, handling):
    tu = (
        form(desk, handling)
        .attach(FIELD, A_PDF, name="a.pdf")
        .attach("Ảnh sau xử lý", photo())
        .press(DO, 422)
    )
    assert [el.get("value") for el in tu.page.find("input") if el.get("name") == "kept"]
    tu.fill("Kết quả xử lý", "Đã thay.").press(DO)
    with town.house.store.reader() as session:
        assert [row.mime for row in session.scalars(select(models.Photo))] == ["image/jpeg"]
        assert [row.mime for row in session.scalars(select(models.Document))] == [documents.PDF]


def test_another_agency_or_case_has_no_such_document(town, desk, handling):
    form(desk, handling).fill("Kết quả xử lý", "Đã thay.").attach(FIELD, A_PDF, name="a.pdf").press(DO)
    other = town.to_agency()
    desk("tu").go(f"/co-quan/vu/{other.case_id}/van-ban/1", 404).go(
        f"/co-quan/vu/{handling.case_id}/van-ban/9", 404
    )
    desk("binh").go(f"/co-quan/vu/{handling.case_id}/van-ban/1", 404)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("Biên bản.PDF", "Biên bản"),
        (r"C:\hồ sơ\a.docx", "a"),
        ("../../etc/passwd.pdf", "passwd"),
        (".pdf", "Văn bản"),
        ("x" * 300 + ".pdf", "x" * 120),
    ],
)
def test_a_title_is_the_files_name(name, title):
    assert _title(name) == title
