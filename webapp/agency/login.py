"""Logging in and out."""

from __future__ import annotations

import re
from typing import Any

from flask import flash, redirect, render_template, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.agency import forms
from webapp.agency.door import blueprint
from webapp.agency.guard import cookie_name, drop_cookie, local_path, set_cookie, staff
from webapp.doors import house, limits, now
from webapp.doors.guards import forget
from webapp.operations import accounts
from webapp.operations.work import Work
from webapp.store import models
from webapp.words import sentence

# What a User-Agent header holds, in the order in which they must be looked for.
BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


@blueprint.route("/dang-nhap", methods=["GET", "POST"])
def login() -> Any:
    """The log-in page; a wrong name and a wrong password are answered alike."""
    wanted = local_path(request.values.get("next"))
    if current_user.is_authenticated:
        return redirect(wanted, 303)
    if request.method == "GET":
        return _page(wanted)
    username = request.form.get("username", "")
    attempt = limits.log_ins(username)
    if wait := limits.take(attempt):
        said = sentence("busy", "log_ins", minutes=limits.minutes(wait))
        return _page(wanted, username, said), 429, {"Retry-After": str(wait)}
    try:
        # Argon2 takes a tenth of a second: not while others wait to write.
        with house().reading(now()) as work:
            account = accounts.check(work, username, request.form.get("password", ""))
    except accounts.BadLogin:
        return _page(wanted, username, sentence("desk", "bad_login")), 422
    limits.give_back(attempt)
    return _enter(account, wanted)


def _enter(account: models.Account, wanted: str) -> Response:
    """A fresh token, whatever the browser brought along; a fresh form token too."""
    before = request.cookies.get(cookie_name(), "")
    token = house().write(now(), lambda work: _open(work, account, before))
    session.clear()
    response = redirect(wanted, 303)
    set_cookie(response, token)
    return response


def _open(work: Work, account: models.Account, before: str) -> str:
    known = accounts.account_of(work, before) if before else None
    if known:
        accounts.end_session(work, known[0].id, known[1].id)
    return accounts.open_session(work, account, device(request.user_agent.string))


@blueprint.post("/dang-xuat")
def logout() -> Response:
    """End the session on the server, not only in this browser."""
    who = staff()
    house().write(now(), lambda work: accounts.end_session(work, who.id, who.session_id))
    session.clear()
    flash(sentence("desk", "logged_out"))
    response = redirect(url_for("agency.login"), 303)
    forget(response)
    drop_cookie(response)
    return response


def device(user_agent: str) -> str:
    """Browser and system as a person names them; empty when the header says neither."""
    browser = next((name for part, name in BROWSERS.items() if re.search(rf"\b{part}/", user_agent)), "")
    system = next((name for part, name in SYSTEMS.items() if part in user_agent), "")
    return f"{browser}/{system}" if browser and system else browser or system


def _page(wanted: str, username: str = "", error: str = "") -> str:
    fields = [
        forms.field("next", "hidden", "", value=wanted),
        forms.field(
            "username", "text", sentence("desk", "username"), required=True,
            autocomplete="username", value=username, error=error or None, maxlength=120,
        ),
        forms.field(
            "password", "password", sentence("desk", "password"), required=True,
            autocomplete="current-password",
        ),
    ]  # fmt: skip
    form = forms.form(url_for("agency.login"), sentence("desk", "login"), fields)
    errors = [{"field": "username", "text": error}] if error else []
    page = {"errors": errors, "help": sentence("desk", "login_help"), "form": form}
    return render_template("agency/login.html", login=page)
