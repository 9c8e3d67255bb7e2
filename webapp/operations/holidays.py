"""Entering a notice of days off, and what it would do to the due dates that run now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from webapp.core.calendar import BeyondCalendar, Calendar, midnight
from webapp.core.clocks import due_at
from webapp.core.holidays import Fault, Notice, YearStatus, changed_days, faults, in_force, years
from webapp.core.recount import recounted
from webapp.operations.work import Work
from webapp.regulations.installation import Installation
from webapp.store import inserts, models, record
from webapp.store.queries import calendar as queries

LONGEST = 200


class Faulty(ValueError):
    """The notice cannot be right; `faults` say where."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(", ".join(fault.code for fault in faults))
        self.faults = faults


@dataclass
class Preview:
    """What a notice does to running terms: how many there are to count again, how many of them end earlier or
    later, how many become sure or unsure, and the first and the last of the new dates."""

    counted: int = 0
    earlier: int = 0
    later: int = 0
    sure: int = 0
    unsure: int = 0
    first: datetime | None = None
    last: datetime | None = None
    days: list[date] = field(default_factory=list)

    @property
    def moved(self) -> int:
        return self.earlier + self.later

    def add(self, was: tuple[datetime, bool], now: tuple[datetime, bool]) -> None:
        self.sure += was[1] and not now[1]
        self.unsure += now[1] and not was[1]
        if was[0] == now[0]:
            return
        self.earlier += now[0] < was[0]
        self.later += now[0] > was[0]
        self.first = min(self.first or now[0], now[0])
        self.last = max(self.last or now[0], now[0])


def calendar_of(law: Installation) -> Calendar:
    """The calendar that pages speak of: that of the first regulation."""
    return law.first.counting.calendar


def years_shown(work: Work) -> list[YearStatus]:
    """What is known of this year and those after it, to the first that the calendar knows nothing of."""
    calendar, today = calendar_of(work.law), work.today(work.law.first)
    last = max(calendar.last.year, today.year + 1)
    return years(calendar, queries.notices(work.session), today.year, last)


def enter(work: Work, notice: Notice, token: str, account: int | None = None) -> int:
    """Keep a notice; every term is counted by it from the next transaction on. The same token again gives the
    same notice. Raises Faulty."""
    known = queries.of_form(work.session, token)
    if known is not None:
        return known.id
    found = check(work, notice)
    if found:
        raise Faulty(found)
    values = {
        "once": token,
        "year": notice.year,
        "number": notice.number,
        "issued_on": notice.issued_on.isoformat(),
        "whole": notice.whole,
        "replaces": notice.replaces,
        "account_id": account,
        "entered_at": work.now,
    }
    id = inserts.add(work.session, models.CalendarNotice, values)
    days = [
        {"notice_id": id, "day": day.on.isoformat(), "working": day.working, "name": day.name}
        for day in notice.days
    ]
    inserts.add_all(work.session, models.CalendarDay, days)
    return id


def check(work: Work, notice: Notice) -> list[Fault]:
    """What must be mended first, judged beside the notices that stay in force."""
    known = queries.notices(work.session)
    alive = {each.id for each in in_force(known)}
    if notice.replaces is not None and notice.replaces not in alive:
        return [Fault("replaced_already", {})]
    others = [each for each in known if each.id in alive and each.id != notice.replaces]
    beside = calendar_of(work.law.with_notices(others))
    found = faults(beside, notice, work.today(work.law.first))
    if len(notice.number) > LONGEST or any(len(day.name) > LONGEST for day in notice.days):
        found.append(Fault("too_long", {"count": LONGEST}))
    return found


def law_with(work: Work, notice: Notice) -> Installation:
    """The law as it would be."""
    known = queries.notices(work.session)
    new = replace(notice, id=work.law.notices + 1)
    return work.law.with_notices([*known, new])


def preview(work: Work, notice: Notice) -> Preview:
    """Counts every running term that the notice may touch by the calendar as it would be; writes nothing."""
    new = law_with(work, notice)
    days = changed_days(calendar_of(work.law), calendar_of(new))
    found = Preview(queries.count_open(work.session), days=days)
    if not found.days:
        return found
    zone = work.law.first.zone
    since = midnight(found.days[0]).replace(tzinfo=zone).astimezone(UTC)
    odd: set[int] = set()
    for row in work.session.execute(queries.open_since(since)):
        both = _both(work.law, new, row)
        if both is None:
            odd.add(row.case_id)
        else:
            found.add(*both)
    for was, now in _from_events(work, new, odd):
        found.add(was, now)
    return found


def _both(old: Installation, new: Installation, row: Any) -> tuple[Any, Any] | None:
    """Instant and doubt before and after; None where only the events know how the date came about."""
    held = (row.due_at, row.provisional)
    regulation = new.pinned(row.regulation, row.version)
    term = regulation.clock(row.clock).term
    if term is None:
        return held, held
    try:
        if due_at(term, row.started_at, old.pinned(row.regulation, row.version).counting) != held:
            return None
        return held, due_at(term, row.started_at, regulation.counting)
    except BeyondCalendar:
        return held, held


def _from_events(
    work: Work, new: Installation, case_ids: Iterable[int]
) -> Iterator[tuple[tuple[datetime, bool], tuple[datetime, bool]]]:
    """The same for terms that were paused or set by a person."""
    for file in record.load_many(work.session, new, sorted(case_ids)):
        for event in recounted(file.regulation, file.state, work.now):
            for row in event.data["clocks"]["moved"]:
                clock, at = file.state.clock(row["no"]), datetime.fromisoformat(row["due_at"])
                yield (clock.due_at, clock.provisional), (at, row["provisional"])
