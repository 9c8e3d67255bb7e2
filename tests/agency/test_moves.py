"""One page for every move: refusals with their article, nothing typed lost, one effect for two taps."""

import secrets
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.browse import Browser
from tests.cast import TAM_KY, found_town, photo
from webapp import create_app
from webapp.core.marks import find
from webapp.core.workflow import Action
from webapp.operations import intake, joining, moves
from webapp.operations.moves import Given
from webapp.store import models


def events(town, case_id):
    return [e.kind for e in town.file(case_id).events]


def publishing(town, desk, **changes):
    receipt = town.to_approved(**changes)
    return receipt, desk("tu").go(f"/co-quan/vu/{receipt.case_id}/publish?target=1")


# What is missing or wrong in the form


def test_everything_that_is_missing_is_said_at_once_and_nothing_typed_is_lost(town, desk):
    receipt = town.report()
    hoa = desk("hoa").go(f"/co-quan/vu/{receipt.case_id}").follow("Không tiếp nhận")
    hoa.fill("Hướng dẫn cho người gửi", "Xin gọi 1022.").press("Không tiếp nhận", 422)
    assert hoa.sees("Còn thiếu: căn cứ.", "Còn thiếu: lý do.", "Những gì đã viết vẫn còn nguyên.")
    assert hoa.value("Hướng dẫn cho người gửi") == "Xin gọi 1022."
    assert "f-ground" in hoa.page.by_id and "(có lỗi cần sửa)" in hoa.response.text
    hoa.choose("Căn cứ", "Là khiếu nại").press("Không tiếp nhận", 422)
    hoa.fill("Lý do", "Đây là đơn tố cáo.").press("Không tiếp nhận")
    assert hoa.sees("Đã xong: Không tiếp nhận.")
    assert events(town, receipt.case_id) == ["submitted", "refused"]


def test_who_gives_a_case_away_is_back_at_the_list(town, desk):
    receipt = town.to_agency()
    tu = desk("tu").go(f"/co-quan/vu/{receipt.case_id}").follow("Chuyển trả")
    tu.fill("Lý do", "Không thuộc Sở.").press("Chuyển trả")
    assert tu.status == 200 and tu.heading == "Việc cần làm" and tu.sees("Đã xong: Chuyển trả")
    assert tu.go(f"/co-quan/vu/{receipt.case_id}", 404)


def test_the_same_photo_chosen_twice_is_kept_once(town, desk):
    receipt = town.to_agency()
    town.do(receipt.case_id, "accept", "tu")
    same, other = photo(), photo(700, 500)
    tu = desk("tu").go(f"/co-quan/vu/{receipt.case_id}").follow("Nhập kết quả")
    tu.attach("Ảnh sau xử lý", same, same, other).press("Nhập kết quả", 422)
    assert tu.sees("Ảnh 2") and not tu.sees("Ảnh 3")
    tu.fill("Kết quả xử lý", "Đã thay.").attach("Ảnh sau xử lý", same).press("Nhập kết quả")
    with town.house.store.reader() as session:
        assert session.scalar(select(func.count(models.Photo.id))) == 2


def test_photos_are_kept_while_the_form_is_mended(town, desk):
    receipt = town.to_agency()
    town.do(receipt.case_id, "accept", "tu")
    tu = desk("tu").go(f"/co-quan/vu/{receipt.case_id}").follow("Nhập kết quả")
    tu.attach("Ảnh sau xử lý", photo(), photo(kind="PNG"), photo(700, 500)).press("Nhập kết quả", 422)
    assert tu.sees("Còn thiếu: kết quả xử lý.", "Ảnh đã nhận, không cần chọn lại", "Ảnh 3")
    tu.tick("Bỏ ảnh 2").press("Nhập kết quả", 422)
    assert not tu.sees("Ảnh 3")
    tu.fill("Kết quả xử lý", "Đã thay.").press("Nhập kết quả")
    with town.house.store.reader() as session:
        assert session.scalar(select(func.count()).select_from(models.Photo)) == 2
        assert session.scalar(select(func.count()).select_from(models.Upload)) == 0


