"""Every worked example of the requirements is held by a test, and this is where.

`QN20 AC-02` is a golden row or story whose id begins so; the others are tests by file and name.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.regulations.golden_files import golden, name

ROOT = Path(__file__).parents[2]
HELD = {
    "AC-02": ["QN20 AC-02"],
    "AC-05": ["QN20 AC-05"],
    "AC-06": ["QN20 AC-06", "QN20 AC-06 lunch"],
    "AC-07": ["QN20 AC-07 at 15:00", "QN20 AC-07 at 17:00", "QN20 AC-07 at 06:59"],
    "AC-09": [
        "QN20 AC-09 A verifies",
        "QN20 AC-09 redistribution",
        "QN20 AC-09 B verifies",
        "QN20 AC-09 returned",
    ],
    "AC-13": ["QN20 AC-13"],
    "AC-14": ["QN20 AC-14", "tests/core/test_qn20.py::test_a_confidential_report_is_answered_privately"],
    "AC-15": ["QN20 AC-15 a phone number", "QN20 AC-15 an e-mail"],
    "AC-16": ["QN20 AC-16", "TN24 AC-16", "KH22 AC-16"],
    "AC-19": ["QN21 AC-19"],
    "AC-22": ["QN21 AC-22"],
    "AC-24": ["QN21 AC-24 slip", "QN21 AC-24"],
    "AC-28": [
        "TN24 AC-28 return",
        "TN24 AC-28 returned at the last second",
        "TN24 AC-28 returned half an hour late",
    ],
    "AC-31": ["TN24 AC-31 more time", "TN24 AC-31 the day after"],
    "AC-35": ["TN24 AC-35 a vague report with a phone number", "TN24 AC-35 a vague report with no contact"],
    "AC-37": ["tests/core/test_report_periods.py::test_ac_37_a_month_of_tn24_goes_from_the_15th_to_the_14th"],
    "AC-40": ["KH22 AC-40 urgent in the night", "KH22 AC-40 urgent reception", "KH22 AC-40 publication"],
    "AC-42": ["KH22 AC-42 every stage", "KH22 AC-42 publication"],
    "AC-44": ["KH22 AC-44 own duplicate", "KH22 AC-44 neighbour"],
    "AC-46": ["TN24 AC-46"],
    "AC-47": ["tests/directory/test_succession.py::"],
    "AC-48": ["KH22 AC-48"],
}
NAMES = [name(id, row) for table in ("case", "story") for id, _, row in golden(table)]


@pytest.mark.parametrize("example", HELD)
def test_a_worked_example_is_held(example):
    for place in HELD[example]:
        path, is_test, test = place.partition("::")
        if is_test:
            assert f"def {test}" in (ROOT / path).read_text("utf-8") or not test, place
        else:
            assert any(held.startswith(place) for held in NAMES), f"{example}: no golden row or story {place}"
