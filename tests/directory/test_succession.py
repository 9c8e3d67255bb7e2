"""AC-47: an agency is abolished, its cases go on at the successor: due dates kept, one event, both names counted."""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from tests.browse import Browser
from tests.cast import TAM_KY, Town
from webapp.app import create_app
from webapp.cli.cases import cases_group
from webapp.cli.directory import directory_group
from webapp.core.events import Kind
from webapp.notify.letters import Letters
from webapp.operations import attribution, succession
from webapp.operations.house import House
from webapp.store import models
from webapp.store.queries import notices

DISTRICT, COMMUNE = "ubnd-h-nui-thanh", f"ubnd-{TAM_KY}"
CITE = "Luật 72/2025/QH15"
# 30/6/2025 was a Monday; 14:00 in Tam Ky.
LAST_DAY = datetime(2025, 6, 30, 7, 0, tzinfo=UTC)
NEXT_DAY = datetime(2025, 6, 30, 17, 0, tzinfo=UTC)  # midnight there
OWN = f"""
[[area]]
id = "h-nui-thanh"
name = "Huyện Núi Thành"
group = "quang-nam-cu"
kind = "former_district"
lat = 15.43
lon = 108.66
until = 2025-07-01
cite = "{CITE}"
"""


def reorganise(town: Town, rows: str = OWN) -> None:
    """The operator's rows, and the house as it is after a restart."""
    folder = town.house.config.directory_folder
    folder.mkdir(exist_ok=True)
    (folder / "quang-nam.toml").write_text(rows, "utf-8")
    town.house.close()
    town.house = House(town.house.config, town.clock)


@pytest.fixture
def old_town(any_town: Town) -> Town:
    """The town on the last day of the districts; every case lies in Tam Ky."""
    any_town.clock.at = LAST_DAY
    reorganise(any_town)
    return any_town


def at_the_district(town: Town) -> int:
    return town.to_agency(DISTRICT, occurred_on="2025-06-30").case_id


def transfers(town: Town) -> list[models.CaseEvent]:
    with town.house.store.reader() as session:
        query = select(models.CaseEvent).where(models.CaseEvent.kind == Kind.transferred)
        return list(session.scalars(query.order_by(models.CaseEvent.case_id)))


def test_a_case_at_an_abolished_district_goes_on_at_the_commune(old_town: Town):
    town = old_town
    case_id = at_the_district(town)
    before = town.file(case_id).state
    assert succession.daily(town.house) == 0 and transfers(town) == []

    town.clock.at = NEXT_DAY
    assert succession.daily(town.house) == 1
    after = town.file(case_id).state
    assert after.assignments[0].agency == COMMUNE
    assert [clock.due_at for clock in after.clocks] == [clock.due_at for clock in before.clocks]
    (event,) = transfers(town)
    assert (event.cite, event.role) == (CITE, "system")
    assert event.data == {"agency": COMMUNE, "former": DISTRICT}
    assert event.public_facts["former"] == DISTRICT
    assert town.differences() == []


def test_the_successor_is_told_once_and_the_old_one_keeps_its_news(old_town: Town):
    town = old_town
    at_the_district(town)
    town.clock.at = NEXT_DAY
    succession.run(town.house)
    told = [(n.role, n.agency) for n in town.notices() if n.template == "moved_to_agency"]
    assert sorted(told) == [("handler", COMMUNE), ("leader", COMMUNE)]
    with town.house.store.reader() as session:
        wanted = notices.told(session, [n.id for n in town.notices() if n.template == "moved_to_agency"][:1])
    letter = Letters(town.house.law, "https://hoidap.example.vn").write(wanted[0])
    assert letter.subject.endswith("chuyển từ UBND huyện Núi Thành sang UBND phường Tam Kỳ")
    assert f"({CITE})" in letter.body and "Hạn" in letter.body
    assert not re.search(r"\(\)|\s\.|\.\.|: \.|  |None", letter.body)


def test_doing_it_again_does_nothing_and_it_runs_once_a_day(old_town: Town):
    town = old_town
    at_the_district(town)
    town.clock.at = NEXT_DAY
    assert succession.daily(town.house) == 1
    assert succession.run(town.house) == succession.Done()
    with town.house.store.reader() as session:
        assert str(session.get_one(models.Meta, succession.RAN).value).startswith("2025-07-01")


def test_two_workers_at_once_make_one_event_a_case(old_town: Town):
    town = old_town
    cases = [at_the_district(town) for _ in range(4)]
    town.clock.at = NEXT_DAY
    start, errors = threading.Barrier(8), []

    def work() -> None:
        house = House(town.house.config, town.clock)
        start.wait()
        try:
            succession.daily(house)
        except Exception as error:
            errors.append(error)
        house.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert [event.case_id for event in transfers(town)] == cases
    assert town.differences() == []


def test_a_run_that_was_broken_off_goes_on_with_the_rest(old_town: Town):
    town = old_town
    cases = [at_the_district(town) for _ in range(3)]
    town.clock.at = NEXT_DAY
    town.house.write(town.clock(), partial(succession.succeed, case_id=cases[0]))
    assert succession.run(town.house).moved == 2
    assert len(transfers(town)) == 3


