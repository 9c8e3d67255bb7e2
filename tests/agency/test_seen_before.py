"""What one must know stands on the page where one acts, and what is waited for is the main button."""

from __future__ import annotations

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
