"""View models: what a page shows of clocks, steps and moves, in Vietnamese, with the article of each.

Pages get words, tones and booleans from here and never see a state. The shapes are those of
`tests/look/samples.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from webapp.core import timing
from webapp.core.calendar import BeyondCalendar
from webapp.core.clocks import Unit, share_used
from webapp.core.regulation import Clock as ClockRow
from webapp.core.regulation import Regulation, State
from webapp.core.state import Case, Clock
from webapp.core.workflow import Offer, Refused
from webapp.doors.rounds import Seen as Seen
from webapp.doors.rounds import expected as expected
from webapp.doors.rounds import foremost, this_round, used_text
from webapp.regulations.directory import Directory
from webapp.words import sentence, step_text, term_text

Vm = dict[str, Any]
LEAST_SHARE = 0.08
_TONE = {"on_time": "ok", "late": "late", "running": "brand", "soon": "soon", "ended": "idle"}


def seen(regulation: Regulation, clock: Clock, now: datetime, who: str = "") -> Seen:
    """A clock of the core's state, judged at `now`."""
    used = None
    if clock.met_at:
        used = _share(regulation, clock.clock, clock.started_at, clock.due_at, clock.met_at)
    return Seen(
        clock.clock,
        clock.started_at,
        clock.due_at,
        clock.provisional,
        timing.standing(clock, now),
        used,
        clock.running,
        clock.paused_at if clock.stands_still else None,
        who,
    )


# Words for instants


def local(regulation: Regulation, at: datetime) -> datetime:
    return at.astimezone(regulation.zone)


def day_text(day: date | str) -> str:
    return (date.fromisoformat(day) if isinstance(day, str) else day).strftime("%d/%m/%Y")


def due_text(regulation: Regulation, at: datetime, now: datetime | None = None, *, hours: bool = True) -> str:
    """A due instant as people say it: the end of a day, or clock time, weekday and day.

    Without `hours` only the day: two hours before a public due time somebody stood at that place.
    """
    there = local(regulation, at)
    today = local(regulation, now).date() if now else None
    if there.time() == time(0):
        last = there.date() - timedelta(days=1)
        ends_today = last == today
        return sentence("due", "end_of_today" if ends_today else "end_of_day", day=day_text(last))
    if not hours:
        return sentence("due", "within_day", day=day_text(there.date()))
    clock = there.strftime("%H:%M")
    if there.date() == today:
        return sentence("due", "today", time=clock)
    weekday = sentence("shown", f"weekday_{there.weekday()}")
    return sentence("due", "moment", time=clock, weekday=weekday, day=day_text(there.date()))


def moment_text(regulation: Regulation, at: datetime) -> str:
    there = local(regulation, at)
    return f"{day_text(there.date())}, {there:%H:%M}"


