"""View models of the public pages: cards, chips and ribbons.

Of what happened a page tells the day, never the hour: the hour may tell who it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from flask import render_template, url_for

from webapp.core import timing
from webapp.core.calendar import BeyondCalendar
from webapp.core.clocks import Step
from webapp.core.regulation import Regulation
from webapp.doors import present
from webapp.doors.present import Seen, Vm, chip
from webapp.regulations.directory import Directory
from webapp.regulations.installation import Installation
from webapp.store.models import PubCard, PubClock
from webapp.words import catalogue, sentence, step_text

_HOURLY = frozenset({"waits", "time_counted", "hours_run", "ends"})


def page(template: str, *, at: str = "", **context: Any) -> str:
    """A rendered page of this door; `at` is the address of the current item of the navigation."""
    items = catalogue()["public_nav"].items()
    nav = [{"label": label, "url": url, "current": url == at} for url, label in items]
    return render_template(template, nav=nav, **context)


# Clocks


def seen(clock: PubClock, now: datetime) -> Seen:
    """A public clock judged at `now`: what nobody has recorded yet is late all the same."""
    running = clock.ended_n is None
    late = running and now > clock.due_at and not clock.paused_at
    return Seen(
        clock.clock,
        clock.started_at,
        clock.due_at,
        clock.provisional,
        "late" if late else clock.standing,
        clock.used,
        running,
        clock.paused_at,
        clock.agency or "",
    )


def still_to_come(regulation: Regulation, clocks: Sequence[Seen]) -> list[str]:
    """The ids of terms that have not started (again)."""
    order = _order(regulation)
    running = [order[clock.clock] for clock in clocks if clock.running]
    if not running:
        return []
    ahead = present.expected(regulation, (clock.clock for clock in clocks))
    return [row.id for row in regulation.clocks if row.id in ahead and order[row.id] > max(running)]


def _order(regulation: Regulation) -> dict[str, int]:
    return {row.id: number for number, row in enumerate(regulation.clocks)}


def ribbon(regulation: Regulation, card: PubCard, clocks: Sequence[Seen], now: datetime) -> Vm:
    ended = ""
    if card.answered_on:
        ended = sentence("public_case", "done_on", day=present.day_text(card.answered_on))
    title = sentence("ribbon", "title")
    shown = present.ribbon(regulation, clocks, now, title, ended, hours=False)
    if not clocks:
        return shown
    running = [clock for clock in clocks if clock.counted]
    if running:
        return {**shown, "cite": reckoning(regulation, min(running, key=lambda clock: clock.due_at))}
    if any(clock.paused_at for clock in clocks):
        return shown
    return {**shown, "due_tone": "late" if card.late else "ok", "cite": None}


def reckoning(regulation: Regulation, clock: Seen) -> Vm:
    """How a due date is counted, line by line, without the hour of what happened."""
    row = regulation.clock(clock.clock)
    try:
        reckoned = timing.reckoned(regulation, clock.clock, clock.started_at, clock.due_at)
    except BeyondCalendar:
        return present.cite(_article(regulation, row.cite))
    steps = [_by_day(step) for step in reckoned.steps if step.code not in _HOURLY]
    if any(step.code == "ends" for step in reckoned.steps):
        day = present.due_text(regulation, reckoned.at, hours=False)
        steps.append(sentence("step", "due", due=day) + ".")
    if reckoned.at != clock.due_at:
        steps.append(sentence("ribbon", "moved", due=present.due_text(regulation, clock.due_at, hours=False)))
    if clock.provisional:
        steps.append(sentence("due_command", "provisional"))
    return present.cite(_article(regulation, row.cite), *steps)


def _by_day(step: Step) -> str:
    params = dict(step.params)
    if step.code == "starts":
        params["at"] = params["at"][:10]
    return step_text(step.code, params)


def _article(regulation: Regulation, cite: str) -> str:
    return f"{regulation.id}, {cite}"


# Cards


def item(law: Installation, card: PubCard, clocks: Sequence[PubClock], now: datetime) -> Vm:
    """One card of the list."""
    regulation = law.pinned(card.regulation, card.version)
    judged = [seen(clock, now) for clock in clocks]
    return {
        "url": url_for("public.case", code=card.code),
        "title": headline(law.directory, card),
        "number": card.code,
        "chips": [standing(regulation, card, clocks, now)],
        "meta": _beneath(law.directory, card),
        "segments": present.segments(regulation, judged, now),
        "ribbon_text": _under_ribbon(law, card, clocks, now),
    }


def title_of(directory: Directory, card: PubCard) -> str:
    """The published title, else the category, which is all that everybody may know."""
    if card.title:
        return card.title
    row = directory.category(card.category or "")
    if row is None or not (row.agency or row.agency_by):
        return sentence("public_case", "untitled")
    return sentence("public_case", "title", category=row.name)


def headline(directory: Directory, card: PubCard) -> str:
    """What a card of a list is headed by: the published title, else what it is about and where."""
    if card.title:
        return card.title
    category = directory.category(card.category or "")
    about = category.name if category else sentence("public_case", "untitled")
    return joined(about, present.area_name(directory, card.area))


def standing(regulation: Regulation, card: PubCard, clocks: Iterable[PubClock], now: datetime) -> Vm:
    """Where the case stands against the law, as one chip."""
    running = current(clocks)
    due_at, clock = (card.due_at, card.due_clock) if card.due_at else (None, None)
    if due_at is None and running:
        due_at, clock = running.due_at, running.clock
    if due_at and clock:
        if now > due_at:
            return chip(present.overdue_text(regulation, due_at, now, hours=False), "late")
        soon = regulation.near(clock, due_at, now)
        return chip(sentence("standing", "soon"), "soon") if soon else chip(sentence("standing", "running"))
    if paused(clocks):
        return chip(sentence("standing", "paused"))
    if card.answered_on:
        late, code = card.late, ("answered_late" if card.late else "answered_on_time")
        return chip(sentence("standing", code), "late" if late else "ok")
    return present.state_chip(regulation, card.state, desk=False)


def meta(directory: Directory, card: PubCard) -> str:
    parts = (
        present.category_name(directory, card.category) if card.title else "",
        present.area_name(directory, card.area),
        sentence("public_case", "sent_on", day=present.day_text(card.submitted_on)),
    )
    return joined(*parts)


def _beneath(directory: Directory, card: PubCard) -> str:
    """Under the headline: where, or why there is no more to read; and since when."""
    if card.title:
        return meta(directory, card)
    sent = sentence("public_case", "sent_on", day=present.day_text(card.submitted_on))
    return joined(sentence("public_content", card.content), sent)


def joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def current(clocks: Iterable[PubClock]) -> PubClock | None:
    """The running term that ends first, of those that are counted now."""
    running = (clock for clock in clocks if clock.ended_n is None and not clock.paused_at)
    return min(running, key=lambda clock: clock.due_at, default=None)


def paused(clocks: Iterable[PubClock]) -> PubClock | None:
    """The term that stands still, where none is counted."""
    waiting = [clock for clock in clocks if clock.ended_n is None]
    return waiting[0] if waiting and all(clock.paused_at for clock in waiting) else None


def holder(law: Installation, regulation: Regulation, clock: PubClock) -> str:
    """Whose term it is: an agency's, or the coordinator's while no agency has the case."""
    coordinator = law.directory.coordinator_under(regulation.id)
    return present.agency_name(law.directory, clock.agency) or coordinator.short


def _under_ribbon(law: Installation, card: PubCard, clocks: Sequence[PubClock], now: datetime) -> str:
    running, regulation = current(clocks), law.pinned(card.regulation, card.version)
    if running:
        code = "due_provisional" if running.provisional else "due"
        due_line = sentence(
            "public_case", code, due=present.due_text(regulation, running.due_at, now, hours=False)
        )
        return joined(holder(law, regulation, running), due_line, regulation.clock(running.clock).cite)
    if still := paused(clocks):
        return joined(
            holder(law, regulation, still), sentence("standing", "paused"), regulation.clock(still.clock).cite
        )
    agency = present.agency_name(law.directory, card.agency)
    done = (
        sentence("public_case", "done_on", day=present.day_text(card.answered_on)) if card.answered_on else ""
    )
    return joined(agency, done)
