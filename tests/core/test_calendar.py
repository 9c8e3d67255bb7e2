"""What a calendar and office sessions know, on made-up rows."""

from datetime import date, datetime, time

import pytest

from webapp.core.calendar import BeyondCalendar, Calendar, DayStatus, OfficeLine, Sessions, SpecialDay

FIRST, LAST = date(2026, 8, 1), date(2026, 12, 31)
MAKE_UP, SWAPPED, HEARSAY = date(2026, 8, 22), date(2026, 8, 31), date(2026, 11, 24)
UNSURE_MAKE_UP = date(2026, 11, 28)
SPLIT = Sessions(((time(7), time(11, 30)), (time(13, 30), time(17))), "house rules")


def row(on, working=False, status=DayStatus.confirmed):
    return SpecialDay(on, working, "name", status, "source")


@pytest.fixture(scope="module")
def calendar():
    rows = [
        row(MAKE_UP, working=True),
        row(SWAPPED),
        row(HEARSAY, status=DayStatus.unverified),
        row(UNSURE_MAKE_UP, working=True, status=DayStatus.estimated),
    ]
    return Calendar("test", "1", FIRST, LAST, {r.on: r for r in rows})


@pytest.mark.parametrize(
    ("day", "working", "provisional"),
    [
        (date(2026, 8, 21), True, False),
        (date(2026, 8, 23), False, False),
        (MAKE_UP, True, False),
        (SWAPPED, False, False),
        (HEARSAY, False, True),
        (UNSURE_MAKE_UP, False, True),
    ],
)
def test_a_day_works_by_its_weekday_unless_a_row_says_otherwise(calendar, day, working, provisional):
    assert calendar.is_working(day) is working
    assert calendar.provisional(day) is provisional


def test_a_special_day_keeps_its_name_and_source(calendar):
    assert calendar.special(MAKE_UP) == row(MAKE_UP, working=True)
    assert calendar.special(date(2026, 8, 21)) is None


@pytest.mark.parametrize("day", [date(2026, 7, 31), date(2027, 1, 1)])
@pytest.mark.parametrize("question", ["is_working", "special", "provisional"])
def test_a_day_outside_the_calendar_is_never_guessed(calendar, day, question):
    with pytest.raises(BeyondCalendar) as refused:
        getattr(calendar, question)(day)
    assert refused.value.day == day


def test_rows_outside_the_calendar_and_backward_calendars_are_refused():
    with pytest.raises(BeyondCalendar):
        Calendar("test", "1", FIRST, LAST, {date(2027, 1, 1): row(date(2027, 1, 1))})
    with pytest.raises(ValueError, match="ends before it begins"):
        Calendar("test", "1", LAST, FIRST, {})


def test_a_calendar_does_not_change_with_the_table_it_was_made_from():
    rows = {}
    calendar = Calendar("test", "1", FIRST, LAST, rows)
    rows[SWAPPED] = row(SWAPPED)
    assert calendar.is_working(SWAPPED)


def test_sessions_count_their_minutes():
    assert SPLIT.minutes == 480
    assert Sessions(((time(7), time(17)),), "2.5").minutes == 600


@pytest.mark.parametrize(
    "spans",
    [
        (),
        ((time(17), time(7)),),
        ((time(7), time(7)),),
        ((time(13), time(17)), (time(7), time(11))),
        ((time(7), time(12)), (time(11), time(17))),
        ((time(7, 0, 1), time(17)),),
    ],
)
def test_sessions_out_of_order_are_refused(spans):
    with pytest.raises(ValueError, match="office sessions"):
        Sessions(spans, "x")


def test_the_office_line_goes_there_and_back(calendar):
    line = OfficeLine(calendar, SPLIT)
    for local in (datetime(2026, 8, 21, 9, 15), datetime(2026, 8, 22, 11, 30), datetime(2026, 12, 31, 17)):
        assert line.moment(line.worked(local)) == local


def test_the_office_line_ends_with_the_calendar(calendar):
    line = OfficeLine(calendar, SPLIT)
    end = line.worked(datetime(2026, 12, 31, 23, 59))
    with pytest.raises(BeyondCalendar):
        line.moment(end + 1)
    assert not line.doubtful(LAST, FIRST)
