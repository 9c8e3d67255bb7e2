"""Writing down a breach of personal data: what, known since when, how many people. Its term runs at once."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from webapp.agency import forms
from webapp.agency.door import blueprint
from webapp.agency.draft import new_token
from webapp.agency.guard import Staff, staff
from webapp.core.regulation import Move, Regulation
from webapp.core.text import clean_line, clean_text
from webapp.doors import house, now, present
from webapp.doors.present import Vm
from webapp.operations import personal
from webapp.operations.work import Conflict, Gone, Refusal, Work
from webapp.words import sentence

_TOKEN = re.compile(r"[0-9a-f]{32}")
LONGEST = 5000
MOST = 9  # digits
OLDEST = 2000  # year


@dataclass
class Typed:
    """What was typed; `secret` names the form, so that a second tap writes nothing twice."""

    secret: str = field(default_factory=new_token)
    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    refused: str = ""


@blueprint.get("/su-co")
def breach() -> str:
    with house().reading(now()) as work:
        regulation, move = _mine(work, staff())
        here = present.local(regulation, now())
        return _page(regulation, move, Typed(values={"known_at": f"{here:%Y-%m-%dT%H:%M}"}))


@blueprint.post("/su-co")
def record_breach() -> Any:
    """Take it in, or show the form with every fault."""
    with house().reading(now()) as work:
        regulation, move = _mine(work, staff())
    typed = _read()
    known_at = _known_at(regulation, typed)
    if typed.errors or known_at is None:
        return _page(regulation, move, typed), 422
    at, actor, text = known_at, staff().actor, _text(typed)
    try:
        taken = house().write(now(), lambda work: personal.record_breach(work, typed.secret, text, at, actor))
    except Conflict:
        return _page(
            regulation, move, Typed(values=typed.values, refused=sentence("desk_data", "again"))
        ), 409
    except Refusal as refusal:
        typed.refused = present.refusal_text(regulation, refusal.refused)
        return _page(regulation, move, typed), 422
    due = present.due_text(regulation, taken.file.state.clocks[0].due_at, now())
    flash(sentence("desk_data", "recorded", due=due))
    return redirect(url_for("agency.case", id=taken.receipt.case_id), 303)


def link(work: Work, who: Staff) -> Vm | None:
    """The way here from the list of work, for those who may write a breach down."""
    try:
        _mine(work, who)
    except Gone:
        return None
    return {"label": sentence("desk_data", "breach_title"), "url": url_for("agency.breach")}


def _mine(work: Work, who: Staff) -> tuple[Regulation, Move]:
    """The regulation and its move, for whom it names. Raises Gone for everybody else."""
    regulation = personal.law_of(work)
    move = personal.breach_move(regulation)
    if move is None or who.roles.isdisjoint(move.by):
        raise Gone("breach")
    return regulation, move


def _read() -> Typed:
    form, secret = request.form, request.form.get("once", "")
    values = {name: clean_line(form.get(name, ""))[:40] for name in ("known_at", "people")}
    values["what"] = clean_text(form.get("what", ""))
    typed = Typed(secret if _TOKEN.fullmatch(secret) else new_token(), values)
    for name, value in values.items():
        if not value:
            typed.errors[name] = sentence("desk_data", "missing")
    if len(values["what"]) > LONGEST:
        typed.errors["what"] = sentence("desk_data", "long", limit=LONGEST)
    people = values["people"]
    if people and not (people.isascii() and people.isdecimal() and len(people) <= MOST):
        typed.errors["people"] = sentence("desk_data", "bad_count")
    return typed


def _known_at(regulation: Regulation, typed: Typed) -> datetime | None:
    """The local time that was typed, as an instant: as a browser's field gives it and no other way."""
    there: datetime | None
    try:
        there = datetime.strptime(typed.values["known_at"], "%Y-%m-%dT%H:%M").replace(tzinfo=regulation.zone)
    except ValueError:
        there = None
    if there is None or there.year < OLDEST:
        typed.errors.setdefault("known_at", sentence("desk_data", "bad_time"))
        return None
    return there


def _text(typed: Typed) -> str:
    return typed.values["what"] + "\n\n" + sentence("desk_data", "affected", count=typed.values["people"])


def _page(regulation: Regulation, move: Move, typed: Typed) -> str:
    clock = regulation.started_by[move.id][0]
    fields = [
        _field(typed, "known_at", "datetime-local", hint=True),
        _field(typed, "what", "textarea", hint=True, rows=5, maxlength=LONGEST),
        _field(typed, "people", "text", inputmode="numeric", maxlength=MOST),
    ]
    submit, hidden = sentence("desk_data", "submit"), {"once": typed.secret}
    form = forms.form(
        url_for("agency.record_breach"), submit, fields, hidden=hidden, cancel_url=url_for("agency.queue")
    )
    page = {
        "title": sentence("desk_data", "breach_title"),
        "lead": sentence("desk_data", "breach_lead", term=present.term(clock)),
        "case_url": url_for("agency.queue"),
        "case_title": sentence("desk", "todo"),
        "number": "",
        "cite": present.cite(f"{regulation.id}, {clock.cite}"),
        "why_not": typed.refused,
        "conflict": None,
        "errors": [{"field": name, "text": text} for name, text in typed.errors.items()],
        "warnings": [],
        "form": form,
    }
    return render_template("agency/move.html", move=page)


def _field(typed: Typed, name: str, type: str, *, hint: bool = False, **more: Any) -> Vm:
    told = sentence("desk_data", f"{name}_hint") if hint else ""
    given = {"value": typed.values.get(name, ""), "error": typed.errors.get(name), "hint": told}
    return forms.field(name, type, sentence("desk_data", name), required=True, **given, **more)
