"""One's own account: where one is logged in, and the password."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp.agency import delegation, forms, frame
from webapp.agency.door import blueprint
from webapp.agency.guard import Staff, drop_cookie, staff
from webapp.doors import house, now, present
from webapp.doors.present import Vm
from webapp.operations import accounts
from webapp.operations.work import Work
from webapp.store import models
from webapp.words import sentence


@blueprint.get("/tai-khoan")
def account() -> str:
    return _page()


@blueprint.post("/tai-khoan/phien/<int:id>")
def end_session(id: int) -> Response:
    """End one of one's own sessions; the present one is a log-out."""
    who = staff()
    house().write(now(), lambda work: accounts.end_session(work, who.id, id))
    flash(sentence("desk_account", "ended"))
    response = redirect(url_for("agency.account"), 303)
    if id == who.session_id:
        drop_cookie(response)
    return response


@blueprint.post("/tai-khoan/mat-khau")
def change_password() -> Any:
    who, form = staff(), request.form
    try:
        with house().reading(now()) as work:
            account = work.session.get_one(models.Account, who.id)
        prepared = accounts.prepare_password(account, form.get("current", ""), form.get("new", ""))
        house().write(now(), lambda work: accounts.change_password(work, account, prepared, who.session_id))
    except accounts.BadLogin:
        return _page({"current": sentence("desk_account", "wrong")}), 422
    except accounts.WeakPassword as weak:
        return _page({"new": sentence("desk_account", weak.code, count=accounts.MIN_PASSWORD)}), 422
    flash(sentence("desk_account", "changed"))
    return redirect(url_for("agency.account"), 303)


def _page(errors: dict[str, str] | None = None) -> str:
    errors, who = errors or {}, staff()
    with house().reading(now()) as work:
        sessions = [_session(work, who, row) for row in accounts.sessions_of(work, who.id)]
    page = {
        "errors": [{"field": name, "text": text} for name, text in errors.items()],
        "facts": _facts(who),
        "sessions": sessions,
        "delegation": _delegation(who),
        "form": _form(errors),
    }
    return render_template("agency/account.html", account=page)


def _facts(who: Staff) -> list[Vm]:
    law = house().law
    facts = (
        ("name", who.name),
        ("username", who.username),
        ("agency", present.agency_name(law.directory, who.agency)),
        ("role", ", ".join(frame.role_labels(law, who))),
    )
    return [{"label": sentence("desk", code), "value": value} for code, value in facts]


def _delegation(who: Staff) -> Vm | None:
    """The way to lending one's approvals, for those who have any."""
    if not delegation.may_delegate(who):
        return None
    return {"url": url_for("agency.delegation"), "label": sentence("desk_delegation", "link")}


def _session(work: Work, who: Staff, row: models.StaffSession) -> Vm:
    regulation = work.law.first
    current = row.id == who.session_id
    at = present.moment_text(regulation, row.created_at if current else row.seen_at)
    seen = sentence("desk_account", "this_session" if current else "last_seen", at=at)
    end = None if current else url_for("agency.end_session", id=row.id)
    return {"device": _device(row.device), "seen": seen, "current": current, "end_url": end}


def _device(device: str) -> str:
    browser, _, system = device.partition("/")
    if browser and system:
        return sentence("desk_account", "device", browser=browser, system=system)
    return browser or sentence("desk_account", "device_unknown")


def _form(errors: dict[str, str]) -> Vm:
    hint = sentence("desk_account", "new_hint", count=accounts.MIN_PASSWORD)
    fields = [
        forms.field(
            "current", "password", sentence("desk_account", "current"), required=True,
            autocomplete="current-password", error=errors.get("current"),
        ),
        forms.field(
            "new", "password", sentence("desk_account", "new"), required=True,
            autocomplete="new-password", hint=hint, error=errors.get("new"),
        ),
    ]  # fmt: skip
    return forms.form(url_for("agency.change_password"), sentence("desk_account", "change"), fields)
