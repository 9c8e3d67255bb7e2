"""What a regulation asks to be written: letters, reports with their periods, and records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time


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


@dataclass(frozen=True, slots=True)
class Letter:
    """The printed form of an answer."""

    id: str
    label: str
    numbered: bool
    greeting: str
    closing: str
    cite: str


@dataclass(frozen=True, slots=True)
class Records:
    """How long the record is kept at least (None: the text sets no period), and what answers are worth."""

    cite: str
    years: int | None = None
    disclaimer: str = ""
