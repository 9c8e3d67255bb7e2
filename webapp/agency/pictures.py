"""Photos of a case as the desk shows them."""

from __future__ import annotations

from collections.abc import Sequence

from flask import url_for

from webapp.core.regulation import Regulation
from webapp.doors import present
from webapp.doors.present import Vm
from webapp.store import models
from webapp.words import sentence


def ready(rows: Sequence[models.Photo]) -> list[models.Photo]:
    return [photo for photo in rows if photo.status == "ready"]


def pictures(regulation: Regulation, rows: Sequence[models.Photo], *, after: bool) -> list[Vm]:
    """View models of the photos of one side: those of the reporters, or those of the agencies."""
    side = [photo for photo in ready(rows) if bool(photo.assignment) is after]
    return [picture(regulation, photo, number) for number, photo in enumerate(side, 1)]


def picture(regulation: Regulation, photo: models.Photo, number: int) -> Vm:
    suffix = "_after" if photo.assignment else ""
    day = present.day_text(present.local(regulation, photo.created_at).date())
    small = photo.derivatives[0]
    return {
        "id": photo.id,
        "src": url_for("agency.photo", id=photo.case_id, photo_id=photo.id, w=480),
        "full": url_for("agency.photo", id=photo.case_id, photo_id=photo.id, w=1280),
        "alt": sentence("desk_case", f"photo_alt{suffix}", number=number),
        "caption": day,
        "width": small["width"],
        "height": small["height"],
    }


def missing(rows: Sequence[models.Photo]) -> str:
    """What to say about photos that cannot be seen (yet)."""
    said = []
    for status, code in (("pending", "photos_pending"), ("failed", "photos_failed")):
        count = sum(1 for photo in rows if photo.status == status)
        if count:
            said.append(sentence("desk_case", code, count=count))
    return " ".join(said)