def test_a_file_that_is_no_photo_is_said_and_the_text_stays(town, desk):
    receipt = town.to_agency()
    town.do(receipt.case_id, "accept", "tu")
    tu = desk("tu").go(f"/co-quan/vu/{receipt.case_id}").follow("Nhập kết quả")
    tu.fill("Kết quả xử lý", "Đã thay.").attach("Ảnh sau xử lý", b"<html>", photo()).press(
        "Nhập kết quả", 422
    )
    assert tu.sees("Không mở được ảnh này. Nội dung đã viết vẫn còn.", "Ảnh 1")
    assert tu.value("Kết quả xử lý") == "Đã thay."
    tu.press("Nhập kết quả")
    assert town.file(receipt.case_id).events[-1].kind == "result_entered"


@pytest.mark.parametrize("day", ["", "not a day", "2026-02-30", "9999-12-31"])
def test_a_day_that_is_none_is_asked_again(town, desk, day):
    receipt = town.to_agency()
    town.do(receipt.case_id, "accept", "tu")
    lan = desk("lan").go(f"/co-quan/vu/{receipt.case_id}").follow("Thay đổi thời gian")
    lan.fill("Lý do", "Chờ vật tư.").fill("Hạn mới", day).press("Thay đổi thời gian", 422)
    assert lan.sees("Hạn mới") and lan.value("Lý do") == "Chờ vật tư."
    assert town.file(receipt.case_id).events[-1].kind == "accepted"


def test_an_agency_that_is_in_no_list_is_refused(town, desk):
    receipt = town.report()
    town.do(receipt.case_id, "receive", "hoa", tokens={"category": "dien", "area": "20341"})
    hoa = desk("hoa").go(f"/co-quan/vu/{receipt.case_id}").follow("Chuyển đơn vị")
    hoa.press("Chuyển đơn vị", 422, agency="nha-bac-hai")
    assert hoa.sees("đơn vị xử lý không có trong danh mục (Điều 7.1)")


def test_what_the_reporter_left_out_is_said_with_its_article(town, desk):
    from webapp.operations.people import Person

    receipt = town.report(person=Person("Nguyễn Thị Bưởi", "", ""))
    hoa = desk("hoa").go(f"/co-quan/vu/{receipt.case_id}").follow("Tiếp nhận").press("Tiếp nhận", 409)
    assert hoa.sees("người gửi chưa cho biết: số điện thoại (Điều 5.3)")
    town.do(receipt.case_id, "request_supplement", "hoa", texts={"reason": "Cần số điện thoại."})
    hoa.go(f"/co-quan/vu/{receipt.case_id}").follow("Gửi thông tin bổ sung")
    hoa.fill("Thông tin bổ sung", "Đã cho số qua tổng đài.").tick("Số điện thoại").press(
        "Gửi thông tin bổ sung"
    )
    hoa.follow("Tiếp nhận").press("Tiếp nhận")
    assert hoa.sees("Đã tiếp nhận, chờ chuyển")


# Where the case stands


def test_a_move_that_came_too_late_says_who_was_first(town, desk):
    receipt = town.to_agency()
    tu = desk("tu").go(f"/co-quan/vu/{receipt.case_id}").follow("Chuyển trả")
    town.clock.forward(hours=1, minutes=12)
    town.do(receipt.case_id, "accept", "lan")
    tu.fill("Lý do", "Không thuộc Sở.").press("Chuyển trả", 409)
    assert tu.sees("Chưa thực hiện được vì phản ánh đang ở bước “Đang xử lý”")
    assert tu.sees("Phạm Thị Lan vừa làm “Tiếp nhận xử lý” lúc 9:12.")
    assert tu.value("Lý do") == "Không thuộc Sở."
    tu.follow("Xem chỗ khác nhau")
    assert tu.sees("Tiếp nhận xử lý", "Phạm Thị Lan")
    assert "returned" not in events(town, receipt.case_id)


