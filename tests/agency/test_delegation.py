"""Lan is away: Tư approves in her place, the record says so, and it ends by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial

import pytest
from click import ClickException
from click.testing import CliRunner

from tests.cast import STAFF, Town
from webapp.cli.accounts import _check, accounts_group
from webapp.core.regulation import Regulation
from webapp.core.state import Assignment, Case, Submission
from webapp.core.workflow import Action, Actor, Refused, decide
from webapp.operations import accounts, moves, office
from webapp.operations.moves import Given
from webapp.operations.office import Term, Unfit
from webapp.operations.work import Refusal
from webapp.regulations.load import load_installation

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
TERM = Term(TODAY, date(2026, 3, 5), "15/QĐ-SXD", date(2026, 3, 1))


def delegate(town: Town, term: Term = TERM, giver: str = "lan", taker: str = "tu") -> int:
    lend = partial(office.delegate, giver_id=town.ids[giver], taker_id=town.ids[taker], term=term, by=None)
    return town.house.write(town.clock(), lambda work: lend(work).id)


def answered(town: Town, by: Actor | None = None) -> int:
    """A case whose result waits to be approved; entered by Tư, or by somebody else of the agency."""
    case_id = town.to_agency().case_id
    town.do(case_id, "accept", "tu")
    given = Given(texts={"result": "Đã thay nắp cống mới."})
    action = Action("enter_result", 1, by or town.actor("tu"))
    town.house.write(town.clock(), lambda work: moves.make(work, case_id, action, given, f"r{case_id}"))
    return case_id


def colleague(town: Town, roles: list[str]) -> Actor:
    """Quý, who sits in Tư's agency too."""
    add = partial(accounts.add, username="quy", password="mot cau de nho 2026", name="Ngô Thị Quý")
    id = town.house.write(town.clock(), lambda work: add(work, agency="so-xaydung", roles=roles).id)
    return Actor(frozenset(roles), "so-xaydung", id)


def lend_by_page(desk):
    lan = desk("lan").go("/co-quan/tai-khoan").follow("Ủy quyền duyệt khi vắng mặt")
    assert lan.heading == "Ủy quyền duyệt"
    lan.choose("Người duyệt thay", "Lê Văn Tư").fill("Duyệt thay từ ngày", "2026-03-02")
    return lan.fill("Đến hết ngày", "2026-03-04").fill("Số văn bản", "15/QĐ-SXD")


def test_a_delegate_approves_and_the_record_says_for_whom(town: Town, desk):
    case_id = answered(town, colleague(town, ["handler"]))
    approve = town.house.law.regulation("QN20").move("approve").label
    with pytest.raises(AssertionError):
        desk("tu").go(f"/co-quan/vu/{case_id}").press(approve)
    lend_by_page(desk).press("Ủy quyền")
    assert desk("lan").sees("Đã ủy quyền.", "Lê Văn Tư", "Đang có hiệu lực", "15/QĐ-SXD")

    tu = desk("tu").go("/co-quan/?nhom=cho-duyet").go(f"/co-quan/vu/{case_id}")
    tu.follow(approve).press(approve)
    event = next(e for e in town.file(case_id).events if e.data.get("move") == "approve")
    assert (event.role, event.account, event.data["behalf"]) == ("leader", town.ids["tu"], town.ids["lan"])
    assert tu.go(f"/co-quan/vu/{case_id}").sees("Lê Văn Tư thay Phạm Thị Lan")
    assert town.differences() == []


def test_a_delegate_does_not_approve_the_result_they_entered_and_is_told_why(town: Town, desk):
    delegate(town)
    case_id = answered(town)
    tu = desk("tu").go(f"/co-quan/vu/{case_id}")
    assert tu.sees(
        "Duyệt. Chưa thực hiện được vì người đã nhập kết quả không duyệt", "kể cả khi được ủy quyền"
    )
    tu.go(f"/co-quan/vu/{case_id}/approve", 409)
    assert tu.go(f"/co-quan/vu/{case_id}/edit_and_approve", 409).sees("(Điều 9.1)")
    assert desk("lan").go(f"/co-quan/vu/{case_id}").follow("Duyệt").press("Duyệt")
    assert town.file(case_id).state.assignments[0].approved


@pytest.mark.parametrize(
    ("place", "law", "cite"),
    [
        ("quang-nam", "QN20", "Điều 9.1"),
        ("tay-ninh", "TN24", "Điều 9.3"),
        ("khanh-hoa", "KH22", "Điều 8.1"),
    ],
)
def test_who_holds_both_roles_themselves_does_not_approve_their_own_result_either(place, law, cite):
    regulation = load_installation(place).regulation(law)
    both = Actor(frozenset({"handler", "leader"}), "a", 7)
    asked = "awaiting_approval"
    case = replace(case_at(regulation, asked), assignments=(held(asked, result_by=7),))
    for move in ("approve", "edit_and_approve"):
        answer = decide(regulation, case, Action(move, 1, both), {"edited": 1}, NOW)
        assert isinstance(answer, Refused)
        assert (answer.code, answer.cite) == ("own_result", cite)
        other = replace(both, account=8)
        assert not isinstance(decide(regulation, case, Action(move, 1, other), {"edited": 1}, NOW), Refused)


