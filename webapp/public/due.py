"""A calculator of legal terms: when one ends, and every step of the counting with its article."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time

from flask import request, url_for

from webapp.core.calendar import BeyondCalendar, Calendar, Sessions
from webapp.core.clocks import Due, Unit, due
from webapp.core.regulation import Clock, Regulation
from webapp.doors import house, now, present
from webapp.doors.present import Vm
from webapp.public.present import page
from webapp.regulations.installation import Installation
from webapp.words import sentence, step_text

_BY_OFFICE_TIME = (Unit.working_hour, Unit.working_day)
LONGEST = 60


@dataclass
class Asked:
    """What the address asks, as typed, and what of it cannot be read."""

    term: str
    day: str
    hour: str
    errors: dict[str, str] = field(default_factory=dict)


def show() -> str:
    law, at = house().law, now()
    asked = _read(law, at)
    found = _term(law, asked.term)
    answer = None
    if "thoi-han" in request.args:
        answer = _answer(asked, found)
    fields = {"term": asked.term, "day": asked.day, "hour": asked.hour, "error": asked.errors}
    calendar = law.first.counting.calendar
    view = {
        "fields": fields,
        "groups": [_group(regulation, asked.term) for regulation in in_force_here(law)],
        "errors": [{"field": name, "text": text} for name, text in asked.errors.items()],
        "answer": answer,
        "until": _known(calendar),
        "action": url_for("public.due"),
    }
    return page("public/due.html", due=view)


def in_force_here(law: Installation) -> list[Regulation]:
    """Every regulation that the installation's map names, in its order."""
    return list(law.own.values())


def counted(regulation: Regulation) -> list[Clock]:
    """The terms that have a length; a promised day is whatever was promised."""
    return [row for row in regulation.clocks if row.term]


def address(regulation: Regulation, row: Clock) -> str:
    """The calculator with this term chosen, or nothing where there is no length to count."""
    return url_for("public.due", chon=f"{regulation.id}:{row.id}") if row.term else ""


def _read(law: Installation, at: datetime) -> Asked:
    """What was typed; before anything was, the first term from this minute on."""
    args, here = request.args, at.astimezone(law.first.zone)
    first = in_force_here(law)[0]
    term = args.get("thoi-han") or args.get("chon") or f"{first.id}:{counted(first)[0].id}"
    day, hour = args.get("ngay"), args.get("gio")
    return Asked(
        term[:LONGEST],
        f"{here:%Y-%m-%d}" if day is None else day[:LONGEST],
        f"{here:%H:%M}" if hour is None else hour[:LONGEST],
    )


def _term(law: Installation, term: str) -> tuple[Regulation, Clock] | None:
    id, _, clock = term.partition(":")
    regulation = law.regulations.get(id)
    row = next((row for row in counted(regulation) if row.id == clock), None) if regulation else None
    return (regulation, row) if regulation and row else None


def _answer(asked: Asked, found: tuple[Regulation, Clock] | None) -> Vm | None:
    start = _start(asked)
    if found is None:
        asked.errors["thoi-han"] = sentence("public_due", "bad_term")
    if found is None or start is None:
        return None
    regulation, row = found
    try:
        at = start.replace(tzinfo=regulation.zone)
        assert row.term is not None
        return _told(regulation, row, due(row.term, at, regulation.counting))
    except (BeyondCalendar, OverflowError):
        asked.errors["ngay"] = sentence("public_due", "beyond") + " " + _known(regulation.counting.calendar)
        return None


def _start(asked: Asked) -> datetime | None:
    try:
        day = date.fromisoformat(asked.day)
    except ValueError:
        asked.errors["ngay"] = sentence("public_due", "bad_day")
    try:
        hour = time.fromisoformat(asked.hour)
        if hour.tzinfo:
            raise ValueError
    except ValueError:
        asked.errors["gio"] = sentence("public_due", "bad_hour")
    return None if asked.errors else datetime.combine(day, hour)


def _told(regulation: Regulation, row: Clock, found: Due) -> Vm:
    words = present.due_text(regulation, found.at)
    return {
        "title": sentence("public_due", "provisional" if found.provisional else "due"),
        "due": words[0].upper() + words[1:],
        "iso": present.local(regulation, found.at).isoformat(timespec="minutes"),
        "term": sentence("public_due", "term", label=row.label, term=present.term(row)),
        "article": f"{regulation.id}, {row.cite}",
        "provisional": sentence("due_command", "provisional") if found.provisional else "",
        "steps": [*_preamble(regulation, row), *(step_text(step.code, step.params) for step in found.steps)],
        "rules": {"url": url_for("public.rules", id=regulation.id), "label": regulation.short_title},
    }


def _preamble(regulation: Regulation, row: Clock) -> Iterator[str]:
    term = present.term(row)
    params = {"regulation": regulation.id, "label": row.label, "term": term, "cite": row.cite}
    yield sentence("due_command", "term", **params)
    if row.unit in _BY_OFFICE_TIME:
        sessions = regulation.counting.sessions
        yield sentence("due_command", "sessions", sessions=_hours(sessions), cite=sessions.cite)


def _hours(sessions: Sessions) -> str:
    return ", ".join(f"{opening:%H:%M}\u2013{close:%H:%M}" for opening, close in sessions.spans)


def _group(regulation: Regulation, chosen: str) -> Vm:
    options = []
    for row in counted(regulation):
        value = f"{regulation.id}:{row.id}"
        label = sentence("public_due", "option", label=row.label, term=present.term(row), cite=row.cite)
        options.append({"value": value, "label": label, "selected": value == chosen})
    return {"label": regulation.short_title, "options": options}


def _known(calendar: Calendar) -> str:
    return sentence("public_due", "known", first=calendar.first, last=calendar.last)
