"""The one way to a case: strangers are told that there is none."""

from __future__ import annotations

from webapp.agency.guard import Staff
from webapp.core.regulation import Regulation
from webapp.operations import recordings
from webapp.operations.work import Gone, Work
from webapp.store import models, record
from webapp.store.queries import agency as queries
from webapp.store.record import CaseFile


def open_case(work: Work, who: Staff, case_id: int) -> CaseFile:
    """The case in hand. Raises Gone (404) unless it concerns this account."""
    row = work.session.get(models.Case, case_id)
    if row is None:
        raise Gone(case_id)
    if not concerns(work, who, row):
        raise Gone(case_id)
    file = record.load(work.session, work.law, case_id)
    assert file is not None
    return file


def concerns(work: Work, who: Staff, row: models.Case) -> bool:
    """Whether this account may open the case, as it stands now."""
    regulation = work.law.pinned(row.regulation, row.version)
    # Who gave it back has it no longer; who got a copy keeps it.
    copies = {move.opens for move in regulation.moves}
    void = {state.id for state in regulation.states if state.void and state.id not in copies}
    return who.sees_all(regulation) or queries.holds_case(work.session, row.id, who.agency, void)


def open_recording(work: Work, who: Staff, case_id: int, recording_id: int) -> models.Recording:
    """A film or spoken report of that case. Raises Gone for others, and for whom it is not."""
    file = open_case(work, who, case_id)
    row = work.session.get(models.Recording, recording_id)
    if row is None or row.case_id != case_id:
        raise Gone(recording_id)
    if not recordings.may_have(work, row, centre=is_centre(who, file.regulation)):
        raise Gone(recording_id)
    return row


def is_centre(who: Staff, regulation: Regulation) -> bool:
    """Whether this account works at the centre that receives reports."""
    return any(role.org == "coordinator" for role in regulation.roles if role.id in who.roles)


def open_photo(work: Work, who: Staff, case_id: int, photo_id: int) -> models.Photo:
    """A photo of that case. Raises Gone for photos of other cases."""
    open_case(work, who, case_id)
    photo = work.session.get(models.Photo, photo_id)
    if photo is None or photo.case_id != case_id:
        raise Gone(photo_id)
    return photo
