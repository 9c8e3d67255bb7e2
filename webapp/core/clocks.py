"""When a legal term ends, and how that was counted.

Readings INT-1 to INT-6 and INT-12 of requirements.md. Instants come in aware and leave in UTC; between,
everything is counted in whole microseconds on naive local time, so nothing is ever rounded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from itertools import groupby
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from webapp.core import ends
from webapp.core.calendar import BeyondCalendar, Calendar, DayStatus, OfficeLine, Sessions, days_between
from webapp.core.ends import Cuts, End

_MINUTE = 60_000_000
_HOUR = 60 * _MINUTE
_TICK = timedelta(microseconds=1)
_DAY = timedelta(days=1)
_VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")

Pause: TypeAlias = tuple[datetime, datetime]


class Unit(StrEnum):
    """What a term is written in (INT-1, INT-2, INT-5, INT-6)."""

    working_hour = "working_hour"
    working_day = "working_day"
    clock_hour = "clock_hour"
    calendar_day = "calendar_day"


class DayCounting(StrEnum):
    """How working days run: to the end of the Nth day (INT-2) or as hours from the moment (INT-3)."""

    civil = "civil"
    elapsed = "elapsed"


@dataclass(frozen=True, slots=True)
class Term:
    """An allowed time, as the article writes it."""

    value: Fraction
    unit: Unit
    whole: int = field(init=False, repr=False, compare=False)  # the value, 0 where it has a part

    def __post_init__(self) -> None:
        value = Fraction(self.value)
        object.__setattr__(self, "value", value)
        object.__setattr__(self, "whole", value.numerator if value.denominator == 1 else 0)
        if value <= 0:
            raise ValueError("a term must be longer than nothing")


@dataclass(frozen=True)
class Counting:
    """The data one regulation counts by; `day_hours` are the working hours of one elapsed day (INT-3)."""

    calendar: Calendar
    sessions: Sessions
    day_counting: DayCounting
    calendar_day_roll: bool = True
    zone: tzinfo = _VIETNAM
    day_hours: Fraction = Fraction(8)

    @cached_property
    def line(self) -> OfficeLine:
        """Office time laid end to end, made once for all the clocks of a regulation."""
        return OfficeLine(self.calendar, self.sessions)


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the reckoning: a code for the catalogue and values ready for JSON."""

    code: str
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Due:
    """The last instant that is still on time, in UTC, and how it was counted (INT-9, INT-11)."""

    at: datetime
    provisional: bool
    steps: tuple[Step, ...]


def due(term: Term, start: datetime, counting: Counting, pauses: Sequence[Pause] = ()) -> Due:
    """The end of `term` from `start`, leaving out `pauses`, with every step (INT-1 to INT-7).

    A pause stops hours to the microsecond; a day is left out whole when a pause touches it (for a
    working day: its office time), as TN24 8.2.a leaves out days of force majeure beside weekends.
    """
    rule, amount = _rule(term, counting)
    frame = _frame(term, counting)
    begin = _naive(start, frame)
    cuts = _cuts(pauses, frame)
    end, provisional = rule.ends(amount, begin, counting, cuts)
    tell = _Teller(counting, frame, begin, end, cuts)
    steps = (Step("starts", {"at": tell.iso(begin)}), *rule.steps(amount, tell))
    return Due(end.replace(tzinfo=frame).astimezone(UTC), provisional, steps)


def due_at(
    term: Term, start: datetime, counting: Counting, pauses: Sequence[Pause] = ()
) -> tuple[datetime, bool]:
    """The same instant and whether it is provisional, without telling how."""
    rule, amount = _rule(term, counting)
    frame = _frame(term, counting)
    end, provisional = rule.ends(amount, _naive(start, frame), counting, _cuts(pauses, frame))
    return end.replace(tzinfo=frame).astimezone(UTC), provisional


def near_until(term: Term | None, counting: Counting, now: datetime) -> datetime:
    """What falls due from `now` until then is near: a day ahead, of a shorter term its second half.

    Counted as the term is, so that a night or a holiday before the due instant makes nothing near too late.
    """
    day = {Unit.clock_hour: Fraction(24), Unit.working_hour: counting.day_hours}
    elapsed = counting.day_counting is DayCounting.elapsed
    if term and term.unit is Unit.working_day and elapsed:
        term = Term(term.value * counting.day_hours, Unit.working_hour)
    if term is None or term.unit not in day:
        return now + _DAY
    try:
        return due_at(Term(min(term.value / 2, day[term.unit]), term.unit), now, counting)[0]
    except BeyondCalendar:
        return now + _DAY


