"""Who sent it: the sealed line of a case, and opening it for a purpose, written down and shown once.

What was opened stands in the answer to the form and nowhere else: in no address, session, flash or log.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from webapp.agency import access, forms
from webapp.agency.door import blueprint
from webapp.agency.draft import new_token
from webapp.agency.guard import staff
from webapp.agency.sight import Sight
from webapp.core.text import clean_text
from webapp.core.workflow import Refused
from webapp.doors import house, now, present
from webapp.doors.present import Vm
from webapp.operations import erasure, people, reveal
from webapp.operations.people import Person
from webapp.operations.reveal import COMPETENT_BODY, NEEDED, OVERSEER, Opened, Why
from webapp.operations.work import Gone, Refusal, Work
from webapp.store import models
from webapp.words import sentence

_TOKEN = re.compile(r"[0-9a-f]{32}")
_ASKED = ("reason", *NEEDED[COMPETENT_BODY])
LONGEST = 2000


@dataclass(frozen=True)
class Typed:
    """What was written into the form; `errors` are sentences by field."""

    once: str = field(default_factory=new_token)
    purpose: str = ""
    delay: str = ""
    words: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def why(self) -> Why:
        return Why(delay=int(self.delay) if self.delay else None, **self.words)


# The lines of the case page


def senders(sight: Sight) -> list[Vm]:
    """One for every report of the case: sealed, opened by whom, or erased. None where nobody sent it, but an
    office wrote it down itself."""
    begun = sight.regulation.move(sight.file.events[0].data["move"])
    if all(sight.regulation.role(role).org != "reporter" for role in begun.by):
        return []
    known = _known(sight)
    return [_sender(sight, row, known) for row in sight.submissions]


@dataclass(frozen=True)
class _Known:
    """What is written down about everybody of a case, read once for all of them."""

    erasures: dict[int, models.Erasure]
    opened: dict[int, list[Opened]]
    erased: set[int]


def _known(sight: Sight) -> _Known:
    work, case = sight.work, sight.file.row
    oversees = any(r.org == OVERSEER and r.id in sight.who.roles for r in sight.regulation.roles)
    return _Known(
        erasure.erased_in(work, case.id),
        reveal.reveals_in(work, case.id, also_delayed=oversees),
        people.erased_among(work, [row.identity_id for row in sight.submissions]),
    )


def _sender(sight: Sight, row: models.Submission, known: _Known) -> Vm:
    no, gone = row.no, known.erasures.get(row.no)
    refused = reveal.refused(sight.file, sight.who.actor, erased=row.identity_id in known.erased)
    coordinator = sight.work.law.directory.coordinator_under(sight.regulation.id).short
    elsewhere = refused and not gone and not sight.who.sees_all(sight.regulation)
    return {
        "title": _which(sight, no),
        "text": _erased(sight, gone) if gone else _sealed(row),
        "note": sentence("desk_case", "identity_note", coordinator=coordinator) if elsewhere else "",
        "open_url": None if refused else url_for("agency.open_identity", id=row.case_id, no=no),
        "why_not": "" if gone or not refused else _because(sight, refused),
        "opened": [_opened(sight, one) for one in known.opened.get(no, ())],
    }


def _sealed(row: models.Submission) -> str:
    return sentence("desk_case", "identity" if row.helper_id is None else "identity_helped")


def _which(sight: Sight, no: int) -> str:
    return sentence("desk_reveal", "sender", no=no) if len(sight.state.submissions) > 1 else ""


def _refused(sight: Sight, no: int) -> Refused | None:
    row = people.of_submission(sight.work, sight.file.row.id, no)
    erased = people.erased(sight.work, row.identity_id)
    return reveal.refused(sight.file, sight.who.actor, erased=erased)


def _erased(sight: Sight, gone: models.Erasure) -> str:
    day = present.day_text(present.local(sight.regulation, gone.erased_at).date())
    ground = sentence("erasure_ground", gone.ground)
    return sentence("desk_reveal", "erased", day=day, ground=ground[:1].lower() + ground[1:])


def _opened(sight: Sight, row: Opened) -> str:
    later = row.delayed_until if row.delayed_until and row.delayed_until > sight.work.now else None
    return sentence(
        "desk_reveal",
        "opened_later" if later else "opened",
        at=present.moment_text(sight.regulation, row.at),
        name=row.name,
        role=_role(sight, row.role),
        agency=sight.agency(row.agency),
        purpose=sentence("reveal_purpose", row.purpose),
        article=row.cite,
        until=present.moment_text(sight.regulation, later) if later else "",
    )


def _role(sight: Sight, id: str) -> str:
    label = sight.regulation.role(id).label
    return label[:1].lower() + label[1:]


def _because(sight: Sight, refused: Refused) -> str:
    reason = present.refusal_text(sight.regulation, refused)
    code = "why_not_cite" if refused.cite else "why_not"
    return sentence("desk_reveal", code, reason=reason, article=refused.cite)


# Opening


@blueprint.get("/vu/<int:id>/mo-danh-tinh")
def ask_identity(id: int) -> Any:
    with house().reading(now()) as work:
        sight, no = _sight(work, id)
        refused = _refused(sight, no)
        return _page(sight, no, Typed(), refused), 409 if refused else 200


@blueprint.post("/vu/<int:id>/mo-danh-tinh")
def open_identity(id: int) -> Any:
    """Open and write down in one transaction; the answer is the only place where the person stands."""
    with house().reading(now()) as work:
        sight, no = _sight(work, id)
        url, file = sight.url, sight.file
        typed = _checked(sight, _typed())
        refused = _refused(sight, no)
        if refused or typed.errors:
            return _page(sight, no, typed, refused), 409 if refused else 422
    try:
        person = house().write(now(), lambda work: _open(work, file.row.id, no, typed))
    except Refusal as refusal:
        return _not_opened(id, typed, refusal.refused)
    if person is None:
        flash(sentence("desk_reveal", "again"), "plain")
        return redirect(url, 303)
    with house().reading(now()) as work:
        return _shown(Sight(work, access.open_case(work, staff(), id), staff()), no, typed, person)


def _open(work: Work, case_id: int, no: int, typed: Typed) -> Person | None:
    """The person, or None for a form that was already taken: its answer was shown."""
    if work.session.get(models.Once, typed.once):
        return None
    work.session.add(models.Once(token=typed.once, case_id=case_id, created_at=work.now))
    return reveal.reveal(work, case_id, no, staff().actor, typed.purpose, typed.why())


def _sight(work: Work, id: int) -> tuple[Sight, int]:
    """The case, and which of its reports the address names. Raises Gone for a report it does not have."""
    sight = Sight(work, access.open_case(work, staff(), id), staff())
    text = request.args.get("no", "1")
    no = int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else 0
    if sight.state.submission(no) is None:
        raise Gone(text)
    return sight, no


def _typed() -> Typed:
    form, once = request.form, request.form.get("once", "")
    words = {name: clean_text(form.get(name, ""))[:LONGEST] for name in _ASKED}
    purpose, delay = form.get("purpose", ""), form.get("delay", "")
    numeral = delay if delay.isascii() and delay.isdecimal() and len(delay) < 10 else ""
    return Typed(once if _TOKEN.fullmatch(once) else new_token(), purpose, numeral, words)


def _checked(sight: Sight, typed: Typed) -> Typed:
    """Everything that is missing, said at once."""
    errors, known = {}, typed.purpose in reveal.rights(sight.file, sight.who.actor)
    if not known:
        errors["purpose"] = sentence("desk_reveal", "choose")
    for name in ("reason", *(NEEDED.get(typed.purpose, ()) if known else ())):
        if not typed.words[name].strip():
            reason = present.refusal_text(sight.regulation, Refused(f"reveal_{name}"))
            errors[name] = sentence("desk_reveal", "missing", reason=reason)
    return replace(typed, errors=errors)


def _not_opened(id: int, typed: Typed, refused: Refused) -> Any:
    with house().reading(now()) as work:
        sight, no = _sight(work, id)
        return _page(sight, no, replace(typed, once=new_token()), refused, mend=True), 409


# Pages


def _page(sight: Sight, no: int, typed: Typed, refused: Refused | None, *, mend: bool = False) -> str:
    """The form; without it when this person may not be opened by this account at all."""
    return render_template(
        "agency/reveal.html",
        reveal={
            **_head(sight, no),
            "title": sentence("desk_reveal", "title"),
            "lead": sentence("desk_reveal", "lead"),
            "warning_title": sentence("desk_reveal", "warning_title"),
            "warning": _warning(sight),
            "errors": [{"field": name, "text": text} for name, text in typed.errors.items()],
            "why_not": _because(sight, refused) if refused else "",
            "form": _form(sight, no, typed) if mend or not refused else None,
        },
    )


def _head(sight: Sight, no: int) -> Vm:
    return {
        "case_title": sight.title,
        "case_url": sight.url,
        "number": sight.file.row.code,
        "which": _which(sight, no),
    }


def _warning(sight: Sight) -> str:
    who = sight.who
    roles = {row.role for row in reveal.rights(sight.file, who.actor).values()}
    role = ", ".join(_role(sight, id) for id in sorted(roles))
    return sentence("desk_reveal", "warning", name=who.name, role=role, agency=sight.agency(who.agency))


def _form(sight: Sight, no: int, typed: Typed) -> Vm:
    rights = reveal.rights(sight.file, sight.who.actor)
    purposes = [
        forms.option(id, sentence("reveal_purpose", id), row.cite, selected=id == typed.purpose)
        for id, row in rights.items()
    ]
    fields = [
        _field("purpose", "radio", typed, options=purposes, required=True),
        _field("reason", "textarea", typed, rows=4, maxlength=LONGEST, required=True),
    ]
    if COMPETENT_BODY in rights:
        fields += [_field(name, "text", typed, maxlength=300, plain=True) for name in NEEDED[COMPETENT_BODY]]
        fields += _delay(sight, no, typed)
    action = url_for("agency.open_identity", id=sight.file.row.id, no=no)
    submit, cancel = sentence("desk_reveal", "submit"), sentence("desk_reveal", "back")
    return forms.form(
        action, submit, fields, hidden={"once": typed.once}, cancel_url=sight.url, cancel=cancel
    )


def _field(name: str, type: str, typed: Typed, **more: Any) -> Vm:
    hint = "" if name == "purpose" else sentence("desk_reveal", f"{name}_hint")
    given = {"value": typed.words.get(name, ""), "error": typed.errors.get(name), "hint": hint}
    return forms.field(name, type, sentence("desk_reveal", name), **given, **more)


def _delay(sight: Sight, no: int, typed: Typed) -> list[Vm]:
    """Where an overseer gave leave: whether to use it."""
    rows = reveal.leaves(sight.work, sight.file.row.id, no, sight.who.actor)
    if not rows:
        return []
    options = [forms.option("", sentence("desk_reveal", "delay_now"))]
    for row in rows:
        label = sentence("desk_reveal", "delay_until", at=present.moment_text(sight.regulation, row.until))
        options.append(forms.option(str(row.id), label, selected=str(row.id) == typed.delay))
    return [_field("delay", "select", typed, options=options, plain=True)]


def _shown(sight: Sight, no: int, typed: Typed, person: Person) -> str:
    none = sentence("desk_reveal", "none")
    facts = [
        {"label": sentence("desk_reveal", name), "value": value or none}
        for name in reveal.FIELDS
        for value in [people.spoken(person.phone) if name == "phone" else getattr(person, name)]
    ]
    helper = people.helper_of(sight.work, people.of_submission(sight.work, sight.file.row.id, no))
    if helper:
        words = ", ".join(filter(None, (helper.name, people.spoken(helper.phone))))
        facts.append({"label": sentence("desk_reveal", "helper"), "value": words})
    delay = sight.work.session.get(models.RevealDelay, int(typed.delay)) if typed.delay else None
    seen = sentence("desk_reveal", "shown_now")
    if delay:
        until = present.moment_text(sight.regulation, delay.until)
        seen = sentence("desk_reveal", "shown_later", until=until)
    purpose = sentence("reveal_purpose", typed.purpose)
    recorded = {"at": present.moment_text(sight.regulation, sight.work.now), "reason": typed.words["reason"]}
    page = {
        **_head(sight, no),
        "title": sentence("desk_reveal", "shown_title"),
        "facts": facts,
        "once": sentence("desk_reveal", "shown_once"),
        "seen": seen,
        "recorded": sentence(
            "desk_reveal", "recorded", purpose=purpose[:1].lower() + purpose[1:], **recorded
        ),
    }
    return render_template("agency/opened.html", opened=page)
