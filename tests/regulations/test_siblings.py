"""Four made-up regulations, shaped after those of other provinces, load and run: what differs between provinces is
rows, never Python. The fixtures hold what we know of each; their other terms are assumed and say so."""

from __future__ import annotations

import ast
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import pytest

from webapp.core.papers import Periods
from webapp.core.regulation import Regulation
from webapp.core.state import Case, evolve, fold
from webapp.core.timing import standing
from webapp.core.workflow import Action, Actor, Refused, decide
from webapp.regulations.load import load_calendars, load_regulation

HERE = Path(__file__).parent
NAMES = ("ha-noi", "da-nang", "bac-ninh", "tp-hcm")
GIVEN = ["text", "phone", "photo"]
BY: dict[str, tuple[str, str | None]] = {
    "submit": ("reporter", None),
    "rate": ("reporter", None),
    "publish": ("handler", "a"),
}
CLERK = ("intake_officer", None)


@pytest.fixture(scope="module")
def laws() -> dict[str, Regulation]:
    calendars = load_calendars()
    return {name: load_regulation(HERE / "fixtures" / f"{name}.toml", calendars) for name in NAMES}


class Walk:
    """A case under one law, move by move, at instants of Vietnam."""

    def __init__(self, law: Regulation) -> None:
        self.law, self.state, self.events = law, None, []  # type: ignore[var-annotated]

    def ask(self, at: str, name: str, **facts: Any) -> Any:
        self.now = datetime.fromisoformat(at).replace(tzinfo=self.law.zone).astimezone(UTC)
        role, agency = BY.get(name, CLERK)
        if name == "submit":
            usual = {"channel": "web", "secrecy": "hide_name", "given": GIVEN}
            facts = {**usual, "regulation": self.law.id, "version": "1", **facts}
        actor = Actor(frozenset({role}), agency, submission=1 if role == "reporter" else None)
        target = 0 if name in ("submit", "distribute") else 1
        return decide(self.law, self.state, Action(name, target, actor), facts, self.now)

    def do(self, at: str, name: str, **facts: Any) -> Walk:
        answer = self.ask(at, name, **facts)
        assert not isinstance(answer, Refused), answer
        for event in answer:
            self.events.append(event)
            self.state = evolve(self.state, event)
        assert fold(self.events) == self.state
        return self

    def to_agency(self, category: str = "ha-tang", receive: str = "receive", **submitted: Any) -> Walk:
        self.do("2026-03-02T08:00", "submit", **submitted)
        self.do("2026-03-02T09:00", receive, category=category, area="x")
        return self.do("2026-03-02T09:30", "distribute", agency="a")

    def to_answer(self, at: str) -> Walk:
        return self.do(at, "publish", public_answer=1, checked=True)

    @property
    def case(self) -> Case:
        assert self.state is not None
        return self.state

    def due(self) -> dict[str, str]:
        """What runs, and until when in Vietnam."""
        zone = self.law.zone
        running = (clock for clock in self.case.clocks if clock.running)
        return {c.clock: c.due_at.astimezone(zone).strftime("%Y-%m-%dT%H:%M") for c in running}

    def standings(self) -> dict[str, str]:
        return {clock.clock: standing(clock, self.now) for clock in self.case.clocks}


@pytest.mark.parametrize("name", NAMES)
def test_a_report_goes_through_to_its_rating(laws, name):
    walk = Walk(laws[name])
    facts = {"kind": "scene"} if laws[name].kinds else {}
    walk.to_agency(**facts).to_answer("2026-03-03T09:00").do("2026-03-03T10:00", "rate", rating="satisfied")
    assert walk.case.submissions[0].state == "answered"
    assert set(walk.standings().values()) == {"on_time"}
    labels = walk.ask("2026-03-03T10:05", "rate", rating="acceptable").params["labels"]
    assert labels == [option.label for option in laws[name].ratings]


# Ha Noi: three levels; eight working hours of reception, checking included; four working hours when urgent

# how it is received, and the one term that then runs after distribution
LEVELS = [
    ("receive", {"handling": "2026-03-10T00:00"}),
    ("receive_urgent", {"urgent_handling": "2026-03-02T14:00"}),
    ("receive_complex", {"complex_handling": "2026-03-17T00:00"}),
]


