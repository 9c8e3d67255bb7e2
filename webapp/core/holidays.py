"""A notice of days off, as a person enters it, and the calendar it makes of the shipped one (INT-4, INT-11).

A later notice wins day by day. Nothing is ever edited: a mistake is mended by a notice that replaces it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from webapp.core.calendar import Calendar, DayStatus, SpecialDay

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class NoticeDay:
    """One day of a notice. A weekday that works after all, or a weekend that does not, is ordinary again."""

    on: date
    working: bool
    name: str

    @property
    def ordinary(self) -> bool:
        return self.working == (self.on.weekday() < _SATURDAY)


@dataclass(frozen=True, slots=True)
class Notice:
    """`whole`: it names every day off of its year, so what was only expected and is not named is a working
    day, and a year after the calendar's last one is known from now on."""

    year: int
    number: str
    issued_on: date
    whole: bool
    days: tuple[NoticeDay, ...]
    replaces: int | None = None
    id: int = 0

    @property
    def source(self) -> str:
        return f"{self.number}, {self.issued_on:%d/%m/%Y}"


@dataclass(frozen=True, slots=True)
class Fault:
    """What cannot be right in a notice: a code for the catalogue and its values."""

    code: str
    params: dict[str, object]


def in_force(notices: Iterable[Notice]) -> list[Notice]:
    """Those that no other one replaces, in the order they were entered."""
    known = sorted(notices, key=lambda notice: notice.id)
    replaced = {notice.replaces for notice in known}
    return [notice for notice in known if notice.id not in replaced]


def merged(calendar: Calendar, notices: Iterable[Notice]) -> Calendar:
    """The calendar with these notices; its version tells which days it has and why."""
    last, days = calendar.last, dict(calendar.days)
    for notice in in_force(notices):
        if notice.whole:
            days = {on: day for on, day in days.items() if not _only_expected(day, notice.year)}
            last = max(last, date(notice.year, 12, 31)) if notice.year == last.year + 1 else last
        for day in notice.days:
            days.pop(day.on, None)
            if not day.ordinary:
                days[day.on] = SpecialDay(day.on, day.working, day.name, DayStatus.confirmed, notice.source)
    days = {on: day for on, day in days.items() if on <= last}
    same = (last, days) == (calendar.last, dict(calendar.days))
    return calendar if same else replace(calendar, version=_version(last, days), last=last, days=days)


def _only_expected(day: SpecialDay, year: int) -> bool:
    return day.on.year == year and day.status is not DayStatus.confirmed


def _version(last: date, days: dict[date, SpecialDay]) -> str:
    rows = [f"{d.on} {d.working} {d.status} {d.name} | {d.source}" for d in (days[on] for on in sorted(days))]
    return hashlib.sha256("\n".join([str(last), *rows]).encode()).hexdigest()[:12]


def faults(calendar: Calendar, notice: Notice, today: date) -> list[Fault]:
    """What must be mended before `notice` may be added to `calendar` (with what is in force already)."""
    found = [*_of_the_head(calendar, notice, today), *_of_the_days(calendar, notice)]
    return [Fault(code, params) for code, params in found]


def _of_the_head(calendar: Calendar, notice: Notice, today: date) -> Iterator[tuple[str, dict[str, object]]]:
    years: dict[str, object] = {"first": calendar.first.year, "last": calendar.last.year + 1}
    if not calendar.first.year <= notice.year <= calendar.last.year + 1:
        yield "year", years
    elif notice.year > calendar.last.year and not notice.whole:
        yield "not_whole", {"year": notice.year}
    if not notice.number.strip():
        yield "number", {}
    if notice.issued_on > today:
        yield "issued_later", {}
    if not notice.days and notice.replaces is None:
        yield "no_days", {}


def _of_the_days(calendar: Calendar, notice: Notice) -> Iterator[tuple[str, dict[str, object]]]:
    seen: set[date] = set()
    last = date(notice.year, 12, 31) if notice.year == calendar.last.year + 1 else calendar.last
    for day in notice.days:
        about: dict[str, object] = {"day": day.on}
        if day.on in seen:
            yield "twice", about
        seen.add(day.on)
        if not day.name.strip():
            yield "nameless", about
        if not _near(day.on, notice.year) or not calendar.first <= day.on <= last:
            yield "elsewhere", about | {"year": notice.year}
        elif day.ordinary and day.on not in calendar.days:
            yield "ordinary_weekday" if day.working else "ordinary_weekend", about


def _near(on: date, year: int) -> bool:
    """In the year, or in the weeks beside it, where a swap over the New Year may lie."""
    return date(year - 1, 12, 1) <= on <= date(year + 1, 1, 31)


@dataclass(frozen=True, slots=True)
class YearStatus:
    """What the calendar knows of one year; `unsure` days have no notice yet, `notices` were entered here."""

    year: int
    known: bool
    unsure: tuple[SpecialDay, ...]
    notices: tuple[Notice, ...]

    @property
    def confirmed(self) -> bool:
        return self.known and not self.unsure


def years(calendar: Calendar, notices: Sequence[Notice], first: int, last: int) -> list[YearStatus]:
    """Each year from `first` to `last`. `calendar` already has the notices in it."""
    return [
        YearStatus(
            year,
            calendar.first.year <= year <= calendar.last.year,
            tuple(
                calendar.days[on] for on in sorted(calendar.days) if _only_expected(calendar.days[on], year)
            ),
            tuple(notice for notice in in_force(notices) if notice.year == year),
        )
        for year in range(first, last + 1)
    ]


def changed_days(before: Calendar, after: Calendar) -> list[date]:
    """The days that count otherwise in `after`: on or off, or sure or not; and the first that is new."""
    days = {on for on in before.days.keys() | after.days.keys() if _counts(before, on) != _counts(after, on)}
    if after.last != before.last:
        days.add(min(before.last, after.last))
    return sorted(days)


def _counts(calendar: Calendar, on: date) -> tuple[bool, bool] | None:
    if not calendar.first <= on <= calendar.last:
        return None
    return calendar.is_working(on), calendar.provisional(on)
