"""The shipped regulation and calendar, held to dates computed by hand (golden/*.toml)."""

import tomllib
from dataclasses import replace
from datetime import time
from pathlib import Path

import pytest

from webapp.core.calendar import Sessions
from webapp.core.clocks import due, due_at
from webapp.regulations.load import load_installation

GOLDEN = tomllib.loads(Path(__file__).with_name("golden").joinpath("qn20.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def regulation():
    return load_installation().regulation("QN20")


def counting_for(regulation, case):
    if "sessions" not in case:
        return regulation.counting
    spans = GOLDEN["sessions"][case["sessions"]]
    sessions = Sessions(tuple((time.fromisoformat(a), time.fromisoformat(b)) for a, b in spans), "override")
    return replace(regulation.counting, sessions=sessions)


@pytest.mark.parametrize("case", GOLDEN["case"], ids=lambda case: case["id"])
def test_a_golden_case_falls_due_when_the_hand_says(regulation, case):
    counting = counting_for(regulation, case)
    term, start = regulation.clock(case["clock"]).term, case["start"].replace(tzinfo=counting.zone)
    told = due(term, start, counting)
    assert told.at.astimezone(counting.zone).replace(tzinfo=None) == case["due"], case["why"]
    assert told.provisional is case.get("provisional", False), case["why"]
    assert due_at(term, start, counting) == (told.at, told.provisional)


def test_the_golden_cases_have_names_of_their_own():
    names = [case["id"] for case in GOLDEN["case"]]
    assert len(names) == len(set(names))
    assert len(names) >= 35
