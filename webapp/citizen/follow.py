"""Opening one's own report with the secret code."""

from __future__ import annotations

from contextlib import suppress

from flask import Response, request, url_for
from werkzeug.wrappers import Response as Answer

from webapp.citizen.acts import MINE
from webapp.citizen.door import blueprint, error, give, page, token
from webapp.core import secret_code
from webapp.core.secret_code import Bad
from webapp.doors import house, limits, now
from webapp.operations import citizens
from webapp.operations.work import Gone, Work
from webapp.store.queries import public
from webapp.words import sentence

LONGEST = 60


@blueprint.get("/theo-doi")
def follow() -> Response:
    return _page()


@blueprint.post("/theo-doi")
def open_report() -> Answer:
    """A right code opens the report. A mistyped one is told without asking the database anything."""
    typed = request.form.get("code", "")[: 2 * LONGEST]
    checked = secret_code.check(typed)
    if isinstance(checked, Bad):
        return _page(typed, _fault(typed, checked), 422, _public_page(typed))
    guess = limits.codes()
    if wait := limits.take(guess):
        return _too_often(typed, wait)
    try:
        session = house().write(now(), lambda work: _open(work, checked.code))
    except Gone:
        return _page(typed, sentence("citizen_follow", "unknown"), 422)
    limits.give_back(guess)
    return give(Response("", 303, {"Location": MINE}), session)


def _too_often(typed: str, wait: int) -> Response:
    response = _page(typed, sentence("busy", "codes", minutes=limits.minutes(wait)), 429)
    response.headers["Retry-After"] = str(wait)
    return response


def _open(work: Work, code: str) -> str:
    with suppress(Gone):
        citizens.close_session(work, token())
    return citizens.open_with_code(work, code)


def _fault(typed: str, bad: Bad) -> str:
    """Where to look: the group, and whether it is too short, strange or mistyped."""
    if not typed.strip():
        return sentence("citizen_follow", "empty")
    if _is_number(typed):
        return sentence("citizen_follow", "public_number")
    if bad.group is None:
        return sentence("citizen_follow", bad.code)
    return sentence("citizen_follow", f"{bad.code}_group", group=bad.group)


def _is_number(typed: str) -> bool:
    return typed.strip().upper().startswith(f"{house().law.code_prefix}-")


def _public_page(typed: str) -> str:
    """Where everybody reads the report whose number was typed; of one that nobody may read nothing is said,
    not even whether it is there."""
    if not _is_number(typed):
        return ""
    number = typed.strip().upper()
    with house().store.public() as session:
        return url_for("public.case", code=number) if public.cards(session, [number]) else ""


def _page(typed: str = "", fault: str = "", status: int = 200, public_url: str = "") -> Response:
    law = house().law
    name = law.directory.coordinator.name
    contact = (
        sentence("citizen_follow", "lost_contact", name=name, hotline=law.hotline) if law.hotline else name
    )
    view = {
        "action": "/theo-doi",
        "value": typed[:LONGEST],
        "error": fault or None,
        "errors": [error("code", fault)] if fault else [],
        "public_url": public_url,
        "number": f"{law.code_prefix}-",
        "mine_url": MINE if _is_open() else "",
        "lost": [sentence("citizen_follow", "lost_1"), sentence("citizen_follow", "lost_2", contact=contact)],
    }
    return page("citizen/follow.html", "follow", status, follow=view)


def _is_open() -> bool:
    try:
        with house().reading(now()) as work:
            citizens.submission_of(work, token())
    except Gone:
        return False
    return True
