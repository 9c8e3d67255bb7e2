"""`flask due` on a small made-up regulation, and once on the shipped one."""

import json
from datetime import datetime, time, timedelta
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from webapp import words
from webapp.cli.due import CannotAnswer, answer, answer_lines, as_text, due_command, explain
from webapp.core.calendar import Sessions
from webapp.core.clocks import Counting, DayCounting, Term, Unit, due
from webapp.regulations.calendars import load as calendars

CALENDAR = calendars.load_calendar(Path(calendars.__file__).with_name("vn.toml"))


@pytest.fixture
def regulation():
    sessions = Sessions(((time(7), time(17)),), "Art. 2.5")
    terms = {
        "reception": (2, Unit.working_hour),
        "handling": (6, Unit.working_day),
        "night": (24, Unit.clock_hour),
    }
    clocks = tuple(
        SimpleNamespace(id=name, label=name.title(), term=Term(Fraction(n), unit), cite=f"Art. {n}")
        for name, (n, unit) in terms.items()
    )
    return SimpleNamespace(id="R1", counting=Counting(CALENDAR, sessions, DayCounting.civil), clocks=clocks)


@pytest.fixture
def rules(regulation):
    return SimpleNamespace(regulations={"R1": regulation})


def test_the_answer_has_the_instant_the_article_and_every_step(rules):
    told = answer(rules, "R1", "reception", "2026-02-13T16:30")
    assert told["due"] == "2026-02-23T08:30:00+07:00"
    assert (told["provisional"], told["cite"]) == (False, "Art. 2")
    codes = [step["code"] for step in told["steps"]]
    assert codes == [
        *("term", "sessions", "starts", "time_counted"),
        *("weekend", "days_off", "weekend", "time_counted", "ends"),
    ]
    assert all(step["text"] for step in told["steps"])
    assert told["steps"][1]["cite"] == "Art. 2.5"
    json.dumps(told)


def test_the_text_has_the_instant_alone_on_its_first_line(rules):
    lines = as_text(answer(rules, "R1", "handling", "2026-02-25T16:30")).splitlines()
    assert lines[0] == "2026-03-06T00:00:00+07:00"
    assert "Art. 6" in lines[1]
    assert "Art. 2.5" in lines[2]


def test_a_provisional_date_says_so_in_the_last_line(rules):
    told = answer(rules, "R1", "handling", "2026-11-18T11:45")
    assert told["provisional"]
    sure = as_text(told | {"provisional": False}).splitlines()
    assert as_text(told).splitlines()[:-1] == sure


def test_clock_hours_say_nothing_of_office_hours(rules):
    codes = [step["code"] for step in answer(rules, "R1", "night", "2026-03-06T17:30")["steps"]]
    assert codes == ["term", "starts", "hours_run", "ends"]


def test_explain_takes_an_aware_instant(regulation):
    start = datetime.fromisoformat("2026-03-05T08:00:00+00:00")
    assert explain(regulation, "reception", start)["due"] == "2026-03-05T17:00:00+07:00"


@pytest.mark.parametrize("start", ["2026-03-05T15:00+07:00", "2026-03-05T08:00Z", "2026-03-05 15:00"])
def test_an_offset_is_kept_and_its_lack_means_local_time(rules, start):
    assert answer(rules, "R1", "reception", start)["due"] == "2026-03-05T17:00:00+07:00"


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        (("R2", "reception", "2026-03-05T15:00"), ["R2", "R1"]),
        (("R1", "repair", "2026-03-05T15:00"), ["repair", "reception", "handling"]),
        (("R1", "reception", "2026-03-05"), ["2026-03-05", "2026-02-13T16:30"]),
        (("R1", "reception", "20260305"), ["20260305", "2026-02-13T16:30"]),
        (("R1", "reception", "yesterday"), ["yesterday", "2026-02-13T16:30"]),
        (("R1", "reception", "0001-01-01T00:00+14:00"), ["0001-01-01"]),
        (("R1", "reception", "2027-12-31T16:00"), ["vn", "31/12/2027", "01/01/2028"]),
    ],
)
def test_what_cannot_be_answered_says_what_there_is(rules, asked, named):
    with pytest.raises(CannotAnswer) as refused:
        answer(rules, *asked)
    assert refused.value.exit_code == 2
    assert all(name in refused.value.message for name in named)


def test_bad_lines_do_not_stop_the_others(rules):
    lines = ["R1 reception 2026-03-05T15:00\n", "\n", "R1 reception\n", "R1 reception 2026-03-05 15:00"]
    told = list(answer_lines(rules, lines))
    assert [t.get("due", t.get("line")) for t in told] == [
        "2026-03-05T17:00:00+07:00",
        "R1 reception",
        "2026-03-05T17:00:00+07:00",
    ]
    assert told[1]["error"]


def run(*args, **options):
    return CliRunner().invoke(due_command, args, **options)


def test_the_command_answers_from_the_shipped_regulation():
    plain = run("QN20", "reception", "2026-02-13T16:30")
    assert plain.exit_code == 0
    assert plain.output.splitlines()[0] == "2026-02-23T08:30:00+07:00"
    told = json.loads(run("QN20", "reception", "2026-02-13T16:30", "--json").output)
    assert {"due", "provisional", "cite", "steps"} <= told.keys()


def test_the_command_answers_line_by_line():
    result = run("--batch", input="QN20 reception 2026-03-05T15:00\nQN20 nothing 2026-03-05T15:00\n")
    first, second = map(json.loads, result.output.splitlines())
    assert first["due"] == "2026-03-05T17:00:00+07:00"
    assert "error" in second
    assert result.exit_code == 1
    assert run("--batch", input="QN20 reception 2026-03-05T15:00\n").exit_code == 0


@pytest.mark.parametrize(
    "args",
    [(), ("QN20",), ("QN20", "reception"), ("--batch", "QN20"), ("QN9", "reception", "2026-03-05T15:00")],
)
def test_the_command_refuses_what_it_cannot_read(args):
    result = run(*args)
    assert result.exit_code == 2
    assert result.stdout == ""


@pytest.mark.parametrize("unit", list(Unit))
@pytest.mark.parametrize(
    "start", ["2026-01-01T08:00", "2026-01-09T08:00:30", "2026-11-22T08:00", "2027-02-01T16:00"]
)
def test_every_step_has_a_sentence(regulation, unit, start):
    counting = regulation.counting
    at = datetime.fromisoformat(start).replace(tzinfo=counting.zone)
    pauses = [(at + timedelta(days=1), at + timedelta(days=1, hours=2))]
    for steps in (due(Term(Fraction(6), unit), at, counting, cut).steps for cut in ((), pauses)):
        texts = [words.step_text(step.code, step.params) for step in steps]
        assert all(text and "{" not in text for text in texts)


def test_a_code_without_a_sentence_is_named():
    with pytest.raises(words.MissingSentence, match="steps"):
        words.sentence("steps", "no_such_step")
