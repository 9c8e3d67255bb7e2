"""Sending a report: the form, and the receipt that is the answer to sending it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

from flask import Response, g, request, url_for

from webapp.citizen import doubt, form, form_page, joining, pictures
from webapp.citizen.door import blueprint, give, page, said, token
from webapp.citizen.form import Draft, Errors
from webapp.citizen.pictures import Pictures
from webapp.citizen.present import receipt_page
from webapp.core.regulation import Regulation
from webapp.doors import house, limits, now, present
from webapp.doors.squeeze import squeezable
from webapp.operations import citizens, intake
from webapp.operations import joining as joining_of
from webapp.operations.intake import Place, Report, Taken
from webapp.operations.people import Person
from webapp.operations.work import Conflict, Gone, Refusal, Work
from webapp.regulations.directory import Directory
from webapp.store import space
from webapp.words import sentence

NO_ROOM_S = 600
MEDIA_DOWN_S = 60
CHANNEL = "web"


@dataclass(frozen=True)
class Sent:
    """What sending gave, and a session that opens it at once."""

    taken: Taken
    token: str = field(repr=False)


@blueprint.get("/gui")
def report() -> Response:
    """An empty form, or why this installation takes none before anybody has typed a word."""
    try:
        with house().reading(now()) as work:
            intake.governing(work, _nothing())
    except Refusal as refusal:
        contact = house().law.directory.coordinator.name
        return page("citizen/refused.html", "report", 403, reason=_reason(refusal), contact=contact)
    regulation, directory = _law()
    fresh = form.fresh(regulation, directory, _today())
    if "vo" in request.args:
        return _shell(fresh)
    if "cung" in request.args:
        return _form(joining.begun(request.args["cung"][:20], fresh), 200)
    squeezable()
    view = form_page.view(fresh, regulation, directory, steps="mot-trang" not in request.args)
    return page("citizen/report.html", "report", form=view)


def _shell(fresh: Draft) -> Response:
    """The form as phones keep it: for nobody and no day, without cookie or token."""
    g.private = False
    empty = replace(fresh, secret="", happened="")
    response = page(
        "citizen/report.html", "report", form=form_page.view(empty, *_law(), steps=True, bare=True)
    )
    response.headers["Cache-Control"] = "no-store"  # the worker keeps it with its own version, nobody else
    return response


@blueprint.post("/gui")
def send() -> Response:
    """Take the report in, or give the form back with every fault named and nothing lost."""
    draft = form.typed(request.form)
    if space.is_short(house().config):
        return _later(draft, 503, sentence("busy", "disk"), NO_ROOM_S)
    if wait := limits.take(limits.photos(pictures.brought())):
        return _later(draft, 429, sentence("busy", "photos", minutes=limits.minutes(wait)), wait)
    brought = pictures.receive(draft.secret)
    if brought.stopped:
        brought = pictures.remember(draft.secret, brought)
        return _later(draft, 503, sentence("busy", "media"), MEDIA_DOWN_S, brought)
    regulation, directory = _law(draft.commune)
    errors = form.faults(draft, brought, regulation, directory, _today())
    if errors:
        return _form(draft, 422, pictures.remember(draft.secret, brought), errors)
    if (wait := limits.take(limits.reports())) and not _is_known(draft.secret):
        brought = pictures.remember(draft.secret, brought)
        return _later(draft, 429, sentence("busy", "reports", minutes=limits.minutes(wait)), wait, brought)
    try:
        why = doubt.of(draft, hurried=True)
        sent = _submit(replace(form.report(draft, brought), doubt=why))
    except Refusal as refusal:
        brought = pictures.remember(draft.secret, brought)
        return _form(draft, 422, brought, refused=_reason(refusal))
    except Conflict:
        return page("citizen/conflict.html", "report", 409)
    # Never from the Host header, which is whatever the browser was made to say.
    url = house().config.base_url + url_for("citizen.follow")
    taken = sent.taken
    shown = receipt_page(taken.file, taken.receipt, now(), taken.photos, url)
    left_out = pictures.left_out(taken.receipt.not_taken, brought)
    looked_at = [sentence("arriving_mine", "doubt")] if why else []
    joined = joining.told(draft.joins, taken.receipt)
    shown["pending"] = "\n".join([joined, *left_out, *looked_at, shown["pending"]]).strip()
    return give(page("citizen/sent.html", "report", sent=shown), sent.token)


def _later(draft: Draft, status: int, why: str, seconds: int, brought: Pictures | None = None) -> Response:
    """The form again with everything in it: it cannot be taken now, and when to try once more."""
    if brought is None:
        brought = pictures.receive(draft.secret, take=False)
    response = _form(draft, status, brought, refused=why)
    response.headers["Retry-After"] = str(seconds)
    return response


def again(draft: Draft, why: str, brought: Pictures) -> Response:
    """The form as it was typed, because its token does not hold any more."""
    return _form(draft, 400, brought, refused=why)


def _is_known(secret: str) -> bool:
    """Whether this report came before: who lost the answer gets it again, however often they ask."""
    with house().reading(now()) as work:
        return intake.is_known(work, secret)


def _submit(report: Report) -> Sent:
    """One transaction: the report, and the session that opens it. The photos are on disk already."""
    previous, made = _previous_token(), intake.ready(house().vault, report, house().law, now())

    def write(work: Work) -> Sent:
        taken = joining_of.send(work, made)
        if previous:
            citizens.close_session(work, previous)
        return Sent(taken, citizens.open_session(work, taken.submission_id))

    return house().write_together(now(), write)


def _previous_token() -> str:
    try:
        return token()
    except Gone:
        return ""


def _form(
    draft: Draft,
    status: int,
    brought: Pictures | None = None,
    errors: Errors | None = None,
    refused: str = "",
) -> Response:
    view = form_page.view(draft, *_law(draft.commune), brought, errors, refused)
    return page("citizen/report.html", "report", status, form=view)


def _law(commune: str = "") -> tuple[Regulation, Directory]:
    """The regulation the form follows: that of the commune once it is chosen, else the map's first."""
    law = house().law
    regulation = law.governing(commune, CHANNEL, _today()) or law.first
    return regulation, law.directory.on(_today(), regulation.kind)


def _today() -> date:
    return now().astimezone(house().law.first.zone).date()


def _reason(refusal: Refusal) -> str:
    reason = present.refusal_text(_law()[0], refusal.refused)
    return said("citizen_wrong", "impossible", refusal.refused, reason)


def _nothing() -> Report:
    return Report("", "", Place(), "", Person(), "", False)
