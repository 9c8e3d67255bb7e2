"""Where a case lies, for everybody: only as exactly as its reporter and its publisher both allow.

The position is the one its reporter gave with the form, never one out of a photo.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import or_, update

from webapp.core.events import Event
from webapp.operations import intake, people, restricted, texts
from webapp.operations.intake import EXACT, Place
from webapp.operations.work import Work
from webapp.store import models
from webapp.store.record import CaseFile
from webapp.store.sealing import Unsealable

DIGITS = 4  # of a degree: some 11 m
WITHIN = 500  # metres; a position that is less sure than this would point at somebody else's door
NOTHING: dict[str, Any] = {"place": None, "lat": None, "lon": None}


def allowed(work: Work, file: CaseFile) -> Place | None:
    """The most that may be published of where it is; None: no more than its commune."""
    row = people.of_submission(work, file.row.id, 1)
    if row.place_shown != EXACT or any(s.secrecy == "confidential" for s in file.state.submissions):
        return None
    if _commune_only(work, file.state.category, row.claimed_category):
        return None
    if people.erased(work, row.identity_id) or restricted.since(work, file.row.id, 1):
        return None
    try:
        place = intake.open_place(work, file.row, row)
    except Unsealable:
        return None
    lat, lon = _rounded(place)
    return Place(place.words, lat, lon) if place.words.strip() or lat is not None else None


def columns(work: Work, file: CaseFile, event: Event) -> dict[str, Any]:
    """What the public copy holds of it, as the publisher chose: nothing where nothing was chosen."""
    facts = event.data["facts"]
    place = allowed(work, file) if event.data.get("place_shown") == EXACT else None
    if place is None:
        return NOTHING
    words = texts.read(work, file.row, [facts["public_where"]]) if "public_where" in facts else {}
    return {"place": next(iter(words.values()), None), "lat": place.lat, "lon": place.lon}


def keep_to_commune(work: Work, file: CaseFile) -> None:
    """Take the place out again where the case turned out to be of a category that never shows it."""
    if _commune_only(work, file.state.category):
        content = models.PubContent
        shown = or_(content.place.is_not(None), content.lat.is_not(None))
        work.session.execute(update(content).where(content.code == file.row.code, shown).values(NOTHING))


def _commune_only(work: Work, *categories: str | None) -> bool:
    rows = (work.law.directory.category(id or "") for id in categories)
    return any(row.commune_only for row in rows if row)


def _rounded(place: Place) -> tuple[float, float] | tuple[None, None]:
    if place.lat is None or place.lon is None or (place.accuracy or 0) > WITHIN:
        return None, None
    return round(place.lat, DIGITS), round(place.lon, DIGITS)
