"""What one must know stands on the page where one acts, and what is waited for is the main button."""

from __future__ import annotations

from tests.cast import MANHOLE, photo
from webapp.cli.worker import tick
from webapp.core.text import fold

ASKED = "Nắp gang hay nắp bê tông?"


def test_the_question_stands_above_its_answer_and_answering_is_the_main_thing(town, desk):
    receipt = town.to_published()
    town.do(receipt.case_id, "ask_back", "reporter", texts={"question": ASKED})
    hoa = desk("hoa").go(f"/co-quan/vu/{receipt.case_id}")
    docks = [el for el in hoa.page.find("div") if "dock" in (el.get("class") or "").split()]
    assert ["".join(el.itertext()).strip() for el in docks] == ["Trả lời câu hỏi thêm"]
    hoa.follow("Trả lời câu hỏi thêm")
    assert hoa.sees(ASKED)
    assert hoa.go(f"/co-quan/vu/{receipt.case_id}").follow("Chuyển đơn vị làm rõ").sees(ASKED)


def test_what_the_handler_asks_stands_where_the_leader_directs(town, desk):
    receipt = town.to_agency()
    town.do(receipt.case_id, "ask_direction", "tu", texts={"note": ASKED})
    lan = desk("lan").go(f"/co-quan/vu/{receipt.case_id}").follow("Cho ý kiến chỉ đạo")
    assert lan.sees(ASKED)


def test_the_form_of_a_new_due_date_names_the_one_that_it_moves(town, desk):
    receipt = town.to_agency()
    town.do(receipt.case_id, "accept", "tu")
    lan = desk("lan").go(f"/co-quan/vu/{receipt.case_id}").follow("Thay đổi thời gian xử lý")
    assert lan.sees("Hạn xử lý hiện nay: ")


def test_what_the_province_ordered_stands_at_the_top(town, desk):
    receipt = town.to_agency()
    town.do(receipt.case_id, "distribute", "hoa", tokens={"agency": "so-congthuong"})
    town.do(receipt.case_id, "report_to_province", "hoa", texts={"note": "Xin chỉ đạo."})
    town.do(
        receipt.case_id, "province_directs", "son", 0, texts={"direction": "Trả lời người dân trong ngày."}
    )
    words = desk("tu").go(f"/co-quan/vu/{receipt.case_id}").words
    assert words.index("Trả lời người dân trong ngày.") < words.index("Nội dung phản ánh")


def pictures(desk):
    return len(list(desk.page.find("img")))


def test_a_result_is_approved_on_a_page_that_shows_it(town, desk):
    receipt = town.to_agency(photos=[town.kept(photo())])
    town.do(receipt.case_id, "accept", "tu")
    result = {"result": "Đã thay nắp cống mới. Hỏi anh Tư 0905 123 456."}
    town.do(receipt.case_id, "enter_result", "tu", texts=result, photos=[town.kept(photo())])
    town.redraw()
    lan = desk("lan").go(f"/co-quan/vu/{receipt.case_id}")
    assert not lan.has_button("Duyệt")
    assert lan.follow("Sửa và duyệt").sees("Khi phản ánh", "Sau xử lý") and pictures(lan) == 2
    lan.go(f"/co-quan/vu/{receipt.case_id}").follow("Duyệt")
    assert lan.sees("Đã thay nắp cống mới.", "Lê Văn Tư", "Sau xử lý") and pictures(lan) == 2
    assert lan.sees("Trong kết quả có thông tin riêng: “0905 123 456”", "Người gửi viết gì", MANHOLE)
    assert lan.press("Duyệt").sees("Đã xong: Duyệt.")


def test_a_position_opens_on_a_map_and_is_spelled_as_everywhere(town, desk):
    hoa = desk("hoa").go(f"/co-quan/vu/{town.report().case_id}")
    assert hoa.sees("15,57360; 108,47400 (sai số 12 m)")
    assert hoa.link("15,57360; 108,47400 (sai số 12 m)") == "geo:15.57360,108.47400"
    assert [el.get("data-copy") for el in hoa.page.find("button") if el.get("data-copy")] == [
        "15.57360, 108.47400"
    ]


def test_communes_stand_in_the_order_of_their_names(town, desk):
    hoa = desk("hoa").go(f"/co-quan/vu/{town.report().case_id}").follow("Tiếp nhận")
    box = next(el for el in hoa.page.find("select") if el.get("name") == "area")
    names = ["".join(o.itertext()).strip() for o in box.iter("option")][1:]
    assert names == sorted(names, key=fold)


def test_two_agencies_late_at_once_are_one_line_of_news(town, desk):
    receipt = town.to_agency()
    town.do(receipt.case_id, "distribute", "hoa", tokens={"agency": "so-congthuong"})
    town.clock.forward(days=7)
    tick(town.house)
    hoa = desk("hoa").go("/co-quan/tin")
    assert hoa.words.count("Quá hạn: ") == 1


def test_a_rule_says_apart_since_when_it_is_in_force_and_since_when_it_applies_here(client):
    assert "Văn bản có hiệu lực từ" in client.get("/quy-che/QN20").text
    assert "Áp dụng ở đây từ" in client.get("/quy-che").text
