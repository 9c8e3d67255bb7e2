"""Sending a report: the form, and the receipt that is the answer to sending it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from flask import Response, request, url_for
from sqlalchemy import select

from webapp.citizen import form, form_page, pictures
from webapp.citizen.door import blueprint, give, page, said, token
from webapp.citizen.form import Draft, Errors
from webapp.citizen.pictures import Pictures
from webapp.citizen.present import receipt_page
from webapp.core.regulation import Regulation
from webapp.doors import house, now, present
from webapp.operations import citizens, intake, photos
from webapp.operations.intake import Place, Receipt, Report
from webapp.operations.people import Person
from webapp.operations.work import Conflict, Gone, Refusal, Work
from webapp.regulations.directory import Directory
from webapp.store import models, record
from webapp.store.record import CaseFile
from webapp.words import sentence


@dataclass(frozen=True)
class Sent:
    """What sending gave: the receipt, the case it made, and a session that opens it at once."""

    receipt: Receipt
    file: CaseFile
    photos: int
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
    return _form(form.fresh(regulation, directory, _today()), 200)


@blueprint.post("/gui")
def send() -> Response:
    """Take the report in, or give the form back with every fault named and nothing lost."""
    draft = form.typed(request.form)
    brought = pictures.receive(draft.secret)
    regulation, directory = _law()
    errors = form.faults(draft, brought, regulation, directory, _today())
    if errors:
        return _form(draft, 422, pictures.remember(draft.secret, brought), errors)
    try:
        sent = _submit(form.report(draft, brought))
    except Refusal as refusal:
        brought = pictures.remember(draft.secret, brought)
        return _form(draft, 422, brought, refused=_reason(refusal))
    except Conflict:
        return page("citizen/conflict.html", "report", 409)
    url = url_for("citizen.follow", _external=True)
    shown = receipt_page(sent.file, sent.receipt, now(), sent.photos, url)
    shown["pending"] = "\n".join([*_left_out(sent.receipt, brought), shown["pending"]]).strip()
    return give(page("citizen/sent.html", "report", sent=shown), sent.token)


def _submit(report: Report) -> Sent:
    """One transaction: the report, and the session that opens it. The photos are on disk already."""
    previous = _previous_token()

    def write(work: Work) -> Sent:
        receipt = intake.submit(work, report)
        file = record.load(work.session, work.law, receipt.case_id)
        assert file is not None
        if previous:
            citizens.close_session(work, previous)
        stored = sum(photo.submission == receipt.no for photo in photos.of_case(work, receipt.case_id))
        return Sent(receipt, file, stored, citizens.open_session(work, _submission_id(work, receipt)))

    return house().write(now(), write)


def _left_out(receipt: Receipt, brought: Pictures) -> list[str]:
    """Photos that were too many for one report or one day: each by its name, the report itself is in."""
    limits = {
        "too_many": photos.MAX_FILES,
        "day_files": photos.DAY_FILES,
        "day_bytes": photos.DAY_BYTES // 2**20,
    }
    lines = []
    for row in receipt.not_taken:
        limit = limits[row.code]
        reason = sentence("photo_not_taken", row.code, count=limit, size=limit)
        lines.append(sentence("citizen_sent", "left", name=brought.names.get(row.uid, ""), reason=reason))
    return lines


def _submission_id(work: Work, receipt: Receipt) -> int:
    row = models.Submission
    query = select(row.id).where(row.case_id == receipt.case_id, row.no == receipt.no)
    return work.session.execute(query).scalar_one()


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
    view = form_page.view(draft, *_law(), brought, errors, refused)
    return page("citizen/report.html", "report", status, form=view)


def _law() -> tuple[Regulation, Directory]:
    """The regulation the form follows: the first of the map; intake asks again with the place known."""
    law = house().law
    return law.regulation(law.applies[0].regulation), law.directory


def _today() -> date:
    return now().astimezone(_law()[0].zone).date()


def _reason(refusal: Refusal) -> str:
    reason = present.refusal_text(_law()[0], refusal.refused)
    return said("citizen_wrong", "impossible", refusal.refused, reason)


def _nothing() -> Report:
    return Report("", "", Place(), "", Person(), "", False)
