"""What a regulation asks to be written: letters, reports with their periods, and records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, tzinfo


@dataclass(frozen=True, slots=True)
class Report:
    """A report the regulation asks for: how often, to whom, with what."""

    id: str
    label: str
    period: str  # week | month | quarter | half_year | nine_months | year
    to: str
    contents: tuple[str, ...]
    by: str
    cite: str


@dataclass(frozen=True, slots=True)
class Periods:
    """Where reporting periods begin: with the calendar, or on a day of the month at a time of day."""

    boundary: str = "calendar"
    start_day: int = 1
    time_of_day: time = time(0)
    cite: str = ""

    def month_of(self, at: datetime, zone: tzinfo) -> tuple[int, int]:
        """Year and month of the monthly period an instant falls in; longer periods are made of whole months.

        Periods are half-open. One that begins on a day of the month is called by the month it ends in.
        """
        local = at.astimezone(zone)
        moment, begins = (local.day, local.time()), (self.start_day, self.time_of_day)
        if self.boundary == "calendar" or moment < begins:
            return local.year, local.month
        return local.year + local.month // 12, local.month % 12 + 1


@dataclass(frozen=True, slots=True)
class Letter:
    """The printed form of an answer."""

    id: str
    label: str
    numbered: bool
    greeting: str
    closing: str
    cite: str
    subject: str = ""  # the line that says what it is about
    opening: str = ""


@dataclass(frozen=True, slots=True)
class Records:
    """How long the record is kept at least (None: the text sets no period), and what answers are worth."""

    cite: str
    years: int | None = None
    disclaimer: str = ""
