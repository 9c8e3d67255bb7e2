"""Where two things meet: an answer that becomes secret, a page that is stale, an agency that gave a case back."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from sqlalchemy import select

from tests.browse import Browser
from tests.cast import MANHOLE, Town, found_town
from tests.operations.test_documents import A_PDF
from webapp.operations import documents
from webapp.operations.house import House
from webapp.operations.work import Refusal
from webapp.store import models
from webapp.store.queries import agency as queries


def test_a_published_answer_that_turns_out_secret_leaves_the_public_side_and_is_sealed(town: Town, app):
    receipt = town.to_published()
    case_id = receipt.case_id
    town.do(case_id, "ask_back", "reporter", texts={"question": "Sao vậy?"})
    town.do(case_id, "order_clarification", "hoa", texts={"note": "Làm rõ"})
    town.do(case_id, "accept", "tu")
    town.do(case_id, "enter_result", "tu", texts={"result": "Khu vực CANARYSECRET"})
    town.do(case_id, "approve", "lan")
    town.do(case_id, "withhold", "tu", tokens={"ground": "state_secret"})
    answer = app.test_client().get(f"/pa/{receipt.number}")
    assert MANHOLE.encode() not in answer.data
    with town.house.store.reader() as session:
        assert session.scalars(select(models.Text.body).where(models.Text.body.is_not(None))).all() == []
        shown = session.scalars(select(models.PubContent.report)).all()
    assert shown == [None]
    assert town.differences() == []
    client = app.test_client()
    form = client.get("/theo-doi").get_data(as_text=True)
    token = form.split('name="csrf_token" value="')[1].split('"')[0]
    client.post("/theo-doi", data={"csrf_token": token, "code": receipt.code})
    assert b"CANARYSECRET" not in client.get("/theo-doi/cua-toi").data


def test_a_stale_page_does_not_approve_a_result_nobody_read(town: Town):
    receipt = town.to_agency()
    town.do(receipt.case_id, "accept", "tu")
    page = town.do(receipt.case_id, "enter_result", "tu", texts={"result": "một"}).state.events
    town.do(receipt.case_id, "send_back", "lan", texts={"reason": "chưa rõ"})
    town.do(receipt.case_id, "enter_result", "tu", texts={"result": "hai"})
    with pytest.raises(Refusal) as refusal:
        town.do(receipt.case_id, "approve", "lan", seen=page)
    assert refusal.value.refused.code == "changed_meanwhile"
    town.do(receipt.case_id, "approve", "lan", seen=page + 2)


def test_two_officers_distributing_to_one_agency_open_one_assignment(any_town: Town):
    receipt = any_town.report()
    any_town.do(receipt.case_id, "receive", "hoa", tokens={"category": "dien", "area": "20341"})
    outcomes: list[str] = []
    start = threading.Barrier(6)

    def distribute() -> None:
        start.wait()
        try:
            any_town.do(receipt.case_id, "distribute", "hoa", tokens={"agency": "so-xaydung"})
            outcomes.append("done")
        except Refusal as refusal:
            outcomes.append(refusal.refused.code)

    threads = [threading.Thread(target=distribute) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["already_there"] * 5 + ["done"]


def test_an_agency_that_gave_a_case_back_no_longer_sees_it(town: Town, app):
    receipt = town.to_agency()
    with town.house.store.reader() as session:
        assert queries.holds_case(session, receipt.case_id, "so-xaydung", {"returned"})
    town.do(receipt.case_id, "return", "tu", texts={"reason": "không phải của chúng tôi"})
    tu = Browser(app).log_in("tu")
    assert tu.client.get(f"/co-quan/vu/{receipt.case_id}").status_code == 404


def test_lateness_of_the_centre_is_not_charged_to_the_agency(town: Town):
    receipt = town.report()
    town.clock.forward(days=2)
    town.do(receipt.case_id, "receive", "hoa", tokens={"category": "giao-thong", "area": "20341"})
    town.do(receipt.case_id, "distribute", "hoa", tokens={"agency": "so-xaydung"})
    town.do(receipt.case_id, "accept", "tu")
    town.do(receipt.case_id, "enter_result", "tu", texts={"result": "xong"})
    town.do(receipt.case_id, "approve", "lan")
    town.publish(receipt.case_id)
    with town.house.store.reader() as session:
        cells = {row.agency: (row.answered, row.on_time) for row in session.scalars(select(models.PubCount))}
    assert cells["so-xaydung"] == (1, 1)


def test_a_telephone_number_is_not_published_through_any_door(town: Town):
    receipt = town.to_approved()
    texts = {"public_text": "Gọi anh Tài 0905 123 456", "public_answer": "Đã xong"}
    with pytest.raises(Refusal) as refusal:
        town.do(receipt.case_id, "publish", "tu", texts=texts, checked=True)
    assert refusal.value.refused.code == "personal_marks"


def test_the_public_page_tells_the_day_of_a_due_time_not_the_minute(town: Town, app):
    receipt = town.report()
    town.do(receipt.case_id, "receive", "hoa", tokens={"category": "dien", "area": "20341"})
    words = app.test_client().get(f"/pa/{receipt.number}").get_data(as_text=True)
    assert "10:00" not in words
    assert "02/03/2026" in words


def test_a_result_comes_with_evidence_where_the_category_needs_it(tmp_path):
    town = found_town(tmp_path / "data", place="tay-ninh")
    own = town.house.config.directory_folder
    own.mkdir(parents=True)
    (own / "tay-ninh.toml").write_text('[[category]]\nid = "giao-thong"\nneeds_evidence = true\n', "utf-8")
    house = House(town.house.config, town.clock)
    town = replace(town, house=house)
    case = town.report(category="giao-thong", area="25459").case_id
    town.do(case, "receive", "hoa", tokens={"category": "giao-thong", "area": "25459"})
    town.do(case, "distribute", "hoa", tokens={"agency": "so-xaydung"})
    town.do(case, "accept", "tu")
    with pytest.raises(Refusal) as refused:
        town.do(case, "enter_result", "tu", texts={"result": "Xong."})
    assert refused.value.refused.params == {"fact": "after_photo"}
    assert refused.value.refused.cite == "Điều 8.3"
    order = [documents.Titled(documents.keep(house.vault, house.media, A_PDF), "Biên bản")]
    town.do(case, "enter_result", "tu", texts={"result": "Xong."}, documents=order)
    house.close()
