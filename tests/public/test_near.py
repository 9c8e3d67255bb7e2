"""What was reported around a place: open ones first, at most five, from public rows alone."""

from __future__ import annotations

import json

from webapp.store import models

TAM_KY, SORTED = "20341", {"category": "giao-thong", "area": "20341"}


def received(town, **changes):
    receipt = town.report(**changes)
    town.do(receipt.case_id, "receive", "hoa", tokens=SORTED)
    return receipt


def near(reader, area=TAM_KY, category="giao-thong"):
    return json.loads(reader.get(f"/gan-day?noi={area}&linh-vuc={category}").get_data(as_text=True))


def test_open_cases_come_first_then_the_newest(town, reader):
    ended = town.to_published()
    town.clock.forward(days=1)
    older = received(town)
    town.clock.forward(days=1)
    newer = received(town)
    found = near(reader)
    assert [one["number"] for one in found["cases"]] == [newer.number, older.number, ended.number]
    assert [one["joins"] for one in found["cases"]] == [True, True, False]
    assert "3 phản ánh cùng loại" in found["times"] and "lần thứ 4" in found["times"]


def test_at_most_five_and_only_of_this_commune_and_year(town, reader):
    received(town)
    town.clock.forward(days=366)
    for _ in range(6):
        received(town)
    found = near(reader)
    assert len(found["cases"]) == 5
    assert "6 phản ánh" in found["times"]
    assert near(reader, "20335")["cases"] == []


def test_what_the_address_does_not_name_rightly_finds_nothing(town, reader):
    received(town)
    for query in ("", "?noi=", "?noi=khong-co", "?noi='--&linh-vuc=x"):
        assert json.loads(reader.get(f"/gan-day{query}").get_data())["cases"] == []


def test_what_is_not_received_or_came_to_nothing_is_not_shown(town, reader):
    town.report()
    receipt = town.report()
    tokens = {"ground": town.file(receipt.case_id).regulation.grounds[0].id}
    words = {"reason": "Nơi khác.", "guidance": "Xin gửi lại."}
    town.do(receipt.case_id, "refuse", "hoa", tokens=tokens, texts=words)
    assert near(reader)["cases"] == []


def test_nothing_of_the_person_or_the_exact_place_is_in_it(town, reader):
    received(town)
    body = reader.get(f"/gan-day?noi={TAM_KY}").get_data(as_text=True)
    for word in ("Bưởi", "0905", "15.57", "108.47", "Trước cổng"):
        assert word not in body


def test_which_cards_they_are_is_asked_of_an_index_alone(town):
    received(town)
    query = (
        "EXPLAIN QUERY PLAN SELECT code FROM pub_card WHERE area = 'x' AND category = 'y' AND"
        " submitted_on >= '2026-01-01' AND state NOT IN ('z') ORDER BY answered_on IS NOT NULL LIMIT 5"
    )
    with town.house.store.reader() as session:
        plan = " ".join(str(row) for row in session.connection().exec_driver_sql(query))
    assert "COVERING INDEX ix_pub_card_near" in plan


def test_the_page_of_a_case_offers_to_join_while_it_waits(town, reader):
    receipt = received(town)
    assert f'href="/gui?cung={receipt.number}"' in reader.html(f"/pa/{receipt.number}")
    ended = town.to_published()
    assert "Tôi cũng gặp" not in reader.html(f"/pa/{ended.number}")


def test_how_many_met_it_is_a_number_alone(town, reader):
    receipt = received(town)
    assert "người cùng gặp" not in reader.case(receipt)
    with town.house.store.writer() as session:
        session.get(models.PubCard, receipt.number).joined = 2
    town.clock.forward(minutes=1)
    assert "Có 3 người cùng gặp" in reader.case(receipt)
