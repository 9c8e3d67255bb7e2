"""What a place works by: its own regulations, and an agency that follows another into a case it has already."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from tests.browse import Browser
from tests.cast import TAM_KY, Town
from tests.directory.test_succession import COMMUNE, DISTRICT, LAST_DAY, NEXT_DAY, OWN, reorganise, transfers
from webapp.agency import frame, tabs
from webapp.app import create_app
from webapp.cli.directory import directory_group
from webapp.operations import succession
from webapp.operations.work import Refusal
from webapp.regulations.load import load_installation


def both(town: Town) -> int:
    """A case that the district and the commune that follows it both have."""
    town.clock.at = LAST_DAY
    reorganise(town)
    receipt = town.report(occurred_on="2025-06-30")
    town.do(receipt.case_id, "receive", "hoa", tokens={"category": "giao-thong", "area": TAM_KY})
    for agency in (COMMUNE, DISTRICT):
        town.do(receipt.case_id, "distribute", "hoa", tokens={"agency": agency})
    town.clock.at = NEXT_DAY
    return receipt.case_id


def test_nobody_gets_a_case_twice_and_the_command_says_who_has_to_look(town: Town, monkeypatch):
    case_id = both(town)
    done = succession.run(town.house)
    assert done == succession.Done(0, [case_id], [case_id])
    assert transfers(town) == []
    assert [held.agency for held in town.file(case_id).state.open_assignments] == [COMMUNE, DISTRICT]
    monkeypatch.setenv("HOIDAP_DATA", str(town.house.config.data))
    said = CliRunner().invoke(directory_group, ["succeed"]).output
    assert "1 phản ánh nằm lại vì nơi kế nhiệm đang giữ" in said
    assert "chưa biết nơi kế nhiệm" not in said


@pytest.mark.parametrize(
    ("place", "own"),
    [
        ("quang-nam", ["QN20", "QN21", "DL25"]),
        ("tay-ninh", ["TN24", "DL25"]),
        ("khanh-hoa", ["KH22", "DL25"]),
    ],
)
def test_a_desk_works_by_the_regulations_of_its_own_place(place, own):
    law = load_installation(place)
    assert list(law.own) == own
    handler = SimpleNamespace(roles=frozenset({"handler"}), agency="x", sees_all=lambda regulation: False)
    states = {id for tab in tabs.tabs(law, handler) for id in tab.states}
    assert states <= set(own)
    labels = {role.label for id in own for role in law.regulation(id).roles}
    assert set(frame.role_labels(law, handler)) <= labels


def test_a_channel_takes_nothing_from_the_day_it_closed():
    law, close = load_installation("tay-ninh"), date(2026, 4, 1)
    ways = tuple(replace(w, until=close) if w.id == "zalo" else w for w in law.own["TN24"].channels)
    versions = tuple(replace(r, channels=ways) if r.id == "TN24" else r for r in law.versions)
    law = replace(law, versions=versions)
    area = law.directory.areas[0].id
    assert law.governing(area, "zalo", date(2026, 3, 31)) is law.own["TN24"]
    assert law.governing(area, "zalo", close) is None
    assert law.governing(area, "phone", close) is law.own["TN24"]


OVER = """
[[category]]
id = "giao-thong"
until = 2026-03-01
cite = "x"
"""


@pytest.mark.parametrize("changes", [{"category": "giao-thong"}, {"category": None, "area": "h-nui-thanh"}])
def test_nothing_is_taken_in_under_what_is_over_whoever_sends_the_form(town: Town, changes):
    reorganise(town, OWN + OVER)
    with pytest.raises(Refusal) as refused:
        town.report(**changes)
    assert refused.value.refused.code == "not_in_force"
    assert town.report(category=None).case_id == 1


def test_the_desk_offers_only_what_is_in_force_and_fits_the_channel(town: Town):
    reorganise(town, OWN + OVER)
    hoa = Browser(create_app(town.house.config, town.clock)).log_in("hoa").go("/co-quan/nhap")
    assert "Phường Tam Kỳ" in hoa.words and "Môi trường" in hoa.words
    assert "Huyện Núi Thành" not in hoa.words and "Giao thông" not in hoa.words
