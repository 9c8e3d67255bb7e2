"""Meeting the same thing as somebody else: one case, own code, own answer, own rating; and never a report lost."""

from __future__ import annotations

import secrets

import pytest

from tests.cast import Town, found_town
from webapp.cli.worker import tick
from webapp.core.workflow import Action
from webapp.operations import intake, joining, moves
from webapp.operations.people import Person
from webapp.operations.work import Conflict, Gone, Refusal
from webapp.store import models

SORTED = {"category": "giao-thong", "area": "20341"}
NEIGHBOUR = Person("Lê Văn Mít", "+84905000111", "", "Thôn 2")


def join(town: Town, number: str, **changes):
    """The receipt of a neighbour who met it too."""
    report = town.written(
        **{"person": NEIGHBOUR, "joins": number, "text": "Tôi cũng gặp việc này."} | changes
    )
    made = intake.ready(town.house.vault, report)
    return town.house.write(town.clock(), lambda work: joining.join(work, made, number)).receipt


def send(town: Town, number: str, **changes):
    report = town.written(**{"person": NEIGHBOUR, "joins": number} | changes)
    made = intake.ready(town.house.vault, report, town.house.law, town.clock())
    return town.house.write(town.clock(), lambda work: joining.send(work, made)).receipt


def answer(town: Town, case_id: int):
    town.do(case_id, "distribute", "hoa", tokens={"agency": "so-xaydung"})
    town.do(case_id, "accept", "tu")
    town.do(case_id, "enter_result", "tu", texts={"result": "Đã thay nắp."})
    town.do(case_id, "approve", "lan")
    return town.publish(case_id)


def received(town: Town, **changes):
    receipt = town.report(**changes)
    town.do(receipt.case_id, "receive", "hoa", tokens=SORTED)
    return receipt


def card(town: Town, receipt) -> models.PubCard:
    with town.house.store.reader() as session:
        return session.get_one(models.PubCard, receipt.number)


def test_a_neighbour_gets_a_code_of_his_own_on_the_same_case(any_town: Town):
    first = received(any_town)
    told = len(any_town.notices())
    second = join(any_town, first.number)
    assert (second.case_id, second.no, second.number) == (first.case_id, 2, first.number)
    assert second.code != first.code
    file = any_town.file(first.case_id)
    assert [(s.no, s.state) for s in file.state.submissions] == [(1, "received"), (2, "submitted")]
    assert file.state.clocks[-1].clock == "reception" and file.state.clocks[-1].target == 2
    assert {row.submission or row.role for row in any_town.notices()[told:]} == {2, "intake_officer"}
    assert card(any_town, first).joined == 0  # everybody is told of it once somebody has looked
    any_town.do(first.case_id, "receive", "hoa", target=2, tokens=SORTED)
    assert card(any_town, first).joined == 1
    assert any_town.differences() == []


def test_the_same_secret_joins_once_and_other_content_is_a_conflict(town: Town):
    first, secret = received(town), secrets.token_hex(16)
    one, two = (join(town, first.number, secret=secret) for _ in range(2))
    assert (one.code, one.no, two.code, two.no, two.again) == (one.code, 2, one.code, 2, True)
    assert len(town.file(first.case_id).state.submissions) == 2
    with pytest.raises(Conflict):
        join(town, first.number, secret=secret, text="Chuyện khác")


def test_a_retry_after_the_case_has_ended_gives_the_same_receipt(town: Town):
    first, secret = received(town), secrets.token_hex(16)
    one = send(town, first.number, secret=secret)
    town.do(first.case_id, "receive", "hoa", target=2, tokens=SORTED)
    answer(town, first.case_id)
    two = send(town, first.number, secret=secret)
    assert (two.case_id, two.code, two.again) == (one.case_id, one.code, True)


def test_what_cannot_be_joined_answers_as_if_it_did_not_exist(town: Town):
    unseen, ended = town.report(), town.to_published()
    secret = received(town, secrecy="confidential")
    said = set()
    for number in (unseen.number, ended.number, secret.number, "QN-222222", ""):
        with pytest.raises(Gone) as gone:
            join(town, number)
        said.add(type(gone.value))
    with pytest.raises(Gone):
        join(town, received(town).number, secrecy="confidential")
    assert said == {Gone}


@pytest.mark.parametrize("kind", ["unseen", "ended", "secret", "unknown", "own secrecy"])
def test_a_report_that_cannot_join_becomes_one_of_its_own(town: Town, kind: str):
    make = {
        "unseen": town.report,
        "ended": town.to_published,
        "secret": lambda: received(town, secrecy="confidential"),
        "own secrecy": lambda: received(town),
    }
    number = make[kind]().number if kind in make else "QN-222222"
    changes = {"secrecy": "confidential"} if kind == "own secrecy" else {}
    secret = secrets.token_hex(16)
    own, retried = (send(town, number, secret=secret, **changes) for _ in range(2))
    assert own.number != number and own.no == 1
    assert (retried.code, retried.again) == (own.code, True)
    with town.house.reading(town.clock()) as work:
        rows = work.session.query(models.Submission).filter_by(case_id=own.case_id).all()
        assert [one.same_as for one in rows] == [number]
    assert town.differences() == []


def test_what_may_come_from_a_machine_casts_no_doubt_on_a_neighbours_case(town: Town):
    first = received(town)
    own = send(town, first.number, doubt="fast")
    assert own.number != first.number
    assert len(town.file(first.case_id).state.submissions) == 1


