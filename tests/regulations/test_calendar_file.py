"""The shipped calendar against the table of requirements.md 3.1, and what its loader refuses."""

from datetime import date
from pathlib import Path

import pytest

from webapp.core.calendar import DayStatus
from webapp.regulations.calendars import load as calendars
from webapp.regulations.calendars.load import CalendarError, load_calendar

FILE = Path(calendars.__file__).with_name("vn.toml")

# month: days off on weekdays
OFF = {
    2024: {1: [1], 2: [8, 9, 12, 13, 14], 4: [18, 29, 30], 5: [1], 9: [2, 3]},
    2025: {1: [1, 27, 28, 29, 30, 31], 4: [7, 30], 5: [1, 2], 9: [1, 2]},
    2026: {1: [1, 2], 2: [16, 17, 18, 19, 20], 4: [27, 30], 5: [1], 8: [31], 9: [1, 2], 11: [24]},
    2027: {1: [1], 2: [4, 5, 8, 9, 10], 4: [16, 30], 5: [3], 9: [2, 3], 11: [24]},
}
MAKE_UP = {date(2024, 5, 4), date(2025, 4, 26), date(2026, 1, 10), date(2026, 8, 22)}
ESTIMATED = {date(2027, 2, day) for day in (4, 5, 8, 9, 10)} | {date(2027, 9, 3)}
UNVERIFIED = {date(2026, 11, 24), date(2027, 11, 24)}

HEAD = """
[calendar]
id = "x"
title = "X"
zone = "Asia/Ho_Chi_Minh"
first = 2026-01-01
last = 2026-12-31
"""
ROW = '[[day]]\non = 2026-01-01\nworking = false\nname = "N"\nstatus = "confirmed"\nsource = "S"\n'


@pytest.fixture(scope="module")
def calendar():
    return load_calendar(FILE)


def days(calendar, **wanted):
    return {d for d, row in calendar.days.items() if all(getattr(row, k) == v for k, v in wanted.items())}


def test_the_shipped_days_off_are_those_of_the_table(calendar):
    table = {date(y, m, d) for y, months in OFF.items() for m, listed in months.items() for d in listed}
    assert days(calendar, working=False) == table


def test_the_shipped_make_up_days_are_those_of_the_table(calendar):
    assert days(calendar, working=True) == MAKE_UP


def test_every_shipped_day_knows_how_sure_it_is_and_why(calendar):
    assert days(calendar, status=DayStatus.estimated) == ESTIMATED
    assert days(calendar, status=DayStatus.unverified) == UNVERIFIED
    assert all(row.name and row.source for row in calendar.days.values())


def test_the_shipped_calendar_says_what_it_covers(calendar):
    assert (calendar.id, calendar.first, calendar.last) == ("vn", date(2024, 1, 1), date(2027, 12, 31))


def test_the_version_follows_the_content(tmp_path, calendar):
    copy = tmp_path / "copy.toml"
    copy.write_bytes(FILE.read_bytes())
    assert load_calendar(copy).version == calendar.version
    copy.write_bytes(FILE.read_bytes() + b"\n# a notice came\n")
    assert load_calendar(copy).version != calendar.version


def written(tmp_path, text):
    path = tmp_path / "x.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_range_gives_a_row_to_each_weekday_in_it(tmp_path):
    text = HEAD + ROW.replace("on = 2026-01-01", "from = 2026-01-01\nto = 2026-01-06")
    loaded = load_calendar(written(tmp_path, text))
    assert sorted(d.day for d in loaded.days) == [1, 2, 5, 6]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[calendar", "x.toml: not a TOML file"),
        ("", "x.toml: [calendar]: first is missing"),
        (HEAD + "[extra]\n", "unknown table 'extra'"),
        (HEAD.replace("Asia/Ho_Chi_Minh", "Asia/Nowhere"), "unknown zone"),
        (HEAD.replace("first = 2026", "first = 2028"), "last is before first"),
        (HEAD.replace("2026-01-01", '"2026-01-01"'), "first must be a date"),
        (HEAD + ROW.replace('source = "S"\n', ""), "row 1 (2026-01-01): source is missing"),
        (HEAD + ROW.replace('"S"', '" "'), "source is empty"),
        (HEAD + ROW + "note = 1\n", "unknown key 'note'"),
        (HEAD + ROW.replace("confirmed", "sure"), "write one of confirmed, estimated, unverified"),
        (HEAD + ROW.replace("on = 2026-01-01\n", ""), "row 1 (no date): give either on, or both from and to"),
        (HEAD + ROW + "to = 2026-01-02\n", "give either on, or both from and to"),
        (HEAD + ROW.replace("on = 2026-01-01", "on = 2026-01-01T07:00:00"), "on must be a date"),
        (HEAD + ROW.replace("on = 2026-01-01", "on = 2026-01-03"), "weekend day and off anyway"),
        (HEAD + ROW.replace("false", "true"), "weekday and works anyway"),
        (HEAD + ROW.replace("on = 2026-01-01", "from = 2026-01-03\nto = 2026-01-04"), "no weekday lies"),
        (HEAD + ROW.replace("on = 2026-01-01", "from = 2026-01-05\nto = 2026-01-02"), "no weekday lies"),
        (HEAD + ROW.replace("on =", "from = 2026-01-01\nto =").replace("false", "true"), "a single day"),
        (HEAD + ROW + ROW, "row 2 (2026-01-01): 2026-01-01 already has a row"),
        (HEAD + ROW.replace("2026", "2027"), "outside first..last"),
    ],
)
def test_a_faulty_file_is_refused_with_its_row_and_the_mend(tmp_path, text, message):
    with pytest.raises(CalendarError) as refused:
        load_calendar(written(tmp_path, text))
    assert message in str(refused.value)
    assert str(refused.value).startswith("x.toml")
