"""Files that a phone announced with a report and sends after it: the promise, its state, and the receipt."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from sqlalchemy import select

from webapp.operations import photos, recordings
from webapp.operations.work import Work, open_key
from webapp.store import models
from webapp.store.sealing import Vault

PHOTO: Final = "photo"
KINDS: Final = (PHOTO, recordings.VIDEO, recordings.VOICE)
WAITING: Final = "waiting"
RECEIVED: Final = "received"
REFUSED: Final = "refused"
EXPIRY: Final = timedelta(days=7)
PURPOSE: Final = "partial"
_TABLE = "expected_file"


@dataclass(frozen=True, slots=True)
class Promise:
    """One file as the phone announced it; `mark` is a keyed hash that photos sent by a form have too.

    `wrong` is the code of why it is not wanted at all; the report is taken without it.
    """

    uid: str
    kind: str
    size: int
    sha256: str = field(repr=False)
    type: str
    mark: str = field(repr=False)
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A line of the receipt."""

    uid: str
    kind: str
    size: int
    sha256: str = field(repr=False)
    type: str
    state: str
    reason: str
    name: str
    wrapped: bytes | None


def promise(vault: Vault, uid: str, kind: str, size: int, sha256: str, type: str, limit: int) -> Promise:
    """A promise, judged by its size: `limit` holds for a photo."""
    most = limit if kind == PHOTO else recordings.MAX_BYTES
    wrong = "empty" if not size else "too_large" if size > most else ""
    return Promise(uid, kind, size, sha256, type, vault.blind_index("photo", sha256), wrong)


def expect(
    work: Work, case: models.Case, no: int, phone_index: str | None, wanted: Sequence[Promise]
) -> None:
    """Write down what the phone will send, and at once refuse what is too much. Known promises stay."""
    if not wanted:
        return
    known = {row.uid for row in of_submission(work, case.id, no)}
    fresh = [one for one in wanted if one.uid not in known]
    if not fresh:
        return
    key, sound = open_key(work, case.content_key_id), [one for one in fresh if not one.wrong]
    had = photos.files_of(work, case.id, no)
    over = photos.over_quota(work, phone_index, had, [one.size for one in sound])
    codes = {one.uid: code for one, code in zip(sound, over, strict=True)}
    there = {photo.mark: photo.id for photo in photos.of_case(work, case.id) if photo.submission == no}
    for one in fresh:
        row = _row(work, case, no, key, one)
        work.session.add(row)
        if one.mark in there:
            settle(work, row, RECEIVED, kept_id=there[one.mark])
        elif code := one.wrong or codes[one.uid]:
            settle(work, row, REFUSED, reason=code)
    work.session.flush()


def _row(work: Work, case: models.Case, no: int, key: bytes, one: Promise) -> models.ExpectedFile:
    name = secrets.token_hex(16)
    told = json.dumps({"size": one.size, "sha256": one.sha256, "type": one.type}).encode()
    return models.ExpectedFile(
        case_id=case.id,
        submission=no,
        uid=one.uid,
        kind=one.kind,
        size=one.size,
        promise=work.vault.seal(key, told, _TABLE, name, "promise"),
        name=name,
        wrapped=work.vault.new_data_key(PURPOSE)[1],
        state=WAITING,
        created_at=work.now,
    )


def settle(
    work: Work, row: models.ExpectedFile, state: str, *, reason: str | None = None, kept_id: int | None = None
) -> None:
    """It waits no longer: the key of its pieces goes, and with it whatever of them is still on disk."""
    row.state, row.reason, row.kept_id = state, reason, kept_id
    row.size = row.wrapped = None
    row.settled_at = work.now


def brought(work: Work, case_id: int, no: int, kept: Sequence[photos.Kept]) -> None:
    """Photos that were promised and came by the form after all: they need not be sent once more."""
    if not kept:
        return
    by_mark = {photo.mark: photo for photo in kept}
    for row, line in zip(rows := of_submission(work, case_id, no), told(work, rows), strict=True):
        photo = by_mark.pop(work.vault.blind_index("photo", line.sha256), None)
        if row.state == WAITING and row.kind == PHOTO and photo is not None:
            (photo_id,) = photos.attach(work, case_id, [photo], submission=no)
            settle(work, row, RECEIVED, kept_id=photo_id)


def of_submission(work: Work, case_id: int, no: int) -> list[models.ExpectedFile]:
    row = models.ExpectedFile
    query = select(row).where(row.case_id == case_id, row.submission == no)
    return list(work.session.scalars(query.order_by(row.id)))


def of_case(work: Work, case_id: int) -> list[models.ExpectedFile]:
    row = models.ExpectedFile
    return list(work.session.scalars(select(row).where(row.case_id == case_id).order_by(row.id)))


def told(work: Work, rows: Sequence[models.ExpectedFile]) -> list[Told]:
    """The receipt's lines: what was promised, opened, and what became of it. Raises Unsealable."""
    if not rows:
        return []
    case = work.session.get_one(models.Case, rows[0].case_id)
    key = open_key(work, case.content_key_id)
    found = []
    for row in rows:
        promised = json.loads(work.vault.open(key, row.promise, _TABLE, row.name, "promise"))
        size, sha256 = promised["size"], promised["sha256"]
        about = (row.state, row.reason or "", row.name, row.wrapped)
        found.append(Told(row.uid, row.kind, size, sha256, promised["type"], *about))
    return found


def waiting(work: Work, rows: Sequence[models.ExpectedFile]) -> Counter[str]:
    """How many of each kind wait; `photo_late` were announced so long ago that they may never come."""
    codes = ((row.kind, row.created_at + EXPIRY <= work.now) for row in rows if row.state == WAITING)
    return Counter(f"{kind}_late" if late else kind for kind, late in codes)


def forget(work: Work, case_id: int, no: int) -> list[str]:
    """Forget an erased person's promises and recordings; the files to delete. Pieces lose their key."""
    for row in of_submission(work, case_id, no):
        work.session.delete(row)
    own = [row for row in recordings.of_case(work, case_id) if row.submission == no]
    for recording in own:
        work.session.delete(recording)
    return [recording.original for recording in own]
