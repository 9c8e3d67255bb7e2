"""What was reported around a place: open ones first, at most five, from public rows alone."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import event, insert, text

from tests.public.test_place import ROUNDED, published
from webapp.store import models
from webapp.store.queries import near as queries
from webapp.store.queries.near import Around

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


def test_what_nobody_can_read_yet_is_told_apart_and_only_of_a_category(town, reader):
    ended, waits = town.to_published(), received(town)
    assert {one["number"]: one["told"] for one in near(reader)["cases"]} == {
        ended.number: True,
        waits.number: False,
    }
    assert [one["number"] for one in near(reader, category="")["cases"]] == [ended.number]


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


# Where exactly, as far as that is public


def test_only_what_was_published_exactly_says_where_it_is(town, reader):
    exact, commune = published(town), published(town, shown="commune")
    waits = received(town)
    places = {one["number"]: one.get("at") for one in near(reader)["cases"]}
    assert places == {exact.number: list(ROUNDED), commune.number: None, waits.number: None}


def test_what_is_published_exactly_is_told_beside_the_five(town, reader):
    exact = published(town)
    town.clock.forward(days=1)
    for _ in range(6):
        received(town)
    found = near(reader)
    assert found["most"] == 5 and [one["number"] for one in found["cases"]][5:] == [exact.number]


def test_beside_them_the_newest_are_told_and_no_others(any_town):
    """The older the sooner in the table; many elsewhere, so that PostgreSQL joins by a hash, in that order."""
    card = {"regulation": "QN20", "version": "1", "state": "published", "area": TAM_KY, "late": False}
    days = [f"2026-01-{day:02}" for day in range(1, 29)]
    told = {"agency": "so-xaydung", "no": 1, "lat": 15.5, "lon": 108.5}
    with any_town.house.store.writer() as session:
        for day in days:
            session.add(models.PubCard(code=f"T-{day}", submitted_on=day, content="public", **card))
        shown = [{"code": f"T-{day}", "published_on": day} for day in days]
        shown += [{"code": f"U-{n}", "published_on": days[0]} for n in range(1000)]
        session.execute(insert(models.PubContent), [{**one, **told} for one in shown])
        session.flush()
        session.execute(text("ANALYZE"))
    with any_town.house.store.public() as session:
        found = queries.placed(session, Around(TAM_KY, None, "2026-01-01"), [])
    assert sorted(found) == [f"T-{day}" for day in days[-queries.PLACED :]]


def test_a_place_that_is_withdrawn_is_told_no_more(town, reader):
    receipt = published(town)
    town.do(receipt.case_id, "withdraw", "lan", tokens={"ground": "personal_data"}, texts={"reason": "x"})
    town.clock.forward(seconds=6)
    assert [one.get("at") for one in near(reader)["cases"]] == [None]


@pytest.fixture
def asked(town):
    """The statements of the public door."""
    said: list[tuple[str, tuple]] = []

    def note(connection, cursor, statement, parameters, context, many):
        said.append((statement, parameters))

    with town.house.store.public() as session:
        engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    yield said
    event.remove(engine, "before_cursor_execute", note)


def test_places_cost_no_query_for_each_card_and_indexes_find_them(town, reader, asked):
    counts = []
    for more in (1, 4):
        for _ in range(more):
            published(town)
        town.clock.forward(seconds=6)
        asked.clear()
        near(reader)
        counts.append(len([one for one, _ in asked if one.startswith("SELECT")]))
    assert counts[0] == counts[1] <= 8
    asked.clear()
    with town.house.store.public() as session:
        queries.placed(session, Around(TAM_KY, None, "2025-01-01", {"x"}), ["A", "B"])
        for statement, parameters in list(asked):
            plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            assert not [row[3] for row in plan if row[3].startswith("SCAN pub_")], statement


def test_both_databases_tell_the_same_places(any_town):
    exact, hidden = published(any_town), published(any_town, shown="commune")
    asked = Around(TAM_KY, "giao-thong", "2025-01-01", {"x"})
    with any_town.house.store.public() as session:
        found = queries.placed(session, asked, [hidden.number])
        assert found == {exact.number: ROUNDED}
        assert [card.code for card in queries.named(session, found.keys())] == [exact.number]
        assert queries.named(session, set()) == []
