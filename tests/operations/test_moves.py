"""Moves: each has one effect, a refusal leaves nothing behind, and the projections follow the events."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import delete, func, select, update

from tests.cast import Town, photo
from webapp.operations.work import Gone, Refusal
from webapp.store import models, record


def test_the_whole_way_to_a_published_answer_keeps_events_and_projections_equal(any_town: Town):
    receipt = any_town.report(photos=[any_town.kept(photo())])
    any_town.redraw()
    case_id = receipt.case_id
    any_town.do(case_id, "receive", "hoa", tokens={"category": "giao-thong", "area": "20341"})
    any_town.do(case_id, "distribute", "hoa", tokens={"agency": "so-xaydung"})
    any_town.do(case_id, "ask_direction", "tu", texts={"note": "Xin ý kiến"})
    any_town.do(case_id, "direct", "lan", texts={"direction": "Thay ngay"})
    any_town.do(case_id, "accept", "tu")
    any_town.do(
        case_id, "enter_result", "tu", texts={"result": "Đã thay"}, photos=[any_town.kept(photo(320, 240))]
    )
    any_town.do(case_id, "send_back", "lan", texts={"reason": "Ghi rõ ngày"})
    any_town.do(case_id, "enter_result", "tu", texts={"result": "Đã thay ngày 2/3"})
    any_town.do(case_id, "edit_and_approve", "lan", texts={"edited": "Đã thay nắp cống ngày 02/3/2026"})
    any_town.redraw()
    any_town.publish(case_id, photo_ids=[1, 2])
    any_town.do(case_id, "rate", "reporter", tokens={"rating": "satisfied"})
    any_town.do(case_id, "ask_back", "reporter", texts={"question": "Bảo hành bao lâu?"})
    assert any_town.differences() == []
    with any_town.house.store.public() as session:
        photos = session.scalars(select(models.PubPhoto).order_by(models.PubPhoto.position)).all()
        card = session.get(models.PubCard, receipt.number)
    assert [p.side for p in photos] == ["before", "after"]
    assert card is not None
    assert (card.content, card.rating) == ("public", "satisfied")


def test_rebuilding_from_the_events_gives_the_same_rows(any_town: Town):
    any_town.to_published()
    any_town.to_agency()
    with any_town.house.store.writer() as session:
        session.execute(delete(models.Deadline))
        session.execute(update(models.Case).values(state="nonsense"))
    assert any_town.differences()
    with any_town.house.store.writer() as session:
        assert record.rebuild(session, any_town.house.law) == 2
    assert any_town.differences() == []


def test_a_check_of_projections_finds_every_kind_of_damage(town: Town):
    receipt = town.to_agency()
    with town.house.store.writer() as session:
        session.execute(update(models.PubCard).values(late=True))
        session.execute(update(models.PubCount).values(received=99))
        session.execute(delete(models.Assignment))
    text = "\n".join(town.differences())
    for name in ("pub_card", "pub_count", "assignment"):
        assert name in text, text
    assert receipt.number in text


def test_a_second_tap_has_no_second_effect(town: Town):
    receipt = town.to_agency()
    for _ in range(2):
        town.do(receipt.case_id, "accept", "tu", once="the same form")
    assert len(town.file(receipt.case_id).events) == 4


def test_a_refused_move_leaves_no_text_and_no_token_behind(town: Town):
    receipt = town.to_agency()
    with pytest.raises(Refusal) as refusal:
        town.do(receipt.case_id, "enter_result", "tu", texts={"result": "quá sớm"}, once="once")
    assert refusal.value.refused.cite == "Điều 8 bước 4"
    with town.house.store.reader() as session:
        assert session.get(models.Once, "once") is None
        assert session.scalar(select(func.count()).where(models.Text.kind == "result")) == 0


def test_an_agency_that_is_not_in_the_directory_is_refused(town: Town):
    receipt = town.report()
    town.do(receipt.case_id, "receive", "hoa", tokens={"category": "dien", "area": "20341"})
    with pytest.raises(Refusal):
        town.do(receipt.case_id, "distribute", "hoa", tokens={"agency": "so-la"})


def test_there_is_no_case_beyond_the_last(town: Town):
    with pytest.raises(Gone):
        town.do(99, "accept", "tu")


def test_two_officers_distributing_at_once_open_one_assignment_each_or_are_told(any_town: Town):
    """Twelve taps with different forms on the same move: one wins, the others are refused by the state."""
    receipt = any_town.to_agency()
    outcomes = []
    start = threading.Barrier(12)

    def accept() -> None:
        start.wait()
        try:
            any_town.do(receipt.case_id, "accept", "tu")
            outcomes.append("done")
        except Refusal as refusal:
            outcomes.append(refusal.refused.code)

    threads = [threading.Thread(target=accept) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done"] + ["state"] * 11
    assert any_town.differences() == []


def test_withdrawing_deletes_the_content_and_leaves_ground_and_day(any_town: Town):
    receipt = any_town.to_published()
    any_town.do(
        receipt.case_id, "withdraw", "lan", tokens={"ground": "personal_data"}, texts={"reason": "lộ số nhà"}
    )
    with any_town.house.store.public() as session:
        content = session.scalars(select(models.PubContent)).one()
    assert (content.report, content.answer, content.ground) == (None, None, "personal_data")
    assert content.withdrawn_on == "2026-03-02"
    assert any_town.differences() == []


def test_events_cannot_be_changed_or_deleted(any_town: Town):
    any_town.report()
    for statement in (update(models.CaseEvent).values(cite="x"), delete(models.CaseEvent)):
        with pytest.raises(Exception, match="append-only"), any_town.house.store.writer() as session:
            session.execute(statement)
