"""Entering a report for somebody who called, wrote or came: same report, same clocks, another hand."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from flask import abort, render_template, request, url_for

from webapp.agency import forms
from webapp.agency.door import blueprint
from webapp.agency.draft import new_token
from webapp.agency.guard import Staff, staff
from webapp.core.events import Kind
from webapp.core.regulation import Field, Regulation
from webapp.core.text import clean_line, clean_text
from webapp.core.timing import fits
from webapp.doors import house, now, present
from webapp.doors.present import Vm
from webapp.operations import callbacks, intake, people
from webapp.operations.intake import Place, Report, Taken
from webapp.operations.people import Person
from webapp.operations.work import Conflict, Refusal, Work
from webapp.regulations.directory import Directory
from webapp.regulations.installation import Installation
from webapp.words import sentence

_ID = re.compile(r"[0-9]{1,9}")
_TOKEN = re.compile(r"[0-9a-f]{32}")
_LINES = ("channel", "category", "area", "place", "occurred", "name", "phone", "address", "email", "secrecy")
_LONGEST = {"text": 5000, "place": 300, "name": 120, "phone": 40, "address": 300, "email": 254}
# The regulation's names of what a reporter gives, where the page calls the field otherwise.
_FIELDS = {"place": "area"}


@dataclass
class Typed:
    """What was typed; `secret` names the form, so that a second tap enters nothing twice."""

    secret: str = field(default_factory=new_token)
    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")


@blueprint.get("/nhap")
def enter() -> str:
    for_intake(house().law, staff())
    return _page(
        Typed(values={"occurred": _today().isoformat(), **_of_caller(request.args.get("goi-lai", ""))})
    )


def _of_caller(id: str) -> dict[str, str]:
    """What somebody who is being called back left; only for who opened the number. Raises Gone."""
    if not _ID.fullmatch(id):
        return {}
    with house().reading(now()) as work:
        caller = callbacks.opened_by(work, int(id), staff().id)
        area = callbacks.area_of(work, int(id))
    return {"callback": id, "phone": caller.phone, "place": caller.place.words, "area": area}


@blueprint.post("/nhap")
def entered() -> Any:
    """Take it in and show the number and the code once, to be read out; or the form with every fault."""
    law, who = house().law, staff()
    for_intake(law, who)
    typed = _read()
    _judge(law, typed)
    if typed.errors:
        return _page(typed), 422
    try:
        taken = house().write(now(), _taker(_report(law, typed), who, typed["callback"]))
    except Conflict:
        return _page(Typed(values=typed.values), sentence("desk_enter", "conflict")), 409
    except Refusal as refusal:
        regulation = _governing(law, typed) or law.first
        return _page(typed, present.refusal_text(regulation, refusal.refused)), 422
    receipt = taken.receipt
    regulation = taken.file.regulation
    shown = {
        "number": receipt.number,
        "code": receipt.code,
        "url": url_for("agency.case", id=receipt.case_id),
        "again": url_for("agency.enter"),
        "lead": sentence("desk_enter", "read_out"),
        "rules": sentence("desk_enter", "governed", title=regulation.short_title),
    }
    return render_template("agency/entered.html", entered=shown)


def _taker(report: Report, who: Staff, callback: str) -> Callable[[Work], Taken]:
    """Takes it in; for somebody who is being called back with the position they left."""
    if not callback:
        made = intake.ready(house().vault, report)
        return lambda work: intake.take(work, made, who.actor)

    def take(work: Work) -> Taken:
        left = callbacks.place_of(work, int(callback), who.id)
        place = replace(left, words=report.place.words)
        taken = intake.take(work, intake.ready(work.vault, replace(report, place=place)), who.actor)
        callbacks.reported(work, int(callback), who.id, taken.receipt.case_id)
        return taken

    return take


def link(law: Installation, who: Staff) -> Vm | None:
    """The way here from the list of work, for those who take reports in."""
    return (
        {"label": sentence("desk_enter", "title"), "url": url_for("agency.enter")} if may(law, who) else None
    )


def for_intake(law: Installation, who: Staff) -> None:
    if not may(law, who):
        abort(404)


def may(law: Installation, who: Staff) -> bool:
    """Whether some regulation lets this account make the move that opens a case."""
    laws = {row.regulation: law.regulation(row.regulation) for row in law.applies}
    opening = (m for r in laws.values() for m in r.moves if not m.from_ and m.event is Kind.submitted)
    return any(not who.roles.isdisjoint(move.by) for move in opening)


def _read() -> Typed:
    form = request.form
    secret = form.get("once", "")
    values = {name: clean_line(form.get(name, ""))[: _LONGEST.get(name, 100)] for name in _LINES}
    callback = form.get("callback", "")
    values |= {"callback": callback if _ID.fullmatch(callback) else ""}
    values |= {"text": clean_text(form.get("text", "")), "undertaking": form.get("undertaking", "")}
    return Typed(secret if _TOKEN.fullmatch(secret) else new_token(), values)


def _judge(law: Installation, typed: Typed) -> None:
    """Every fault at once: what cannot be, then what the regulation of that channel and place still asks."""
    errors = typed.errors
    if typed["phone"] and (fault := people.phone_fault(typed["phone"])):
        errors["phone"] = sentence("citizen_wrong", fault)
    if not _day(typed["occurred"]) and typed["occurred"]:
        errors["occurred"] = sentence("desk_move", "bad_date")
    if len(typed["text"]) > _LONGEST["text"]:
        errors["text"] = sentence("desk_enter", "text_long", limit=_LONGEST["text"])
    regulation = _governing(law, typed)
    directory = _offered(law, regulation)
    for name, known in (("category", directory.category), ("area", directory.area)):
        if typed[name] and known(typed[name]) is None:
            errors[name] = sentence("desk_enter", "unknown")
    if regulation is None:
        errors["channel"] = sentence("desk_enter", "no_regulation" if typed["channel"] else "no_channel")
    given = set(intake.given(_report(law, typed)))
    about = {"category": typed["category"] or None, "track": None, "kind": None}
    for row in _needed(law, regulation):
        if fits(row.when, about) and row.id not in given:
            missing = sentence("desk_move", "missing", fact=sentence("field", row.id))
            article = f" ({regulation.id}, {row.cite})" if regulation else ""
            errors.setdefault(_FIELDS.get(row.id, row.id), missing + article)


def _needed(law: Installation, regulation: Regulation | None) -> list[Field]:
    """What must be filled in; before channel and place are chosen, what each regulation of the desk wants."""
    ids = {row.regulation for row in law.applies if set(row.channels) - {"web"}}
    every = [regulation] if regulation else [law.regulation(id) for id in sorted(ids)]
    wanted = [{row.id for row in one.fields if row.required} - {"photo"} for one in every]
    return [row for row in every[0].fields if all(row.id in ids for ids in wanted)] if every else []


def _governing(law: Installation, typed: Typed) -> Regulation | None:
    return law.governing(typed["area"], typed["channel"], _today())


def _offered(law: Installation, regulation: Regulation | None) -> Directory:
    """What is in force today; once channel and place are known, only for that regulation's matters."""
    return law.directory.on(_today(), regulation.kind if regulation else None)