def test_a_button_that_came_too_late_says_so_too(town, desk):
    receipt = town.to_agency()
    tu = desk("tu").go(f"/co-quan/vu/{receipt.case_id}")
    town.do(receipt.case_id, "accept", "lan")
    tu.press("Tiếp nhận xử lý", 409)
    assert tu.sees("Phạm Thị Lan vừa làm “Tiếp nhận xử lý")


def test_two_taps_have_one_effect(town, desk):
    receipt = town.to_agency()
    tu = desk("tu").go(f"/co-quan/vu/{receipt.case_id}")
    tu.press("Tiếp nhận xử lý").back_and_press_again()
    assert tu.url == f"/co-quan/vu/{receipt.case_id}" and tu.hops == [303, 200]
    assert events(town, receipt.case_id).count("accepted") == 1
    tu.follow("Nhập kết quả").fill("Kết quả xử lý", "Đã thay.").attach("Ảnh sau xử lý", photo())
    tu.press("Nhập kết quả").back_and_press_again()
    assert events(town, receipt.case_id).count("result_entered") == 1
    with town.house.store.reader() as session:
        assert session.scalar(select(func.count()).select_from(models.Photo)) == 1


def test_a_reminder_may_be_repeated_but_not_by_the_same_form(town, desk):
    receipt = town.to_agency()
    hoa = desk("hoa")
    for _ in range(2):
        hoa.go(f"/co-quan/vu/{receipt.case_id}").follow("Đôn đốc").press("Đôn đốc").back_and_press_again()
    assert events(town, receipt.case_id).count("reminded") == 2


def test_a_form_token_of_another_case_does_not_swallow_a_move(town, desk):
    first, second = town.to_agency(), town.to_agency()
    tu = desk("tu").go(f"/co-quan/vu/{first.case_id}")
    once = tu.hidden("once")
    tu.press("Tiếp nhận xử lý")
    tu.go(f"/co-quan/vu/{second.case_id}").press("Tiếp nhận xử lý", once=once)
    assert events(town, second.case_id)[-1] == "accepted"


def test_a_page_for_what_cannot_be_done_says_why_and_leads_back(town, desk):
    receipt = town.to_agency()
    tu = desk("tu").go(f"/co-quan/vu/{receipt.case_id}/publish?target=1", 409)
    assert tu.sees("Chưa thực hiện được vì phản ánh đang ở bước “Chờ đơn vị xác minh”")
    assert not tu.has_button("Công khai")
    tu.follow("Về phản ánh này")
    assert tu.sees("Việc chưa làm được ở bước này")


# Publishing


def test_a_confidential_case_is_never_published_and_the_article_is_said(town, desk):
    receipt = town.to_approved(secrecy="confidential", result="Đã xử lý.")
    tu = desk("tu").go(f"/co-quan/vu/{receipt.case_id}")
    assert tu.sees("Công khai. Chưa thực hiện được vì người gửi yêu cầu giữ bí mật", "Điều 10.2")
    tu.go(f"/co-quan/vu/{receipt.case_id}/publish?target=1", 409)
    assert tu.sees("người gửi yêu cầu giữ bí mật, kết quả chỉ gửi riêng (Điều 10.2)")
    token = desk("tu").go("/co-quan/tai-khoan").hidden("csrf_token")
    data = {"csrf_token": token, "public_text": "x", "public_answer": "y", "checked": "1"}
    assert tu.client.post(f"/co-quan/vu/{receipt.case_id}/publish?target=1", data=data).status_code == 409
    with town.house.store.reader() as session:
        assert session.scalar(select(func.count()).select_from(models.PubContent)) == 0
    tu.go(f"/co-quan/vu/{receipt.case_id}").follow("Không công khai, trả lời riêng")
    tu.choose("Căn cứ", "Người gửi yêu cầu giữ bí mật").press("Không công khai, trả lời riêng")
    assert tu.sees("Đã trả lời riêng người gửi")


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("gọi 0905 123 456", "số điện thoại"),
        ("thư buoi@example.vn", "thư điện tử"),
        ("xe 92A-123.45", "biển số xe"),
        ("thẻ 049190001234", "số giấy tờ"),
    ],
)
def test_what_is_surely_a_persons_is_refused(town, desk, words, kind):
    receipt, tu = publishing(town, desk)
    tu.fill("Nội dung phản ánh sẽ công khai", f"Nắp cống vỡ, {words}.").tick("Tôi đã đọc lại")
    tu.press("Công khai", 422)
    assert tu.sees("Xin bỏ những chỗ có thông tin riêng", words.split(" ", 1)[1], kind)
    assert tu.value("Nội dung phản ánh sẽ công khai") == f"Nắp cống vỡ, {words}."
    assert "published" not in events(town, receipt.case_id)
    tu.fill("Nội dung phản ánh sẽ công khai", "Nắp cống vỡ.").tick("Tôi đã đọc lại").press("Công khai")
    assert events(town, receipt.case_id)[-1] == "published"