def held(state: str, **more: int) -> Assignment:
    return Assignment(1, "a", True, state, NOW, **more)


def case_at(regulation: Regulation, state: str) -> Case:
    sent = Submission(1, regulation.states[0].id, NOW, "web", "hide_name", frozenset())
    about = (regulation.id, regulation.version, 1, NOW, "x", "y", "normal")
    return Case(*about, (sent,), (held(state),), ())


def test_it_ends_by_itself_after_the_last_day(town: Town, desk):
    delegate(town)
    case_id = answered(town, colleague(town, ["handler"]))
    approve = f"/co-quan/vu/{case_id}/approve"
    assert desk("tu").go(approve)
    town.clock.forward(days=3)
    assert desk("tu").log_in("tu").go("/co-quan/?nhom=cho-duyet").heading
    with town.house.reading(town.clock()) as work:
        account = accounts.check(work, "tu", "mot cau de nho 2026")
        assert office.lent_to(work, account) is None


def test_it_has_not_begun_before_its_first_day(town: Town):
    delegate(town, Term(date(2026, 3, 3), date(2026, 3, 5), "15/QĐ-SXD"))
    with town.house.reading(town.clock()) as work:
        assert office.lent_to(work, accounts.check(work, "tu", "mot cau de nho 2026")) is None
    town.clock.forward(hours=16)  # midnight in Tam Ky
    with town.house.reading(town.clock()) as work:
        lent = office.lent_to(work, accounts.check(work, "tu", "mot cau de nho 2026"))
    assert lent == office.Lent(frozenset({"leader"}), town.ids["lan"])


def test_taken_back_is_over_at_once_and_only_the_giver_takes_it_back(town: Town, desk):
    id = delegate(town)
    token = desk("lan").go("/co-quan/uy-quyen").hidden("csrf_token")
    desk("minh").go("/co-quan/uy-quyen")
    foreign = desk("minh").hidden("csrf_token")
    path = f"/co-quan/uy-quyen/{id}/ket-thuc"
    assert desk("minh").client.post(path, data={"csrf_token": foreign}).status_code == 404
    assert token
    desk("lan").press("Kết thúc")
    assert desk("lan").sees("Đã kết thúc ủy quyền đó.") and not desk("lan").sees("Đang có hiệu lực")
    with town.house.reading(town.clock()) as work:
        assert office.lent_to(work, accounts.check(work, "tu", "mot cau de nho 2026")) is None


def test_who_does_not_lead_has_no_such_page_and_what_is_lent_is_not_lent_on(town: Town, desk):
    for who in ("tu", "hoa", "son"):
        desk(who).go("/co-quan/uy-quyen", 404)
    delegate(town)
    desk("tu").go("/co-quan/uy-quyen", 404)
    with pytest.raises(Unfit) as unfit:
        delegate(town, giver="tu", taker="lan")
    assert unfit.value.code == "no_role"


def test_a_delegate_who_leaves_the_agency_or_whose_leader_leaves_approves_nothing(town: Town):
    delegate(town)
    town.house.write(town.clock(), lambda work: accounts.move(work, town.ids["lan"], "so-yte"))
    with town.house.reading(town.clock()) as work:
        assert office.lent_to(work, accounts.check(work, "tu", "mot cau de nho 2026")) is None


def test_ones_own_role_is_used_before_a_lent_one(town: Town):
    case_id = town.to_agency().case_id
    _, agency, roles = STAFF["tu"]
    both = Actor(
        frozenset({*roles, "leader"}),
        agency,
        town.ids["tu"],
        lent=frozenset({"leader"}),
        behalf=town.ids["lan"],
    )
    action = Action("accept", 1, both)
    file = town.house.write(town.clock(), lambda work: moves.make(work, case_id, action, Given(), "t1"))
    assert file.events[-1].role == "handler" and "behalf" not in file.events[-1].data


def test_a_delegate_has_no_power_elsewhere(town: Town):
    delegate(town)
    case_id = town.to_agency("so-congthuong").case_id
    _, agency, roles = STAFF["tu"]
    both = Actor(
        frozenset({*roles, "leader"}),
        agency,
        town.ids["tu"],
        lent=frozenset({"leader"}),
        behalf=town.ids["lan"],
    )
    with pytest.raises(Refusal):
        town.house.write(
            town.clock(), lambda work: moves.make(work, case_id, Action("accept", 1, both), Given(), "t2")
        )


WRONG = [
    ({"Đến hết ngày": "2026-03-01"}, "Ngày cuối phải từ ngày đầu trở đi"),
    ({"Đến hết ngày": "2027-12-01"}, "không quá một năm"),
    ({"Duyệt thay từ ngày": "mai"}, "Xin ghi ngày"),
    ({"Duyệt thay từ ngày": "2026-02-01", "Đến hết ngày": "2026-02-03"}, "Ngày cuối đã qua"),
    ({"Số văn bản": ""}, "Xin ghi số văn bản"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "said"), WRONG, ids=[said for _, said in WRONG])
