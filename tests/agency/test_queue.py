"""The list of work: what waits for whom, the most urgent first, in a fixed number of queries."""

import pytest
from sqlalchemy import event

from tests.browse import Browser
from tests.cast import TAM_KY
from webapp.agency import queue as queue_view
from webapp.app import create_app


def rows(browser):
    """The titles of the list, in order."""
    page = browser.page
    headings = [
        h
        for h in page.find("h3")
        if (s := page.inside(h, "section")) is not None and s.get("aria-labelledby") == "list-h"
    ]
    return ["".join(h.itertext()).strip() for h in headings if any(el.tag == "a" for el in h)]


def test_the_centre_sees_what_waits_for_it(town, desk):
    town.report(text="Chờ nhận.")
    received = town.report(text="Chờ chuyển.")
    town.do(received.case_id, "receive", "hoa", tokens={"category": "dien", "area": TAM_KY})
    returned = town.to_agency(text="Bị trả.")
    town.do(returned.case_id, "return", "tu", texts={"reason": "Không thuộc Sở."})
    pending = town.report(text="Chờ dân.")
    town.do(pending.case_id, "request_supplement", "hoa", texts={"reason": "Ở đâu?"})
    refused = town.report(text="Đã từ chối.")
    given = {"tokens": {"ground": "complaint"}, "texts": {"reason": "x", "guidance": "y"}}
    town.do(refused.case_id, "refuse", "hoa", **given)
    town.to_agency(text="Ở Sở.")
    town.to_published(text="Đã xong hẳn.")
    asked = town.to_published(text="Hỏi thêm.")
    town.do(asked.case_id, "ask_back", "reporter", texts={"question": "?"})

    hoa = desk("hoa").go("/co-quan/")
    assert set(rows(hoa)) == {"Chờ nhận", "Chờ chuyển", "Bị trả", "Hỏi thêm"}
    assert hoa.sees("Cần làm 4", "Đang xử lý 5")
    hoa.follow("Tất cả")
    assert len(rows(hoa)) == 8
    hoa.follow("Đã xong")
    assert set(rows(hoa)) == {"Đã từ chối", "Đã xong hẳn", "Hỏi thêm"}


def test_an_agency_sees_its_own_and_nothing_else(town, desk):
    town.to_agency(text="Của Sở Xây dựng.")
    town.to_agency("so-congthuong", text="Của Sở Công Thương.")
    town.report(text="Chưa chuyển.")
    assert rows(desk("tu").go("/co-quan/")) == ["Của Sở Xây dựng"]
    assert rows(desk("tu").go("/co-quan/?nhom=tat-ca")) == ["Của Sở Xây dựng"]
    assert rows(desk("binh").go("/co-quan/?nhom=dang-xu-ly")) == ["Của Sở Công Thương"]


def test_each_figure_leads_to_the_list_that_it_counts(town, desk):
    town.to_agency(text="Việc cũ.")
    town.clock.forward(days=3)
    town.to_agency(text="Hết hôm nay.")
    town.clock.forward(days=1)
    town.to_agency(text="Việc mới.")
    today = town.to_agency(text="Việc hôm nay.")
    town.do(today.case_id, "accept", "tu")
    town.do(today.case_id, "enter_result", "tu", texts={"result": "Đã thay."})
    town.do(today.case_id, "approve", "lan")  # to be published within four working hours
    tu = desk("tu").go("/co-quan/")
    assert tu.sees("1 Quá hạn: xem danh sách", "2 Đến hạn hôm nay: xem danh sách", "4 Đang xử lý: xem")
    for figure, found in (("1 Quá hạn", ["Việc cũ"]), ("2 Đến hạn hôm nay", ["Việc hôm nay", "Hết hôm nay"])):
        assert rows(tu.go("/co-quan/").follow(figure)) == found
        assert tu.sees("trong nhóm “Đang xử lý”")
    assert len(rows(tu.follow("Xem cả nhóm"))) == 4
    assert len(rows(tu.go("/co-quan/").follow("4 Đang xử lý"))) == 4
    tu.go("/co-quan/?nhom=dang-xu-ly&han=x")
    assert len(rows(tu)) == 4