@pytest.mark.parametrize(("receive", "due"), LEVELS, ids=[level for level, _ in LEVELS])
def test_ha_noi_each_level_has_its_own_term(laws, receive, due):
    assert Walk(laws["ha-noi"]).to_agency(receive=receive).due() == due


def test_ha_noi_checking_does_not_stop_the_eight_hours(laws):
    walk = Walk(laws["ha-noi"]).do("2026-03-02T15:00", "submit")
    before = walk.due()
    assert before == {"reception": "2026-03-03T15:00"}
    assert walk.do("2026-03-02T16:00", "verify", note=1).due() == before
    walk.do("2026-03-03T15:01", "receive", category="ha-tang", area="x")
    assert walk.standings()["reception"] == "late"


def test_ha_noi_the_urgent_term_counts_from_reception_and_over_the_night(laws):
    walk = Walk(laws["ha-noi"]).do("2026-03-06T15:00", "submit")
    walk.do("2026-03-06T15:30", "receive_urgent", category="ha-tang", area="x")
    assert walk.due() == {"urgent_handling": "2026-03-09T10:30"}
    walk.do("2026-03-06T16:30", "distribute", agency="a")
    assert walk.due() == {"urgent_handling": "2026-03-09T10:30"}
    assert walk.to_answer("2026-03-09T10:30").standings()["urgent_handling"] == "on_time"


def test_ha_noi_an_edited_photo_is_a_ground(laws):
    walk = Walk(laws["ha-noi"]).do("2026-03-02T08:00", "submit")
    walk.do("2026-03-02T08:30", "refuse", ground="old_photo", reason=1)
    assert walk.case.submissions[0].state == "refused"


# Da Nang: the category decides the term

TIERS = [
    ("chay-no", {"handling_emergency": "2026-03-04T00:00"}),
    ("ha-tang", {"handling_short": "2026-03-06T00:00"}),
    ("ve-sinh", {"handling_short": "2026-03-06T00:00"}),
    ("dat-dai", {"handling_long": "2026-03-12T00:00"}),
]


@pytest.mark.parametrize(("category", "due"), TIERS, ids=[category for category, _ in TIERS])
def test_da_nang_the_category_decides_the_term(laws, category, due):
    assert Walk(laws["da-nang"]).to_agency(category).due() == due


# Bac Ninh: a photo is required of two kinds out of three, and questions have their own term


@pytest.mark.parametrize("kind", ["scene", "conduct"])
def test_bac_ninh_two_kinds_need_a_photo(laws, kind):
    walk = Walk(laws["bac-ninh"]).do("2026-03-02T08:00", "submit", kind=kind, given=["text", "phone"])
    refused = walk.ask("2026-03-02T09:00", "receive", category="ha-tang", area="x")
    assert (refused.code, refused.params["field"]) == ("missing_field", "photo")


def test_bac_ninh_a_question_needs_no_photo_and_has_its_own_term(laws):
    walk = Walk(laws["bac-ninh"]).to_agency(kind="question", given=["text", "phone"])
    assert walk.due() == {"answering": "2026-03-17T00:00"}
    assert Walk(laws["bac-ninh"]).to_agency(kind="scene").due() == {"handling": "2026-03-10T00:00"}


# Ho Chi Minh City: periods that begin at noon, parts of a day, years of keeping


def test_tp_hcm_months_begin_at_noon_of_the_25th(laws):
    law = laws["tp-hcm"]
    assert law.periods == Periods("day_of_month", 25, time(12), law.periods.cite)
    assert [report.period for report in law.reports] == ["month"]
    assert law.records.years == 2


def test_tp_hcm_two_and_a_half_days_run_from_the_moment(laws):
    assert Walk(laws["tp-hcm"]).to_agency().due() == {"handling": "2026-03-04T15:00"}


# No Python


def test_nothing_in_the_program_knows_a_sibling(laws):
    webapp = Path(__file__).parents[2] / "webapp"
    ids = {law.id for law in laws.values()} | {"QN21", "TN24", "KH22"}
    for path in sorted(webapp.rglob("*.py")):
        text = path.read_text("utf-8")
        if any(id in text for id in ids):  # perhaps in a comment, which may name them
            words = {node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant)}
            assert words & ids == set(), path
