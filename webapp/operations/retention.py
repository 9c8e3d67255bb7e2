"""How long a person is kept: never shorter than the regulation says, longer where the province says so.

The record itself stays; what ends is knowing who sent it. Nothing ends by itself: somebody runs the command.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import select

from webapp.core.regulation import Regulation
from webapp.core.workflow import Refused
from webapp.operations import holds
from webapp.operations.work import Refusal, Work
from webapp.store import models

MOMENT = timedelta(microseconds=1)  # a day ends just before the next begins


@dataclass(frozen=True, slots=True)
class Kept:
    """One person whose time is over, unless the case is held."""

    submission_id: int
    number: str
    no: int
    until: datetime
    held: bool


def floor(regulation: Regulation) -> int:
    """The years a regulation wants its record kept at least; 0 where it says nothing."""
    return (regulation.records.years or 0) if regulation.records else 0


def kept_until(regulation: Regulation, closed_at: datetime, years: int) -> datetime:
    """The end of the day `years` after the legal day on which the case was closed."""
    closed = closed_at.astimezone(regulation.zone).date()
    try:
        last = closed.replace(year=closed.year + years)
    except ValueError:  # the 29th of February
        last = closed.replace(year=closed.year + years, month=3, day=1)
    return datetime.combine(last + timedelta(days=1), time(0), regulation.zone).astimezone(UTC)


def refuse_kept(work: Work, case_id: int) -> None:
    """Raises Refusal with the article while the regulation's own minimum has not passed."""
    case = work.session.get_one(models.Case, case_id)
    regulation = work.law.pinned(case.regulation, case.version)
    years = floor(regulation)
    if not years or regulation.records is None:
        return
    cite = f"{regulation.id}, {regulation.records.cite}"
    if case.closed_at is None:
        raise Refusal(Refused("kept_open", {"years": f"{years:02d}"}, cite))
    until = kept_until(regulation, case.closed_at, years)
    if work.now < until:
        last = (until - MOMENT).astimezone(regulation.zone)
        raise Refusal(Refused("kept_until", {"day": last.strftime("%d/%m/%Y")}, cite))


def due(work: Work, years: int) -> list[Kept]:
    """The people whose time is over by the province's `years` (0: by none, so nobody), oldest first."""
    if not years:
        return []
    case, sent, person = models.Case, models.Submission, models.Identity
    query = (
        select(sent.id, sent.no, case)
        .join(case, case.id == sent.case_id)
        .join(person, person.id == sent.identity_id)
        .where(person.erased_at.is_(None), case.closed_at.is_not(None), case.closed_at < work.now)
        .order_by(case.closed_at, sent.id)
    )
    held, asked = holds.held(work), _asked(work)
    found = []
    for submission_id, no, row in work.session.execute(query):
        regulation = work.law.pinned(row.regulation, row.version)
        assert row.closed_at is not None
        until = kept_until(regulation, row.closed_at, max(years, floor(regulation)))
        if until <= work.now:
            cases = {row.id, *asked[submission_id]}
            found.append(Kept(submission_id, row.code, no, until, not held.isdisjoint(cases)))
    return found


def _asked(work: Work) -> defaultdict[int, list[int]]:
    """The cases of the requests about each report: who is erased there is erased in these too."""
    row = models.DataRequest
    found: defaultdict[int, list[int]] = defaultdict(list)
    for about, case_id in work.session.execute(select(row.about_id, row.case_id)):
        found[about].append(case_id)
    return found