def test_a_figure_of_nothing_leads_nowhere_and_a_narrowed_list_keeps_its_pages(town, desk, monkeypatch):
    monkeypatch.setattr(queue_view, "PER_PAGE", 1)
    for _ in range(2):
        town.to_agency()
    assert not desk("tu").go("/co-quan/").has_link("0 Quá hạn")
    town.clock.forward(days=4)
    tu = desk("tu").log_in("tu").go("/co-quan/").follow("2 Quá hạn").follow("Trang sau")
    assert "han=qua-han" in tu.url and len(rows(tu)) == 1


def test_work_moves_between_the_groups(town, desk):
    receipt = town.to_agency()
    case = receipt.case_id
    assert len(rows(desk("tu").go("/co-quan/"))) == 1
    town.do(case, "accept", "tu")
    assert len(rows(desk("tu").go("/co-quan/"))) == 1
    assert rows(desk("lan").go("/co-quan/")) == []
    assert desk("lan").sees("Không còn việc nào chờ")
    town.do(case, "enter_result", "tu", texts={"result": "Xong."})
    assert rows(desk("tu").go("/co-quan/")) == []
    assert len(rows(desk("lan").go("/co-quan/?nhom=cho-duyet"))) == 1
    assert not desk("tu").has_link("Chờ duyệt")
    town.do(case, "approve", "lan")
    assert len(rows(desk("tu").go("/co-quan/"))) == 1
    town.publish(case)
    assert rows(desk("tu").go("/co-quan/?nhom=dang-xu-ly")) == []
    assert len(rows(desk("tu").follow("Đã xong"))) == 1


def test_the_most_urgent_comes_first_and_overdue_is_said(town, desk):
    town.to_agency(text="Việc cũ.")
    town.clock.forward(days=2)
    town.to_agency(text="Việc mới.")
    tu = desk("tu").go("/co-quan/")
    assert rows(tu) == ["Việc cũ", "Việc mới"]
    assert tu.sees("Quá hạn 8 giờ", "Quá hạn 1", "Đang xử lý 2")
    late = [el for el in tu.page.all if el.get("class") == "chip late"]
    assert len(late) == 1


def test_the_words_of_a_confidential_report_are_not_in_the_list(town, desk):
    town.to_agency(secrecy="confidential", text="Ông giám đốc nhận tiền.")
    tu = desk("tu").go("/co-quan/")
    assert rows(tu) == ["Phản ánh giữ bí mật về Giao thông – vận tải"]
    assert not tu.sees("giám đốc") and tu.sees("Giữ bí mật")
    tu.follow("Phản ánh giữ bí mật")
    assert tu.sees("Ông giám đốc nhận tiền.", "Điều 10.2")
    assert tu.heading == "Phản ánh giữ bí mật về Giao thông – vận tải"


def test_the_overseer_sees_all_and_has_nothing_to_do(town, desk):
    town.to_agency()
    son = desk("son").go("/co-quan/")
    assert len(rows(son)) == 1 and not son.has_link("Cần làm ")
    son.follow("Nắp cống vỡ")
    assert son.has_link("Đôn đốc") and not son.has_link("Chuyển trả")


def test_pages(town, desk, monkeypatch):
    monkeypatch.setattr(queue_view, "PER_PAGE", 2)
    for number in range(5):
        town.report(text=f"Việc {number}.")
        town.clock.forward(minutes=1)
    hoa, seen = desk("hoa").go("/co-quan/"), []
    seen += rows(hoa)
    seen += rows(hoa.follow("Trang sau"))
    seen += rows(hoa.follow("Trang sau"))
    assert seen == [f"Việc {number}" for number in range(5)]
    assert not hoa.has_link("Trang sau")
    assert hoa.follow("Trang trước").sees("Trang 2")
    for odd in ("0", "-1", "x", "99999999", "²"):
        hoa.go(f"/co-quan/?trang={odd}&nhom=khong-co")


