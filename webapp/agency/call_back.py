"""Who asked to be called back: the list, the number for whoever calls now, and what came of it."""

from __future__ import annotations

from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp.agency import enter
from webapp.agency.door import blueprint
from webapp.agency.guard import Staff, staff
from webapp.doors import house, now, present
from webapp.doors.present import Vm
from webapp.doors.spot import position_text
from webapp.operations import callbacks, people
from webapp.operations.callbacks import Caller
from webapp.operations.intake import Place
from webapp.operations.work import Work
from webapp.store import models
from webapp.words import sentence

MOST = 100


@blueprint.get("/goi-lai")
def call_backs() -> str:
    enter.for_intake(house().law, staff())
    with house().reading(now()) as work:
        left = callbacks.count(work)
        rows = callbacks.waiting(work, MOST)
        places = callbacks.places(work, rows)
        items = [_item(work, row, places.get(row.id)) for row in rows]
    more = sentence("desk_calls", "more", count=left - MOST) if left > MOST else ""
    return render_template("agency/call_backs.html", calls={"items": items, "more": more, "empty": _empty()})


@blueprint.post("/goi-lai/<int:id>")
def call_now(id: int) -> str:
    """The number, in the answer to this press and nowhere else."""
    who = staff()
    enter.for_intake(house().law, who)
    caller = house().write(now(), lambda work: callbacks.open_number(work, id, who.id))
    outcomes = [{"value": code, "label": sentence("desk_call_back", code)} for code in callbacks.OUTCOMES]
    shown = {
        "phone": people.spoken(caller.phone),
        "dial": caller.phone,
        "facts": _facts(caller),
        "enter": f"{url_for('agency.enter')}?goi-lai={id}",
        "action": url_for("agency.call_back_ended", id=id),
        "outcomes": outcomes,
    }
    return render_template("agency/call_back.html", call=shown)


@blueprint.post("/goi-lai/<int:id>/xong")
def call_back_ended(id: int) -> Response:
    who, outcome = staff(), request.form.get("outcome", "")
    enter.for_intake(house().law, who)
    house().write(now(), lambda work: callbacks.note(work, id, who.id, outcome))
    flash(sentence("desk_call_back", f"saved_{outcome}"))
    return redirect(url_for("agency.call_backs"), 303)


def link(work: Work, who: Staff) -> Vm | None:
    """The way here from the list of work, while somebody waits for a call."""
    if not enter.may(work.law, who):
        return None
    count = callbacks.count(work)
    label = sentence("desk_call_back", "link", count=count)
    return {"url": url_for("agency.call_backs"), "label": label} if count else None


def _item(work: Work, row: models.Callback, place: Place | None) -> Vm:
    def moment(at: datetime) -> str:
        return present.moment_text(work.law.first, at)

    tried = len(row.attempts)
    last = moment(datetime.fromisoformat(row.attempts[-1]["at"])) if tried else ""
    return {
        "where": present.area_name(work.law.directory, row.area) or sentence("desk_call_back", "no_area"),
        "place": _place(place) if place else "",
        "since": sentence("desk_call_back", "since", at=moment(row.created_at)),
        "tried": sentence("desk_call_back", "tried", count=tried, at=last) if tried else "",
        "doubt": sentence("desk_doubt", "chip") if row.doubt else "",
        "action": url_for("agency.call_now", id=row.id),
    }


def _place(place: Place) -> str:
    """What they wrote of the place, else that they gave a position."""
    return place.words or (sentence("desk_call_back", "position") if place.lat is not None else "")


def _facts(caller: Caller) -> list[Vm]:
    place = caller.place
    at = position_text(place.lat, place.lon, 5) if place.lat is not None and place.lon is not None else ""
    rows = (("place", place.words), ("position", at))
    return [{"label": sentence("desk_case", code), "value": value} for code, value in rows if value]


def _empty() -> Vm:
    title, text = sentence("desk_call_back", "empty_title"), sentence("desk_call_back", "empty_text")
    return {"title": title, "text": text, "url": None, "action": ""}
