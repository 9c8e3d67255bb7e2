"""A form whose token is over or from another browser session: it goes back as it was typed, ready to be sent.

Who left a form open over night, or whose browser was closed in between, has lost nothing but the token. The
secret stays only where the token was made for this very browser: else somebody could hand a stranger a form
whose secret they know, and read the stranger's report with it.
"""

from __future__ import annotations

import secrets
from dataclasses import replace

from flask import Response, render_template, request
from flask_wtf.csrf import CSRFError, validate_csrf

from webapp.citizen import call_me, form, pictures, report, wire
from webapp.citizen.door import blueprint
from webapp.doors import limits
from webapp.words import sentence

_EVER = 100 * 365 * 24 * 3600
_NO_PROBLEM = {"text": "", "url": "", "action": "", "reference": ""}


@blueprint.errorhandler(CSRFError)
def form_over(error: CSRFError) -> Response:
    """The same form with a fresh token; for what another site sent, or any other form, the plain page."""
    typed = form.typed(request.form)
    if request.endpoint not in ("citizen.send", "citizen.called_for") or not wire.is_same_site():
        return Response(render_template("errors/400.html", problem=_NO_PROBLEM), 400)
    own = _is_own(request.form.get("csrf_token", ""))
    draft = typed if own else replace(typed, secret=secrets.token_hex(16), known_secret=True)
    if request.endpoint == "citizen.called_for":
        return call_me.again(draft, sentence("citizen_wrong", "old_form"))
    files = pictures.brought()
    take = own and not limits.take(limits.photos(files))
    brought = pictures.receive(draft.secret, take=take)
    if take:
        brought = pictures.remember(draft.secret, brought)
    lost = files > len(brought.kept) or (not own and "kept" in request.form)
    return report.again(draft, sentence("citizen_wrong", "old_form_photos" if lost else "old_form"), brought)


def _is_own(token: str) -> bool:
    """Whether the token was made for this browser, however long ago."""
    try:
        validate_csrf(token, time_limit=_EVER)
    except ValueError:
        return False
    return True