def test_the_public_counts_follow_the_successor_and_statistics_know_both_names(old_town: Town):
    town = old_town
    at_the_district(town)
    town.clock.at = NEXT_DAY
    succession.run(town.house)
    with town.house.store.reader() as session:
        counted = {
            row.agency: row.received for row in session.scalars(select(models.PubCount)) if row.received
        }
    assert counted == {COMMUNE: 1}
    with town.house.reading(town.clock()) as work:
        since = LAST_DAY - timedelta(days=1)
        now, then = (attribution.by_agency(work, since, then=name) for name in (False, True))
    assert (now.rows[COMMUNE].given, now.rows[DISTRICT].given) == (1, 0)
    assert (then.rows[COMMUNE].given, then.rows[DISTRICT].given) == (0, 1)
    assert now.moved == then.moved == {(DISTRICT, COMMUNE): 1}


def test_a_term_met_late_before_is_not_charged_to_the_successor(old_town: Town):
    town = old_town
    case_id = at_the_district(town)
    town.clock.at = NEXT_DAY + timedelta(days=30)
    succession.run(town.house)
    state = town.file(case_id).state
    assert state.assignments[0].held_by(LAST_DAY) == DISTRICT
    assert state.assignments[0].held_by(town.clock()) == COMMUNE
    with town.house.reading(town.clock()) as work:
        late = attribution.by_agency(work, LAST_DAY, then=True).rows
    assert (late[COMMUNE].late, late[DISTRICT].late) == (1, 0), "it is still running, at the commune"


def test_without_a_successor_the_case_stays_and_is_named(old_town: Town, monkeypatch):
    town = old_town
    receipt = town.to_agency("so-yte", occurred_on="2025-06-30")
    reorganise(town, '[[agency]]\nid = "so-yte"\nuntil = 2025-07-01\n')
    town.clock.at = NEXT_DAY
    assert succession.run(town.house) == succession.Done(0, [receipt.case_id])


def test_new_work_cannot_go_to_what_is_over(old_town: Town):
    from webapp.operations.work import Refusal

    town = old_town
    town.clock.at = NEXT_DAY
    receipt = town.report(occurred_on="2025-07-01")
    town.do(receipt.case_id, "receive", "hoa", tokens={"category": "moi-truong", "area": TAM_KY})
    with pytest.raises(Refusal) as refused:
        town.do(receipt.case_id, "distribute", "hoa", tokens={"agency": DISTRICT})
    assert refused.value.refused.code == "not_in_force"
    other = town.report(occurred_on="2025-07-01")
    with pytest.raises(Refusal):
        town.do(other.case_id, "receive", "hoa", tokens={"category": "moi-truong", "area": "h-nui-thanh"})


# What people see


@pytest.fixture
def moved(town: Town):
    """A case that moved, and the application after the restart."""
    town.clock.at = LAST_DAY
    reorganise(town)
    receipt = town.to_agency(DISTRICT, occurred_on="2025-06-30")
    town.clock.at = NEXT_DAY
    succession.run(town.house)
    return town, receipt, create_app(town.house.config, town.clock)


def test_the_public_page_says_why_and_keeps_the_old_name_in_what_went_before(moved):
    _, receipt, app = moved
    text = Browser(app).go(f"/pa/{receipt.number}").words
    assert "Chuyển giao do sắp xếp đơn vị hành chính" in text and CITE in text
    assert "UBND phường Tam Kỳ" in text


def test_the_citizen_sees_where_the_case_went(moved):
    _, receipt, app = moved
    page = Browser(app).go("/theo-doi").fill("Mã bí mật", receipt.code).press("Xem phản ánh")
    assert page.sees("Chuyển giao do sắp xếp đơn vị hành chính: UBND phường Tam Kỳ")


def test_the_desk_shows_both_names(moved):
    _, receipt, app = moved
    page = Browser(app).log_in("hoa").go(f"/co-quan/vu/{receipt.case_id}").words
    assert "UBND huyện Núi Thành → UBND phường Tam Kỳ" in page


def test_lists_offer_what_is_in_force_and_filters_what_cases_carry(moved):
    town, _, app = moved
    assert "Huyện Núi Thành" not in Browser(app).go("/gui").words
    assert "Huyện Núi Thành" not in Browser(app).go("/").words
    town.clock.at = LAST_DAY
    receipt = town.report(occurred_on="2025-06-30", area="h-nui-thanh")
    town.do(receipt.case_id, "receive", "hoa", tokens={"category": "moi-truong", "area": "h-nui-thanh"})
    town.clock.at = NEXT_DAY
    assert "Huyện Núi Thành" in Browser(app).go("/").words


def test_the_commands_tell_what_moved_and_count_under_both_names(town: Town, monkeypatch):
    town.clock.at = LAST_DAY
    reorganise(town)
    town.to_agency(DISTRICT, occurred_on="2025-06-30")
    monkeypatch.setenv("HOIDAP_DATA", str(town.house.config.data))
    assert "Đã chuyển 1 việc" in CliRunner().invoke(directory_group, ["succeed"]).output
    now = CliRunner().invoke(cases_group, ["by-agency", "--since", "2025-06-01"]).output
    then = CliRunner().invoke(cases_group, ["by-agency", "--since", "2025-06-01", "--then"]).output
    assert "1 việc đã chuyển giao do sắp xếp: UBND huyện Núi Thành → UBND phường Tam Kỳ" in now
    assert [line for line in then.splitlines() if line.startswith("UBND huyện Núi Thành")]