def test_what_cannot_be_is_said_beside_the_field_and_stays_as_typed(town: Town, desk, typed, said):
    lan = lend_by_page(desk)
    for label, value in typed.items():
        lan.fill(label, value)
    lan.press("Ủy quyền", 422)
    assert lan.sees(said)
    with town.house.reading(town.clock()) as work:
        assert office.delegations(work) == []


def test_two_presses_make_one_delegation(town: Town, desk):
    lend_by_page(desk).press("Ủy quyền")
    lend_by_page(desk).press("Ủy quyền", 422)
    assert desk("lan").sees("Đã có người trong những ngày này")


# Focal persons


def test_a_leader_is_warned_when_nobody_answers_for_the_agency(town: Town, desk):
    assert not desk("lan").go("/co-quan/").sees("chưa có cán bộ đầu mối")
    appoint = partial(office.appoint, account_id=town.ids["tu"], kind="officer", by=None)
    term = Term(TODAY, date(2026, 3, 4), "7/QĐ-SXD")
    town.house.write(town.clock(), lambda work: appoint(work, term=term))
    assert not desk("lan").go("/co-quan/").sees("chưa có cán bộ đầu mối")
    town.clock.forward(days=2)
    assert desk("lan").log_in("lan").go("/co-quan/").sees("chưa có cán bộ đầu mối")
    assert desk("lan").go("/co-quan/uy-quyen").sees("chưa có cán bộ đầu mối")
    assert not desk("tu").go("/co-quan/").sees("chưa có cán bộ đầu mối")


@pytest.fixture
def command(town: Town, monkeypatch):
    monkeypatch.setenv("HOIDAP_DATA", str(town.house.config.data))

    def run(*words: object, code: int = 0) -> str:
        done = CliRunner().invoke(accounts_group, [str(word) for word in words])
        assert done.exit_code == code, done.output
        return done.output

    return run


def test_focal_persons_are_entered_listed_and_ended_by_command(town: Town, command):
    said = ("--from", "2026-03-01", "--document", "7/QĐ-SXD")
    command("focal", "add", "lan", "--kind", "leader", *said)
    assert "không giữ vai trò" in command("focal", "add", "tu", "--kind", "leader", *said, code=1)
    assert "Đã có người" in command("focal", "add", "lan", "--kind", "leader", *said, code=1)
    listed = command("focal", "list")
    assert "1: so-xaydung leader lan, 2026-03-01 to ... (exclusive), 7/QĐ-SXD" in listed
    assert "! so-yte: no leader" in listed
    command("focal", "end", "1", "--last", "2026-03-31")
    assert "to 2026-04-01" in command("focal", "list")


def test_focal_persons_go_out_to_a_sheet_and_come_in_again(town: Town, command, tmp_path):
    sheet = tmp_path / "focal.csv"
    sheet.write_text(
        "agency;username;kind;from;until;document;document_on\n"
        "so-xaydung;lan;leader;01/03/2026;;7/QĐ-SXD;28/02/2026\n"
        "so-xaydung;tu;officer;01/03/2026;;7/QĐ-SXD;28/02/2026\n"
    )
    assert "MỚI       so-xaydung leader lan: từ 01/03/2026" in command("focal", "import", sheet)
    assert "lan" not in command("focal", "list")
    assert "Đã ghi 2 thay đổi" in command("focal", "import", sheet, "--apply")
    sheet.write_text(command("focal", "list", "--csv"))
    assert "Không có gì khác" in command("focal", "import", sheet)
    sheet.write_text(sheet.read_text().replace("2026-03-01,,", "2026-03-01,2026-05-01,", 1))
    assert "KẾT THÚC  so-xaydung" in command("focal", "import", sheet, "--apply")


def test_delegations_and_moves_by_command(town: Town, command):
    days = ("--from", "2026-11-01", "--last", "2099-01-01", "--document", "15/QĐ-SXD")
    assert "một năm" in command("delegate", "lan", "tu", *days, code=1)
    assert "no account 'nobody'" in command("delegate", "nobody", "tu", *days, code=1)
    assert "no agency 'atlantis'" in command("move", "tu", "--agency", "atlantis", code=1)
    command("move", "tu", "--agency", "so-yte")
    with town.house.reading(town.clock()) as work:
        assert accounts.check(work, "tu", "mot cau de nho 2026").agency == "so-yte"
    assert "no delegation 5" in command("take-back", "5", code=1)
    assert command("delegations") == ""


def test_roles_of_regulations_that_do_not_run_here_are_nobodys():
    here = load_installation("khanh-hoa")
    law = here.first
    stranger = replace(law.role("leader"), id="stranger")
    moves = tuple(replace(move, by=(*move.by, "stranger")) for move in law.moves)
    other = replace(law, id="OTHER", roles=(*law.roles, stranger), moves=moves)
    both = replace(here, versions=(*here.versions, other))
    assert office.leading_roles(both) == {"leader"}
    with pytest.raises(ClickException, match="no role 'stranger'"):
        _check(both, both.directory.coordinator.id, ("stranger",))
    _check(both, both.directory.coordinator.id, ("intake_officer",))
