"""Past instants for stories, so told that clocks stand as they should on whatever day they are loaded.

A story counts in office time: "-95m" is 95 office minutes ago, "-9d 19:12" that hour on the ninth working day
back, "+2d 20:15" that hour two calendar days after the step before. Hours of the clock, for terms that do not
rest at night: "-5h30" that long ago, "+0h20" that long after the step before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from webapp.core.calendar import OfficeLine
from webapp.core.clocks import Counting

_MINUTE = 60_000_000
_MOMENT = re.compile(r"-(?P<minutes>\d+)m\Z|(?P<days>[+-]\d+)d (?P<hour>\d\d):(?P<minute>\d\d)\Z")
_CLOCK_HOURS = re.compile(r"([+-])(\d+)h(\d\d)?\Z")


@dataclass(frozen=True)
class Hours:
    """The office time of one regulation, for going back and forth in it."""

    counting: Counting

    @property
    def line(self) -> OfficeLine:
        return self.counting.line

    def local(self, at: datetime) -> datetime:
        return at.astimezone(self.counting.zone).replace(tzinfo=None)

    def utc(self, local: datetime) -> datetime:
        return local.replace(tzinfo=self.counting.zone).astimezone(UTC)

    def later(self, at: datetime, minutes: float) -> datetime:
        """`minutes` of office time after `at`; 0 is `at` itself, whatever the hour."""
        if minutes <= 0:
            return at
        return self.utc(self.line.moment(self.line.worked(self.local(at)) + round(minutes * _MINUTE)))

    def moment(self, told: str, now: datetime, previous: datetime | None = None) -> datetime:
        """The instant a story tells. ValueError when it is told in no known way."""
        if by_the_clock := _CLOCK_HOURS.match(told):
            sign, hours, minutes = by_the_clock.groups()
            long = timedelta(hours=int(hours), minutes=int(minutes or 0))
            return now - long if sign == "-" else (previous or now) + long
        found = _MOMENT.match(told)
        if found is None:
            raise ValueError(f"{told!r}: tell it as -95m, -9d 19:12, +2d 20:15, -5h30 or +0h20")
        if found["minutes"]:
            worked = self.line.worked(self.local(now)) - int(found["minutes"]) * _MINUTE
            return self.utc(self.line.moment(worked))
        days, clock = int(found["days"]), time(int(found["hour"]), int(found["minute"]))
        if days >= 0:
            day = self.local(previous or now).date() + timedelta(days=days)
        else:
            day = self.line.nth_working_day(self._day_zero(now) + days)
        return self.utc(datetime.combine(day, clock))

    def _day_zero(self, now: datetime) -> int:
        """The number of today among the working days; on a day off, of the next one."""
        today = self.local(now).date()
        before = self.line.working_days_through(today - timedelta(days=1))
        return before + 1
