"""Days off: what is known of each year, and entering a notice after looking at what it does."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp.agency import holiday_form
from webapp.agency.door import blueprint
from webapp.agency.draft import new_token
from webapp.agency.guard import Staff, staff
from webapp.agency.holiday_form import Typed
from webapp.agency.tabs import everywhere
from webapp.core.calendar import Calendar
from webapp.core.holidays import Fault, Notice, YearStatus, in_force, years
from webapp.doors import house, now, present
from webapp.doors.present import Vm
from webapp.operations import holidays as operation
from webapp.operations.holidays import Faulty, Preview
from webapp.operations.work import Gone, Work
from webapp.regulations.installation import Installation
from webapp.store.queries import calendar as queries
from webapp.words import day_text, sentence

# Where a fault of the whole is shown; the others stand over the days.
_PLACES = {"year": "year", "not_whole": "whole", "number": "number", "issued_later": "issued"}


@blueprint.get("/lich-nghi")
def holidays() -> str:
    _for_keepers()
    with house().reading(now(), fresh=True) as work:
        known = queries.notices(work.session)
        behind = queries.count_behind(work.session, work.law.calendar_versions)
        page = {
            "years": [_year(year) for year in operation.years_shown(work)],
            "warnings": _warnings(operation.years_shown(work)),
            "notices": [_notice(work, notice, known) for notice in reversed(known)],
            "behind": sentence("desk_calendar", "behind", count=behind) if behind else "",
            "until": _until(operation.calendar_of(work.law)),
        }
    return render_template("agency/holidays.html", calendar=page)


@blueprint.get("/lich-nghi/nhap")
def holiday_notice() -> str:
    _for_keepers()
    with house().reading(now(), fresh=True) as work:
        alive = {notice.id: notice for notice in in_force(queries.notices(work.session))}
        replaced = alive.get(request.args.get("thay", 0, type=int))
        wanted = replaced.year if replaced else request.args.get("nam", 0, type=int)
        typed = holiday_form.prepared(new_token(), _status(work, wanted), replaced)
        return _form(work, typed, alive.get(typed.replaces or 0))


@blueprint.post("/lich-nghi/nhap")
def enter_notice() -> Any:
    """One more row, a look at what would change, back to the form, or the entry itself."""
    _for_keepers()
    typed, step = _read(), request.form.get("step", "")
    with house().reading(now(), fresh=True) as work:
        alive = {notice.id: notice for notice in in_force(queries.notices(work.session))}
        replaced = alive.get(typed.replaces or 0)
        if step in ("edit", "more-off", "more-work"):
            kind = step.removeprefix("more-")
            if kind in typed.rows:
                typed.rows[kind] = min(typed.rows[kind] + 1, holiday_form.MOST_ROWS)
            return _form(work, typed, replaced)
        notice = holiday_form.notice_of(typed)
        already = queries.of_form(work.session, typed.token)
        faults = [] if typed.errors or already else operation.check(work, notice)
        if typed.errors or faults:
            return _form(work, typed, replaced, faults), 422
        if step != "save":
            return _preview(work, typed, notice, replaced)
    return _save(typed, notice)


def _save(typed: Typed, notice: Notice) -> Response | Any:
    try:
        house().write(now(), lambda work: operation.enter(work, notice, typed.token, staff().id))
    except Faulty as faulty:
        with house().reading(now(), fresh=True) as work:
            return _form(work, typed, None, faulty.faults), 422
    flash(sentence("desk_calendar", "saved", number=notice.number))
    return redirect(url_for("agency.holidays"), 303)


def _read() -> Typed:
    replaces = request.form.get("replaces", "")
    number = int(replaces) if replaces.isascii() and replaces.isdecimal() and len(replaces) < 9 else None
    token = request.form.get("token", "")
    return holiday_form.read(request.form, token if 16 <= len(token) <= 64 else new_token(), number)


# Who may


def _for_keepers() -> None:
    if not keeps(house().law, staff()):
        raise Gone("calendar")


def keeps(law: Installation, who: Staff) -> bool:
    """The centre and the province's supervision keep the calendar."""
    return everywhere(law, who)


# The pages


def _form(work: Work, typed: Typed, replaced: Notice | None, faults: Iterable[Fault] = ()) -> str:
    errors = [{"field": name, "text": text} for name, text in typed.errors.items()]
    for fault in faults:
        text = sentence("calendar_fault", fault.code, **fault.params)
        place = _PLACES.get(fault.code, "")
        typed.errors.setdefault(place, text)
        errors.append({"field": place, "text": text})
    calendar = operation.calendar_of(work.law)
    known = range(min(_today(work).year, calendar.last.year), calendar.last.year + 2)
    shown = sorted({*known, int(typed["year"]) if typed["year"].isdecimal() else calendar.last.year})
    page = {
        "title": sentence("desk_calendar", "title_replace" if replaced else "title_new"),
        "lead": sentence("desk_calendar", "lead_replace", number=replaced.source) if replaced else "",
        "errors": errors,
        "form": holiday_form.view(typed, shown),
        "action": url_for("agency.enter_notice"),
        "back": url_for("agency.holidays"),
    }
    return render_template("agency/holiday_notice.html", notice=page)


