"""Whoever met the same thing later: what each of them wrote, when, and where that submission stands."""

from __future__ import annotations

from webapp.agency.sight import Sight
from webapp.doors import present
from webapp.doors.present import Vm
from webapp.operations import intake
from webapp.operations.work import open_key
from webapp.store.models import Submission
from webapp.store.sealing import Unsealable
from webapp.words import sentence


def others(sight: Sight) -> list[Vm]:
    later = [row for row in sight.submissions if row.no > 1]
    key = _key(sight) if later else None
    return [_one(sight, row, _place(sight, row, key)) for row in later]


def _key(sight: Sight) -> bytes | None:
    """The case's key, opened once for all of them."""
    try:
        return open_key(sight.work, sight.file.row.content_key_id)
    except Unsealable:
        return None


def _one(sight: Sight, row: Submission, place: str) -> Vm:
    sent = sight.state.submissions[row.no - 1]
    return {
        "title": sentence("desk_reveal", "sender", no=row.no),
        "chips": [
            present.state_chip(sight.regulation, sent.state, desk=True),
            present.chip(sentence("desk_secrecy", sent.secrecy)),
        ],
        "text": sight.texts.get(row.text_id) or sentence("desk_case", "text_gone"),
        "note": " · ".join(filter(None, (_sent(sight, row.no), place))),
    }


def _place(sight: Sight, row: Submission, key: bytes | None) -> str:
    try:
        return intake.open_place(sight.work, sight.file.row, row, key).words if key else ""
    except Unsealable:
        return ""


def _sent(sight: Sight, no: int) -> str:
    at = sight.state.submissions[no - 1].submitted_at
    return sentence("desk", "meta_sent", day=present.moment_text(sight.regulation, at))


def named(sight: Sight) -> Vm | None:
    """The case that its sender named as the same matter; it is for the officer to say whether it is."""
    number = sight.submissions[0].same_as
    return {"number": number, "url": f"/pa/{number}"} if number else None
