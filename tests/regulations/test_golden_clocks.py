"""The shipped regulations and their calendar, held to dates computed by hand (golden/*.toml)."""

from collections import Counter
from dataclasses import replace
from datetime import time

import pytest

from tests.regulations.golden_files import golden, name, regulation
from webapp.core.calendar import Sessions
from webapp.core.clocks import due, due_at

CASES = golden("case")
OTHER = [(id, row) for id, _, row in CASES if not row["id"].startswith("AC-")]  # than requirements.md 3.3
BAR, PER_CLOCK = 400, 10


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


def test_dates_beyond_the_worked_examples_stay_above_the_bar():
    assert len(OTHER) >= BAR
    assert [name(id, row) for id, row in OTHER if not row["why"].strip()] == []


def test_no_golden_case_is_the_same_date_again():
    asked = Counter((id, r["clock"], r["start"], str(r.get("pauses")), r.get("sessions")) for id, r in OTHER)
    assert [case for case, count in asked.items() if count > 1] == []


@pytest.mark.parametrize("id", sorted({id for id, _, _ in CASES}))
def test_every_term_of_a_regulation_is_held_to_dates_of_its_own(id):
    counts = Counter(row["clock"] for other, row in OTHER if other == id)
    terms = [clock.id for clock in regulation(id).clocks if clock.term]
    assert {clock: counts[clock] for clock in terms if counts[clock] < PER_CLOCK} == {}
