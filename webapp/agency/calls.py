"""Reporters whom no letter reached though the law wants them told: the centre calls them and notes it here.

Neither names nor numbers are shown: who calls opens them on the case's page, where that is written down.
"""

from __future__ import annotations

from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp.agency.door import blueprint
from webapp.agency.guard import Staff, staff
from webapp.doors import house, now, present
from webapp.doors.present import Vm
from webapp.operations import letters
from webapp.operations.work import Gone, Work
from webapp.regulations.installation import Installation
from webapp.store.queries import notices
from webapp.store.queries.notices import Told
from webapp.words import sentence

MOST = 100


@blueprint.get("/can-goi")
def calls() -> str:
    _for_callers()
    with house().reading(now()) as work:
        count = notices.count_to_call(work.session)
        items = [_item(work, row) for row in notices.to_call(work.session, MOST)]
    left = count - len(items)
    page = {
        "title": sentence("desk_calls", "title"),
        "lead": sentence("desk_calls", "lead"),
        "items": items,
        "more": sentence("desk_calls", "more", count=left) if left > 0 else "",
        "action": url_for("agency.called"),
        "outcomes": [{"value": code, "label": sentence("desk_calls", code)} for code in letters.OUTCOMES],
        "empty": _empty(),
    }
    return render_template("agency/calls.html", calls=page)


@blueprint.post("/can-goi")
def called() -> Response:
    _for_callers()
    who, form = staff(), request.form
    id, outcome = form.get("letter", ""), form.get("outcome", "")
    row = house().write(now(), lambda work: letters.record_call(work, id, who.id, outcome))
    flash(sentence("desk_calls", f"saved_{outcome}", number=row.id.partition(".")[0]))
    return redirect(url_for("agency.calls"), 303)


def link(work: Work, who: Staff) -> Vm | None:
    """The way here from the list of work, while somebody has to be called."""
    if not _calls(work.law, who):
        return None
    count = notices.count_to_call(work.session)
    label = sentence("desk_calls", "link", count=count)
    return {"url": url_for("agency.calls"), "label": label} if count else None


def _for_callers() -> None:
    if not _calls(house().law, staff()):
        raise Gone("calls")


def _calls(law: Installation, who: Staff) -> bool:
    """Whether this account works at the centre, which answers to the reporter."""
    roles = (role for regulation in law.own.values() for role in regulation.roles)
    return any(role.org == "coordinator" and role.id in who.roles for role in roles)


def _item(work: Work, row: Told) -> Vm:
    regulation = work.law.pinned(row.case.regulation, row.case.version)

    def moment(at: datetime) -> str:
        return present.moment_text(regulation, at)

    missed = row.notice.params.get("calls", ())
    last = moment(datetime.fromisoformat(missed[-1]["at"])) if missed else ""
    return {
        "id": row.notice.id,
        "number": row.case.code,
        "url": url_for("agency.case", id=row.case.id),
        "about": sentence("desk_call_about", row.notice.template),
        "since": sentence("desk_calls", "since", at=moment(row.notice.created_at)),
        "missed": sentence("desk_calls", "missed", count=len(missed), at=last) if missed else "",
    }


def _empty() -> Vm:
    return {
        "title": sentence("desk_calls", "empty_title"),
        "text": sentence("desk_calls", "empty_text"),
        "url": None,
        "action": "",
    }
