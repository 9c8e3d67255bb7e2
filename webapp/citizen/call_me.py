"""Call me back: only a number and a place, for who cannot type. The hotline enters the report for them."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import date

from flask import Response, request

from webapp.citizen import doubt, form
from webapp.citizen.door import blueprint, error, field, option, page
from webapp.citizen.form import Draft, Errors
from webapp.doors import house, limits, now
from webapp.operations import callbacks, people
from webapp.operations.callbacks import Wish
from webapp.operations.intake import Place
from webapp.operations.work import Conflict
from webapp.words import sentence


@blueprint.get("/goi-lai")
def call_me() -> Response:
    return _page(form.fresh(house().law.first, house().law.directory, _today()))


@blueprint.post("/goi-lai")
def called_for() -> Response:
    """Keep the wish, or give the form back as it was typed."""
    draft = form.typed(request.form)
    errors = _faults(draft)
    if errors:
        return _page(draft, errors, status=422)
    if wait := limits.take(limits.reports()):
        response = _page(draft, {"": sentence("busy", "reports", minutes=limits.minutes(wait))}, status=429)
        response.headers["Retry-After"] = str(wait)
        return response
    lat, lon = form.position(draft) or (None, None)
    accuracy = form.number(draft.accuracy, 1_000_000) if lat is not None else None
    wish = Wish(
        draft.secret,
        people.normal_phone(draft.phone) or "",
        Place(draft.place, lat, lon, accuracy),
        draft.commune or None,
        doubt.of(draft, hurried=True),
    )
    try:
        house().write(now(), lambda work: callbacks.ask(work, wish))
    except Conflict:
        fresh = replace(draft, secret=secrets.token_hex(16))
        return _page(fresh, {"": sentence("citizen_call", "conflict")}, status=409)
    return page("citizen/called_for.html", "report")


def again(draft: Draft, why: str) -> Response:
    """The form as it was typed, because its token does not hold any more."""
    return _page(draft, {"": why}, status=400)


def _faults(draft: Draft) -> Errors:
    found = {}
    if not draft.known_secret:
        found[""] = sentence("citizen_wrong", "secret")
    if not draft.phone:
        found["phone"] = sentence("citizen_call", "no_phone")
    elif fault := people.phone_fault(draft.phone):
        found["phone"] = sentence("citizen_wrong", fault)
    if draft.commune and house().law.directory.area(draft.commune) is None:
        found["commune"] = sentence("citizen_wrong", "commune")
    elif not (draft.commune or draft.place or form.position(draft)):
        found["commune"] = sentence("citizen_call", "no_place")
    return found


def _page(draft: Draft, errors: Errors | None = None, status: int = 200) -> Response:
    errors = errors or {}
    areas = house().law.directory.on(_today()).areas
    places = [option(area.id, area.name, selected=area.id == draft.commune) for area in areas]
    places.insert(0, option("", sentence("citizen_form", "commune_none")))

    def line(name: str, type: str, **more: object) -> dict[str, object]:
        label, value = sentence("citizen_label", name), getattr(draft, name)
        return field(name, type, label, value=value, error=errors.get(name), plain=True, **more)

    shown = {
        "secret": draft.secret,
        "stamp": doubt.known(draft.stamp),
        "trap": form.TRAP,
        "lat": draft.lat,
        "lon": draft.lon,
        "accuracy": draft.accuracy,
        "errors": [error(name, text) for name, text in errors.items()],
        "phone": line("phone", "tel", autocomplete="tel", inputmode="tel", maxlength=40),
        "commune": line("commune", "select", options=places),
        "place": line("place", "text", maxlength=form.LIMITS["place"], autocomplete="off"),
    }
    return page("citizen/call_me.html", "report", status, form=shown)


def _today() -> date:
    return now().astimezone(house().law.first.zone).date()
