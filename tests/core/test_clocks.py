"""How terms are counted: worked examples beside QN20's own (those are golden data), pauses, edges, steps."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from webapp.core.calendar import BeyondCalendar, Sessions
from webapp.core.clocks import (
    Counting,
    DayCounting,
    Term,
    Unit,
    due,
    due_at,
    near_until,
    share_used,
    working_minutes_between,
)
from webapp.regulations.calendars import load as calendars

CALENDAR = calendars.load_calendar(Path(calendars.__file__).with_name("vn.toml"))
LONG = Sessions(((time(7), time(17)),), "2.5")
SPLIT = Sessions(((time(7), time(11, 30)), (time(13, 30), time(17))), "house rules")
CIVIL = Counting(CALENDAR, SPLIT, DayCounting.civil)
QN20 = replace(CIVIL, sessions=LONG)
ELAPSED = replace(CIVIL, day_counting=DayCounting.elapsed)
ZONE = CIVIL.zone


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def term(value, unit):
    return Term(Fraction(value), Unit(unit))


@pytest.mark.parametrize(
    ("counting", "value", "unit", "start", "expected"),
    [
        # QN21, AC-19
        (CIVIL, "8", "working_hour", "2026-02-13T15:00", "2026-02-23T15:00"),
        # TN24, AC-28: 24 clock hours run through the night
        (CIVIL, "24", "clock_hour", "2026-03-06T17:30", "2026-03-07T17:30"),
        # KH22, AC-40: urgent track
        (ELAPSED, "1", "clock_hour", "2026-03-07T23:50", "2026-03-08T00:50"),
        (ELAPSED, "1", "working_hour", "2026-03-08T06:00", "2026-03-09T08:00"),
        (ELAPSED, "1/4", "working_day", "2026-03-09T07:40", "2026-03-09T09:40"),
        # KH22, AC-42: every stage at its limit makes exactly 7 working days
        (ELAPSED, "0.5", "working_day", "2026-03-02T07:00", "2026-03-02T11:00"),
        (ELAPSED, "1", "working_day", "2026-03-02T11:00", "2026-03-03T11:00"),
        (ELAPSED, "5", "working_day", "2026-03-03T11:00", "2026-03-10T11:00"),
        (ELAPSED, "0.25", "working_day", "2026-03-10T11:00", "2026-03-10T15:00"),
        (ELAPSED, "0.25", "working_day", "2026-03-10T15:00", "2026-03-10T17:00"),
        (ELAPSED, "7", "working_day", "2026-03-02T07:00", "2026-03-10T17:00"),
        # The public Hue-S cases of INT-2
        (CIVIL, "7", "working_day", "2026-03-02T19:17", "2026-03-12T00:00"),
        (CIVIL, "7", "working_day", "2025-07-01T16:28", "2025-07-11T00:00"),
        (CIVIL, "7", "working_day", "2024-10-24T14:01", "2024-11-05T00:00"),
        # Lunch: a close keeps its due, a start in the break waits
        (CIVIL, "2", "working_hour", "2026-03-05T09:30", "2026-03-05T11:30"),
        (CIVIL, "2", "working_hour", "2026-03-05T11:30", "2026-03-05T15:30"),
        (CIVIL, "2", "working_hour", "2026-03-05T12:15", "2026-03-05T15:30"),
        # Calendar days, INT-6: Friday + 2 = Sunday, so Monday; Friday + 3 = Monday
        (ELAPSED, "2", "calendar_day", "2026-03-06T08:00", "2026-03-10T00:00"),
        (ELAPSED, "3", "calendar_day", "2026-03-06T08:00", "2026-03-10T00:00"),
        (ELAPSED, "1", "calendar_day", "2026-02-13T08:00", "2026-02-24T00:00"),
        (ELAPSED, "1", "calendar_day", "2026-08-21T08:00", "2026-08-23T00:00"),
        (
            replace(ELAPSED, calendar_day_roll=False),
            "2",
            "calendar_day",
            "2026-03-06T08:00",
            "2026-03-09T00:00",
        ),
        # Seconds and microseconds are kept
        (CIVIL, "1", "working_hour", "2026-03-05T16:59:59.999999", "2026-03-06T07:59:59.999999"),
        (CIVIL, "1", "clock_hour", "2026-03-05T16:59:59.000001", "2026-03-05T17:59:59.000001"),
    ],
)
def test_worked_examples_of_other_regulations(counting, value, unit, start, expected):
    result = due(term(value, unit), at(start), counting)
    assert result.at == at(expected)
    assert result.at.tzinfo is UTC
    assert not result.provisional
    assert due_at(term(value, unit), at(start), counting) == (result.at, False)


@pytest.mark.parametrize(
    ("value", "unit", "start", "provisional"),
    [
        (1, "working_day", "2026-11-23T09:00", True),
        (1, "working_day", "2026-11-24T09:00", False),
        (3, "calendar_day", "2026-11-22T09:00", False),
        (1, "calendar_day", "2026-11-23T09:00", True),
        (48, "clock_hour", "2026-11-23T09:00", False),
        (1, "working_hour", "2026-11-23T16:00", False),
        (1, "working_hour", "2026-11-23T16:01", True),
        (1, "working_hour", "2026-11-24T16:59", True),
        (1, "working_hour", "2026-11-24T17:00", False),
        (6, "working_day", "2027-02-01T09:00", True),
    ],
)
def test_a_due_is_provisional_when_an_unconfirmed_day_could_change_it(value, unit, start, provisional):
    assert due(term(value, unit), at(start), CIVIL).provisional is provisional
    assert due_at(term(value, unit), at(start), CIVIL)[1] is provisional


@pytest.mark.parametrize(
    ("counting", "value", "unit", "pauses", "expected"),
    [
        # All from Thursday 2026-03-05 15:00, office 07:00-17:00
        (QN20, 4, "working_hour", [("03-05T16:00", "03-06T08:00")], "2026-03-06T11:00"),
        (QN20, 2, "working_hour", [("03-05T17:00", "03-06T08:00")], "2026-03-05T17:00"),
        (QN20, 2, "working_hour", [("03-05T14:00", "03-05T15:30")], "2026-03-06T07:30"),
        (QN20, 2, "working_hour", [("03-05T13:00", "03-05T15:00")], "2026-03-05T17:00"),
        (
            QN20,
            4,
            "working_hour",
            [("03-06T08:00", "03-06T09:00"), ("03-05T16:00", "03-05T17:00"), ("03-06T08:30", "03-06T10:00")],
            "2026-03-06T12:00",
        ),
        (QN20, 24, "clock_hour", [("03-05T16:00", "03-05T18:00")], "2026-03-06T17:00"),
        (QN20, 1, "working_day", [("03-06T09:00", "03-06T10:00")], "2026-03-10T00:00"),
        (QN20, 1, "working_day", [("03-06T17:00", "03-06T20:00")], "2026-03-07T00:00"),
        (QN20, 1, "working_day", [("03-05T15:30", "03-05T16:00")], "2026-03-07T00:00"),
        (QN20, 2, "calendar_day", [("03-06T18:00", "03-06T19:00")], "2026-03-10T00:00"),
        (QN20, 4, "calendar_day", [("03-06T18:00", "03-07T01:00")], "2026-03-12T00:00"),
        (ELAPSED, "0.5", "working_day", [("03-05T16:00", "03-06T10:00")], "2026-03-06T15:00"),
    ],
)
def test_pauses_do_not_count(counting, value, unit, pauses, expected):
    spans = [(at(f"2026-{a}"), at(f"2026-{b}")) for a, b in pauses]
    result = due(term(value, unit), at("2026-03-05T15:00"), counting, spans)
    assert result.at == at(expected)


def test_the_steps_name_each_pause_and_add_up_to_the_term():
    pauses = [(at("2026-03-05T16:00"), at("2026-03-06T08:00"))]
    steps = due(term(4, "working_hour"), at("2026-03-05T15:00"), QN20, pauses).steps
    assert [step.code for step in steps] == ["starts", "time_counted", "paused", "time_counted", "ends"]
    counted = [step.params for step in steps if step.code == "time_counted"]
    assert [(p["seconds"], p["left"]) for p in counted] == [(3600, 10800), (10800, 0)]


def test_the_steps_tell_of_waiting_weekends_holidays_and_make_up_days():
    steps = due(term(2, "working_hour"), at("2026-01-01T08:00"), QN20).steps
    assert [step.code for step in steps] == [
        "starts",
        "waits",
        "days_off",
        "days_off",
        "weekend",
        "time_counted",
        "ends",
    ]
    assert steps[1].params == {"until": "2026-01-05T07:00:00+07:00", "cite": "2.5"}
    codes = [step.code for step in due(term(1, "working_day"), at("2026-01-09T08:00"), QN20).steps]
    assert codes == ["starts", "day_excluded", "make_up_day", "day_counted", "ends_with_day"]


def test_the_steps_tell_unconfirmed_days_from_confirmed_ones():
    codes = [step.code for step in due(term(1, "working_day"), at("2026-11-23T08:00"), QN20).steps]
    assert "days_off_unverified" in codes
    codes = [step.code for step in due(term(1, "working_day"), at("2027-02-03T08:00"), QN20).steps]
    assert "days_off_estimated" in codes


def test_the_steps_of_calendar_days_and_clock_hours():
    codes = [step.code for step in due(term(1, "calendar_day"), at("2026-03-06T08:00"), QN20).steps]
    assert codes == ["starts", "day_excluded", "days_run", "weekend", "rolled", "ends_with_day"]
    pauses = [(at("2026-03-07T08:00"), at("2026-03-07T09:00"))]
    codes = [step.code for step in due(term(1, "calendar_day"), at("2026-03-06T08:00"), QN20, pauses).steps]
    assert codes == ["starts", "day_excluded", "day_paused", "days_run", "weekend", "rolled", "ends_with_day"]
    steps = due(term(1, "clock_hour"), at("2026-03-06T23:30"), QN20).steps
    assert [step.code for step in steps] == ["starts", "hours_run", "ends"]
    assert steps[-1].params["at"] == "2026-03-07T00:30:00+07:00"


@pytest.mark.parametrize("unit", list(Unit))
def test_a_start_without_an_offset_is_refused(unit):
    naive = at("2026-03-05T15:00").replace(tzinfo=None)
    for ask in (due, due_at):
        with pytest.raises(ValueError, match="offset"):
            ask(term(1, unit), naive, QN20)


def test_the_same_instant_in_another_zone_gives_the_same_due():
    utc = at("2026-03-05T15:00").astimezone(UTC)
    assert due_at(term(2, "working_hour"), utc, QN20)[0] == at("2026-03-05T17:00")


@pytest.mark.parametrize("unit", list(Unit))
def test_parts_of_a_unit_need_elapsed_counting(unit):
    with pytest.raises(ValueError, match="elapsed"):
        due_at(term("1/2", unit), at("2026-03-05T15:00"), CIVIL)
    if unit is Unit.calendar_day:
        with pytest.raises(ValueError, match="elapsed"):
            due_at(term("1/2", unit), at("2026-03-05T15:00"), ELAPSED)


def test_terms_that_are_nothing_or_finer_than_a_microsecond_are_refused():
    for value in (0, -1):
        with pytest.raises(ValueError, match="longer than nothing"):
            term(value, "working_day")
    with pytest.raises(ValueError, match="microseconds"):
        due_at(term("1/7", "working_hour"), at("2026-03-05T15:00"), ELAPSED)


def test_a_pause_that_ends_before_it_begins_is_refused():
    backward = [(at("2026-03-06T15:00"), at("2026-03-06T14:00"))]
    with pytest.raises(ValueError, match="before it begins"):
        due(term(2, "working_hour"), at("2026-03-05T15:00"), QN20, backward)


@pytest.mark.parametrize("unit", [Unit.working_hour, Unit.working_day, Unit.calendar_day])
@pytest.mark.parametrize("start", ["2027-12-31T17:00", "2023-12-28T08:00", "2028-01-03T08:00"])
def test_a_term_that_leaves_the_calendar_says_so(unit, start):
    with pytest.raises(BeyondCalendar):
        due_at(term(2, unit), at(start), QN20)


def test_clock_hours_need_no_calendar_and_the_last_day_may_still_end():
    assert due_at(term(2, "clock_hour"), at("2031-05-05T05:05"), QN20)[0] == at("2031-05-05T07:05")
    assert due_at(term(1, "working_day"), at("2027-12-30T09:00"), QN20)[0] == at("2028-01-01T00:00")


def test_working_minutes_are_exact_and_never_negative():
    a, b = at("2026-03-05T16:59:30"), at("2026-03-06T07:00:15")
    assert working_minutes_between(a, b, QN20) == Fraction(3, 4)
    assert working_minutes_between(b, a, QN20) == 0
    assert working_minutes_between(at("2026-02-14T00:00"), at("2026-02-23T07:00"), QN20) == 0


@pytest.mark.parametrize(
    ("unit", "moment", "share"),
    [
        ("working_hour", "2026-03-06T16:00", 0.5),
        ("working_hour", "2026-03-08T12:00", 1.0),
        ("working_hour", "2026-03-09T08:00", 1.5),
        ("working_hour", "2026-03-05T12:00", 0.0),
        ("working_day", "2026-03-06T16:00", 0.5),
        ("clock_hour", "2026-03-06T16:30", 0.75),
        ("calendar_day", "2026-03-05T12:00", 0.0),
    ],
)
def test_the_share_of_time_used(unit, moment, share):
    start, end = at("2026-03-06T15:00"), at("2026-03-06T17:00")
    assert share_used(start, end, at(moment), QN20, Unit(unit)) == share


def test_the_share_of_no_time_at_all_is_whole_once_it_is_due():
    saturday = at("2026-03-07T09:00")
    assert share_used(saturday, saturday, saturday, QN20, Unit.working_day) == 1.0
    assert share_used(saturday, saturday, saturday - timedelta(hours=1), QN20, Unit.clock_hour) == 0.0


@pytest.mark.parametrize(
    ("value", "unit", "counting", "now", "until"),
    [
        (2, "working_hour", CIVIL, "2026-03-02T08:00", "2026-03-02T09:00"),
        (
            4,
            "working_hour",
            CIVIL,
            "2026-03-06T16:00",
            "2026-03-09T08:00",
        ),  # an hour on Friday, one on Monday
        (48, "working_hour", CIVIL, "2026-03-02T08:00", "2026-03-03T08:00"),  # no more than a day of work
        (24, "clock_hour", CIVIL, "2026-03-07T08:00", "2026-03-07T20:00"),
        (1, "working_day", CIVIL, "2026-03-02T08:00", "2026-03-03T08:00"),  # all of the day that it ends with
        (6, "working_day", CIVIL, "2026-03-02T08:00", "2026-03-03T08:00"),
        ("1/2", "working_day", ELAPSED, "2026-03-02T08:00", "2026-03-02T10:00"),
        (5, "working_day", ELAPSED, "2026-03-06T08:00", "2026-03-09T08:00"),
        (2, "calendar_day", ELAPSED, "2026-03-06T08:00", "2026-03-07T08:00"),
        (2, "working_hour", CIVIL, "2099-01-05T08:00", "2099-01-06T08:00"),  # no calendar: by the clock
    ],
)
def test_a_term_is_near_for_a_day_and_a_shorter_one_in_its_second_half(value, unit, counting, now, until):
    assert near_until(term(value, unit), counting, at(now)) == at(until)
    assert near_until(None, counting, at(now)) == at(now) + timedelta(days=1)
