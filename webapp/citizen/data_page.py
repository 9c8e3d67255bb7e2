"""The page of one's own data as its template wants it: the form, and what was asked before."""

from __future__ import annotations

from datetime import datetime

from webapp.citizen.answers import answers, day_of
from webapp.citizen.data_form import LONGEST, REASON_LIMIT, Typed
from webapp.citizen.door import error, field, option
from webapp.citizen.present import coming, running_clocks
from webapp.citizen.scene import MINE, Scene, scene_of
from webapp.core.events import Kind
from webapp.core.regulation import Regulation
from webapp.core.workflow import case_state
from webapp.doors import house, present
from webapp.doors.present import Vm
from webapp.operations import erasure, people, personal
from webapp.operations.intake import Taken
from webapp.store import models
from webapp.words import moment_text, sentence

URL, HELD = f"{MINE}/du-lieu", f"{MINE}/du-lieu/ban-luu"
_TYPES = {"phone": "tel", "email": "email"}
_FILLS = {"name": "name", "phone": "tel", "email": "email", "address": "street-address"}


def view(scene: Scene, regulation: Regulation, typed: Typed) -> Vm:
    asked = erasure.requests_about(scene.work, scene.row.id)
    corrections = [_correction(typed, name) for name in people.SEALED]
    return {
        "number": scene.file.row.code,
        "mine_url": MINE,
        "action": URL,
        "secret": typed.secret,
        "errors": _errors(typed),
        "kind": _kind(regulation, typed),
        "corrections": corrections,
        "correcting": any(row["value"] or row["error"] for row in corrections),
        "reason": _reason(typed),
        "terms": _terms(regulation),
        "rules_url": f"/quy-che/{regulation.id}",
        "asked": [_asked(scene, row) for row in asked],
    }


def _errors(typed: Typed) -> list[Vm]:
    rows = [error("", typed.refused)] if typed.refused else []
    return rows + [error(name, text) for name, text in typed.errors.items()]


def _kind(regulation: Regulation, typed: Typed) -> Vm:
    """What may be asked for: the kinds at the end of which something is done to the data."""
    rows = [row for row in regulation.kinds if personal.act_for(regulation, row.id)]
    options = [option(row.id, row.label, row.hint, selected=row.id == typed.kind) for row in rows]
    label = sentence("citizen_data", "kind")
    return field("kind", "radio", label, options=options, required=True, error=typed.errors.get("kind"))


def _correction(typed: Typed, name: str) -> Vm:
    return field(
        name,
        _TYPES.get(name, "text"),
        sentence("citizen_data", name),
        value=typed.values.get(name, ""),
        error=typed.errors.get(name),
        maxlength=LONGEST[name],
        autocomplete=_FILLS[name],
        plain=True,
    )


def _reason(typed: Typed) -> Vm:
    more = {"value": typed.reason, "error": typed.errors.get("reason"), "rows": 3, "maxlength": REASON_LIMIT}
    hint = sentence("citizen_data", "reason_hint")
    return field("reason", "textarea", sentence("citizen_data", "reason"), hint=hint, **more)


def _terms(regulation: Regulation) -> list[str]:
    """The terms that a request starts, in words, each with where it stands in the law."""
    begins = {m.id for m in regulation.moves if not m.from_ and "reporter" in _orgs(regulation, m.by)}
    return [
        sentence("citizen_data", "first_answer", step=row.label, term=present.term(row), cite=row.cite)
        for row in regulation.clocks
        if begins.intersection(row.starts)
    ]


def _orgs(regulation: Regulation, roles: tuple[str, ...]) -> set[str]:
    return {regulation.role(role).org for role in roles}


def _asked(scene: Scene, row: models.DataRequest) -> Vm:
    """One request: what it asks, where it stands, by when the next step is due and by which article."""
    request = scene_of(scene.work, people.of_submission(scene.work, row.case_id, 1))
    file, regulation, state = request.file, request.regulation, request.state
    shown = present.state_chip(regulation, case_state(regulation, state), desk=False)
    running = running_clocks(regulation, state, 1)
    due = present.due_text(regulation, running[0].due_at, scene.now) if running else ""
    first = regulation.clock(running[0].clock) if running else None
    return {
        "label": next((kind.label for kind in regulation.kinds if kind.id == row.kind), ""),
        "number": file.row.code,
        "chip": shown,
        "sent": sentence("citizen_data", "sent_on", day=day_of(scene, state.opened_at)),
        "next": sentence("citizen_data", "next", step=first.label, due=due) if first else "",
        "article": f"{regulation.id}, {first.cite}" if first else "",
        "answer": _answer(request),
    }


def _answer(request: Scene) -> str:
    """What was answered: it may be read with the report's code too, as what was asked was asked with it.
    What is kept about the person stays with the request's own code (ADR 0007)."""
    refused = request.last(Kind.refused)
    said = [request.text(refused, fact) for fact in ("reason", "guidance")] if refused else []
    said += [request.texts.get(answer.text, "") for answer in answers(request)]
    return "\n".join(filter(None, said))


def receipt(taken: Taken, report: str, now: datetime) -> Vm:
    """The number and the code of a request that is in, and what comes next."""
    file, code = taken.file, taken.receipt.code
    own = personal.act_for(file.regulation, file.state.kind or "") is Kind.data_shown
    regulation, number = file.regulation, taken.receipt.number
    at = present.local(regulation, file.state.opened_at).replace(second=0, microsecond=0)
    url = f"{house().config.base_url}/theo-doi"
    return {
        "text": sentence("citizen_data", "sent_text", at=moment_text(at)),
        "number": number,
        "opens": sentence("citizen_data", "opens_kept" if own else "opens", number=number, report=report),
        "code": code,
        "code_groups": code.split("-"),
        "file_name": sentence("citizen_sent", "file_name", number=number),
        "file_text": sentence("citizen_data", "file", number=number, report=report, code=code, url=url),
        "next": coming(regulation, file.state, 1, now),
        "data_url": URL,
        "mine_url": MINE,
    }


def link(scene: Scene) -> Vm | None:
    """The way from a report to its sender's data, or from a granted request to what is kept."""
    request = personal.request_of(scene.work, scene.file.row.id)
    if request:
        _, about = personal.about(scene.work, request)
        title = sentence("citizen_data", "about", number=about.row.code)
        url = HELD if personal.is_shown(scene.file) else ""
        return {"title": title, "text": "", "url": url, "action": sentence("citizen_held", "action")}
    if personal.governing(scene.work) is None:
        return None
    title, text = sentence("citizen_data", "title"), sentence("citizen_data", "card")
    return {"title": title, "text": text, "url": URL, "action": sentence("citizen_data", "open")}
