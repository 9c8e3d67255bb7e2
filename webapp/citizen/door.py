"""The blueprint, its guard, and the cookie that keeps one report open in one browser."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request
from werkzeug.wrappers import Response as Answer

from webapp.core.workflow import Refused
from webapp.doors import house
from webapp.doors.guards import open_to_all
from webapp.doors.present import Vm
from webapp.operations.citizens import SESSION_HOURS
from webapp.operations.work import Gone
from webapp.words import sentence

blueprint = Blueprint("citizen", __name__)

_ADDRESSES = {"home": "/", "report": "/gui", "follow": "/theo-doi"}

open_to_all(blueprint)  # a view that shows a report asks for its session itself


def page(template: str, at: str = "", status: int = 200, **context: object) -> Response:
    """A rendered page with the citizen's navigation; `at` is the entry that stands for this page."""
    nav = [
        {"label": sentence("citizen_nav", name), "url": url, "current": name == at}
        for name, url in _ADDRESSES.items()
    ]
    return Response(render_template(template, nav=nav, **context), status)


# The session. The cookie holds a random token and says nothing; the server knows which report it opens.


def _cookie() -> str:
    # The prefix makes browsers refuse the cookie unless it is secure and of this very host.
    return "__Host-citizen" if house().config.secure_cookies else "citizen"


def token() -> str:
    """The session token of this browser. Raises Gone when there is none."""
    found = request.cookies.get(_cookie(), "")
    if not found:
        raise Gone("session")
    return found


def give(response: Response, session_token: str) -> Response:
    response.set_cookie(
        _cookie(),
        session_token,
        max_age=SESSION_HOURS * 3600,
        path="/",
        secure=house().config.secure_cookies,
        httponly=True,
        samesite="Lax",
    )
    return response


def take_back(response: Answer) -> Answer:
    secure = house().config.secure_cookies
    response.delete_cookie(_cookie(), path="/", secure=secure, httponly=True, samesite="Lax")
    return response


# What views here have in common


def said(table: str, code: str, refused: Refused, reason: str) -> str:
    """A refusal as one sentence, with its article where it has one."""
    name = f"{code}_cite" if refused.cite else code
    return sentence(table, name, reason=reason, cite=refused.cite)


def megabytes(size: int) -> str:
    """A size as people read it: one decimal, with a comma."""
    return f"{max(size, 100_000) / 1_000_000:.1f}".replace(".", ",")


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def field(name: str, type: str, label: str, **more: object) -> Vm:
    """A field as the form macros want it; see the contract in tests/look/samples.py."""
    keys = ("hint", "value", "error", "autocomplete", "inputmode", "maxlength", "rows", "accept", "cite")
    named: Vm = {"name": name, "type": type, "label": label, "options": [], "required": False}
    return named | dict.fromkeys(keys) | more


def option(value: str, label: str, hint: str = "", *, selected: bool = False) -> Vm:
    return {"value": value, "label": label, "hint": hint, "selected": selected}


def error(name: str, text: str) -> Vm:
    return {"field": name, "text": text}