def working_minutes_between(a: datetime, b: datetime, counting: Counting) -> Fraction:
    """Office minutes from `a` to `b`, exact; 0 when `b` is not after `a` (INT-4)."""
    if b <= a:
        return Fraction(0)
    line = counting.line
    return Fraction(line.worked(_naive(b, counting.zone)) - line.worked(_naive(a, counting.zone)), _MINUTE)


def share_used(start: datetime, due_at: datetime, at: datetime, counting: Counting, unit: Unit) -> float:
    """The part of the allowed time gone by `at`: 0 at the start, 1 at the due instant, more when late.

    By office time for working hours and working days, by the clock for hours and calendar days.
    """
    if unit in (Unit.clock_hour, Unit.calendar_day):
        whole, used = Fraction((due_at - start) // _TICK), Fraction((max(at, start) - start) // _TICK)
    else:
        whole = working_minutes_between(start, due_at, counting)
        used = working_minutes_between(start, at, counting)
    if whole <= 0:
        return float(at >= due_at)
    return float(used / whole)


# From a term to its way of counting.


def _rule(term: Term, counting: Counting) -> tuple[_Rule, int]:
    """The way to count, and how much: microseconds of running time or whole days."""
    unit, whole = term.unit, term.whole
    elapsed = counting.day_counting is DayCounting.elapsed
    if not whole or (elapsed and unit is Unit.working_day):
        return _rule_in_parts(term, counting, elapsed)
    if unit is Unit.working_day:
        return _WORKING_DAYS, whole
    if unit is Unit.calendar_day:
        return _CALENDAR_DAYS, whole
    return (_CLOCK_HOURS if unit is Unit.clock_hour else _OFFICE_TIME), whole * _HOUR


def _rule_in_parts(term: Term, counting: Counting, elapsed: bool) -> tuple[_Rule, int]:
    """The same for values that are no whole number of their unit, or days that are hours."""
    value, unit = term.value, term.unit
    if value.denominator != 1 and (not elapsed or unit is Unit.calendar_day):
        raise ValueError(f"{value} {unit}: only elapsed counting knows parts of a unit")
    if unit is Unit.working_day:
        value *= counting.day_hours
    amount, rest = divmod(value.numerator * _HOUR, value.denominator)
    if rest:
        raise ValueError(f"{term.value} {unit} is not a whole number of microseconds")
    return (_CLOCK_HOURS if unit is Unit.clock_hour else _OFFICE_TIME), amount


def _frame(term: Term, counting: Counting) -> tzinfo:
    # Clock hours are counted in UTC, where no zone's change of offset can lengthen or shorten them.
    return UTC if term.unit is Unit.clock_hour else counting.zone


def _naive(instant: datetime, frame: tzinfo) -> datetime:
    if instant.tzinfo is not UTC and instant.utcoffset() is None:
        raise ValueError(f"{instant.isoformat()} has no offset from UTC")
    return instant.astimezone(frame).replace(tzinfo=None)


def _cuts(pauses: Sequence[Pause], frame: tzinfo) -> Cuts:
    if not pauses:
        return ()
    if any(b < a for a, b in pauses):
        raise ValueError("a pause ends before it begins")
    return tuple(sorted((_naive(a, frame), _naive(b, frame)) for a, b in pauses))


# Telling how it was counted. The walk below is slow and only explains; the tests hold it to the rules.


@dataclass(frozen=True, slots=True)
class _Teller:
    counting: Counting
    frame: tzinfo
    begin: datetime
    end: datetime
    cuts: Cuts

    def iso(self, naive: datetime) -> str:
        return naive.replace(tzinfo=self.frame).astimezone(self.counting.zone).isoformat()

    def stretches(self) -> Iterator[tuple[bool, datetime, datetime]]:
        """Running (True) and paused (False) intervals from begin to end."""
        at = self.begin
        for stop, go_on in self.cuts:
            if stop >= self.end:
                break
            if go_on <= at:
                continue
            if stop > at:
                yield True, at, stop
            yield False, max(at, stop), go_on
            at = go_on
        yield True, at, self.end

    def paused(self, a: datetime, b: datetime) -> Step:
        return Step("paused", {"from": self.iso(a), "to": self.iso(b)})

    def off(self, days: Iterable[date]) -> Iterator[Step]:
        """Consecutive days off, those with the same reason in one step."""
        for (code, name, source), run in groupby(days, key=self._why_off):
            stretch = list(run)
            params: dict[str, Any] = {"from": stretch[0].isoformat(), "to": stretch[-1].isoformat()}
            yield Step(code, params | ({"name": name, "cite": source} if name else {}))

    def _why_off(self, day: date) -> tuple[str, str, str]:
        special = self.counting.calendar.special(day)
        if special is None:
            return "weekend", "", ""
        code = "days_off" if special.status is DayStatus.confirmed else f"days_off_{special.status}"
        return code, special.name, special.source

    def made_up(self, day: date) -> Iterator[Step]:
        special = self.counting.calendar.special(day)
        if special is not None and special.working:
            yield Step("make_up_day", {"day": day.isoformat(), "name": special.name, "cite": special.source})

    def pieces(self, a: datetime, b: datetime) -> Iterator[Pause | Step]:
        """The office time between `a` and `b`, session by session, and the days off between."""
        for works, run in groupby(days_between(a.date(), b.date()), key=self.counting.calendar.is_working):
            if not works:
                yield from self.off(run)
                continue
            for day in run:
                yield from self._sessions_of(day, a, b)

    def _sessions_of(self, day: date, a: datetime, b: datetime) -> Iterator[Pause | Step]:
        spans = self.counting.sessions.spans
        clipped = [(max(a, datetime.combine(day, x)), min(b, datetime.combine(day, y))) for x, y in spans]
        open_spans = [(x, y) for x, y in clipped if x < y]
        if open_spans:
            yield from self.made_up(day)
        yield from open_spans


def _clock_steps(amount: int, tell: _Teller) -> Iterator[Step]:
    for runs, a, b in tell.stretches():
        params = {"from": tell.iso(a), "to": tell.iso(b), "seconds": _seconds((b - a) // _TICK)}
        yield Step("hours_run", params) if runs else tell.paused(a, b)
    yield Step("ends", {"at": tell.iso(tell.end)})


def _office_steps(amount: int, tell: _Teller) -> Iterator[Step]:
    left, cite = amount, tell.counting.sessions.cite
    line = tell.counting.line
    for runs, a, b in tell.stretches():
        if not runs:
            yield tell.paused(a, b)
            continue
        opens = line.moment(line.worked(a) + 1) - _TICK
        if a < opens < b:
            yield Step("waits", {"until": tell.iso(opens), "cite": cite})
        for piece in tell.pieces(a, b):
            if isinstance(piece, Step):
                yield piece
                continue
            run = (piece[1] - piece[0]) // _TICK
            left -= run
            params = {"from": tell.iso(piece[0]), "to": tell.iso(piece[1]), "cite": cite}
            yield Step("time_counted", params | {"seconds": _seconds(run), "left": _seconds(left)})
    yield Step("ends", {"at": tell.iso(tell.end)})


def _working_day_steps(amount: int, tell: _Teller) -> Iterator[Step]:
    yield Step("day_excluded", {"day": tell.begin.date().isoformat()})
    last = (tell.end - _DAY).date()
    number = 0
    days = days_between(tell.begin.date() + _DAY, last)
    for works, run in groupby(days, key=tell.counting.calendar.is_working):
        if not works:
            yield from tell.off(run)
            continue
        for day in run:
            yield from tell.made_up(day)
            if ends.office_touched(day, tell.counting, tell.cuts):
                yield Step("day_paused", {"day": day.isoformat()})
                continue
            number += 1
            yield Step("day_counted", {"day": day.isoformat(), "number": number, "of": amount})
    yield Step("ends_with_day", {"day": last.isoformat(), "at": tell.iso(tell.end)})


def _calendar_day_steps(amount: int, tell: _Teller) -> Iterator[Step]:
    yield Step("day_excluded", {"day": tell.begin.date().isoformat()})
    counted, last = ends.last_calendar_day(amount, tell.begin, tell.cuts), (tell.end - _DAY).date()
    days = days_between(tell.begin.date() + _DAY, counted)
    for touched, run in groupby(days, key=lambda day: ends.touched(day, tell.cuts)):
        stretch = [day.isoformat() for day in run]
        if touched:
            yield from (Step("day_paused", {"day": day}) for day in stretch)
        else:
            yield Step("days_run", {"from": stretch[0], "to": stretch[-1], "count": len(stretch)})
    if last > counted:
        off = (day for day in days_between(counted, last) if not tell.counting.calendar.is_working(day))
        yield from tell.off(off)
        yield Step("rolled", {"from": counted.isoformat(), "to": last.isoformat()})
    yield Step("ends_with_day", {"day": last.isoformat(), "at": tell.iso(tell.end)})


def _seconds(microseconds: int) -> int | float:
    whole, part = divmod(microseconds, 1_000_000)
    return whole + part / 1_000_000 if part else whole


@dataclass(frozen=True, slots=True)
class _Rule:
    ends: Callable[[int, datetime, Counting, Cuts], End]
    steps: Callable[[int, _Teller], Iterator[Step]]


_CLOCK_HOURS = _Rule(ends.of_clock_hours, _clock_steps)
_OFFICE_TIME = _Rule(ends.of_office_time, _office_steps)
_WORKING_DAYS = _Rule(ends.of_working_days, _working_day_steps)
_CALENDAR_DAYS = _Rule(ends.of_calendar_days, _calendar_day_steps)
