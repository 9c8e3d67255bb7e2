"""QN20 as the core plays it: who may do what, which clock starts and ends where, and why not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from webapp.core import timing
from webapp.core.events import Event
from webapp.core.state import Case, evolve
from webapp.core.workflow import Action, Actor, Refused, breach, case_state, decide
from webapp.regulations.load import load_installation

QN20 = load_installation().regulation("QN20")
MONDAY_8 = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
REPORTER = Actor(frozenset({"reporter"}), submission=1)
INTAKE = Actor(frozenset({"intake_officer"}), "ioc", 1)
HANDLER = Actor(frozenset({"handler"}), "a", 2)
LEADER = Actor(frozenset({"leader"}), "a", 3)
ALL = ["email", "name", "occurred", "phone", "photo", "place", "text", "undertaking"]

# Where a story stands, and the acts that bring it there.
PATH: list[tuple[str, int, Actor, dict[str, Any]]] = [
    ("receive", 1, INTAKE, {"category": "dien", "area": "20341"}),
    ("distribute", 0, INTAKE, {"agency": "a"}),
    ("accept", 1, HANDLER, {}),
    ("enter_result", 1, HANDLER, {"result": 1}),
    ("approve", 1, LEADER, {}),
    ("publish", 1, HANDLER, {"public_text": 2, "public_answer": 3, "checked": True}),
]


class Story:
    def __init__(self, given: list[str] | None = None, secrecy: str = "hide_name") -> None:
        self.state: Case | None = None
        self.now = MONDAY_8
        self.events: list[Event] = []
        facts = {
            "channel": "web",
            "secrecy": secrecy,
            "given": given or ALL,
            "regulation": "QN20",
            "version": "1",
        }
        self.do("submit", 0, REPORTER, **facts)

    def ask(self, move: str, target: int, actor: Actor, **facts: Any) -> list[Event] | Refused:
        return decide(QN20, self.state, Action(move, target, actor), facts, self.now)

    def do(self, move: str, target: int, actor: Actor, **facts: Any) -> Story:
        answer = self.ask(move, target, actor, **facts)
        assert not isinstance(answer, Refused), answer
        for event in answer:
            self.events.append(event)
            self.state = evolve(self.state, event)
        return self

    def until(self, move: str) -> Story:
        """Walk the path up to and including `move`."""
        for step in PATH:
            self.do(step[0], step[1], step[2], **step[3])
            if step[0] == move:
                break
        return self

    @property
    def case(self) -> Case:
        assert self.state is not None
        return self.state

    def due(self, clock: str) -> datetime:
        return [c.due_at for c in self.case.clocks if c.clock == clock][-1]

    def running(self) -> list[str]:
        return [c.clock for c in self.case.clocks if c.running]


def refused(answer: list[Event] | Refused) -> tuple[str, str]:
    assert isinstance(answer, Refused), answer
    return answer.code, answer.cite


def local(text: str) -> datetime:
    return datetime.fromisoformat(text + "+07:00")


@pytest.mark.parametrize(
    ("after", "runs"),
    [
        (None, ["reception", "distribution"]),
        ("receive", ["distribution"]),
        ("distribute", ["verification"]),
        ("accept", ["handling"]),
        ("enter_result", ["approval"]),
        ("approve", ["publication"]),
        ("publish", []),
    ],
)
def test_each_step_of_the_way_runs_its_own_clock(after, runs):
    story = Story() if after is None else Story().until(after)
    assert story.running() == runs


def test_a_return_closes_the_agencys_clock_and_gives_the_centre_two_hours_again():
    """AC-09: A is on time, redistribution is due at noon, B verifies by the end of Wednesday."""
    story = Story().until("receive")
    story.do("distribute", 0, INTAKE, agency="a")
    assert story.due("verification") == local("2026-03-04T00:00")
    story.now = local("2026-03-03T10:00").astimezone(UTC)
    story.do("return", 1, HANDLER, reason=9)
    assert story.running() == ["distribution"]
    assert story.due("distribution") == local("2026-03-03T12:00")
    story.now = local("2026-03-03T11:00").astimezone(UTC)
    story.do("distribute", 0, INTAKE, agency="b")
    assert story.due("verification") == local("2026-03-05T00:00")
    assert {timing.standing(c, story.now) for c in story.case.clocks if c.target == 1} == {"on_time"}
    assert story.case.opened_at == MONDAY_8


@pytest.mark.parametrize(
    ("missing", "passes"), [("phone", False), ("name", False), ("email", True), ("photo", True)]
)
def test_reception_needs_what_article_5_3_needs_and_no_more(missing, passes):
    """AC-15."""
    story = Story([field for field in ALL if field != missing])
    answer = story.ask("receive", 1, INTAKE, category="dien", area="20341")
    assert passes != isinstance(answer, Refused)
    if not passes:
        assert refused(answer) == ("missing_field", "Điều 5.3")


def test_the_leader_edits_and_approves_without_return_and_both_texts_stay():
    """AC-13."""
    story = Story().until("enter_result").do("edit_and_approve", 1, LEADER, edited=77)
    assignment = story.case.assignments[0]
    assert (assignment.result, assignment.approved) == (1, 77)
    assert assignment.counts.get("send_back") is None


def test_sent_back_work_keeps_its_old_due_date():
    story = Story().until("enter_result")
    due_at = story.due("handling")
    story.now += timedelta(hours=3)
    story.do("send_back", 1, LEADER, reason=5)
    assert (story.running(), story.due("handling")) == (["handling"], due_at)


def test_a_confidential_report_is_answered_privately_and_cannot_be_published():
    """AC-14."""
    story = Story(secrecy="confidential").until("approve")
    answer = story.ask("publish", 1, HANDLER, public_text=1, public_answer=2, checked=True)
    assert refused(answer) == ("confidential", "Điều 10.2")
    story.do("withhold", 1, HANDLER, ground="confidential_requested")
    assert story.case.submissions[0].answered_at == story.now


def test_hiding_the_name_does_not_make_a_report_confidential():
    assert not isinstance(Story().until("approve").ask("publish", 1, HANDLER, **PATH[-1][3]), Refused)


@pytest.mark.parametrize("label", ["acceptable_", "Chấp nhận", "Chấp nhận được", "very_satisfied"])
def test_only_the_three_labels_of_article_11_2_are_ratings(label):
    """AC-16."""
    answer = Story().until("publish").ask("rate", 1, REPORTER, rating=label)
    assert refused(answer) == ("unknown_rating", "Điều 11.2")
    assert isinstance(answer, Refused)
    assert answer.params["labels"] == ["Hài lòng", "Chấp nhận được", "Không hài lòng"]


def test_an_agency_cannot_withhold_by_a_secrecy_nobody_asked_for():
    answer = Story().until("approve").ask("withhold", 1, HANDLER, ground="confidential_requested")
    assert refused(answer) == ("not_confidential", "Điều 10.2")


def test_an_agency_holds_a_case_once():
    answer = Story().until("distribute").ask("distribute", 0, INTAKE, agency="a")
    assert refused(answer) == ("already_there", "Điều 7.1")


def test_a_case_that_one_agency_answered_and_another_gave_back_can_be_concluded():
    story = Story().until("distribute").do("distribute", 0, INTAKE, agency="b")
    for step in PATH[2:]:
        story.do(step[0], step[1], step[2], **step[3])
    assert story.case.submissions[0].answered_at is None
    other = Actor(frozenset({"handler"}), "b", 7)
    story.do("return", 2, other, reason=1).do("conclude", 0, INTAKE, note=2)
    assert story.case.submissions[0].answered_at == story.now
    assert story.running() == []
    story.do("rate", 1, REPORTER, rating="satisfied")


def test_nothing_is_concluded_that_nobody_answered():
    story = Story().until("distribute").do("return", 1, HANDLER, reason=1)
    assert refused(story.ask("conclude", 0, INTAKE, note=1)) == ("not_answered_elsewhere", "Điều 7.1")


def test_a_due_date_beyond_the_known_calendar_is_refused():
    far = local("2031-01-01T00:00")
    assert (
        refused(Story().until("accept").ask("extend", 1, LEADER, due_on=far, reason=1))[0]
        == "beyond_calendar"
    )


def test_a_clock_that_would_leave_the_known_calendar_is_a_refusal_not_a_crash():
    story = Story().until("distribute")
    story.now = local("2027-12-30T08:00").astimezone(UTC)
    assert refused(story.ask("accept", 1, HANDLER))[0] == "beyond_calendar"


def test_a_refused_report_was_never_distributed_in_time_or_late():
    story = Story().do("refuse", 1, INTAKE, ground="complaint", reason=1, guidance=2)
    standings = {c.clock: timing.standing(c, story.now) for c in story.case.clocks}
    assert standings == {"reception": "on_time", "distribution": "ended"}


def test_work_sent_back_late_by_the_leader_is_not_late_before_it_was_sent_back():
    story = Story().until("enter_result")
    story.now += timedelta(days=20)
    story.do("send_back", 1, LEADER, reason=1)
    clock = next(c for c in story.case.clocks if c.clock == "handling")
    assert breach(QN20, story.case, clock.no, story.now + timedelta(hours=1))[0].at == story.now


def test_the_words_of_another_regulation_for_secrecy_are_refused():
    with pytest.raises(AssertionError, match="unknown_token"):
        Story(secrecy="whisper")


def test_the_last_rating_counts():
    story = (
        Story()
        .until("publish")
        .do("rate", 1, REPORTER, rating="dissatisfied")
        .do("rate", 1, REPORTER, rating="satisfied")
    )
    assert story.case.submissions[0].rating == "satisfied"


def test_clarification_is_ordered_only_when_somebody_asked_and_may_be_ordered_again():
    story = Story().until("publish")
    assert refused(story.ask("order_clarification", 1, INTAKE, note=1)) == ("not_question_open", "Điều 11.1")
    for _ in range(3):
        story.do("ask_back", 1, REPORTER, question=1).do("order_clarification", 1, INTAKE, note=1)
        assert story.running() == ["verification"]
        for step in PATH[2:]:
            story.do(step[0], step[1], step[2], **step[3])


def test_an_agency_may_return_a_clarification_and_the_centre_sends_it_elsewhere():
    story = Story().until("publish").do("ask_back", 1, REPORTER, question=1)
    story.do("order_clarification", 1, INTAKE, note=1).do("return", 1, HANDLER, reason=1)
    story.do("distribute", 0, INTAKE, agency="b")
    assert case_state(QN20, story.case) == "distributed"


def test_asking_for_a_supplement_ends_reception_and_the_answer_starts_it_again():
    story = Story().do("request_supplement", 1, INTAKE, reason=1)
    assert story.running() == []
    story.now += timedelta(days=1)
    story.do("supplement", 1, REPORTER, supplement=2)
    assert story.running() == ["reception", "distribution"]
    assert story.due("reception") == story.now + timedelta(hours=2)


def test_a_refusal_needs_a_ground_a_reason_and_guidance():
    story = Story()
    for missing in ("ground", "reason", "guidance"):
        facts = {"ground": "complaint", "reason": 1, "guidance": 2}
        facts.pop(missing)
        assert refused(story.ask("refuse", 1, INTAKE, **facts))[0] == "missing_fact"
    assert (
        refused(story.ask("refuse", 1, INTAKE, ground="state_secret", reason=1, guidance=2))[0]
        == "unknown_ground"
    )
    story.do("refuse", 1, INTAKE, ground="complaint", reason=1, guidance=2)
    assert story.running() == []


def test_directing_does_not_touch_the_clock():
    story = Story().until("distribute")
    before = story.case.clocks
    story.do("ask_direction", 1, HANDLER, note=1).do("direct", 1, LEADER, direction=2)
    assert story.case.clocks == before


def test_a_special_case_gets_a_later_date_from_the_leader_with_a_reason():
    story = Story().until("accept")
    later = story.due("handling") + timedelta(days=7)
    assert refused(story.ask("extend", 1, LEADER, due_on=later)) == ("missing_fact", "Điều 8 bước 3")
    assert refused(story.ask("extend", 1, HANDLER, due_on=later, reason=1))[0] == "role"
    story.do("extend", 1, LEADER, due_on=later, reason=1)
    assert story.due("handling") == later


def test_every_role_action_and_state_is_either_done_or_refused_with_an_article():
    """The whole table: each actor tries each move after each step; nothing is silent."""
    actors = {"reporter": REPORTER, "intake": INTAKE, "handler": HANDLER, "leader": LEADER,
              "stranger": Actor(frozenset({"handler", "leader"}), "z", 9)}  # fmt: skip
    facts = {"category": "dien", "area": "20341", "agency": "a", "rating": "satisfied", "checked": True,
             "due_on": local("2026-06-01T00:00")} | dict.fromkeys(
        ("reason", "guidance", "note", "direction", "result", "edited", "public_text", "public_answer", "question",
         "answer", "supplement"), 1)  # fmt: skip
    done = 0
    for stop in [None, *(step[0] for step in PATH)]:
        story = Story() if stop is None else Story().until(stop)
        for actor_name, actor in actors.items():
            for move in QN20.moves:
                ground = next((g.id for g in QN20.grounds if move.id in g.for_), None)
                tried = facts | ({"ground": ground} if ground else {})
                answer = story.ask(move.id, 0 if move.on == "case" else 1, actor, **tried)
                if move.from_ and isinstance(answer, Refused):
                    assert answer.code and answer.cite, (stop, actor_name, move.id)
                elif move.from_:
                    done += 1
                    assert actor.roles & set(move.by), (stop, actor_name, move.id)
                    assert actor_name != "stranger", (stop, move.id)
    assert done > 20


def test_what_was_concluded_is_not_concluded_again_nor_passed_on():
    story = Story().until("distribute").do("distribute", 0, INTAKE, agency="b")
    for step in PATH[2:]:
        story.do(step[0], step[1], step[2], **step[3])
    other = Actor(frozenset({"handler"}), "b", 7)
    story.do("return", 2, other, reason=1)
    story.now += timedelta(hours=1)
    story.do("conclude", 0, INTAKE, note=2)
    for move, facts in (("conclude", {"note": 3}), ("distribute", {"agency": "c"})):
        assert refused(story.ask(move, 0, INTAKE, **facts))[0] == "state"
