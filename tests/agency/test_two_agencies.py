"""One case at two agencies: each page names who does what, and nothing is done twice."""

from __future__ import annotations

import pytest

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
