"""The four ways of counting a term: each takes a naive local start and gives a naive local end.

`Cuts` are the pauses, in order; a working day is left out whole when a pause touches its office time.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

from webapp.core.calendar import midnight

if TYPE_CHECKING:
    from webapp.core.clocks import Counting

Cuts: TypeAlias = tuple[tuple[datetime, datetime], ...]
End: TypeAlias = tuple[datetime, bool]  # and whether an unconfirmed day lies before it (INT-11)
_Measure: TypeAlias = Callable[[datetime, datetime], int]
_TICK = timedelta(microseconds=1)
_DAY = timedelta(days=1)


def of_clock_hours(amount: int, begin: datetime, counting: Counting, cuts: Cuts) -> End:
    if cuts:
        begin, amount = _resume(amount, begin, cuts, lambda a, b: (b - a) // _TICK)
    return begin + timedelta(microseconds=amount), False


def of_office_time(amount: int, begin: datetime, counting: Counting, cuts: Cuts) -> End:
    line = counting.line
    at, left = begin, amount
    if cuts:
        at, left = _resume(amount, begin, cuts, lambda a, b: line.worked(b) - line.worked(a))
    end = line.moment(line.worked(at) + left)
    return end, line.doubtful(line.first_open_day(begin), end)


def of_working_days(amount: int, begin: datetime, counting: Counting, cuts: Cuts) -> End:
    line = counting.line
    if cuts:
        last = _nth_day(amount, begin.date() + _DAY, lambda day: _free_working_day(day, counting, cuts))
    else:
        last = line.nth_working_day(line.working_days_through(begin) + amount)
    return _end_of(last), line.doubtful(begin + _DAY, last)


def of_calendar_days(amount: int, begin: datetime, counting: Counting, cuts: Cuts) -> End:
    counted = last_calendar_day(amount, begin, cuts)
    if not counting.calendar_day_roll:
        return _end_of(counted), False
    if cuts:
        last = _nth_day(1, counted, lambda day: _free_working_day(day, counting, cuts))
    else:
        last = counting.line.working_day_from(counted)
    return _end_of(last), counting.line.doubtful(counted, last)


def _end_of(day: date) -> datetime:
    return datetime.fromordinal(day.toordinal() + 1)


def last_calendar_day(amount: int, begin: datetime, cuts: Cuts) -> date:
    if not cuts:
        return begin.date() + timedelta(days=amount)
    return _nth_day(amount, begin.date() + _DAY, lambda day: not touched(day, cuts))


def _nth_day(number: int, first: date, counts: Callable[[date], bool]) -> date:
    day = first
    while number := number - counts(day):
        day += _DAY
    return day


def _free_working_day(day: date, counting: Counting, cuts: Cuts) -> bool:
    return counting.calendar.is_working(day) and not (cuts and office_touched(day, counting, cuts))


def touched(day: date, cuts: Cuts) -> bool:
    opening, close = midnight(day), midnight(day + _DAY)
    return any(max(a, opening) < min(b, close) for a, b in cuts)


def office_touched(day: date, counting: Counting, cuts: Cuts) -> bool:
    spans = [(datetime.combine(day, a), datetime.combine(day, b)) for a, b in counting.sessions.spans]
    return any(max(a, opening) < min(b, close) for a, b in cuts for opening, close in spans)


def _resume(amount: int, begin: datetime, cuts: Cuts, measure: _Measure) -> tuple[datetime, int]:
    """Where the last running stretch begins, and how much of the term is left for it."""
    at, left = begin, amount
    for stop, go_on in cuts:
        if go_on <= at:
            continue
        run = measure(at, stop) if stop > at else 0
        if run >= left:
            break
        at, left = go_on, left - run
    return at, left
