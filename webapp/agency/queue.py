"""The list of work: what waits for this account, the most urgent first."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from webapp.agency import breach, call_back, calls, delegation, enter, find, news, rows, tabs
from webapp.agency.door import blueprint
from webapp.agency.guard import Staff, staff
from webapp.doors import house, now
from webapp.doors.present import Vm, day_text
from webapp.operations.work import Work
from webapp.store.queries import agency as queries
from webapp.words import sentence

PER_PAGE = 25
LATE, TODAY = "qua-han", "hom-nay"
MOMENT = timedelta(microseconds=1)  # at its due instant nothing is late
LAST_PAGE = 200  # beyond it people search; an offset grows dearer with every page


@blueprint.get("/")
def queue() -> str | BaseResponse:
    with house().reading(now()) as work:
        if address := find.found(work, staff()):
            return redirect(address, 303)
        return render_template("agency/queue.html", queue=_queue(work, staff()))


def _queue(work: Work, who: Staff) -> Vm:
    groups = tabs.tabs(work.law, who)
    current = next((tab for tab in groups if tab.code == request.args.get("nhom")), groups[0])
    at_agency = None if tabs.everywhere(work.law, who) else who.agency
    scope = queries.everywhere() if at_agency is None else queries.at_agency(at_agency)
    number, zone = _page_number(), _zone(work)
    end_of_day = _end_of_day(work.now, zone)
    term = request.args.get("han", "")
    due = {LATE: (None, work.now - MOMENT), TODAY: (work.now, end_of_day)}.get(term)
    listed = replace(current, due=due) if due else current
    found = queries.page(work.session, scope, listed, (number - 1) * PER_PAGE, PER_PAGE + 1)
    figures = queries.figures(work.session, scope, groups, work.now, end_of_day)
    there = work.now.astimezone(zone)
    weekday = sentence("shown", f"weekday_{there.weekday()}")
    return {
        "title": sentence("desk", "todo"),
        "today": f"{weekday[0].upper()}{weekday[1:]} {day_text(there.date())}, {there:%H:%M}",
        "stats": _stats(figures),
        "only": _only(current, term) if due else None,
        "tabs": [_tab(tab, figures, tab is current) for tab in groups],
        "find": find.form(),
        "filters": None,
        "items": rows.items(work, found[:PER_PAGE], at_agency),
        "empty": _empty(current),
        "pager": _pager(current, number, len(found) > PER_PAGE, term if due else None),
        "calls": calls.link(work, who),
        "call_back": call_back.link(work, who),
        "warnings": delegation.warnings(work, who),
        "enter": enter.link(work.law, who),
        "breach": breach.link(work, who),
        "news": news.section(work, who),
    }


def _page_number() -> int:
    text = request.args.get("trang", "1")
    return min(max(1, int(text)), LAST_PAGE) if text.isascii() and text.isdecimal() and len(text) < 5 else 1


def _zone(work: Work) -> ZoneInfo:
    """Where the desk stands: the zone of the regulation that governs first."""
    return work.law.first.zone


def _end_of_day(now: datetime, zone: ZoneInfo) -> datetime:
    """The next local midnight: a term that ends with today is due then."""
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(0), zone)


def _stats(figures: queries.Figures) -> list[Vm]:
    """Each figure with the list of what it counts."""
    numbers = (
        ("late", figures.late, "late" if figures.late else "idle", LATE),
        ("today", figures.today, "soon" if figures.today else "idle", TODAY),
        ("open", figures.open, "brand", None),
    )
    return [
        {
            "value": str(value),
            "label": sentence("desk_figure", code),
            "tone": tone,
            "url": url_for("agency.queue", nhom=tabs.RUNNING, han=term) if value else None,
        }
        for code, value, tone, term in numbers
    ]


def _only(tab: queries.Tab, term: str) -> Vm:
    """That the list is narrowed to a figure, and the way back to all of the group."""
    return {
        "text": sentence("desk_figure", f"only_{term}", group=sentence("desk_tab", tab.code)),
        "url": url_for("agency.queue", nhom=tab.code),
        "label": sentence("desk_figure", "everything"),
    }


def _tab(tab: queries.Tab, figures: queries.Figures, current: bool) -> Vm:
    label, count = sentence("desk_tab", tab.code), figures.tabs.get(tab.code)
    return {"label": label, "url": url_for("agency.queue", nhom=tab.code), "count": count, "current": current}


def _empty(tab: queries.Tab) -> Vm:
    title = "empty_todo_title" if tab.code == tabs.TODO else "empty_title"
    return {
        "title": sentence("desk", title),
        "text": sentence("desk", "empty_text"),
        "url": None,
        "action": "",
    }


def _pager(tab: queries.Tab, number: int, more: bool, term: str | None) -> Vm | None:
    if number == 1 and not more:
        return None

    def url(page: int) -> Any:
        return url_for("agency.queue", nhom=tab.code, han=term, trang=page)

    return {
        "text": sentence("desk", "page", page=number),
        "previous_url": url(number - 1) if number > 1 else None,
        "next_url": url(number + 1) if more and number < LAST_PAGE else None,
    }