def overdue_text(regulation: Regulation, due_at: datetime, now: datetime, *, hours: bool = True) -> str:
    """How late, in the largest unit: whole calendar days, hours or minutes; without `hours` days at most."""
    past = now - due_at
    if past >= timedelta(days=1):
        return sentence("standing", "late_days", days=past.days)
    if not hours:
        return sentence("standing", "late")
    if past >= timedelta(hours=1):
        return sentence("standing", "late_hours", hours=past.seconds // 3600)
    return sentence("standing", "late_minutes", minutes=max(1, past.seconds // 60))


# Chips


def chip(label: str, tone: str = "idle") -> Vm:
    return {"label": label, "tone": tone}


def due_chip(regulation: Regulation, clock: Clock, now: datetime) -> Vm:
    """The chip of a running clock: late, soon or in time."""
    due_at = clock.due_at
    if now > due_at:
        return chip(overdue_text(regulation, due_at, now), "late")
    text = sentence("due", "chip", due=due_text(regulation, due_at, now))
    return chip(text, "soon" if regulation.near(clock.clock, due_at, now) else "idle")


def standing_chip(standing: str) -> Vm | None:
    if standing == "ended":
        return None
    return chip(sentence("standing", standing), _TONE[standing])


def state_chip(regulation: Regulation, state: str, *, desk: bool) -> Vm:
    row: State = regulation.state(state)
    tone = "idle" if row.void else "ok" if row.final else "brand"
    return chip(row.label if desk else row.public, tone)


# The ribbon


def segments(regulation: Regulation, clocks: Sequence[Seen], now: datetime) -> list[Vm]:
    """One segment a legal term of this round, in the regulation's order."""
    latest = foremost(this_round(regulation, clocks))
    ahead = expected(regulation, latest)
    rows = [row for row in regulation.clocks if row.id in latest or row.id in ahead]
    current = _current(rows, latest)
    return [_segment(regulation, row, latest.get(row.id), row.id == current, now) for row in rows]


def _current(rows: Sequence[ClockRow], latest: Mapping[str, Seen]) -> str | None:
    running = [row.id for row in rows if row.id in latest and latest[row.id].counted]
    return min(running, key=lambda id: latest[id].due_at, default=None)


def _segment(regulation: Regulation, row: ClockRow, clock: Seen | None, current: bool, now: datetime) -> Vm:
    kind, share = _progress(regulation, clock, now)
    allowed = allowed_minutes(regulation, row)
    # What was done within minutes still shows a mark, or it would look undone.
    drawn = max(share, LEAST_SHARE) if kind == "met_on_time" else share
    text = sentence("segment", kind, share=min(100, round(share * 100)), term=term(row))
    return {
        "label": row.short,
        "allowed": allowed,
        "used": min(100, round(drawn * 100)),
        "tone": _SEGMENT_TONE[kind],
        "text": text,
        "current": current,
    }


_SEGMENT_TONE = {
    "met_on_time": "ok",
    "met_late": "late",
    "running": "brand",
    "soon": "soon",
    "late": "late",
    "ended": "idle",
    "paused": "idle",
    "todo": "idle",
}


def _progress(regulation: Regulation, clock: Seen | None, now: datetime) -> tuple[str, float]:
    if clock is None:
        return "todo", 0.0
    if clock.paused_at:
        share = _share(regulation, clock.clock, clock.started_at, clock.due_at, clock.paused_at)
        return "paused", min(1.0, share)
    if clock.running:
        if now > clock.due_at:
            return "late", 1.0
        share = _share(regulation, clock.clock, clock.started_at, clock.due_at, now)
        return ("soon" if regulation.near(clock.clock, clock.due_at, now) else "running"), share
    if clock.standing == "ended":
        return "ended", 0.0
    late = clock.standing == "late"
    return ("met_late", 1.0) if late else ("met_on_time", clock.used or 0.0)


def _share(regulation: Regulation, clock: str, start: datetime, due_at: datetime, at: datetime) -> float:
    try:
        return share_used(start, due_at, at, regulation.counting, regulation.clock(clock).unit)
    except BeyondCalendar:
        return 1.0


def allowed_minutes(regulation: Regulation, row: ClockRow) -> int:
    """How wide a term is drawn: its working minutes, clock hours as such."""
    if row.term is None:
        return regulation.counting.sessions.minutes
    counting, value = regulation.counting, row.term.value
    per_unit = {
        Unit.working_hour: 60,
        Unit.clock_hour: 60,
        Unit.working_day: counting.sessions.minutes,
        Unit.calendar_day: counting.sessions.minutes,
    }
    return int(value * per_unit[row.term.unit])


def term(row: ClockRow) -> str:
    if row.term is None:
        return sentence("shown", "term_promised")
    return term_text(row.term.value, str(row.term.unit))


def ribbon(
    regulation: Regulation,
    clocks: Sequence[Seen],
    now: datetime,
    title: str,
    ended: str = "",
    *,
    hours: bool = True,
) -> Vm:
    """The ribbon with its summary line and the reckoning of the clock that counts now."""
    if not clocks:  # answered on the spot: no term ever ran
        return {"title": title, "summary": "", "segments": [], "due": ended, "due_tone": "ink", "cite": None}
    counted = [clock for clock in clocks if clock.counted]
    paused = [clock for clock in clocks if clock.paused_at]
    subject = min(counted or paused or clocks[-1:], key=lambda c: c.due_at)
    row = regulation.clock(subject.clock)
    due_line, tone = ended, "ink"
    if paused:
        due_line = sentence("due", "paused", step=row.label)
    if counted:
        tone = (
            "late"
            if now > subject.due_at
            else "soon"
            if regulation.near(row.id, subject.due_at, now)
            else "ink"
        )
        due_words = due_text(regulation, subject.due_at, now, hours=hours)
        due_line = sentence("due", "label", step=row.label.lower(), due=due_words)
    return {
        "title": title,
        "summary": used_text(regulation, clocks),
        "segments": segments(regulation, clocks, now),
        "due": due_line,
        "due_tone": tone,
        "cite": clock_cite(regulation, subject),
    }


def clock_cite(regulation: Regulation, clock: Seen) -> Vm:
    """How a due date is counted, line by line, with the article of its clock."""
    row = regulation.clock(clock.clock)
    if clock.paused_at:  # no due date is true before the pause is over
        return cite(f"{regulation.id}, {row.cite}", sentence("due", "paused_why"))
    reckoned = timing.reckoned(regulation, clock.clock, clock.started_at, clock.due_at)
    steps = [step_text(step.code, step.params) for step in reckoned.steps]
    if reckoned.at != clock.due_at:
        steps.append(sentence("ribbon", "moved", due=due_text(regulation, clock.due_at)))
    if clock.provisional:
        steps.append(sentence("due_command", "provisional"))
    return {"article": f"{regulation.id}, {row.cite}", "label": "", "steps": steps}


def cite(article: str, *steps: str, label: str = "") -> Vm:
    return {"article": article, "label": label, "steps": list(steps)}


# Steps and moves


def entry(title: str, when: str, *, when_iso: str = "", article: str = "", **more: Any) -> Vm:
    blank = {"note": "", "standing": None, "body": "", "future": False, "staff": False}
    return {"title": title, "when": when, "when_iso": when_iso, "article": article, **blank, **more}


def paused_entry(row: ClockRow) -> Vm:
    """A term that stands still: it is to come, and nobody knows yet by when."""
    note, still = sentence("step", "term", term=term(row)), sentence("standing", "paused")
    return entry(row.label, still, note=note, article=row.cite, future=True)


def next_entries(regulation: Regulation, state: Case) -> list[Vm]:
    """The legal steps still to come: terms that have not started, each with its length and article."""
    started = {clock.clock for clock in state.clocks}
    ahead = expected(regulation, started)
    return [
        entry(row.label, sentence("step", "term", term=term(row)), article=row.cite, future=True)
        for row in regulation.clocks
        if row.id in ahead and row.id not in started
    ]


def refusal_text(regulation: Regulation, refused: Refused) -> str:
    """The sentence of a refusal, with states, roles and facts in their own words."""
    params: dict[str, Any] = dict(refused.params)
    if "state" in params:
        params["state"] = regulation.state(params["state"]).label
    if "roles" in params:
        params["roles"] = ", ".join(regulation.role(role).label for role in params["roles"])
    if "fact" in params:
        params["fact"] = sentence("fact", params["fact"])
    if "field" in params:
        params["field"] = sentence("field", params["field"])
    if "labels" in params:
        params["labels"] = ", ".join(params["labels"])
    for name in ("due_at", "last"):
        if name in params:
            params[name] = due_text(regulation, datetime.fromisoformat(params[name]))
    return sentence("refused", refused.code, **params)


def offer_rows(regulation: Regulation, offers: Iterable[Offer], url: Any) -> list[Vm]:
    """Buttons: allowed ones with their address, refused ones with their reason and article."""
    rows = []
    for offer in offers:
        move, refused = offer.move, offer.refused
        needs = bool(move.requires or move.optional)
        rows.append(
            {
                "label": move.label,
                "url": url(move, offer.target),
                "post": not needs,
                "main": move.step == "main" and refused is None,
                "danger": move.step == "danger",
                "allowed": refused is None,
                "reason": refusal_text(regulation, refused) if refused else "",
                "article": refused.cite if refused else move.cite,
            }
        )
    return rows


def agency_name(directory: Directory, id: str | None) -> str:
    found = directory.agency(id or "")
    return found.name if found else ""


def category_name(directory: Directory, id: str | None) -> str:
    found = directory.category(id or "")
    return found.name if found else ""


def area_name(directory: Directory, id: str | None) -> str:
    found = directory.area(id or "")
    return found.name if found else ""
