"""The core's shape, on a made-up regulation with two agencies, two submissions, a ladder, a track, a pause."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from webapp.core import timing
from webapp.core.events import Event, Kind
from webapp.core.state import Case, evolve, fold
from webapp.core.workflow import Action, Actor, Refused, breach, case_state, decide, escalation, holds, offers
from webapp.regulations.load import load_calendars, load_regulation

SHAPE = load_regulation(Path(__file__).parents[1] / "regulations/fixtures/shape.toml", load_calendars())
START = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)  # Monday 07:00 at the office
OPERATOR = Actor(frozenset({"operator"}), "centre", 1)
FOCAL_A = Actor(frozenset({"focal"}), "a", 2)
FOCAL_B = Actor(frozenset({"focal"}), "b", 3)


class Story:
    """A case told move by move; every step keeps that folding the events again gives the same case."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.state: Case | None = None
        self.now = START

    def after(self, **delta: float) -> Story:
        self.now += timedelta(**delta)
        return self

    def ask(self, move: str, target: int, actor: Actor, **facts: Any) -> list[Event] | Refused:
        return decide(SHAPE, self.state, Action(move, target, actor), facts, self.now)

    def do(self, move: str, target: int, actor: Actor, **facts: Any) -> Story:
        answer = self.ask(move, target, actor, **facts)
        assert not isinstance(answer, Refused), answer
        return self.take(answer)

    def take(self, events: list[Event]) -> Story:
        for event in events:
            self.events.append(event)
            self.state = evolve(self.state, event)
        assert fold(self.events) == self.state
        return self

    def send(self, no: int = 1) -> Story:
        facts = {
            "channel": "web",
            "secrecy": "open",
            "given": ["text"],
            "regulation": "SHAPE",
            "version": "1",
        }
        return self.do(
            "send" if no == 1 else "join", 0, Actor(frozenset({"citizen"}), submission=no), **facts
        )

    def passed_on(self, *agencies: str) -> Story:
        self.send().do("take", 1, OPERATOR)
        for agency in agencies or ("a",):
            self.do("pass_on", 0, OPERATOR, agency=agency)
        return self

    @property
    def case(self) -> Case:
        assert self.state is not None
        return self.state

    def shown(self) -> str:
        return case_state(SHAPE, self.case)

    def running(self) -> list[tuple[str, int]]:
        return [(clock.clock, clock.target) for clock in self.case.clocks if clock.running]


def test_a_case_waits_for_the_slower_of_two_agencies_and_then_answers_both_submissions():
    story = Story().send().send(2).do("take", 1, OPERATOR).do("take", 2, OPERATOR)
    story.do("pass_on", 0, OPERATOR, agency="a").do("pass_on", 0, OPERATOR, agency="b")
    assert [a.leading for a in story.case.assignments] == [True, False]
    story.do("answer", 1, FOCAL_A)
    assert story.shown() == "with_focal"
    assert [s.state for s in story.case.submissions] == ["taken", "taken"]
    story.do("answer", 2, FOCAL_B)
    assert story.shown() == "done"
    assert [s.state for s in story.case.submissions] == ["told", "told"]


def test_each_submission_has_its_own_intake_clock_and_the_case_one_passing_clock():
    story = Story().send().send(2)
    assert story.running() == [("intake", 1), ("passing", 0), ("intake", 2)]
    story.do("take", 1, OPERATOR)
    assert story.running() == [("passing", 0), ("intake", 2)]


def test_lateness_belongs_to_the_agency_that_is_late():
    story = Story().passed_on("a", "b").after(hours=2).do("answer", 1, FOCAL_A)
    story.after(days=3)
    standings = {c.target: timing.standing(c, story.now) for c in story.case.clocks if c.clock == "focal"}
    assert standings == {1: "on_time", 2: "late"}


def test_one_agency_cannot_answer_for_the_other():
    refused = Story().passed_on("a", "b").ask("answer", 1, FOCAL_B)
    assert isinstance(refused, Refused)
    assert (refused.code, refused.cite) == ("other_agency", "Art. 6")


def test_a_breached_clock_climbs_the_ladder_by_itself_at_the_instant_it_fell():
    story = Story().passed_on()
    clock = next(c for c in story.case.clocks if c.clock == "focal")
    story.after(days=2)
    fell = breach(SHAPE, story.case, clock.no, story.now)
    assert [(e.kind, e.at) for e in fell] == [(Kind.clock_breached, clock.due_at)]
    story.take(fell).take(escalation(SHAPE, story.case, clock.no, story.now))
    assert story.shown() == "with_head"
    assert story.running() == [("head", 1)]


def test_a_breach_is_recorded_once_and_never_before_or_at_the_due_instant():
    story = Story().passed_on()
    clock = next(c for c in story.case.clocks if c.clock == "focal")
    assert breach(SHAPE, story.case, clock.no, clock.due_at) == []
    story.take(breach(SHAPE, story.case, clock.no, clock.due_at + timedelta(microseconds=1)))
    assert breach(SHAPE, story.case, clock.no, clock.due_at + timedelta(days=9)) == []


