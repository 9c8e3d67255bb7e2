"""What pages announce as still to come: the main course of a case, and nothing that may never happen."""

from __future__ import annotations

import pytest

from tests.cast import found_town
from tests.page_check import check, said
from webapp.app import create_app
from webapp.doors import present
from webapp.regulations.load import load_installation

KNOWN = (
    ("quang-nam", "QN20", (), "reception distribution verification handling approval publication"),
    ("quang-nam", "QN21", (), "focal"),  # the head's 48 hours come of a delay, a promise of a declaration
    ("tay-ninh", "TN24", (), "reception return handling approval publication"),
    ("khanh-hoa", "KH22", (), "verification handling publication"),
    ("khanh-hoa", "KH22", ("urgent_reception",), "handling publication urgent_confirm"),
)


@pytest.mark.parametrize(("place", "id", "had", "wanted"), KNOWN)
def test_only_what_the_main_course_starts_is_ahead(place, id, had, wanted):
    regulation = load_installation(place).own[id]
    assert present.expected(regulation, had) == frozenset(wanted.split())


def test_no_page_of_a_new_case_announces_work_done_again(tmp_path):
    town = found_town(tmp_path / "data", place="tay-ninh")
    receipt = town.report(category="giao-thong", area="25459")
    town.do(receipt.case_id, "receive", "hoa", tokens={"category": "giao-thong", "area": "25459"})
    app = create_app(town.house.config, town.clock)
    words = said(check(app.test_client().get(f"/pa/{receipt.number}").get_data(as_text=True)).root)
    again = [c.label for c in town.house.law.own["TN24"].clocks if c.id.startswith("rework")]
    assert len(again) == 3
    assert not [label for label in again if label in words]
    town.house.close()
