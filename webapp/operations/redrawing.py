"""What follows when a photo was redrawn, or could not be."""

from __future__ import annotations

import logging
from typing import Any

from sqlalchemy import func, select

from webapp.core.events import Kind
from webapp.core.regulation import Move
from webapp.core.workflow import Action, Refused, decide
from webapp.operations import moves, photos, texts
from webapp.operations.work import Work
from webapp.store import models, record
from webapp.store.record import CaseFile
from webapp.words import sentence

log = logging.getLogger("hoidap.photos")


def done(work: Work, photo_id: int, derivatives: list[dict[str, Any]]) -> None:
    """The photo is redrawn: `derivatives` are on disk already."""
    photos.note_derivatives(work, photo_id, derivatives)


def failed(work: Work, photo_id: int) -> None:
    """The photo cannot be redrawn. Its original stays sealed, the text stays as it is, and the reporter is
    asked for what is missing where the regulation lets the system ask."""
    if photos.note_derivatives(work, photo_id, None):
        photo = work.session.get_one(models.Photo, photo_id)
        ask_if_none_is_left(work, photo.case_id, photo.submission)


def broke(work: Work, photo_id: int) -> None:
    """The child that drew it broke. That may be the machine's fault, so it is tried again before it fails."""
    if not photos.try_again(work, photo_id):
        failed(work, photo_id)


def ask_if_none_is_left(work: Work, case_id: int, submission: int | None) -> None:
    """One supplement request for a submission of which no photo is left to look at.

    While another photo stands, waits for its turn or is on its way, the report is not held up for this one.
    """
    if submission is None or _others(work, case_id, submission):
        return
    file = record.load(work.session, work.law, case_id, lock=True)
    assert file is not None
    for move in file.regulation.moves:
        if move.event is Kind.supplement_requested and "system" in move.by:
            _request(work, file, move, submission)
            return


def _others(work: Work, case_id: int, submission: int) -> int:
    photo, coming = models.Photo, models.ExpectedFile
    standing = (photo.case_id == case_id, photo.submission == submission, photo.status != "failed")
    waiting = (coming.case_id == case_id, coming.submission == submission, coming.state == "waiting")
    here = work.session.execute(select(func.count()).where(*standing)).scalar_one()
    return (
        here + work.session.execute(select(func.count()).where(*waiting, coming.kind == "photo")).scalar_one()
    )


def _request(work: Work, file: CaseFile, move: Move, submission: int) -> None:
    """Make the move if the regulation allows it now; what it says to it is asked before a text is written."""
    action = Action(move.id, submission, moves.system_actor())
    asked = decide(file.regulation, file.state, action, dict.fromkeys(move.requires, 1), work.now)
    if isinstance(asked, Refused):
        log.info("case %s: no request for another photo: %s", file.row.id, asked.code)
        return
    sealed = any(row.secrecy == "confidential" for row in file.state.submissions)
    body = sentence("photo_failed", "request")
    facts = {name: texts.add(work, file.row, name, body, sealed=sealed) for name in move.requires}
    events = decide(file.regulation, file.state, action, facts, work.now)
    assert not isinstance(events, Refused)
    moves.follow(work, file, events)
