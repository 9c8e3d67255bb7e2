"""The list of work: what waits for this account, the most urgent first."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import render_template, request, url_for

from webapp.agency import breach, call_back, calls, delegation, enter, news, rows, tabs
from webapp.agency.door import blueprint
from webapp.agency.guard import Staff, staff
from webapp.doors import house, now
from webapp.doors.present import Vm, day_text
from webapp.operations.work import Work
from webapp.store.queries import agency as queries
from webapp.words import sentence

PER_PAGE = 25
LAST_PAGE = 200  # beyond it people search; an offset grows dearer with every page


@blueprint.get("/")
def queue() -> str:
    with house().reading(now()) as work:
        return render_template("agency/queue.html", queue=_queue(work, staff()))


def _queue(work: Work, who: Staff) -> Vm:
    groups = tabs.tabs(work.law, who)
    current = next((tab for tab in groups if tab.code == request.args.get("nhom")), groups[0])
    at_agency = None if tabs.everywhere(work.law, who) else who.agency
    scope = queries.everywhere() if at_agency is None else queries.at_agency(at_agency)
    number = _page_number()
    found = queries.page(work.session, scope, current, (number - 1) * PER_PAGE, PER_PAGE + 1)
    zone = _zone(work)
    figures = queries.figures(work.session, scope, groups, work.now, _end_of_day(work.now, zone))
    there = work.now.astimezone(zone)
    weekday = sentence("shown", f"weekday_{there.weekday()}")
    return {
        "title": sentence("desk", "todo"),
        "today": f"{weekday[0].upper()}{weekday[1:]} {day_text(there.date())}, {there:%H:%M}",
        "stats": _stats(figures),
        "tabs": [_tab(tab, figures, tab is current) for tab in groups],
        "filters": None,
        "items": rows.items(work, found[:PER_PAGE], at_agency),
        "empty": _empty(current),
        "pager": _pager(current, number, len(found) > PER_PAGE),
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
    numbers = (
        ("late", figures.late, "late" if figures.late else "idle"),
        ("today", figures.today, "soon" if figures.today else "idle"),
        ("open", figures.open, "brand"),
    )
    return [
        {"value": str(value), "label": sentence("desk_figure", code), "tone": tone}
        for code, value, tone in numbers
    ]


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


def _pager(tab: queries.Tab, number: int, more: bool) -> Vm | None:
    if number == 1 and not more:
        return None

    def url(page: int) -> Any:
        return url_for("agency.queue", nhom=tab.code, trang=page)

    return {
        "text": sentence("desk", "page", page=number),
        "previous_url": url(number - 1) if number > 1 else None,
        "next_url": url(number + 1) if more and number < LAST_PAGE else None,
    }