def test_the_urgent_track_has_its_own_clock_and_not_the_ordinary_one():
    story = Story().send().do("take", 1, OPERATOR).do("hurry", 0, OPERATOR)
    story.do("pass_on", 0, OPERATOR, agency="a")
    assert story.running() == [("focal_urgent", 1)]
    assert story.case.clocks[-1].due_at == START + timedelta(hours=1)


def test_an_extension_moves_the_due_date_once_within_its_cap_and_only_in_time():
    story = Story().passed_on()
    clock = story.case.clocks[-1]
    good = {"reason": 1, "due_on": clock.due_at + timedelta(days=1)}
    beyond = story.ask("stretch", 1, FOCAL_A, **good | {"due_on": START + timedelta(days=20)})
    earlier = story.ask("stretch", 1, FOCAL_A, **good | {"due_on": clock.due_at})
    unreasoned = story.ask("stretch", 1, FOCAL_A, due_on=good["due_on"])
    late = Story().passed_on().after(days=9).ask("stretch", 1, FOCAL_A, **good)
    refusals = [beyond, earlier, unreasoned, late]
    assert [r.code for r in refusals] == ["beyond_cap", "not_later", "missing_fact", "already_late"]  # type: ignore[union-attr]
    story.do("stretch", 1, FOCAL_A, **good)
    assert story.case.clocks[-1].due_at == good["due_on"]
    again = story.ask("stretch", 1, FOCAL_A, **good)
    assert isinstance(again, Refused)
    assert (again.code, again.cite) == ("limit", "Art. 7.2")


def test_a_pause_does_not_count_and_nothing_is_late_meanwhile():
    story = Story().passed_on()
    due_at = story.case.clocks[-1].due_at
    story.after(hours=1).do("halt", 1, OPERATOR, document=7)
    assert timing.standing(story.case.clocks[-1], story.now + timedelta(days=30)) == "running"
    assert breach(SHAPE, story.case, story.case.clocks[-1].no, story.now + timedelta(days=30)) == []
    story.after(days=1).do("go_on", 1, OPERATOR)
    moved = story.case.clocks[-1]
    assert moved.due_at == due_at + timedelta(days=1)
    assert timing.explained(SHAPE, moved).at == moved.due_at


def test_a_rework_is_granted_once_and_starts_the_clock_anew():
    story = Story().passed_on().do("answer", 1, FOCAL_A).do("again", 1, OPERATOR)
    assert story.running() == [("focal", 1)]
    story.do("answer", 1, FOCAL_A)
    refused = story.ask("again", 1, OPERATOR)
    assert isinstance(refused, Refused)
    assert refused.cite == "Art. 11.2"


def test_a_rating_outside_the_regulations_labels_is_refused_with_the_labels():
    refused = (
        Story()
        .passed_on()
        .do("answer", 1, FOCAL_A)
        .ask("rate", 1, Actor(frozenset({"citizen"}), submission=1), rating="fine")
    )
    assert isinstance(refused, Refused)
    assert refused.params == {"labels": ["Good", "Bad"]}


def test_a_second_citizen_cannot_rate_the_first_ones_report():
    story = (
        Story()
        .send()
        .send(2)
        .do("take", 1, OPERATOR)
        .do("pass_on", 0, OPERATOR, agency="a")
        .do("answer", 1, FOCAL_A)
    )
    refused = story.ask("rate", 1, Actor(frozenset({"citizen"}), submission=2), rating="good")
    assert isinstance(refused, Refused)
    assert refused.code == "other_reporter"


def test_offers_show_only_moves_of_the_actors_own_roles_and_agency():
    story = Story().passed_on("a", "b")
    ids = {(o.move.id, o.target) for o in offers(SHAPE, story.case, FOCAL_A)}
    assert ids == {("stretch", 1), ("answer", 1)}


def test_an_event_holds_no_text_only_ids_tokens_and_instants():
    story = Story().passed_on().do("answer", 1, FOCAL_A)
    for event in story.events:
        assert set(event.data) <= {
            "move", "state", "closes", "channel", "secrecy", "given", "regulation", "version", "clocks",
            "opened", "agency", "answered", "answered_state",
        }  # fmt: skip


def test_a_case_begins_with_a_submission():
    story = Story().passed_on()
    with pytest.raises(ValueError, match="begins with a submission"):
        evolve(None, story.events[1])


@pytest.mark.parametrize(
    "name", ["confidential", "hides_name", "question_open", "rated", "several_agencies", "published"]
)
def test_every_condition_a_file_may_name_can_be_answered(name):
    assert holds(name, Story().passed_on().case, None) in (True, False)