def _preview(work: Work, typed: Typed, notice: Notice, replaced: Notice | None) -> str:
    new = operation.calendar_of(operation.law_with(work, notice))
    old, found = operation.calendar_of(work.law), operation.preview(work, notice)
    page = {
        "title": sentence("desk_calendar", "preview_title", number=notice.number),
        "lead": sentence("desk_calendar", "lead_replace", number=replaced.source) if replaced else "",
        "days": [_change(old, new, day) for day in found.days],
        "figures": _figures(found),
        "dates": _dates(work, found),
        "unsure": _still(years(new, [], notice.year, notice.year)[0]),
        "hidden": typed.hidden(),
        "action": url_for("agency.enter_notice"),
        "back": url_for("agency.holidays"),
    }
    return render_template("agency/holiday_preview.html", notice=page)


def _figures(found: Preview) -> list[Vm]:
    """The last two only where there is something to say."""
    figures = {"moved": found.moved, "later": found.later, "earlier": found.earlier, "sure": found.sure}
    figures |= {"unsure": found.unsure} if found.unsure else {}
    return [
        {"label": sentence("desk_calendar", f"figure_{code}"), "value": count, "tone": "ink"}
        for code, count in figures.items()
    ]


def _dates(work: Work, found: Preview) -> str:
    if found.first is None or found.last is None:
        return sentence("desk_calendar", "no_dates", count=found.counted)
    first, last = (present.due_text(work.law.first, at) for at in (found.first, found.last))
    return sentence("desk_calendar", "dates", first=first, last=last, count=found.counted)


def _change(old: Calendar, new: Calendar, day: date) -> Vm:
    name = next((c.days[day].name for c in (new, old) if day in c.days), "")
    was, becomes = (sentence("desk_calendar_day", _kind(calendar, day)) for calendar in (old, new))
    return {"day": capital(day_text(day)), "name": name, "was": was, "becomes": becomes}


def _kind(calendar: Calendar, day: date) -> str:
    if not calendar.first <= day <= calendar.last:
        return "unknown"
    if calendar.provisional(day):
        return str(calendar.days[day].status)
    return "working" if calendar.is_working(day) else "off"


def _year(year: YearStatus) -> Vm:
    if not year.known:
        text = sentence("desk_calendar", "year_unknown")
    elif year.confirmed:
        text = sentence("desk_calendar", "year_confirmed")
    else:
        text = _still(year)
    sources = ", ".join(notice.source for notice in year.notices)
    tone, code = ("brand", "confirmed") if year.confirmed else ("idle", "unconfirmed")
    return {
        "year": year.year,
        "chip": present.chip(sentence("desk_calendar", code), tone),
        "text": text,
        "sources": sentence("desk_calendar", "entered_here", notices=sources) if sources else "",
        "url": url_for("agency.holiday_notice", nam=year.year),
        "action": sentence("desk_calendar", "enter_for", year=year.year),
    }


def _still(year: YearStatus) -> str:
    names: dict[str, list[date]] = {}
    for day in year.unsure:
        names.setdefault(day.name, []).append(day.on)
    parts = [
        sentence("desk_calendar", "still_day", name=name, days=", ".join(f"{on:%d/%m}" for on in days))
        for name, days in names.items()
    ]
    return sentence("desk_calendar", "still", parts="; ".join(parts)) if parts else ""


def _warnings(shown: Iterable[YearStatus]) -> str:
    missing = [str(year.year) for year in shown if not year.confirmed]
    return sentence("desk_calendar", "warning", years=", ".join(missing)) if missing else ""


def _notice(work: Work, notice: Notice, known: Iterable[Notice]) -> Vm:
    at, name = queries.entered(work.session)[notice.id]
    by = name or sentence("desk_calendar", "operator")
    successor = next((other for other in known if other.replaces == notice.id), None)
    days = [
        sentence("desk_calendar", "day_work" if day.working else "day_off", day=day.on, name=day.name)
        for day in notice.days
    ]
    entered = sentence("desk_calendar", "entered", at=present.moment_text(work.law.first, at), name=by)
    return {
        "title": notice.number,
        "meta": sentence("desk_calendar", "meta", year=notice.year, day=notice.issued_on),
        "entered": entered,
        "days": days,
        "whole": sentence("desk_calendar", "is_whole") if notice.whole else "",
        "replaced": sentence("desk_calendar", "replaced", number=successor.number) if successor else "",
        "url": None if successor else url_for("agency.holiday_notice", thay=notice.id),
    }


def _until(calendar: Calendar) -> str:
    return sentence("desk_calendar", "until", first=calendar.first, last=calendar.last)


def _status(work: Work, year: int) -> YearStatus:
    """The year asked for; without one the first that waits for a notice."""
    shown = operation.years_shown(work)
    calendar = operation.calendar_of(work.law)
    if calendar.first.year <= year <= calendar.last.year + 1:
        return years(calendar, queries.notices(work.session), year, year)[0]
    return next((each for each in shown if not each.confirmed), shown[-1])


def _today(work: Work) -> date:
    return work.today(work.law.first)


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]