def test_both_are_answered_and_each_rates_for_himself(town: Town):
    first = received(town)
    second = join(town, first.number)
    town.do(first.case_id, "receive", "hoa", target=2, tokens=SORTED)
    answer(town, first.case_id)
    file = town.file(first.case_id)
    assert all(sent.answered_at for sent in file.state.submissions)
    rating = file.regulation.ratings[0].id
    _rate(town, first.case_id, second.no, rating)
    file = town.file(first.case_id)
    assert [sent.rating for sent in file.state.submissions] == [None, rating]
    assert town.differences() == []


def _rate(town: Town, case_id: int, no: int, rating: str):
    action = Action("rate", no, town.actor("reporter", no))
    given = moves.Given(tokens={"rating": rating})
    return town.house.write(
        town.clock(), lambda work: moves.make(work, case_id, action, given, secrets.token_hex(8))
    )


def test_whoever_joined_and_was_not_received_is_answered_and_owed_nothing(town: Town):
    first = received(town)
    join(town, first.number)
    answer(town, first.case_id)
    file = town.file(first.case_id)
    assert all(sent.answered_at for sent in file.state.submissions)
    assert file.row.closed_at is not None and file.row.next_due_at is None
    assert not [clock.clock for clock in file.state.clocks if clock.running]
    assert card(town, first).due_at is None
    assert town.differences() == []


def test_a_press_of_anybody_makes_no_case_late(town: Town):
    """What is owed to whoever joined is late for the centre and on their own page, not for the case."""
    first = received(town)
    before = card(town, first)
    join(town, first.number)
    assert card(town, first).state == before.state == town.file(first.case_id).row.state
    town.clock.forward(hours=5)
    tick(town.house)
    late = [c for c in town.file(first.case_id).state.clocks if c.target == 2 and c.breached_at]
    assert [clock.clock for clock in late] == ["reception"]
    assert (card(town, first).due_at, card(town, first).due_clock) == (before.due_at, before.due_clock)
    town.do(first.case_id, "receive", "hoa", target=2, tokens=SORTED)
    assert card(town, first).late is False
    with town.house.store.reader() as session:
        clocks = session.query(models.PubClock).filter_by(code=first.number).all()
        assert [clock.clock for clock in clocks].count("reception") == 1
    assert town.differences() == []


def test_who_joins_again_and_again_is_counted_once_somebody_has_looked(town: Town):
    first = received(town)
    for _ in range(5):
        join(town, first.number)
    assert card(town, first).joined == 0
    answer(town, first.case_id)
    assert card(town, first).joined == 0


@pytest.fixture
def khanh_hoa(tmp_path):
    town = found_town(tmp_path / "data", place="khanh-hoa")
    yield town
    town.house.close()


SENDER = Person("Nguyễn Thị Bưởi", "+84905123456", "", "Thôn 3")


def opened(town: Town):
    """The first report under the draft of Khánh Hòa, received."""
    area = town.house.law.directory.areas[0].id
    category = town.house.law.directory.categories[0].id
    receipt = town.report(area=area, category=category, person=SENDER)
    town.do(receipt.case_id, "receive", "hoa", tokens={"category": category, "area": area})
    return receipt


REFUSED = {"reason": "Ông/Bà đã gửi việc này.", "guidance": "Xin theo dõi phản ánh đã gửi."}


def refuse(town: Town, receipt, same_as: str):
    tokens = {"ground": "duplicate_own", "same_as": same_as}
    return town.do(receipt.case_id, "refuse", "hoa", target=receipt.no, tokens=tokens, texts=REFUSED)


def test_the_same_sender_who_joins_his_own_report_is_refused_with_its_number(khanh_hoa: Town):
    """AC-44, first half (KH22 12.1): by an officer, and the link is where he sent it first."""
    town = khanh_hoa
    first = opened(town)
    again = join(town, first.number, person=SENDER)
    assert (again.number, again.no) == (first.number, 2)
    file = refuse(town, again, first.number)
    assert file.events[-1].data["same_as"] == first.number
    assert [sent.state for sent in file.state.submissions] == ["received", "refused"]
    with town.house.store.reader() as session:
        assert session.get(models.PubCard, first.number).joined == 0
    assert town.differences() == []


def test_a_neighbours_report_is_nobodys_own_duplicate(khanh_hoa: Town):
    """AC-44, second half: accepted and linked, because 12.1 speaks of one and the same sender."""
    town = khanh_hoa
    first = opened(town)
    second = join(town, first.number)
    with pytest.raises(Refusal) as refused:
        refuse(town, second, first.number)
    assert refused.value.refused.code == "not_same_person"
    card = town.file(first.case_id).state
    sorted_as = {"category": card.category or "", "area": card.area or ""}
    town.do(first.case_id, "receive", "hoa", target=2, tokens=sorted_as)
    assert [sent.state for sent in town.file(first.case_id).state.submissions] == ["received"] * 2
    with town.house.store.reader() as session:
        assert session.get(models.PubCard, first.number).joined == 1


def test_the_first_report_is_no_duplicate_of_a_later_one(khanh_hoa: Town):
    town = khanh_hoa
    receipt = town.report(area=town.house.law.directory.areas[0].id, person=SENDER)
    with pytest.raises(Refusal):
        refuse(town, receipt, receipt.number)
