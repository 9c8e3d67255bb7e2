"""One report walks through the desks, by buttons and forms alone."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from tests.cast import MANHOLE, photo
from webapp.agency.case_view import _with_former
from webapp.store import models


def test_the_whole_story_over_the_counter(town, desk):
    receipt = town.report(photos=[town.kept(photo())])
    town.redraw()

    hoa = desk("hoa").go("/co-quan/").follow("Nắp cống vỡ")
    assert hoa.sees(MANHOLE, "Danh tính đã niêm.", "Mới gửi, chờ tiếp nhận", "Trước cổng trường tiểu học")
    assert "Bưởi" not in hoa.words and "0905" not in hoa.words
    hoa.follow("Tiếp nhận")
    assert hoa.value("Lĩnh vực") == "giao-thong"
    assert hoa.value("Xã/phường/đặc khu") == "20341"
    hoa.press("Tiếp nhận")
    assert hoa.sees("Đã xong: Tiếp nhận. Hạn tiếp theo: chuyển đơn vị xử lý, 10:00 hôm nay.")

    hoa.follow("Chuyển đơn vị xử lý")
    assert hoa.value("Đơn vị xử lý") == "so-xaydung"
    hoa.fill("Ghi chú", "Xin xem sớm giúp.").press("Chuyển đơn vị xử lý")
    assert hoa.sees("Chuyển đến Sở Xây dựng", "Xin xem sớm giúp.")

    town.clock.forward(hours=1)
    tu = desk("tu").go("/co-quan/").follow("Nắp cống vỡ")
    tu.follow("Xin ý kiến chỉ đạo").fill("Nội dung xin ý kiến", "Nắp gang hay bê tông ạ?").press(
        "Xin ý kiến chỉ đạo"
    )
    lan = desk("lan").go("/co-quan/").follow("Nắp cống vỡ")
    assert lan.sees("Nắp gang hay bê tông ạ?", "Chỉ nội bộ")
    lan.follow("Cho ý kiến chỉ đạo").fill("Ý kiến chỉ đạo", "Thay nắp gang.").press("Cho ý kiến chỉ đạo")
    tu.go("/co-quan/").follow("Nắp cống vỡ")
    assert tu.sees("Thay nắp gang.")
    tu.press("Tiếp nhận xử lý")
    assert tu.sees("Đã xong: Tiếp nhận xử lý. Hạn tiếp theo: xử lý,")

    town.clock.forward(days=3)
    tu.log_in("tu").go("/co-quan/").follow("Nắp cống vỡ")
    tu.follow("Nhập kết quả, trình duyệt").fill("Kết quả xử lý", "Đã thay nap cống mới.")
    tu.attach("Ảnh sau xử lý", photo(kind="PNG")).press("Nhập kết quả, trình duyệt")
    assert tu.sees("Chờ lãnh đạo duyệt", "Còn 1 ảnh đang được chuẩn bị để xem.")
    town.redraw()

    lan.log_in("lan").go("/co-quan/?nhom=cho-duyet").follow("Nắp cống vỡ")
    lan.follow("Sửa và duyệt")
    assert lan.value("Bản đã sửa") == "Đã thay nap cống mới."
    lan.fill("Bản đã sửa", "Đã thay nắp cống mới bằng gang.").press("Sửa và duyệt")
    assert lan.sees("Đã thay nắp cống mới bằng gang.", "Xem chỗ lãnh đạo đã sửa", "Đã thay nap cống mới.")

    tu.go("/co-quan/").follow("Nắp cống vỡ").follow("Công khai")
    assert tu.value("Nội dung phản ánh sẽ công khai") == MANHOLE
    assert tu.value("Trả lời sẽ công khai") == "Đã thay nắp cống mới bằng gang."
    first, second = (el for el in tu.page.find("input") if el.get("name") == "public_photos")
    assert first.get("checked") is None and second.get("checked") is None
    tu.tick("Ảnh 2 sau xử lý").tick("Tôi đã đọc lại").press("Công khai")
    assert tu.sees("Đã xong: Công khai.", "Đã công khai kết quả", "Không có hạn nào đang chạy.")

    state = town.file(receipt.case_id).state
    assert state.assignments[0].publication == "public"
    with town.house.store.reader() as session:
        content = session.scalars(select(models.PubContent)).one()
        shown = session.scalars(select(models.PubPhoto)).one()
    assert (content.report, content.answer) == (MANHOLE, "Đã thay nắp cống mới bằng gang.")
    assert shown.side == "after"
    assert town.differences() == []


def test_a_question_comes_back_to_the_centre_and_is_sent_for_clarification(town, desk):
    receipt = town.to_published()
    town.do(receipt.case_id, "ask_back", "reporter", texts={"question": "Còn nắp bên kia đường?"})
    hoa = desk("hoa").go("/co-quan/")
    assert hoa.sees("Có câu hỏi thêm")
    hoa.follow("Nắp cống vỡ")
    assert hoa.sees("Người gửi hỏi thêm: Còn nắp bên kia đường?")
    hoa.follow("Chuyển đơn vị làm rõ").fill("Ghi chú", "Xin xem nắp bên kia.").press("Chuyển đơn vị làm rõ")
    assert hoa.sees("Chờ đơn vị xác minh")
    assert desk("tu").go("/co-quan/").has_link("Nắp cống vỡ")


def test_a_refusal_takes_the_grounds_own_guidance_when_none_is_written(town, desk):
    receipt = town.report()
    hoa = desk("hoa").go(f"/co-quan/vu/{receipt.case_id}").follow("Không tiếp nhận")
    assert hoa.sees("Câu hỏi, kiến nghị khác xin gọi tổng đài 1022.")
    hoa.choose("Căn cứ", "Không phải phản ánh hiện trường").fill("Lý do", "Đây là câu hỏi về thủ tục.")
    hoa.press("Không tiếp nhận")
    assert hoa.sees("Căn cứ: Không phải phản ánh hiện trường (Điều 1.1, 2.1)")
    assert hoa.sees("Hướng dẫn cho người gửi: Câu hỏi, kiến nghị khác xin gọi tổng đài 1022.")


def test_an_extension_is_due_at_the_end_of_the_chosen_day(town, desk):
    receipt = town.to_agency()
    town.do(receipt.case_id, "accept", "tu")
    lan = desk("lan").go(f"/co-quan/vu/{receipt.case_id}").follow("Thay đổi thời gian xử lý")
    lan.fill("Lý do", "Chờ vật tư.").fill("Hạn mới", "2026-03-20").press("Thay đổi thời gian xử lý")
    assert lan.sees("Hạn mới: hết ngày 20/03/2026. Hạn cũ:")
    clock = next(c for c in town.file(receipt.case_id).state.clocks if c.running)
    assert clock.due_at.isoformat() == "2026-03-20T17:00:00+00:00"
    lan.go(f"/co-quan/vu/{receipt.case_id}").follow("Thay đổi thời gian xử lý")
    lan.fill("Lý do", "Lại chờ.").fill("Hạn mới", "2026-03-12").press("Thay đổi thời gian xử lý", 422)
    assert lan.sees("hạn mới phải sau hạn cũ", "Điều 8 bước 3")
    assert lan.value("Lý do") == "Lại chờ."


def test_a_due_date_that_has_passed_is_not_offered_to_be_moved(town, desk):
    case_id = town.to_agency().case_id
    town.do(case_id, "accept", "tu")
    town.clock.forward(days=8, hours=15, minutes=50)  # ten minutes before it is due
    lan = desk("lan").go(f"/co-quan/vu/{case_id}").follow("Thay đổi thời gian xử lý")
    lan.fill("Lý do", "Chờ vật tư.").fill("Hạn mới", "2026-03-20")
    town.clock.forward(minutes=11)
    lan.press("Thay đổi thời gian xử lý", 409)
    assert lan.sees("Chưa thực hiện được vì đã quá hạn cũ", "Điều 8 bước 3", "vẫn còn nguyên ở dưới")
    assert lan.value("Lý do") == "Chờ vật tư." and lan.value("Hạn mới") == "2026-03-20"
    lan.go(f"/co-quan/vu/{case_id}")
    assert not lan.has_link("Thay đổi thời gian xử lý")
    assert lan.sees("Thay đổi thời gian xử lý. Chưa thực hiện được vì đã quá hạn cũ")
    lan.go(f"/co-quan/vu/{case_id}/extend?target=1", 409)


def test_an_open_question_to_the_leader_is_said_where_people_act_and_stops_nobody(town, desk):
    case_id = town.to_agency().case_id
    town.do(case_id, "accept", "tu")
    town.do(case_id, "ask_direction", "tu", texts={"note": "Thay nắp hay xây lại hố?"})
    asked = "Sở Xây dựng đã xin ý kiến chỉ đạo, lãnh đạo chưa trả lời (Điều 8 bước 3). Thời hạn vẫn chạy."
    tu = desk("tu").go(f"/co-quan/vu/{case_id}")
    assert tu.sees(asked, "Nội dung xin ý kiến: Thay nắp hay xây lại hố?")
    tu.go(f"/co-quan/vu/{case_id}").follow("Nhập kết quả, trình duyệt")
    assert tu.sees(asked)
    town.do(case_id, "direct", "lan", texts={"direction": "Xây lại hố."})
    assert not tu.go(f"/co-quan/vu/{case_id}").sees("lãnh đạo chưa trả lời")
    tu.follow("Nhập kết quả, trình duyệt")
    assert not tu.sees("lãnh đạo chưa trả lời")


def test_two_agencies_each_see_their_own_buttons(town, desk):
    receipt = town.to_agency()
    town.do(receipt.case_id, "distribute", "hoa", tokens={"agency": "so-congthuong"})
    binh = desk("binh").go(f"/co-quan/vu/{receipt.case_id}")
    binh.press("Tiếp nhận xử lý")
    state = town.file(receipt.case_id).state
    assert state.assignments[0].state != state.assignments[1].state
    hoa = desk("hoa").go(f"/co-quan/vu/{receipt.case_id}")
    assert hoa.has_link("Đôn đốc: Sở Xây dựng") and hoa.has_link("Đôn đốc: Sở Công Thương")
    assert hoa.has_link("Báo cáo UBND tỉnh")


def test_a_page_of_the_desk_that_is_not_there_leads_back_to_the_work(town, desk):
    hoa = desk("hoa")
    for path in ("/co-quan/vu/999999", "/co-quan/khong-co"):
        page = hoa.go(path, 404)
        assert "mã bí mật" not in page.words and page.heading == "Không tìm thấy trang này"
        assert page.has_link("Về việc cần làm")


@pytest.mark.parametrize(("place_shown", "told"), [("commune", True), ("exact", False)])
def test_whoever_publishes_is_told_that_the_place_is_to_stay_unsaid(town, desk, place_shown, told):
    receipt = town.to_approved(place_shown=place_shown)
    tu = desk("tu").go(f"/co-quan/vu/{receipt.case_id}").follow("Công khai")
    assert ("xin bỏ số nhà, tên đường" in tu.words) is told


@pytest.mark.parametrize(
    ("former", "said"), [("", "Sở A"), ("Sở A", "Sở A"), ("Sở B", "Sở A (trước là Sở B)")]
)
def test_a_former_name_is_said_where_it_is_another(town, former, said):
    agency = replace(town.house.law.directory.agencies[0], name="Sở A", former=former)
    assert _with_former(agency) == said
