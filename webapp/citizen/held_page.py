"""Everything that is kept about a sender, as its template wants it."""

from __future__ import annotations

from webapp.doors import present
from webapp.doors.present import Vm
from webapp.doors.spot import position_text
from webapp.operations import intake, people, texts
from webapp.operations.personal import Held
from webapp.operations.reveal import FIELDS, Opened
from webapp.operations.work import Work
from webapp.store import models
from webapp.words import catalogue, sentence


def view(work: Work, held: Held) -> Vm:
    row = people.of_submission(work, held.file.row.id, held.no)
    return {
        "about": sentence("citizen_data", "about", number=held.file.row.code),
        "person": _person(held),
        "sent": _sent(work, held, row),
        "opened": [_opening(work, one) for one in held.opened],
        "made_public": [_published(work, one) for one in held.published],
    }


def _person(held: Held) -> list[Vm]:
    none = sentence("citizen_held", "erased" if held.person is None else "none")
    return [_fact(name, getattr(held.person, name, "") or none) for name in FIELDS]


def _fact(name: str, value: str) -> Vm:
    return {"label": sentence("citizen_held", name), "value": value}


def _sent(work: Work, held: Held, row: models.Submission) -> list[Vm]:
    regulation, own = held.file.regulation, held.file.state.submissions[held.no - 1]
    text = texts.read(work, held.file.row, [row.text_id]).get(row.text_id, "")
    place = intake.open_place(work, held.file.row, row).words
    channel = next((way.label for way in regulation.channels if way.id == own.channel), "")
    found = {
        "sent": present.moment_text(regulation, own.submitted_at),
        "channel": channel,
        "text": text or sentence("citizen_held", "text_gone"),
        "place": place,
        "place_shown": catalogue()["citizen_place_shown"][row.place_shown],
        "photos": sentence("citizen_held", "photos_count", count=held.photos) if held.photos else "",
    }
    return [_fact(name, value) for name, value in found.items() if value]


def _opening(work: Work, row: Opened) -> Vm:
    """An opening of the report, or of a request about it: each under its own regulation."""
    regulation = work.law.pinned(*row.under)
    label, agency = regulation.role(row.role).label, present.agency_name(work.law.directory, row.agency)
    role = label[:1].lower() + label[1:]
    who = sentence("citizen_identity", "who", agency=agency, role=role, name=row.name)
    purpose = sentence("reveal_purpose", row.purpose)
    why = sentence("citizen_mine", "opened_why", purpose=purpose, reason=row.reason)
    return {
        "who": who,
        "when": present.moment_text(regulation, row.at),
        "why": why if row.reason else purpose,
        "fields": ", ".join(sentence("citizen_held", name).lower() for name in row.fields),
    }


def _place(row: models.PubContent) -> str:
    at = position_text(row.lat, row.lon) if row.lat is not None and row.lon is not None else ""
    told = " · ".join(filter(None, (row.place, at)))
    return sentence("citizen_held", "public_place", place=told) if told else ""


def _published(work: Work, row: models.PubContent) -> Vm:
    agency = present.agency_name(work.law.directory, row.agency)
    on = sentence("citizen_held", "public_on", day=present.day_text(row.published_on), agency=agency)
    gone = row.withdrawn_on
    name = sentence("citizen_held", "public_name", name=row.reporter) if row.reporter else ""
    return {
        "on": on,
        "withdrawn": sentence("citizen_held", "public_withdrawn", day=present.day_text(gone)) if gone else "",
        "place": _place(row),
        "name": name or sentence("citizen_held", "public_no_name"),
        "report": row.report or "",
        "answer": row.answer or "",
    }
