"""The one way to a case: strangers are told that there is none."""

from __future__ import annotations

from webapp.agency.guard import Staff
from webapp.operations.work import Gone, Work
from webapp.store import models, record
from webapp.store.queries import agency as queries
from webapp.store.record import CaseFile


def open_case(work: Work, who: Staff, case_id: int) -> CaseFile:
    """The case in hand. Raises Gone (404) unless it concerns this account."""
    row = work.session.get(models.Case, case_id)
    if row is None:
        raise Gone(case_id)
    regulation = work.law.pinned(row.regulation, row.version)
    void = {state.id for state in regulation.states if state.void}
    if not who.sees_all(regulation) and not queries.holds_case(work.session, case_id, who.agency, void):
        raise Gone(case_id)
    file = record.load(work.session, work.law, case_id)
    assert file is not None
    return file


def open_photo(work: Work, who: Staff, case_id: int, photo_id: int) -> models.Photo:
    """A photo of that case. Raises Gone for photos of other cases."""
    open_case(work, who, case_id)
    photo = work.session.get(models.Photo, photo_id)
    if photo is None or photo.case_id != case_id:
        raise Gone(photo_id)
    return photo
