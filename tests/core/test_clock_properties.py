"""Laws that hold for every start and term, and agreement with a minute-by-minute walk (oracle.py)."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core import oracle
from tests.examples import examples
from webapp.core.calendar import Sessions
from webapp.core.clocks import Counting, DayCounting, Term, Unit, due, due_at, working_minutes_between
from webapp.regulations.calendars import load as calendars

CALENDAR = calendars.load_calendar(Path(calendars.__file__).with_name("vn.toml"))
LONG = Sessions(((time(7), time(17)),), "2.5")
SPLIT = Sessions(((time(7, 30), time(12)), (time(13, 30), time(17))), "winter")
THREE = Sessions(((time(0), time(1)), (time(8), time(12)), (time(22, 15), time(23, 59))), "odd hours")
CIVIL = Counting(CALENDAR, SPLIT, DayCounting.civil)
COUNTINGS = [
    replace(CIVIL, sessions=sessions, day_counting=days, calendar_day_roll=roll)
    for sessions, roll in ((LONG, True), (SPLIT, True), (THREE, False))
    for days in DayCounting
]

# Around the days where mistakes live, and anywhere else.
NEAR = "2024-04-26 2025-04-24 2025-12-31 2026-01-08 2026-02-12 2026-04-24 2026-08-21 2026-08-28 2026-11-22"
EDGES = [
    datetime.fromisoformat(day).replace(tzinfo=CIVIL.zone) for day in f"{NEAR} 2027-02-02 2027-09-01".split()
]
ANYWHERE = datetime(2024, 1, 1, tzinfo=CIVIL.zone)
MINUTES = 60 * 24


def moments(around, days):
    whole = st.integers(0, days * MINUTES).map(lambda m: around + timedelta(minutes=m))
    exact = st.integers(0, days * MINUTES * 60_000_000).map(lambda u: around + timedelta(microseconds=u))
    return whole | exact


starts = st.sampled_from(EDGES).flatmap(lambda edge: moments(edge, 4)) | moments(ANYWHERE, 1200)
countings = st.sampled_from(COUNTINGS)
units = st.sampled_from(Unit)
whole_terms = st.builds(Term, st.integers(1, 30).map(Fraction), units)


def running(counting):
    """The units that run inside office sessions under this counting."""
    elapsed = counting.day_counting is DayCounting.elapsed
    return [Unit.working_hour, Unit.working_day] if elapsed else [Unit.working_hour]


@st.composite
def running_terms(draw):
    """A counting and two terms of one unit that run inside its sessions, in quarters where allowed."""
    counting = draw(countings)
    unit = draw(st.sampled_from(running(counting)))
    parts = 4 if counting.day_counting is DayCounting.elapsed else 1
    first, second = (Term(Fraction(draw(st.integers(1, 40)), parts), unit) for _ in range(2))
    return counting, first, second


@examples(60)
@given(whole_terms, starts, starts, countings)
def test_a_later_start_never_falls_due_earlier(term, a, b, counting):
    earlier, later = sorted((a, b))
    assert due_at(term, earlier, counting)[0] <= due_at(term, later, counting)[0]


@examples(40)
@given(whole_terms, st.integers(1, 20), starts, countings)
def test_a_longer_term_never_falls_due_earlier(term, more, start, counting):
    longer = Term(term.value + more, term.unit)
    assert start < due_at(term, start, counting)[0] <= due_at(longer, start, counting)[0]


@examples(40)
@given(running_terms(), starts)
def test_running_terms_add_up(case, start):
    counting, first, second = case
    both = Term(first.value + second.value, first.unit)
    assert due_at(second, due_at(first, start, counting)[0], counting)[0] == due_at(both, start, counting)[0]


@examples(40)
@given(running_terms(), starts)
def test_running_terms_end_inside_a_session_or_at_its_close(case, start):
    counting, term, _ = case
    end = due_at(term, start, counting)[0].astimezone(counting.zone)
    assert counting.calendar.is_working(end.date())
    assert any(opening < end.time() <= close for opening, close in counting.sessions.spans)


@examples(40)
@given(running_terms(), starts)
def test_running_terms_hold_exactly_their_office_time(case, start):
    counting, term, _ = case
    hours = term.value * (counting.day_hours if term.unit is Unit.working_day else 1)
    assert working_minutes_between(start, due_at(term, start, counting)[0], counting) == hours * 60


@examples(40)
@given(st.integers(1, 30), starts, countings.filter(lambda c: c.day_counting is DayCounting.civil))
def test_civil_days_end_with_a_working_day(number, start, counting):
    end = due_at(Term(Fraction(number), Unit.working_day), start, counting)[0].astimezone(counting.zone)
    assert end.time() == time(0)
    last = (end - timedelta(days=1)).date()
    assert counting.calendar.is_working(last)
    assert last > start.date()


@examples(20)
@given(st.integers(1, 500), starts, countings)
def test_clock_hours_are_exact(hours, start, counting):
    term = Term(Fraction(hours), Unit.clock_hour)
    assert due_at(term, start, counting) == (start + timedelta(hours=hours), False)


@examples(24)
@given(whole_terms, starts, countings)
def test_the_told_due_is_the_quick_one_and_its_steps_lead_there(term, start, counting):
    told = due(term, start, counting)
    assert (told.at, told.provisional) == due_at(term, start, counting)
    assert datetime.fromisoformat(told.steps[-1].params["at"]) == told.at
    left = [step.params["left"] for step in told.steps if "left" in step.params]
    assert left == sorted(left, reverse=True)
    assert not left or left[-1] == 0


@examples(24)
@given(
    whole_terms,
    starts,
    countings,
    st.lists(st.tuples(st.integers(0, 9000), st.integers(0, 3000)), max_size=3),
)
def test_a_pause_never_makes_a_term_shorter(term, start, counting, cuts):
    pauses = [(start + timedelta(minutes=a), start + timedelta(minutes=a + b)) for a, b in cuts]
    assert due(term, start, counting, pauses).at >= due_at(term, start, counting)[0]


@examples(16)
@given(running_terms(), starts, st.tuples(st.integers(0, 3000), st.integers(0, 3000)))
def test_a_pause_adds_exactly_the_office_time_it_took(case, start, cut):
    counting, term, _ = case
    pause = (start + timedelta(minutes=cut[0]), start + timedelta(minutes=cut[0] + cut[1]))
    end = due(term, start, counting, [pause]).at
    lost = working_minutes_between(pause[0], min(pause[1], end), counting)
    plain = working_minutes_between(start, due_at(term, start, counting)[0], counting)
    assert working_minutes_between(start, end, counting) == plain + lost


@examples(16)
@given(running_terms(), starts)
def test_office_time_agrees_with_the_walk(case, start):
    counting, term, _ = case
    hours = term.value * (counting.day_hours if term.unit is Unit.working_day else 1) / 4
    amount = timedelta(microseconds=int(hours * 3_600_000_000))
    elapsed = replace(counting, day_counting=DayCounting.elapsed)
    walked = oracle.after_office_time(start, amount, CALENDAR.days, counting.sessions.spans)
    assert due_at(Term(hours, Unit.working_hour), start, elapsed)[0] == walked


@examples(10)
@given(starts, st.integers(0, 15 * MINUTES * 60), countings)
def test_office_time_between_agrees_with_the_walk(start, seconds, counting):
    end = start + timedelta(seconds=seconds)
    walked = oracle.office_time_between(start, end, CALENDAR.days, counting.sessions.spans)
    assert working_minutes_between(start, end, counting) * 60_000_000 == walked // timedelta(microseconds=1)


def works(day):
    return oracle.works(CALENDAR.days, day)


@examples(10)
@given(starts, st.integers(1, 8))
def test_civil_days_agree_with_the_walk(start, number):
    walked = oracle.after_days(start, number, counts=works)
    assert due_at(Term(Fraction(number), Unit.working_day), start, CIVIL)[0] == walked


@examples(10)
@given(starts, st.integers(1, 10), st.booleans())
def test_calendar_days_agree_with_the_walk(start, number, roll):
    counting = replace(CIVIL, calendar_day_roll=roll)
    walked = oracle.after_days(start, number, counts=lambda day: True, roll=works if roll else None)
    assert due_at(Term(Fraction(number), Unit.calendar_day), start, counting)[0] == walked


@pytest.mark.parametrize("unit", list(Unit))
def test_every_due_is_in_utc(unit):
    assert due_at(Term(Fraction(1), unit), EDGES[0], CIVIL)[0].tzinfo is UTC
