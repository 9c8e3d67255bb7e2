"""The shipped regulations and their calendar, held to dates computed by hand (golden/*.toml)."""

from collections import Counter
from dataclasses import replace
from datetime import time

import pytest

from tests.regulations.golden_files import golden, name, regulation
from webapp.core.calendar import Sessions
from webapp.core.clocks import due, due_at

CASES = golden("case")
ATLEAST = dict.fromkeys(("KH22", "QN21", "TN24"), 60) | {"QN20": 35}


def counting_for(law, file, case):
    """`sessions` of a case names office hours of its file that differ from the regulation's."""
    if "sessions" not in case:
        return law.counting
    spans = file["sessions"][case["sessions"]]
    sessions = Sessions(tuple((time.fromisoformat(a), time.fromisoformat(b)) for a, b in spans), "override")
    return replace(law.counting, sessions=sessions)


@pytest.mark.parametrize(("id", "file", "case"), CASES, ids=[name(id, row) for id, _, row in CASES])
def test_a_golden_case_falls_due_when_the_hand_says(id, file, case):
    law = regulation(id)
    counting = counting_for(law, file, case)
    term, start = law.clock(case["clock"]).term, case["start"].replace(tzinfo=counting.zone)
    pauses = [tuple(at.replace(tzinfo=counting.zone) for at in pause) for pause in case.get("pauses", ())]
    told = due(term, start, counting, pauses)
    assert told.at.astimezone(counting.zone).replace(tzinfo=None) == case["due"], case["why"]
    assert told.provisional is case.get("provisional", False), case["why"]
    if not pauses:
        assert due_at(term, start, counting) == (told.at, told.provisional)


def test_the_golden_cases_have_names_of_their_own():
    names = Counter(name(id, row) for id, _, row in CASES)
    assert [name for name, count in names.items() if count > 1] == []


def test_no_regulation_has_fewer_golden_cases_than_it_had():
    counts = Counter(id for id, _, _ in CASES)
    assert {id: count for id, count in ATLEAST.items() if counts[id] < count} == {}