def test_names_are_shown_and_must_be_confirmed(town, desk):
    receipt, tu = publishing(town, desk, text="Nắp cống trước nhà ông Lê Văn Tám vỡ. 0905 123 456")
    assert tu.sees("“ông Lê Văn Tám” (giống tên người)", "“0905 123 456” (giống số điện thoại)")
    tu.fill("Nội dung phản ánh sẽ công khai", "Nắp cống trước nhà ông Lê Văn Tám vỡ.")
    tu.press("Công khai", 422)
    assert tu.sees("Còn thiếu: xác nhận đã đọc lại.")
    tu.fill("Trả lời sẽ công khai", "Bà Trần Thị Chín đã cho thay.").tick("Tôi đã đọc lại").press(
        "Công khai", 422
    )
    assert tu.sees("Bài có chỗ mới giống thông tin riêng", "“Bà Trần Thị Chín” (giống tên người)")
    assert tu.value("Tôi đã đọc lại") is False
    tu.tick("Tôi đã đọc lại").press("Công khai")
    assert events(town, receipt.case_id)[-1] == "published"


def test_photos_of_other_cases_cannot_be_published(town, desk):
    other = town.to_agency(photos=[town.kept(photo())])
    town.redraw()
    assert other
    _, tu = publishing(town, desk)
    tu.tick("Tôi đã đọc lại").press("Công khai", public_photos=["1"])
    with town.house.store.reader() as session:
        assert session.scalar(select(func.count()).select_from(models.PubPhoto)) == 0


def test_the_words_that_announce_names_are_read_from_the_catalogue(app):
    from webapp.agency import clearing

    assert clearing.guesses(["Nhờ cô giáo Hoa ở số nhà 12 xem"]) == [
        "“cô giáo Hoa” (giống tên người)",
        "“số nhà 12” (giống số nhà)",
    ]
    assert find("Nhờ cô giáo Hoa") == []


# A second agency


def test_a_second_agency_is_said_to_come_beside_the_first_before_and_after(town, desk):
    receipt = town.to_agency()
    hoa = desk("hoa").go(f"/co-quan/vu/{receipt.case_id}").follow("Chuyển thêm đơn vị cùng xử lý")
    assert hoa.heading == "Chuyển thêm đơn vị cùng xử lý"
    assert hoa.sees("đang ở Sở Xây dựng", "thêm một đơn vị cùng xử lý", "chuyển trả trước (Điều 8 bước 2)")
    hoa.press("Chuyển thêm đơn vị cùng xử lý", 422)
    assert hoa.sees("thêm một đơn vị cùng xử lý")
    hoa.choose("Đơn vị xử lý", "Sở Công Thương").press("Chuyển thêm đơn vị cùng xử lý")
    assert hoa.sees("Đã xong: Chuyển thêm đơn vị cùng xử lý; nay cùng xử lý: Sở Xây dựng", "Sở Công Thương")
    line = hoa.part("Diễn biến")
    assert line.count("Chuyển đơn vị xử lý") == 1 and line.count("Chuyển thêm đơn vị cùng xử lý") == 1


def test_what_an_agency_has_taken_on_is_not_said_to_be_given_back(town, desk):
    receipt = town.to_agency()
    town.do(receipt.case_id, "accept", "tu")
    hoa = desk("hoa").go(f"/co-quan/vu/{receipt.case_id}/distribute?target=0")
    assert hoa.sees("đơn vị đang giữ vẫn giữ") and not hoa.sees("chuyển trả trước")


