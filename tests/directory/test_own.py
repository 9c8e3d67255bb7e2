"""What a place works by: its own regulations, and an agency that follows another into a case it has already."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from tests.cast import TAM_KY, Town
from tests.directory.test_succession import COMMUNE, DISTRICT, LAST_DAY, NEXT_DAY, reorganise, transfers
from webapp.agency import frame, tabs
from webapp.cli.directory import directory_group
from webapp.operations import succession
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
        ("quang-nam", ["QN20", "QN21"]),
        ("tay-ninh", ["TN24"]),
        ("khanh-hoa", ["KH22"]),
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
