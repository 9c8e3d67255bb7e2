"""What is told at the desk: news at once, and reporters whom nobody could tell."""

from dataclasses import replace

import pytest

from tests.browse import Browser
from tests.cast import TAM_KY
from webapp.app import create_app
from webapp.notify.send import make_sender


def test_news_stand_on_the_list_at_once_newest_first(town, desk):
    first = town.to_agency()
    town.clock.forward(minutes=5)
    second = town.to_agency()
    tu = desk("tu").go("/co-quan/")
    said = tu.part("Tin mới")
    assert said.index(second.number) < said.index(first.number)
    assert "QN20, Điều 7.1" in said
    tu.follow(f"Phản ánh {second.number} chuyển đến")
    assert tu.url.endswith(f"/co-quan/vu/{second.case_id}")
    assert "Tin mới" not in desk("binh").go("/co-quan/").words


def test_what_came_since_the_last_visit_is_marked(town, app, desk):
    town.to_agency()
    desk("tu").go("/co-quan/")
    assert "Mới" not in desk("tu").part("Tin mới").replace("Tin mới", "")
    town.clock.forward(minutes=30)
    new = town.to_agency()
    again = Browser(app).log_in("tu").go("/co-quan/")
    assert again.part("Tin mới").replace("Tin mới", "").count("Mới") == 1
    assert f"{new.number} chuyển đến Sở Xây dựng Mới" in again.words


def test_a_page_of_its_own_shows_more(town, desk):
    for _ in range(12):
        town.to_agency()
        town.clock.forward(minutes=1)
    tu = desk("tu").go("/co-quan/")
    assert tu.part("Tin mới").count("chuyển đến") == 10
    tu.follow("Xem tất cả tin")
    assert tu.heading == "Tin mới" and tu.words.count("chuyển đến") == 12
    assert desk("minh").go("/co-quan/tin").sees("Chưa có tin nào")


def test_news_of_a_case_given_back_lead_nowhere(town, desk):
    receipt = town.to_agency()
    town.clock.forward(minutes=1)
    town.do(receipt.case_id, "return", "tu", texts={"reason": "Không thuộc."})
    tu = desk("tu").go("/co-quan/tin")
    assert tu.sees(receipt.number) and not tu.has_link(receipt.number)
    assert desk("hoa").go("/co-quan/tin").has_link(f"Phản ánh {receipt.number} được chuyển trả")


def test_a_result_sent_back_at_once_is_no_news_any_more(town, desk):
    case = town.to_agency().case_id
    town.do(case, "accept", "tu")
    town.clock.forward(minutes=1)
    town.do(case, "enter_result", "tu", texts={"result": "Xong."})
    assert desk("lan").go("/co-quan/tin").sees("Trình duyệt")
    town.do(case, "send_back", "lan", texts={"reason": "Chưa rõ."})
    assert not desk("lan").go("/co-quan/tin").sees("Trình duyệt")


# Who must be called


@pytest.fixture
def untold(town):
    """A result that reached nobody, in an installation that has neither mail nor gateway."""
    receipt = town.to_published()
    config = replace(town.house.config, demo=False)
    town.clock.forward(seconds=10)
    make_sender(config, town.house.store, town.house.law).send_due(town.clock())
    return receipt


def test_the_centre_calls_and_writes_it_down(town, desk, untold):
    hoa = desk("hoa").go("/co-quan/").follow("Cần gọi báo kết quả (1)")
    assert hoa.heading == "Cần gọi báo kết quả"
    assert hoa.sees(untold.number, "Kết quả đã công khai", "Từ ")
    for word in ("Bưởi", "905", "buoi@"):
        assert word not in hoa.words
    town.clock.forward(minutes=1)
    hoa.press("Đã gọi, chưa gặp")
    assert hoa.sees(f"gọi {untold.number} chưa gặp", "Đã gọi 1 lần chưa gặp")
    hoa.press("Đã gọi, đã báo")
    assert hoa.sees("Không có ai cần gọi", f"{untold.number} đã được báo")
    hoa.back_and_press_again()
    assert hoa.sees("Không có ai cần gọi")
    assert not hoa.go("/co-quan/").has_link("Cần gọi")


@pytest.mark.parametrize("who", ["tu", "lan", "son"])
def test_others_at_the_desk_neither_see_nor_write_it(town, desk, untold, who):
    other = desk(who).go("/co-quan/")
    assert not other.has_link("Cần gọi")
    token = other.go("/co-quan/tai-khoan").hidden("csrf_token")
    other.go("/co-quan/can-goi", 404)
    id = next(row.id for row in town.notices() if row.error == "kept")
    data = {"csrf_token": token, "letter": id, "outcome": "told"}
    assert other.client.post("/co-quan/can-goi", data=data).status_code == 404
    assert any(row.error == "kept" for row in town.notices())


@pytest.mark.parametrize("data", [{}, {"letter": "x", "outcome": "told"}, {"outcome": "forget"}])
def test_what_the_list_does_not_offer_is_not_there(town, desk, untold, data):
    hoa = desk("hoa").go("/co-quan/can-goi")
    id = next(row.id for row in town.notices() if row.error == "kept")
    sent = {"csrf_token": hoa.hidden("csrf_token"), "letter": id} | data
    assert hoa.client.post("/co-quan/can-goi", data=sent).status_code == 404


# The demo's letterbox


def test_a_demo_shows_what_would_be_sent_and_nothing_else_does(town, app):
    receipt = town.report()
    town.clock.forward(minutes=1)
    town.do(receipt.case_id, "receive", "hoa", tokens={"category": "giao-thong", "area": TAM_KY})
    visitor = Browser(app).go("/demo/hop-thu")
    assert visitor.sees("Chưa có thư nào")
    town.clock.forward(seconds=10)
    make_sender(town.house.config, town.house.store, town.house.law).send_due(town.clock())
    visitor.go("/demo/hop-thu")
    assert visitor.sees(
        "Hộp thư chạy thử", f"Đã gửi thành công phản ánh {receipt.number}", "địa chỉ được che"
    )
    assert visitor.words.index("Có tin mới") < visitor.words.index("Đã gửi thành công")
    for word in ("Bưởi", "905", "buoi@"):
        assert word not in visitor.words
    real = create_app(replace(town.house.config, demo=False), town.clock)
    Browser(real).go("/demo/hop-thu", 404)
    real.extensions["hoidap"].close()
