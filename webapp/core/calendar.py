"""Working days and office time of one country, as far as its calendar is known.

Local dates and naive local times only: which zone they belong to is the caller's (`clocks.Counting`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import accumulate, pairwise
from types import MappingProxyType

_MINUTE = 60_000_000
_SATURDAY = 5


class BeyondCalendar(LookupError):
    """A day that the calendar says nothing about; guessing it would make a false legal date."""

    def __init__(self, day: date) -> None:
        super().__init__(f"{day.isoformat()} is outside the known calendar")
        self.day = day


class DayStatus(StrEnum):
    """How sure a special day is (INT-11): by notice or law, by estimate, or by hearsay."""

    confirmed = "confirmed"
    estimated = "estimated"
    unverified = "unverified"


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A weekday off or a make-up Saturday, with the notice or law it rests on (INT-4)."""

    on: date
    working: bool
    name: str
    status: DayStatus
    source: str


@dataclass(frozen=True, eq=False)
class Calendar:
    """Monday to Friday work, except for the special days, from `first` to `last` inclusive (INT-4)."""

    id: str
    version: str
    first: date
    last: date
    days: Mapping[date, SpecialDay]
    title: str = ""

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"calendar {self.id} ends before it begins")
        object.__setattr__(self, "days", MappingProxyType(dict(self.days)))
        for day in self.days:
            self._know(day)

    def is_working(self, day: date) -> bool:
        """Whether state bodies work on `day` (INT-4); an unsure special day counts as off (INT-11)."""
        special = self.special(day)
        if special is None:
            return day.weekday() < _SATURDAY
        return special.working and special.status is DayStatus.confirmed

    def special(self, day: date) -> SpecialDay | None:
        """The row that makes `day` differ from an ordinary day of its week, or None."""
        self._know(day)
        return self.days.get(day)

    def provisional(self, day: date) -> bool:
        """Whether `day` is a special day that nobody has confirmed yet (INT-11)."""
        special = self.special(day)
        return special is not None and special.status is not DayStatus.confirmed

    def _know(self, day: date) -> None:
        if not self.first <= day <= self.last:
            raise BeyondCalendar(day)


@dataclass(frozen=True, slots=True)
class Sessions:
    """The hours a working day's office is open, the same every day, and the article that says so."""

    spans: tuple[tuple[time, time], ...]
    cite: str

    def __post_init__(self) -> None:
        marks = [mark for span in self.spans for mark in span]
        if not marks or any(later <= earlier for earlier, later in pairwise(marks)):
            raise ValueError("office sessions must be in order, apart, and at least one")
        if any(mark.second or mark.microsecond or mark.tzinfo for mark in marks):
            raise ValueError("office sessions open and close on whole minutes of local time")

    @property
    def minutes(self) -> int:
        """Office minutes in one working day (INT-12)."""
        return sum(close - opening for opening, close in self.spans_us()) // _MINUTE

    def spans_us(self) -> tuple[tuple[int, int], ...]:
        """Opening and closing of each session, in microseconds after local midnight."""
        return tuple((_since_midnight(opening), _since_midnight(close)) for opening, close in self.spans)


@dataclass(frozen=True, eq=False)
class OfficeLine:
    """All office time of a calendar laid end to end, so that a term is one addition.

    Positions are microseconds of office time since the calendar's first day.
    """

    calendar: Calendar
    sessions: Sessions
    _first: int = field(init=False)
    _spans: tuple[tuple[int, int], ...] = field(init=False)
    _per_day: int = field(init=False)
    _length: int = field(init=False)
    _workdays: tuple[int, ...] = field(init=False)
    _worked_before: tuple[int, ...] = field(init=False)
    _doubts_before: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        days = list(days_between(self.calendar.first, self.calendar.last))
        works = [self.calendar.is_working(day) for day in days]
        doubts = [self.calendar.provisional(day) for day in days]
        derived = {
            "_first": self.calendar.first.toordinal(),
            "_spans": self.sessions.spans_us(),
            "_per_day": self.sessions.minutes * _MINUTE,
            "_length": len(days),
            "_workdays": tuple(day.toordinal() for day, on in zip(days, works, strict=True) if on),
            "_worked_before": tuple(accumulate(works, initial=0)),
            "_doubts_before": tuple(accumulate(doubts, initial=0)),
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)

    def worked(self, local: datetime) -> int:
        """Office microseconds up to `local`."""
        index, worked = self._index(local), self._worked_before
        before = worked[index]
        if worked[index + 1] == before:
            return before * self._per_day
        clock, today = _since_midnight(local), 0
        for opening, close in self._spans:
            if clock > opening:
                today += min(clock, close) - opening
        return before * self._per_day + today

    def moment(self, position: int) -> datetime:
        """The earliest local time at which `position` > 0 has been worked: a close stays that close."""
        index, today = divmod(position - 1, self._per_day)
        today += 1
        clock = 0
        for opening, close in self._spans:
            clock = opening + today
            if clock <= close:
                break
            today -= close - opening
        return datetime.fromordinal(self._workday(index)) + timedelta(microseconds=clock)

    def working_days_through(self, day: date) -> int:
        """How many working days the calendar has up to and including `day`."""
        return self._worked_before[self._index(day) + 1]

    def nth_working_day(self, number: int) -> date:
        """The working day that is the `number`th (from 1) of the calendar."""
        return date.fromordinal(self._workday(number - 1))

    def working_day_from(self, day: date) -> date:
        """`day` if it is a working day, else the next one."""
        return date.fromordinal(self._workday(self._worked_before[self._index(day)]))

    def doubtful(self, first: date, last: date) -> bool:
        """Whether an unconfirmed special day lies between two days, both included (INT-11)."""
        # When first is after last, the second count is at least the first and the answer is no.
        return self._doubts_before[self._index(last) + 1] > self._doubts_before[self._index(first)]

    def first_open_day(self, local: datetime) -> date:
        """The day of `local`, or the next one when no session of it has any time left."""
        return local if _since_midnight(local) < self._spans[-1][1] else local + timedelta(days=1)

    def _index(self, day: date) -> int:
        index = day.toordinal() - self._first
        if not 0 <= index < self._length:
            raise BeyondCalendar(date(day.year, day.month, day.day))
        return index

    def _workday(self, index: int) -> int:
        if index >= len(self._workdays):
            raise BeyondCalendar(self.calendar.last + timedelta(days=1))
        return self._workdays[index]


def days_between(first: date, last: date) -> Iterator[date]:
    """Every day from `first` to `last`, both included."""
    return map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))


def midnight(day: date) -> datetime:
    """The local moment at which `day` begins."""
    return datetime.combine(day, time.min)


def _since_midnight(clock: time | datetime) -> int:
    seconds = (clock.hour * 60 + clock.minute) * 60 + clock.second
    return seconds * 1_000_000 + clock.microsecond
