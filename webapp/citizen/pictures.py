"""Photos that come with a form: judged one by one, and kept on the server while the form is mended."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import request
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from webapp.citizen.door import megabytes
from webapp.core.text import clean_line
from webapp.doors import house, now
from webapp.doors.present import Vm
from webapp.operations import photos
from webapp.operations.photos import BadPhoto, Kept, NotTaken
from webapp.operations.work import Work
from webapp.store import models
from webapp.store.media import MediaDown
from webapp.words import sentence

FIELD = "photos"
ACCEPT = ",".join(f"image/{name.lower()}" for name in photos.FORMATS)
NAME_LENGTH = 60
SECRET = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Pictures:
    """What a form brought: photos taken in, sentences about those that were not, and their names.

    `stopped`: the media store refused one, and what came after it was not tried. `promised`: how many the
    phone sends after the text.
    """

    kept: Sequence[Kept]
    problems: Sequence[str]
    names: Mapping[str, str]
    stopped: bool = False
    promised: int = 0


def brought() -> int:
    """How many photos this request carries."""
    return sum(bool(file.filename) for file in request.files.getlist(FIELD))


def receive(secret: str, *, take: bool = True) -> Pictures:
    """Take in the photos of this request (unless told not to) and find again those the form already had."""
    wanted = [uid for uid in request.form.getlist("kept") if uid not in request.form.getlist("drop")]
    kept = _earlier(secret, wanted)
    names = {uid: clean_line(request.form.get(f"name-{uid}", "")) for uid in wanted}
    problems: list[str] = []
    sent = [file for file in request.files.getlist(FIELD) if take and file.filename]
    try:
        for file in sent:
            name = clean_line(file.filename or "")[:NAME_LENGTH]
            problem = _take(file, name, kept, names)
            problems += [problem] if problem else []
    except MediaDown:
        return Pictures(kept, problems, names, stopped=True)
    return Pictures(kept, problems, names)


def _take(file: FileStorage, name: str, kept: list[Kept], names: dict[str, str]) -> str:
    """Judge one file and seal it on disk; returns the sentence of what is wrong with it, or nothing.

    Raises MediaDown.
    """
    limit = house().config.max_upload_bytes
    if len(kept) >= photos.MAX_FILES:
        return sentence("citizen_photo", "too_many", name=name, count=photos.MAX_FILES)
    try:
        # One byte over the limit is enough to know; a disguised film is not read to its end.
        photo = photos.keep(house().vault, house().media, file.stream.read(limit + 1), limit)
    except BadPhoto as bad:
        return sentence("citizen_photo", bad.code, name=name, size=limit // 2**20)
    if all(photo.sha256 != known.sha256 for known in kept):
        kept.append(photo)
        names[photo.uid] = name
    return ""


def remember(secret: str, pictures: Pictures) -> Pictures:
    """Keep the photos of a form that goes back, so that they need not be chosen again."""

    def write(work: Work) -> list[Kept]:
        known = {photo.sha256: photo for photo in photos.uploads_of(work, secret)}
        for photo in pictures.kept:
            if photo.sha256 not in known:
                photos.keep_upload(work, secret, photo)
        return [known.get(photo.sha256, photo) for photo in pictures.kept]

    if not pictures.kept:
        return pictures
    names = {photo.sha256: pictures.names.get(photo.uid, "") for photo in pictures.kept}
    kept = house().write(now(), write)
    named = {photo.uid: names[photo.sha256] for photo in kept}
    return replace(pictures, kept=kept, names=named)


def left_out(rows: Iterable[NotTaken], pictures: Pictures) -> list[str]:
    """Photos that were too many for one report or one day: each by its name, what was written is in."""
    limits = {
        "too_many": photos.MAX_FILES,
        "day_files": photos.DAY_FILES,
        "day_bytes": photos.DAY_BYTES // 2**20,
    }
    lines = []
    for row in rows:
        limit = limits[row.code]
        reason = sentence("photo_not_taken", row.code, count=limit, size=limit)
        lines.append(sentence("citizen_sent", "left", name=pictures.names.get(row.uid, ""), reason=reason))
    return lines


def _earlier(secret: str, uids: Iterable[str]) -> list[Kept]:
    """Photos of the draft; or of the report it became, when the answer to the first sending was lost."""
    wanted = [uid for uid in uids if SECRET.fullmatch(uid)]
    if not wanted:
        return []
    with house().reading(now()) as work:
        return photos.uploads_of(work, secret, wanted) or _sent_already(work, secret, wanted)


def _sent_already(work: Work, secret: str, uids: list[str]) -> list[Kept]:
    submission = models.Submission
    own = select(submission).where(submission.secret_mac == work.vault.receipt_mac(secret))
    row = work.session.scalar(own)
    if row is None:
        return []
    found = [photo for photo in photos.of_case(work, row.case_id) if photo.uid in uids]
    return [Kept(**{name: _value(photo, name) for name in Kept.__slots__}) for photo in found]


def _value(photo: models.Photo, name: str) -> Any:
    # The original goes once a photo is redrawn; it is not needed to see that the report is the same.
    value = getattr(photo, name)
    return {"original": "", "wrapped": b""}.get(name) if value is None else value


def view(pictures: Pictures | None = None) -> Vm:
    """The photo field of a form, with what it already holds."""
    size = house().config.max_upload_bytes // 2**20
    return {
        "name": FIELD,
        "accept": ACCEPT,
        "hint": sentence("citizen_hint", "photos", count=photos.MAX_FILES, size=size),
        "error": " ".join(pictures.problems) if pictures else "",
        "kept": [_kept_view(n, photo, pictures) for n, photo in enumerate(pictures.kept, 1)]
        if pictures
        else [],
    }


def _kept_view(number: int, photo: Kept, pictures: Pictures) -> Vm:
    size = sentence(
        "citizen_form", "kept_size", width=photo.width, height=photo.height, size=megabytes(photo.size)
    )
    name = pictures.names.get(photo.uid) or sentence("citizen_form", "kept", number=number)
    return {"id": photo.uid, "src": "", "alt": "", "name": name, "size": size}
