"""The first page: figures, list, filters and what is said of cases that show no content."""

import re

import pytest
from sqlalchemy import event

from tests.cast import TAM_KY
from tests.page_check import check, said
from webapp.app import create_app
from webapp.public import home
from webapp.store.queries.public import Hidden

ELSEWHERE = "20335"


def listed(words):
    return re.findall(r"QN-[0-9A-Z]{6}", words)


def received(town, category="giao-thong", area=TAM_KY, **changes):
    receipt = town.report(category=category, area=area, **changes)
    town.do(receipt.case_id, "receive", "hoa", tokens={"category": category, "area": area})
    return receipt


def test_empty_house_says_so(reader):
    words = reader.page("/")
    assert "Chưa có phản ánh nào được tiếp nhận" in words
    assert "Chưa có Trả lời" in words or "Trả lời đúng hạn (0 trong 0)" in words


def test_figures_on_both_databases(any_town):
    town = any_town
    on_time, confidential = town.to_published(), town.to_approved(secrecy="confidential")
    town.do(confidential.case_id, "withhold", "tu", tokens={"ground": "confidential_requested"})
    late = town.to_agency()
    town.clock.forward(days=6)
    town.do(late.case_id, "accept", "tu")
    town.do(late.case_id, "enter_result", "tu", texts={"result": "x"})
    town.do(late.case_id, "approve", "lan")
    town.publish(late.case_id)
    overdue = town.to_agency()
    town.clock.forward(days=6)
    waiting = town.to_agency()
    town.report()  # not received yet: counted nowhere
    words = said(check(create_app(town.house.config, town.clock).test_client().get("/").text).root)
    assert "Trả lời đúng hạn (2 trong 3)" in words and "67 %" in words
    for figure in ("Đang chờ, còn trong hạn 1", "Đang quá hạn 1", "Đã tiếp nhận 5"):
        assert figure in words, figure
    assert listed(words)[0] in (overdue.number, waiting.number)
    assert set(listed(words)) == {r.number for r in (on_time, confidential, late, overdue, waiting)}
    assert "1 vì người gửi yêu cầu giữ bí mật (Điều 10.2)" in words
    assert "2 chưa có kết quả được duyệt để công khai" in words


def test_filters_live_in_the_address(town, reader):
    road, dirt = town.to_published(), received(town, "moi-truong", ELSEWHERE)
    town.clock.forward(hours=1)  # of the two of distribution
    assert listed(reader.page("/?linh-vuc=moi-truong")) == [dirt.number]
    assert listed(reader.page(f"/?noi={TAM_KY}")) == [road.number]
    assert listed(reader.page("/?han=answered")) == [road.number]
    assert listed(reader.page("/?han=soon")) == [dirt.number]
    town.clock.forward(days=3)
    assert listed(reader.page("/?han=late")) == [dirt.number]
    html = reader.html("/?linh-vuc=moi-truong&han=late&q=moi")
    assert '<option value="moi-truong" selected>' in html and '<option value="late" selected>' in html
    assert "Bỏ lọc" in html and "(Môi trường, Đang quá hạn)" in html


def test_a_term_of_hours_is_near_in_its_second_half(town, reader):
    dirt = received(town, "moi-truong", ELSEWHERE)  # two working hours to distribute it
    for hours, near in ((0, False), (0.9, False), (0.2, True)):
        town.clock.forward(hours=hours)
        assert listed(reader.page("/?han=soon")) == [dirt.number] * near
        assert ("Sắp đến hạn" in reader.case(dirt)) is near, town.clock()


@pytest.mark.parametrize("words", ["nắp cống", "NAP CONG", "tam ky", "nap truong", "{code}"])
def test_words_find_titles_places_and_codes(town, reader, words):
    found, _other = town.to_published(), received(town, "moi-truong", ELSEWHERE)
    assert listed(reader.page(f"/?q={words.format(code=found.number.lower())}")) == [found.number]


def test_nothing_found_is_said(town, reader):
    town.to_published()
    words = reader.page("/?q=cột anten")
    assert "Chưa có phản ánh nào như vậy" in words and not listed(words)


def test_unknown_values_count_as_not_asked(town, reader):
    receipt = town.to_published()
    for query in (
        "linh-vuc=x",
        "noi=' OR 1=1",
        "han=wrong",
        "trang=-3",
        "trang=99999999",
        "trang=x",
    ):
        assert receipt.number in reader.page(f"/?{query}"), query


def test_pages_hold_twenty_newest_first(town, reader):
    numbers = []
    for _ in range(23):
        numbers.append(received(town).number)
        town.clock.forward(days=1)
    first = reader.html("/?linh-vuc=giao-thong")
    assert listed(said(check(first).root)) == numbers[:2:-1]
    assert "Trang 1 trong 2" in first
    address = re.search(r'rel="next" href="([^"]+)"', first)[1].replace("&amp;", "&")
    assert "linh-vuc=giao-thong" in address
    assert listed(reader.page(address)) == numbers[2::-1]
    assert listed(reader.page("/?trang=77")) == numbers[2::-1]
    assert listed(reader.page("/?trang=2&q=tam+ky")) == numbers[2::-1]


def test_statements_do_not_grow_with_cases(town, app, reader):
    seen = []
    engine = app.extensions["hoidap"].store.public_engine
    event.listen(engine, "before_cursor_execute", lambda *a: seen.append(a[2]))

    def statements(url):
        seen.clear()
        reader.page(url)
        return len(seen)

    town.to_published()
    few = [statements("/"), statements("/?q=tam")]
    for _ in range(8):
        received(town)
    town.to_published()
    assert [statements("/"), statements("/?q=tam")] == few
    assert max(few) <= 8


def test_foot_leads_to_the_rules(reader):
    assert "/quy-che/QN20" in reader.html("/")
    words = reader.page("/quy-che/QN20")
    for part in (
        "02 giờ làm việc",
        "Điều 8 bước 3",
        "Không hài lòng",
        "Giờ làm việc liền từ 07:00 đến 17:00",
    ):
        assert part in words, part
    assert "chưa có số và ngày ban hành" in words
    reader.page("/quy-che/XX", 404)


def test_flash_of_another_door_stays_there(client, reader):
    with client.session_transaction() as session:
        session["_flashes"] = [("message", "CANARYFLASH")]
    assert "CANARYFLASH" not in reader.page("/")
    with client.session_transaction() as session:
        assert session["_flashes"]


def test_one_reason_under_two_regulations_is_said_once(town, reader):
    rows = [Hidden("QN20", None, 21), Hidden("QN21", None, 9)]
    said = home._hidden_text(town.house.law, rows)
    assert said.count("chưa có kết quả được duyệt") == 1 and "30 chưa có kết quả" in said
    assert "Các số không cộng thành số đã tiếp nhận" in reader.page("/")
