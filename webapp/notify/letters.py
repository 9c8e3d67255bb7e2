"""From a notice to its letter: numbers, dates, agencies and articles, nothing a person wrote."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from webapp.core.events import Kind
from webapp.core.regulation import Regulation
from webapp.regulations.installation import Installation
from webapp.store.queries.notices import Told
from webapp.words import sentence

TEMPLATES = Path(__file__).parent.parent / "templates" / "notices"
_FOLLOW, _DESK = "/theo-doi", "/co-quan/vu"


@dataclass(frozen=True, slots=True)
class Letter:
    """A message ready to leave. The same notice always has the same id. `short` is the form for a phone's
    messages and `to` a reporter: case and number of the submission."""

    id: str
    subject: str
    body: str
    short: str = ""
    to: tuple[int, int] | None = None
    at: datetime | None = None


class Letters:
    """Writes letters for one installation; `base_url` is where people reach it."""

    def __init__(self, law: Installation, base_url: str) -> None:
        self._law = law
        self._base_url = base_url

    def write(self, told: Told) -> Letter:
        """The letter of a notice. Its template's first line is the subject."""
        notice, context = told.notice, self.context(told)
        text = _environment().get_template(f"{notice.template}.txt").render(n=context)
        subject, _, body = text.partition("\n")
        head = (notice.id, subject.strip(), body.strip() + "\n")
        if notice.submission is None:
            return Letter(*head, at=notice.created_at)
        short = sentence("letter_short", notice.template, **context)
        return Letter(*head, short, (notice.case_id, notice.submission), notice.created_at)

    def context(self, told: Told) -> dict[str, Any]:
        """What a template may say."""
        regulation, directory = self._law.pinned(told.case.regulation, told.case.version), self._law.directory
        staff = told.notice.submission is None
        coordinator = directory.coordinator_under(regulation.id)
        agency = directory.agency(told.agency or "") or coordinator
        category = directory.category(told.case.category or "")
        area = directory.area(told.case.area or "")
        former = directory.agency(told.event.data.get("former", ""))
        return {
            "staff": staff,
            "number": told.case.code,
            "url": self._base_url + (f"{_DESK}/{told.case.id}" if staff else _FOLLOW),
            "receiver": coordinator.name,
            "agency": agency.name,
            "former": former.name if former else "",
            "category": category.name if category else "",
            "commune": area.name if area else "",
            "article": told.event.cite if former else f"{regulation.id}, {told.event.cite}",
            **_of_event(regulation, told),
        }


def _of_event(regulation: Regulation, told: Told) -> dict[str, str]:
    data = told.event.data
    ground = regulation.ground(data.get("ground", ""))
    role = next((role.label for role in regulation.roles if role.id == told.event.role), "")
    clock, due_at = _term(regulation, told)
    label = regulation.clock(clock).label if clock else ""
    step = label[:1].lower() + label[1:]
    due = sentence("due", "label", step=step, due=_due(regulation, due_at)) if due_at else ""
    return {
        "label": regulation.move(data["move"]).label if data.get("move") else "",
        "ground": ground.label if ground else "",
        "ground_article": f"{regulation.id}, {ground.cite}" if ground else "",
        "by": role,
        "step": label,
        "due": due,
    }


def _term(regulation: Regulation, told: Told) -> tuple[str, datetime | None]:
    """The term a letter speaks of: the one that fell due, else the one the event moved or started (on what
    it is about, if there are several), else the one the case waits for."""
    event = told.event
    if event.kind == Kind.clock_breached:
        return event.data["clock"], event.occurred_at
    if event.kind == Kind.clock_recomputed:
        return told.notice.params["clock"], datetime.fromisoformat(told.notice.params["due_at"])
    if event.kind == Kind.clock_warned:
        return event.data["clock"], datetime.fromisoformat(told.notice.params["due_at"])
    clocks = event.data.get("clocks", {})
    extended = regulation.move(event.data["move"]).extends if event.data.get("move") else ()
    if extended and clocks.get("moved"):
        row = clocks["moved"][0]
        return row.get("clock", extended[0]), datetime.fromisoformat(row["due_at"])
    started = clocks.get("started", ())
    own = [row for row in started if row["on"] == event.on] or list(started)
    if own:
        # No due date is true before the pause is over in which it began.
        return own[0]["clock"], None if own[0].get("paused_at") else datetime.fromisoformat(own[0]["due_at"])
    return told.case.next_clock or "", told.case.next_due_at


def _due(regulation: Regulation, at: datetime) -> str:
    there = at.astimezone(regulation.zone)
    if there.time() == time(0):
        return sentence("due", "end_of_day", day=_day(there - timedelta(days=1)))
    weekday = sentence("shown", f"weekday_{there.weekday()}")
    return sentence("due", "moment", time=there.strftime("%H:%M"), weekday=weekday, day=_day(there))


def _day(at: datetime) -> str:
    return at.strftime("%d/%m/%Y")


@cache
def _environment() -> Environment:
    # Plain text is not HTML: escaping would show people "&#39;".
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=False,  # noqa: S701
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
