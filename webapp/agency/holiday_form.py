"""The form of a notice of days off: rows of dates that grow without a script, and the notice they make."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise

from webapp.agency import forms
from webapp.core.calendar import SpecialDay, days_between
from webapp.core.holidays import Notice, NoticeDay, YearStatus
from webapp.core.text import clean_line
from webapp.doors.present import Vm
from webapp.words import sentence

OFF, WORK = "off", "work"
_PARTS = {OFF: ("from", "to", "name"), WORK: ("on", "name")}
_ROW = re.compile(r"(off|work)-([0-9]{1,2})-(from|to|on|name)\Z")
MOST_ROWS, LONGEST_SPAN, LONGEST = 40, 31, 200
_SATURDAY = 5
_HEAD = ("year", "number", "issued")


@dataclass
class Typed:
    """What was typed, kept whatever is wrong with it. `rows` counts the rows of each kind."""

    token: str
    replaces: int | None = None
    values: dict[str, str] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=lambda: {OFF: 2, WORK: 1})
    errors: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    def put(self, kind: str, number: int, *values: str) -> None:
        self.values |= {f"{kind}-{number}-{part}": v for part, v in zip(_PARTS[kind], values, strict=True)}

    def hidden(self) -> dict[str, str]:
        """Everything, for a page that only asks whether it is right."""
        replaces = {"replaces": str(self.replaces)} if self.replaces else {}
        return {"token": self.token, **replaces, **{name: v for name, v in self.values.items() if v}}


def read(values: Mapping[str, str], token: str, replaces: int | None) -> Typed:
    """The form as it was sent; names that are not of this form are dropped."""
    known = {name: clean_line(value)[: LONGEST + 1] for name, value in values.items() if _is_ours(name)}
    typed = Typed(token, replaces, known)
    for name in known:
        if found := _ROW.match(name):
            kind, number = found[1], int(found[2])
            if 0 < number <= MOST_ROWS:
                typed.rows[kind] = max(typed.rows[kind], number)
    return typed


def _is_ours(name: str) -> bool:
    return name in (*_HEAD, "whole") or bool(_ROW.match(name))


def prepared(token: str, year: YearStatus, replaced: Notice | None) -> Typed:
    """An empty form, with the days of the year that wait for a notice, or those of the one to be replaced."""
    typed = Typed(token, replaced.id if replaced else None, {"year": str(year.year)})
    days: Iterable[SpecialDay | NoticeDay] = replaced.days if replaced else year.unsure
    if replaced and replaced.whole:
        typed.values["whole"] = "1"
    number = 0
    for number, run in enumerate(_runs([day for day in days if not day.working]), 1):
        last = run[-1].on.isoformat() if len(run) > 1 else ""
        typed.put(OFF, number, run[0].on.isoformat(), last, run[0].name)
    typed.rows[OFF] = number + 1
    number = 0
    for number, day in enumerate([day for day in days if day.working], 1):
        typed.put(WORK, number, day.on.isoformat(), day.name)
    typed.rows[WORK] = number + 1
    return typed


def _runs(days: list[SpecialDay | NoticeDay]) -> Iterator[list[SpecialDay | NoticeDay]]:
    """Days of one name with nothing but a weekend between them."""
    run: list[SpecialDay | NoticeDay] = days[:1]
    for before, day in pairwise(days):
        between = days_between(before.on + timedelta(days=1), day.on - timedelta(days=1))
        if day.name == before.name and all(each.weekday() >= _SATURDAY for each in between):
            run.append(day)
            continue
        yield run
        run = [day]
    if run:
        yield run


def notice_of(typed: Typed) -> Notice:
    """The notice that was typed; what cannot be read stands in `typed.errors` then."""
    days = [
        day for kind in (OFF, WORK) for n in range(1, typed.rows[kind] + 1) for day in _days(typed, kind, n)
    ]
    issued = _day(typed["issued"])
    year = int(typed["year"]) if re.fullmatch("[0-9]{4}", typed["year"]) else 0
    if not year:
        typed.errors["year"] = sentence("calendar_fault", "bad_year")
    if issued is None:
        typed.errors["issued"] = sentence("calendar_fault", "bad_issued")
    if not typed["number"]:
        typed.errors["number"] = sentence("calendar_fault", "number")
    ordered = tuple(sorted(days, key=lambda day: day.on))
    whole = bool(typed["whole"])
    return Notice(year, typed["number"], issued or date.min, whole, ordered, typed.replaces)


def _days(typed: Typed, kind: str, number: int) -> Iterator[NoticeDay]:
    first, *more = (typed[f"{kind}-{number}-{part}"] for part in _PARTS[kind])
    name, place = more[-1], f"{kind}-{number}-{_PARTS[kind][0]}"
    label = sentence("desk_calendar", f"row_{kind}", number=number)
    if not any((first, *more)):
        return
    start, end = _day(first), _day(more[0]) if kind == OFF and more[0] else None
    if start is None or (kind == OFF and more[0] and end is None):
        typed.errors[place] = sentence("calendar_fault", "bad_date", row=label)
    elif end is None:
        yield NoticeDay(start, kind == WORK, name)
    elif not timedelta(0) <= end - start < timedelta(days=LONGEST_SPAN):
        typed.errors[place] = sentence("calendar_fault", "bad_span", row=label)
    else:
        on = (day for day in days_between(start, end) if day.weekday() < _SATURDAY)
        yield from (NoticeDay(day, False, name) for day in on)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def view(typed: Typed, years: Iterable[int]) -> Vm:
    """The fields: head, then the rows of each kind, then what the notice is."""
    return {
        "head": [_year(typed, years), _line(typed, "number"), _issued(typed)],
        "groups": [_group(typed, kind) for kind in (OFF, WORK)],
        "whole": forms.field(
            "whole", "checkbox", sentence("desk_calendar", "whole"), plain=True, value=typed["whole"],
            hint=sentence("desk_calendar", "whole_hint"),
        ),
        "hidden": {"token": typed.token} | ({"replaces": str(typed.replaces)} if typed.replaces else {}),
    }  # fmt: skip


def _year(typed: Typed, years: Iterable[int]) -> Vm:
    options = [forms.option(str(year), str(year), selected=typed["year"] == str(year)) for year in years]
    label = sentence("desk_calendar", "year")
    return forms.field("year", "select", label, required=True, error=typed.errors.get("year")) | {
        "options": options
    }


def _line(typed: Typed, name: str) -> Vm:
    hint = sentence("desk_calendar", f"{name}_hint")
    more = {"value": typed[name], "error": typed.errors.get(name), "maxlength": LONGEST, "hint": hint}
    return forms.field(name, "text", sentence("desk_calendar", name), required=True, **more)


def _issued(typed: Typed) -> Vm:
    label, error = sentence("desk_calendar", "issued"), typed.errors.get("issued")
    return forms.field("issued", "date", label, required=True, value=typed["issued"], error=error)


def _group(typed: Typed, kind: str) -> Vm:
    rows = [_row(typed, kind, number) for number in range(1, typed.rows[kind] + 1)]
    more = typed.rows[kind] < MOST_ROWS
    return {
        "title": sentence("desk_calendar", f"group_{kind}"),
        "hint": sentence("desk_calendar", f"group_{kind}_hint"),
        "rows": rows,
        "more": {"value": f"more-{kind}", "label": sentence("desk_calendar", f"more_{kind}")}
        if more
        else None,
    }


def _row(typed: Typed, kind: str, number: int) -> Vm:
    fields = []
    for part in _PARTS[kind]:
        name, text = f"{kind}-{number}-{part}", part == "name"
        label = sentence("desk_calendar", f"{kind}_{part}")
        error = typed.errors.get(name)
        one = forms.field(name, "text" if text else "date", label, plain=True, value=typed[name], error=error)
        fields.append(one | {"maxlength": LONGEST if text else None})
    return {"legend": sentence("desk_calendar", f"row_{kind}", number=number), "fields": fields}
