"""One's own data: asking to see, correct, restrict or erase it, and reading what is kept."""

from __future__ import annotations

from dataclasses import replace

from flask import Response, redirect
from werkzeug.wrappers import Response as Answer

from webapp.citizen import data_form, data_page, held_page
from webapp.citizen.data_form import Typed
from webapp.citizen.data_page import HELD, URL
from webapp.citizen.door import blueprint, page, said, token
from webapp.citizen.scene import Scene, open_scene
from webapp.doors import house, limits, now, present
from webapp.operations import personal
from webapp.operations.work import Conflict, Gone, Refusal, Work
from webapp.words import sentence


@blueprint.get(URL)
def data() -> Answer:
    """What may be asked about the open report, and what was asked."""
    try:
        return _page(Typed())
    except Gone:
        return redirect("/theo-doi", 303)


@blueprint.post(URL)
def ask_about_data() -> Answer:
    """Take the request in: a case of its own, with its own code; or the form again with every fault."""
    try:
        with house().reading(now()) as work:
            scene = _scene(work)
            typed = data_form.read(personal.law_of(work))
    except Gone:
        return redirect("/theo-doi", 303)
    if typed.errors:
        return _page(typed, 422)
    if wait := limits.take(limits.reports()):
        return _too_often(typed, wait)
    try:
        taken = house().write(now(), lambda work: personal.ask(work, _scene(work).row, typed.wish()))
    except Refusal as refusal:
        reason = present.refusal_text(scene.regulation, refusal.refused)
        words = said("citizen_data", "impossible", refusal.refused, reason)
        return _page(replace(typed, refused=words), 409)
    except Conflict:
        return page("citizen/conflict.html", "follow", 409)
    return page("citizen/data_sent.html", "follow", sent=data_page.receipt(taken, scene.file.row.code, now()))


@blueprint.get(HELD)
def held() -> Answer:
    """Everything that is kept about the person, once the request to see it was granted."""
    try:
        with house().reading(now()) as work:
            found = personal.held(work, open_scene(work, token()).file.row.id)
            return page("citizen/held.html", "follow", held=held_page.view(work, found))
    except Gone:
        return redirect("/theo-doi", 303)


def _scene(work: Work) -> Scene:
    """The open report. Raises Gone for a request about a report: one asks about the report itself."""
    scene = open_scene(work, token())
    if personal.request_of(work, scene.file.row.id):
        raise Gone(scene.file.row.id)
    return scene


def _page(typed: Typed, status: int = 200) -> Response:
    with house().reading(now()) as work:
        view = data_page.view(_scene(work), personal.law_of(work), typed)
        return page("citizen/data.html", "follow", status, data=view)


def _too_often(typed: Typed, wait: int) -> Response:
    words = sentence("citizen_data", "busy", minutes=limits.minutes(wait))
    response = _page(replace(typed, refused=words), 429)
    response.headers["Retry-After"] = str(wait)
    return response