def _report(law: Installation, typed: Typed) -> Report:
    secrecies = (_governing(law, typed) or law.first).secrecies
    phone = people.normal_phone(typed["phone"]) or ""
    day = _day(typed["occurred"])
    return Report(
        secret=typed.secret,
        text=typed["text"],
        place=Place(typed["place"]),
        occurred_on=day.isoformat() if day else "",
        person=Person(typed["name"], phone, typed["email"], typed["address"]),
        secrecy=typed["secrecy"] or (secrecies[0].id if secrecies else ""),
        undertaking=bool(typed["undertaking"]),
        channel=typed["channel"],
        category=typed["category"] or None,
        area=typed["area"] or None,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _today() -> date:
    return now().astimezone(house().law.first.zone).date()


# The page


def _page(typed: Typed, refused: str = "") -> str:
    law = house().law
    rows = _needed(law, _governing(law, typed))
    needed = {"channel", *(_FIELDS.get(row.id, row.id) for row in rows if not row.when)}
    form = forms.form(
        url_for("agency.entered"),
        sentence("desk_enter", "submit"),
        [_field(typed, name, type, more, name in needed) for name, type, more in _fields(law, typed)],
        hidden={"once": typed.secret, "callback": typed["callback"]},
        cancel_url=url_for("agency.queue"),
    )
    move = {
        "title": sentence("desk_enter", "title"),
        "lead": sentence("desk_enter", "lead"),
        "case_url": url_for("agency.queue"),
        "case_title": sentence("desk", "todo"),
        "number": "",
        "cite": None,
        "why_not": refused,
        "conflict": None,
        "errors": [{"field": name, "text": text} for name, text in typed.errors.items()],
        "warnings": [],
        "form": form,
    }
    return render_template("agency/move.html", move=move)


def _fields(law: Installation, typed: Typed) -> list[tuple[str, str, dict[str, Any]]]:
    regulation = _governing(law, typed)
    directory = _offered(law, regulation)
    none = [("", sentence("desk_move", "choose"))]
    secrecies = [
        (row.id, sentence("desk_enter_secrecy", row.id)) for row in (regulation or law.first).secrecies
    ]
    return [
        ("channel", "select", _options(typed, "channel", none + _channels(law))),
        ("text", "textarea", {"rows": 6, "maxlength": _LONGEST["text"]}),
        (
            "category",
            "select",
            _options(typed, "category", none + [(c.id, c.name) for c in directory.categories]),
        ),
        ("area", "select", _options(typed, "area", none + [(a.id, a.name) for a in directory.areas])),
        ("place", "text", {}),
        ("occurred", "date", {}),
        ("name", "text", {}),
        ("phone", "tel", {"inputmode": "tel"}),
        ("address", "text", {}),
        ("email", "email", {}),
        ("secrecy", "radio", _options(typed, "secrecy", secrecies, first=True)),
        ("undertaking", "checkbox", {}),
    ]


def _channels(law: Installation) -> list[tuple[str, str]]:
    """The map's channels as their regulations call them, each once; the app's reports come by themselves."""
    rows: dict[str, str] = {}
    today = _today()
    for row in law.applies:
        ways = law.regulation(row.regulation).channels
        labels = {channel.id: channel.label for channel in ways if channel.is_open(today)}
        rows |= {id: labels[id] for id in labels if id in row.channels and id not in rows}
    rows.pop("web", None)
    return list(rows.items())


def _options(typed: Typed, name: str, rows: list[tuple[str, str]], *, first: bool = False) -> dict[str, Any]:
    chosen = typed[name] or (rows[0][0] if first and rows else "")
    return {"options": [forms.option(id, label, selected=id == chosen) for id, label in rows]}


def _field(typed: Typed, name: str, type: str, more: dict[str, Any], required: bool) -> Vm:
    value: Any = bool(typed[name]) if type == "checkbox" else typed[name]
    given = {"value": value, "error": typed.errors.get(name), "maxlength": _LONGEST.get(name)}
    given["required"] = required
    return forms.field(name, type, sentence("desk_enter_label", name), **{**given, **more})
