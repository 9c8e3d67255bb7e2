"""One case at two agencies: each page names who does what, and nothing is done twice."""

from __future__ import annotations

import re

import pytest

from tests.browse import Browser
from tests.citizen.conftest import opened


@pytest.fixture
def both(town):
    """A case at the department, with the ward beside it."""
    receipt = town.to_agency()
    town.do(receipt.case_id, "distribute", "hoa", tokens={"agency": "so-congthuong"})
    return receipt


@pytest.fixture
def concluded(town, both):
    """The first answered, the second gave it back, the centre concluded."""
    id = both.case_id
    town.clock.forward(minutes=10)
    town.do(id, "accept", "tu")
    town.do(id, "enter_result", "tu", texts={"result": "Đã thay nắp cống mới."})
    town.do(id, "approve", "lan")
    town.publish(id)
    town.do(id, "return", "binh", 2, texts={"reason": "Không thuộc Sở."})
    town.clock.forward(minutes=10)
    town.do(id, "conclude", "hoa", texts={"note": "Đã đủ."})
    town.clock.forward(minutes=10)
    return both


def test_the_agency_that_answered_is_named_and_not_the_one_that_gave_it_back(town, concluded, app, desk):
    mine = opened(app, town, concluded.code)
    assert mine.sees("Cơ quan xử lý Sở Xây dựng")
    hoa = desk("hoa").go(f"/co-quan/vu/{concluded.case_id}")
    assert hoa.sees("Đơn vị xử lý Sở Xây dựng")
    assert town.differences() == []


def test_a_concluded_case_is_not_concluded_or_passed_on_again(town, concluded, desk):
    hoa = desk("hoa").go(f"/co-quan/vu/{concluded.case_id}")
    assert not hoa.has_button("Kết thúc, không chuyển thêm") and not hoa.has_link(
        "Kết thúc, không chuyển thêm"
    )
    assert not hoa.has_link("Chuyển đơn vị xử lý")


def test_an_agency_sees_its_own_part_and_the_others_see_each_by_name(town, both, app, desk):
    id = both.case_id
    tu = desk("tu").go(f"/co-quan/vu/{id}").press("Tiếp nhận xử lý")
    assert tu.sees("Đã xong: Tiếp nhận xử lý. Hạn tiếp theo: xử lý,")
    town.do(id, "enter_result", "tu", texts={"result": "Đã thay nắp cống mới."})
    tu.go(f"/co-quan/vu/{id}")
    assert tu.sees("Chờ lãnh đạo duyệt") and not tu.sees("Sở Công Thương: ")
    assert "Sở Công Thương" not in tu.part("Hạn xử lý")
    assert "chờ lãnh đạo duyệt" in tu.go("/co-quan/?nhom=dang-xu-ly").words.lower()
    named = ("Sở Xây dựng: chờ lãnh đạo duyệt", "Sở Công Thương: ")
    assert desk("hoa").go(f"/co-quan/vu/{id}").sees(*named)
    assert desk("hoa").go("/co-quan/?nhom=dang-xu-ly").sees(*named)
    mine = opened(app, town, both.code)
    assert mine.sees("Sở Xây dựng: ", "Sở Công Thương: ", "(Sở Công Thương)")
    assert not desk("binh").go(f"/co-quan/vu/{id}").sees("Chờ lãnh đạo duyệt")


def test_the_sender_and_the_public_read_the_same_count(town, both, app, client):
    id = both.case_id
    town.clock.forward(minutes=10)
    for move, who, given in (
        ("accept", "tu", {}),
        ("enter_result", "tu", {"texts": {"result": "Đã thay nắp cống mới."}}),
        ("approve", "lan", {}),
    ):
        town.do(id, move, who, **given)
    town.publish(id)
    town.clock.forward(minutes=10)
    town.do(id, "return", "binh", 2, texts={"reason": "Không thuộc Sở."})
    assert counted(opened(app, town, both.code).words) == counted(Browser(app).go(f"/pa/{both.number}").words)
    assert counted(opened(app, town, both.code).words) == "Xong 5 trong 6 bước"


def test_a_step_is_not_done_while_one_of_the_agencies_is_at_it(town, both, app, client):
    id = both.case_id

    def told():
        """How many steps are done; the line above the ribbon and its segments say the same."""
        page = opened(app, town, both.code).words
        done = int(counted(page).split()[1])
        assert len(re.findall(r"xong (?:đúng|sau) hạn", page.split("Thời gian theo quy chế")[1])) == done
        return done

    town.do(id, "accept", "binh", 2)
    assert told() == 2, "the other has yet to accept"
    town.do(id, "enter_result", "binh", 2, texts={"result": "Đã xử lý phần của Sở."})
    town.do(id, "approve", "minh", 2)
    texts = {"public_text": "Nắp cống vỡ.", "public_answer": "Đã xử lý phần của Sở."}
    town.do(id, "publish", "binh", 2, texts=texts, checked=True)
    assert told() == 5
    assert counted(Browser(app).go(f"/pa/{both.number}").words) == "Xong 5 trong 6 bước"
    town.do(id, "accept", "tu")
    assert told() == 5, "now it is handling that one is at"


def test_after_a_return_the_desk_and_everybody_see_the_same_steps_to_come(town, desk, app):
    receipt = town.to_agency()
    town.clock.forward(minutes=10)
    town.do(receipt.case_id, "return", "tu", texts={"reason": "Không thuộc Sở."})
    pages = [desk("hoa").go(f"/co-quan/vu/{receipt.case_id}"), Browser(app).go(f"/pa/{receipt.number}")]
    assert [page.words.count("chưa đến, thời hạn") for page in pages] == [4, 4]


def test_a_step_that_was_stopped_is_not_done(town, app):
    receipt = town.report()
    town.do(receipt.case_id, "request_supplement", "hoa", texts={"reason": "Ở đâu?"})
    assert counted(opened(app, town, receipt.code).words) == "Xong 1 trong 6 bước"  # looked at in time


def counted(words):
    return re.findall(r"Xong \d+ trong \d+ bước", words)[0]
