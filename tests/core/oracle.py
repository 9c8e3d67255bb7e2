"""The clocks once more, by walking minute by minute: slow, plain, and sharing no code with clocks.py.

Reads only the rows of a calendar and the spans of the sessions. Local time is UTC+07:00 throughout.
"""

from datetime import UTC, date, datetime, time, timedelta, timezone

LOCAL = timezone(timedelta(hours=7))
MINUTE = timedelta(minutes=1)


def works(rows, day: date) -> bool:
    row = rows.get(day)
    if row is not None and row.status != "confirmed":
        return False
    return row.working if row is not None else day.isoweekday() <= 5


def is_open(rows, spans, minute: datetime) -> bool:
    clock = time(minute.hour, minute.minute)
    return works(rows, minute.date()) and any(a <= clock < b for a, b in spans)


def after_office_time(start: datetime, amount: timedelta, rows, spans) -> datetime:
    """Walk until `amount` of open minutes (the first and the last perhaps in part) has gone by."""
    at, left = start.astimezone(LOCAL), amount
    while True:
        minute = at.replace(second=0, microsecond=0)
        here = minute + MINUTE - at
        if is_open(rows, spans, minute):
            if left <= here:
                return (at + left).astimezone(UTC)
            left -= here
        at = minute + MINUTE


def office_time_between(a: datetime, b: datetime, rows, spans) -> timedelta:
    at, end, total = a.astimezone(LOCAL), b.astimezone(LOCAL), timedelta(0)
    while at < end:
        minute = at.replace(second=0, microsecond=0)
        following = min(minute + MINUTE, end)
        if is_open(rows, spans, minute):
            total += following - at
        at = following
    return total


def after_days(start: datetime, number: int, counts, roll=None) -> datetime:
    """Walk to the midnight that ends the `number`th day that counts, then on to one that `roll` accepts."""
    at = start.astimezone(LOCAL).replace(second=0, microsecond=0)
    first, done = at.date(), 0
    while True:
        day, at = at.date(), at + MINUTE
        if at.date() == day or day == first:
            continue
        done += done < number and counts(day)
        if done == number and (roll is None or roll(day)):
            return at.astimezone(UTC)