@pytest.mark.parametrize("who", ["hoa", "tu", "lan"])
def test_a_longer_list_takes_no_more_queries(town, desk, app, who):
    def count():
        browser, found = desk(who), []
        engine = app.extensions["hoidap"].store.engine

        def note(connection, cursor, statement, *rest):
            found.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            browser.go("/co-quan/?nhom=dang-xu-ly")
        finally:
            event.remove(engine, "before_cursor_execute", note)
        # Whether new days off were entered is asked every two seconds, whoever comes.
        own = [statement for statement in found if "calendar_notice" not in statement]
        return len([statement for statement in own if statement.lstrip().upper().startswith("SELECT")])

    town.to_agency()
    few = count()
    for _ in range(6):
        town.to_agency(secrecy="confidential")
        town.to_agency()
    assert count() == few <= 15


def test_both_databases_give_the_same_list(any_town):
    any_town.to_agency(text="Việc cũ.")
    any_town.clock.forward(days=2)
    any_town.to_agency(text="Việc mới.")
    asked = any_town.to_published(text="Hỏi thêm.")
    any_town.do(asked.case_id, "ask_back", "reporter", texts={"question": "?"})
    app = create_app(any_town.house.config, any_town.clock)
    assert rows(Browser(app).log_in("tu")) == ["Việc cũ", "Việc mới"]
    hoa = Browser(app).log_in("hoa")
    assert rows(hoa) == ["Hỏi thêm"] and hoa.sees("Quá hạn 1", "Cần làm 1")
    assert rows(hoa.follow("Tất cả")) == ["Việc cũ", "Việc mới", "Hỏi thêm"]
    app.extensions["hoidap"].close()


def test_a_leader_sees_where_a_direction_is_awaited(any_town):
    """Until it is given, or the handler went on without it; only at the agency that asked."""
    case, other = (
        any_town.to_agency(text="Xin chỉ đạo.").case_id,
        any_town.to_agency(text="Việc khác.").case_id,
    )
    for id in (case, other):
        any_town.do(id, "accept", "tu")
    app = create_app(any_town.house.config, any_town.clock)
    lan, tu = Browser(app).log_in("lan"), Browser(app).log_in("tu")
    assert rows(lan.go("/co-quan/")) == []
    any_town.do(case, "ask_direction", "tu", texts={"note": "Làm thế nào?"})
    assert rows(lan.go("/co-quan/")) == ["Xin chỉ đạo"] and lan.sees("Cần làm 1", "Chờ ý kiến chỉ đạo")
    assert len(rows(tu.go("/co-quan/"))) == 2
    any_town.do(case, "direct", "lan", texts={"direction": "Thay ngay."})
    assert rows(lan.go("/co-quan/")) == [] and not lan.sees("Chờ ý kiến chỉ đạo")
    any_town.do(case, "ask_direction", "tu", texts={"note": "Còn nữa?"})
    assert rows(lan.go("/co-quan/")) == ["Xin chỉ đạo"]
    any_town.do(case, "enter_result", "tu", texts={"result": "Đã thay."})
    any_town.do(case, "send_back", "lan", texts={"reason": "Chưa rõ."})
    assert rows(lan.go("/co-quan/")) == []
    app.extensions["hoidap"].close()


def test_a_number_read_out_by_a_caller_leads_to_its_case(town, desk):
    mine, other = town.to_agency(), town.to_agency("so-congthuong")
    said = mine.number.replace("-", " ").lower()
    for written in (mine.number, said, mine.number[-6:]):
        tu = desk("tu").go("/co-quan/").fill("Tìm theo mã phản ánh", written).press("Mở")
        assert tu.status == 200 and tu.url.endswith(f"/co-quan/vu/{mine.case_id}")
    for written in (other.number, "QN-000000", "DN" + mine.number[2:], "x" * 500):
        tu = desk("tu").go("/co-quan/").fill("Tìm theo mã phản ánh", written).press("Mở")
        assert tu.sees("Không có phản ánh mang mã") and tu.heading == "Việc cần làm"
    assert (
        desk("hoa").go("/co-quan/").fill("Tìm theo mã phản ánh", other.number).press("Mở").sees(other.number)
    )