def test_what_no_agency_has_is_passed_on_as_before(town, desk):
    receipt = town.report()
    town.do(receipt.case_id, "receive", "hoa", tokens={"category": "giao-thong", "area": "20341"})
    hoa = desk("hoa").go(f"/co-quan/vu/{receipt.case_id}").follow("Chuyển đơn vị xử lý")
    assert hoa.heading == "Chuyển đơn vị xử lý" and not hoa.sees("cùng xử lý")


# A promise


@pytest.fixture
def khanh_hoa(tmp_path):
    town = found_town(tmp_path / "kh", place="khanh-hoa")
    yield town
    town.house.close()


def answered_in_khanh_hoa(town, **given):
    directory = town.house.law.directory
    receipt = town.report(area=directory.areas[0].id, category="dien")
    town.do(receipt.case_id, "receive", "hoa", tokens={"category": "dien", "area": directory.areas[0].id},
            fields=("name", "phone", "address", "photo", "text", "place", "occurred"))  # fmt: skip
    town.do(receipt.case_id, "distribute", "hoa", tokens={"agency": "so-xaydung"})
    town.do(receipt.case_id, "accept", "tu")
    town.do(receipt.case_id, "enter_result", "tu", texts={"result": "Đã thay đèn."}, **given)
    town.do(receipt.case_id, "approve", "lan")
    town.publish(receipt.case_id)
    return receipt


def test_what_nobody_promised_is_not_offered_as_done_as_promised(khanh_hoa):
    town = khanh_hoa
    plain = answered_in_khanh_hoa(town)
    promised = answered_in_khanh_hoa(town, promised_on=town.clock() + timedelta(days=9))
    tu = Browser(create_app(town.house.config, town.clock)).log_in("tu")
    assert not tu.go(f"/co-quan/vu/{plain.case_id}").sees("Báo đã hoàn thành như cam kết")
    done = tu.go(f"/co-quan/vu/{promised.case_id}").follow("Báo đã hoàn thành như cam kết")
    done.fill("Câu trả lời", "Đã xong.").press("Báo đã hoàn thành như cam kết")
    assert tu.sees("Báo đã hoàn thành như cam kết. Chưa thực hiện được vì hạn này không còn chạy")


def test_the_open_question_is_of_whoever_still_waits_for_an_answer(town, desk):
    first = town.report()
    town.do(first.case_id, "receive", "hoa", tokens={"category": "giao-thong", "area": TAM_KY})
    made = intake.ready(town.house.vault, town.written(joins=first.number, text="Tôi cũng gặp."))
    town.house.write(town.clock(), lambda work: joining.join(work, made, first.number))
    town.do(first.case_id, "distribute", "hoa", tokens={"agency": "so-xaydung"})
    town.do(first.case_id, "accept", "tu")
    town.do(first.case_id, "enter_result", "tu", texts={"result": "Đã thay nắp."})
    town.do(first.case_id, "approve", "lan")
    town.publish(first.case_id)

    def ask(no: int, words: str) -> None:
        action, given = Action("ask_back", no, town.actor("reporter", no)), Given({"question": words})
        once = secrets.token_hex(8)
        town.house.write(town.clock(), lambda work: moves.make(work, first.case_id, action, given, once))

    ask(1, "Nắp bên kia đường thì sao?")
    ask(2, "Bao giờ xong vỉa hè?")
    page = desk("hoa").go(f"/co-quan/vu/{first.case_id}")
    notice = "Người gửi hỏi thêm: {}".format
    assert page.sees(notice("Nắp bên kia đường thì sao?"), notice("Bao giờ xong vỉa hè?"))
    town.do(first.case_id, "answer_question", "hoa", target=2, texts={"answer": "Tuần sau."})
    page.go(f"/co-quan/vu/{first.case_id}")
    assert page.sees(notice("Nắp bên kia đường thì sao?"))
    assert not page.sees(notice("Bao giờ xong vỉa hè?"))
