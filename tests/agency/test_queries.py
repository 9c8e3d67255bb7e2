"""Pages of the desk ask the database as often for thirty people as for one."""

from __future__ import annotations

import secrets

import pytest
from sqlalchemy import event

from tests.browse import Browser
from webapp.operations import callbacks, erasure, intake, joining, people, reveal
from webapp.operations.callbacks import Wish
from webapp.operations.intake import Place
from webapp.operations.reveal import Why

MORE = (2, 9)


@pytest.fixture
def reads(town, app, desk):
    """`reads(url)`: how often the page read the database, and the page, as Hoa sees it."""
    seen: list[str] = []
    hoa = desk("hoa")

    def note(connection, cursor, statement, parameters, context, many):
        seen.append(statement)

    engine = app.extensions["hoidap"].store.engine
    event.listen(engine, "before_cursor_execute", note)

    def of(url: str) -> tuple[int, Browser]:
        hoa.go(url)  # what a process remembers is remembered now
        seen.clear()
        page = hoa.go(url)
        return len([one for one in seen if one.startswith("SELECT")]), page

    yield of
    event.remove(engine, "before_cursor_execute", note)


def test_everybody_who_joined_a_case_costs_no_query(town, reads):
    first = town.report()
    town.do(first.case_id, "receive", "hoa", tokens={"category": "giao-thong", "area": "20341"})
    counts, url = [], f"/co-quan/vu/{first.case_id}"

    def join(no: int) -> None:
        report = town.written(secret=secrets.token_hex(16), joins=first.number, text=f"Tôi cũng gặp {no}.")
        made = intake.ready(town.house.vault, report)
        town.house.write(town.clock(), lambda work: joining.join(work, made, first.number))
        why = Why(reason=f"Gọi hỏi {no}.")
        hoa = town.actor("hoa")
        town.house.write(
            town.clock(), lambda work: reveal.reveal(work, first.case_id, no, hoa, "contact_reporter", why)
        )

    for last in MORE:
        for no in range(len(town.file(first.case_id).state.submissions) + 1, last + 1):
            join(no)
        count, page = reads(url)
        assert page.sees(f"Tôi cũng gặp {last}.")
        counts.append(count)
    assert counts[0] == counts[1]

    def erase(work):
        row = people.of_submission(work, first.case_id, 2)
        erasure.erase_person(work, row.id, "data_subject", None)

    town.house.write(town.clock(), erase)
    count, page = reads(url)
    assert count <= counts[1] and page.words.count("Danh tính đã niêm.") == MORE[-1] - 1


def test_everybody_who_waits_for_a_call_costs_no_query(town, reads):
    counts, waiting = [], 0
    for last in MORE:
        for _ in range(last - waiting):
            waiting += 1
            place = Place(f"Cầu số {waiting}", 15.5, 108.5, 8.0)
            wish = Wish(secrets.token_hex(16), f"+8490577{waiting:04}", place, "20341")
            town.house.write(town.clock(), lambda work, wish=wish: callbacks.ask(work, wish))
        count, page = reads("/co-quan/goi-lai")
        assert page.sees(*(f"Cầu số {n}" for n in range(1, last + 1)))
        counts.append(count)
    assert counts[0] == counts[1]
