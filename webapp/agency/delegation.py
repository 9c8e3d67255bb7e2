"""A leader lends the approvals to a colleague for some days, by a document, and takes them back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp.agency import forms
from webapp.agency.door import blueprint
from webapp.agency.guard import Staff, staff
from webapp.core.text import clean_line
from webapp.doors import house, now, present
from webapp.doors.present import Vm
from webapp.operations import office
from webapp.operations.office import Term, Unfit
from webapp.operations.work import Gone, Work
from webapp.store import models
from webapp.words import sentence

_FIELDS = ("taker", "from", "until", "document", "document_on")
_LONGEST = 120
Values = dict[str, str]


@blueprint.get("/uy-quyen")
def delegation() -> str:
    _for_leaders()
    return _page({"from": _today().isoformat()}, {})


@blueprint.post("/uy-quyen")
def delegate() -> Any:
    _for_leaders()
    who = staff()
    values = {name: clean_line(request.form.get(name, ""))[:_LONGEST] for name in _FIELDS}
    try:
        taker, term = _read(values)
        house().write(now(), lambda work: office.delegate(work, who.id, taker, term, who.id))
    except Unfit as unfit:
        return _page(values, {unfit.field: sentence("office_wrong", unfit.code)}), 422
    flash(sentence("desk_delegation", "done"))
    return redirect(url_for("agency.delegation"), 303)


@blueprint.post("/uy-quyen/<int:id>/ket-thuc")
def take_back(id: int) -> Response:
    _for_leaders()
    who = staff()
    house().write(now(), lambda work: office.take_back(work, id, who.id))
    flash(sentence("desk_delegation", "ended"))
    return redirect(url_for("agency.delegation"), 303)


def may_delegate(who: Staff) -> bool:
    """Whether this account approves in its own right: what is lent cannot be lent on."""
    return not office.leading_roles(house().law).isdisjoint(who.roles - who.lent)


def _for_leaders() -> None:
    if not may_delegate(staff()):
        raise Gone("delegation")


def _today() -> date:
    return now().astimezone(house().law.first.zone).date()


def _read(values: Values) -> tuple[int, Term]:
    """Who, and from when until when. The last day on the page is the last day it holds. Raises Unfit."""
    taker = values["taker"]
    if not (taker.isascii() and taker.isdecimal() and len(taker) < 12):
        raise Unfit("taker", "taker")
    days = {name: _day(values, name) for name in ("from", "until")}
    issued = _day(values, "document_on") if values["document_on"] else None
    return int(taker), Term(days["from"], days["until"] + timedelta(days=1), values["document"], issued)


def _day(values: Values, name: str) -> date:
    try:
        day = date.fromisoformat(values[name])
    except ValueError:
        raise Unfit(name, "day") from None
    if not 2000 <= day.year < 2200:
        raise Unfit(name, "day")
    return day


# The page


def _page(values: Values, errors: Values) -> str:
    who = staff()
    with house().reading(now()) as work:
        people = {row.id: row.name for row in office.colleagues(work, who.id, who.agency)}
        rows = [_row(row, people) for row in office.delegations(work, who.id)]
        lacking = office.missing(work, who.agency, _today())
    page = {
        "title": sentence("desk_delegation", "title"),
        "lead": sentence("desk_delegation", "lead"),
        "warnings": [sentence("desk_delegation", f"no_{kind}") for kind in lacking],
        "delegations": rows,
        "errors": [{"field": name, "text": text} for name, text in errors.items()],
        "form": _form(values, errors, people),
        "nobody": "" if people else sentence("desk_delegation", "nobody"),
    }
    return render_template("agency/delegation.html", page=page)


def _row(row: models.Delegation, people: dict[int, str]) -> Vm:
    last = date.fromisoformat(row.until_on) - timedelta(days=1)
    begun = row.from_on <= _today().isoformat()
    document = row.document
    if row.document_on:
        day = present.day_text(row.document_on)
        document = sentence("desk_delegation", "issued", document=document, day=day)
    return {
        "name": people.get(row.taker_id, ""),
        "days": sentence(
            "desk_delegation", "days", first=present.day_text(row.from_on), last=present.day_text(last)
        ),
        "document": document,
        "chip": present.chip(
            sentence("desk_delegation", "running" if begun else "coming"), "ok" if begun else "idle"
        ),
        "end_url": url_for("agency.take_back", id=row.id),
        "end": sentence("desk_delegation", "end" if begun else "drop"),
    }


def _form(values: Values, errors: Values, people: dict[int, str]) -> Vm:
    chosen = values.get("taker", "")
    options = [forms.option("", sentence("desk_move", "choose"))]
    options += [forms.option(str(id), name, selected=str(id) == chosen) for id, name in people.items()]

    def one(name: str, type: str, **more: Any) -> Vm:
        label = sentence("desk_delegation", f"label_{name}")
        about = {"value": values.get(name, ""), "error": errors.get(name), **more}
        return forms.field(name, type, label, **about)

    fields = [
        one("taker", "select", options=options, required=True),
        one("from", "date", required=True),
        one("until", "date", required=True),
        one(
            "document",
            "text",
            required=True,
            maxlength=_LONGEST,
            hint=sentence("desk_delegation", "document_hint"),
        ),
        one("document_on", "date"),
    ]
    return forms.form(url_for("agency.delegate"), sentence("desk_delegation", "submit"), fields)


def warnings(work: Work, who: Staff) -> list[str]:
    """For the list of work of somebody who leads: what nobody answers for today."""
    if not may_delegate(who):
        return []
    return [sentence("desk_delegation", f"no_{kind}") for kind in office.missing(work, who.agency, _today())]
