"""Photos: judged by content and header in the request, sealed as they came, redrawn later by the worker.

Only what is redrawn from pixels is ever shown; the original is opened for nobody but its evidence.
"""

from __future__ import annotations

import hashlib
import io
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select

from webapp.operations.work import Work, open_key
from webapp.pictures import judge as judging
from webapp.pictures import redraw as redrawing
from webapp.pictures.judge import BadPhoto as BadPhoto  # callers catch photos.BadPhoto
from webapp.store import inserts, models
from webapp.store.media import MediaStore
from webapp.store.sealing import Vault
from webapp.store.session import after_commit

FORMATS = ("JPEG", "PNG", "WEBP", "HEIC")  # what a form may offer to choose; content decides
WIDTHS = (*redrawing.WIDTHS, redrawing.KEPT)
MAX_FILES = 10  # of one report
DAY_FILES = 50  # of one reporter in 24 hours
DAY_BYTES = 500 * 1024 * 1024
DRAFT_HOURS = 24
CLAIM_MINUTES = 5
ATTEMPTS = 3
OPEN = "open"  # the one secrecy that shows the reporter's name, and keeps what a camera wrote
_TABLE = "photo"
_PURPOSE = "photo"


@dataclass(frozen=True, slots=True)
class Kept:
    """A photo whose sealed original is already durable on disk.

    `mark` is a keyed hash of the file as it was sent. It stays when `sha256` becomes that of a redrawn
    copy, so that the same report sent again is still seen to be the same.
    """

    uid: str
    original: str
    wrapped: bytes
    mime: str
    size: int
    sha256: str
    width: int
    height: int
    mark: str = ""


@dataclass(frozen=True, slots=True)
class NotTaken:
    """A photo left out of a report whose text was taken: too_many, day_files or day_bytes."""

    uid: str
    code: str


def judge(data: bytes, limit: int) -> tuple[str, int, int]:
    """MIME type, width and height of a photo by its content; nothing is decoded. Raises BadPhoto."""
    found = judging.judge(data, limit)
    return found.mime, found.width, found.height


def keep(vault: Vault, media: MediaStore, data: bytes, limit: int) -> Kept:
    """Judge a photo and put its sealed original on disk, durable, before any row names it."""
    mime, width, height = judge(data, limit)
    uid = secrets.token_hex(16)
    key, wrapped = vault.new_data_key(_PURPOSE)
    original = media.put(vault.seal_stream(key, io.BytesIO(data), _TABLE, uid, "original"))
    digest = hashlib.sha256(data).hexdigest()
    mark = vault.blind_index(_PURPOSE, digest)
    return Kept(uid, original, wrapped, mime, len(data), digest, width, height, mark)


def within_quota(work: Work, phone: str, kept: Sequence[Kept]) -> tuple[list[Kept], list[NotTaken]]:
    """What of `kept` this reporter may still send, in order, and what not: each photo on its own.

    A reporter is known by the blind index of the phone number; without one only the number of files counts.
    """
    index = work.vault.blind_index("phone", phone) if phone else None
    return _parted(kept, over_quota(work, index, 0, [photo.size for photo in kept]))


def within_quota_of(
    work: Work, submission: models.Submission, kept: Sequence[Kept]
) -> tuple[list[Kept], list[NotTaken]]:
    """As `within_quota`, for photos that come later to a report; those that failed to open do not count."""
    person = work.session.get_one(models.Identity, submission.identity_id)
    had = files_of(work, submission.case_id, submission.no)
    return _parted(kept, over_quota(work, person.phone_index, had, [photo.size for photo in kept]))


def _parted(kept: Sequence[Kept], codes: Sequence[str]) -> tuple[list[Kept], list[NotTaken]]:
    taken = [photo for photo, code in zip(kept, codes, strict=True) if not code]
    return taken, [NotTaken(photo.uid, code) for photo, code in zip(kept, codes, strict=True) if code]


def over_quota(work: Work, phone_index: str | None, had: int, sizes: Sequence[int]) -> list[str]:
    """For each further file of a report that has `had` already: why it is not taken, or nothing.

    Each is judged on its own: one that is too much does not keep the next one out. Files that a phone has
    promised count as if they were here: else ten phones could promise what one may send.
    """
    files, size = _sent_today(work, phone_index) if sizes else (0, 0)
    codes = []
    for more in sizes:
        code = _over(had, files, size + more)
        codes.append(code)
        if not code:
            had, files, size = had + 1, files + 1, size + more
    return codes


def _over(of_report: int, files: int, size: int) -> str:
    if of_report >= MAX_FILES:
        return "too_many"
    if files >= DAY_FILES:
        return "day_files"
    return "day_bytes" if size > DAY_BYTES else ""


def files_of(work: Work, case_id: int, no: int) -> int:
    """How many files this report has or waits for; those that could not be opened do not count."""
    return sum(
        work.session.execute(select(func.count()).where(*_of(row, case_id, no), counts)).scalar_one()
        for row, counts in _KINDS
    )


def _sent_today(work: Work, phone_index: str | None) -> tuple[int, int]:
    """Files and bytes of this reporter in the last 24 hours."""
    if not phone_index:
        return 0, 0
    since = work.now - timedelta(hours=24)
    found = [_sent_since(work, row, phone_index, since) for row in (row for row, _ in _KINDS)]
    return sum(files for files, _ in found), sum(size for _, size in found)


def _sent_since(work: Work, row: Any, phone_index: str, since: datetime) -> tuple[int, int]:
    submission, identity = models.Submission, models.Identity
    query = (
        select(func.count(), func.coalesce(func.sum(row.size), 0))
        .join(submission, (submission.case_id == row.case_id) & (submission.no == row.submission))
        .join(identity, identity.id == submission.identity_id)
        .where(identity.phone_index == phone_index, row.created_at > since)
    )
    if row is models.ExpectedFile:
        query = query.where(_WAITS)
    files, size = work.session.execute(query).one()
    return int(files), int(size)


def _of(row: Any, case_id: int, no: int) -> tuple[ColumnElement[bool], ...]:
    return row.case_id == case_id, row.submission == no


_WAITS = models.ExpectedFile.state == "waiting"
_KINDS: tuple[tuple[Any, ColumnElement[bool]], ...] = (
    (models.Photo, models.Photo.status != "failed"),
    (models.Recording, models.Recording.id.is_not(None)),
    (models.ExpectedFile, _WAITS),
)


def as_sent(work: Work, case_id: int, kept: Sequence[Kept]) -> list[Kept]:
    """`kept` with the marks of those photos that this case already has."""
    marks = {photo.uid: photo.mark for photo in of_case(work, case_id)}
    return [replace(photo, mark=marks.get(photo.uid) or photo.mark) for photo in kept]


def attach(
    work: Work,
    case_id: int,
    kept: Sequence[Kept],
    *,
    submission: int | None = None,
    assignment: int | None = None,
) -> list[int]:
    """Rows for kept photos, waiting to be redrawn; returns their ids."""
    rows = [
        models.Photo(
            **{name: getattr(photo, name) for name in Kept.__slots__},
            case_id=case_id,
            submission=submission,
            assignment=assignment,
            status="pending",
            derivatives=[],
            attempts=0,
            created_at=work.now,
        )
        for photo in kept
    ]
    work.session.add_all(rows)
    work.session.flush()
    return [row.id for row in rows]


# The draft of a form that came back with errors


def keep_upload(work: Work, secret: str, kept: Kept) -> None:
    """Remember a photo under the form's secret until the form is right."""
    values = {name: getattr(kept, name) for name in Kept.__slots__}
    work.session.add(models.Upload(**values, draft_mac=work.vault.receipt_mac(secret), created_at=work.now))


def uploads_of(work: Work, secret: str, uids: Iterable[str] | None = None) -> list[Kept]:
    """The photos kept under this secret (of those ids, when given), oldest first."""
    since = work.now - timedelta(hours=DRAFT_HOURS)
    query = select(models.Upload).where(
        models.Upload.draft_mac == work.vault.receipt_mac(secret),
        models.Upload.created_at >= since,
        models.Upload.mime.startswith("image/"),  # documents are kept there too
    )
    if uids is not None:
        query = query.where(models.Upload.uid.in_(list(uids)))
    rows = work.session.scalars(query.order_by(models.Upload.created_at, models.Upload.uid))
    return [Kept(**{name: getattr(row, name) for name in Kept.__slots__}) for row in rows]


def drop_uploads(work: Work, secret: str) -> None:
    mac = work.vault.receipt_mac(secret)
    inserts.drop(work.session, models.Upload, "draft_mac", mac)


# Redrawing, by the worker


def original_of(vault: Vault, media: MediaStore, photo: models.Photo | models.Upload) -> bytes:
    """The photo as it came. Raises Unsealable, FileNotFoundError."""
    assert photo.original is not None and photo.wrapped is not None
    key = vault.unwrap(photo.wrapped, _PURPOSE)
    with media.open(photo.original) as source:
        return b"".join(vault.open_stream(key, source, _TABLE, photo.uid, "original"))


def redraw(data: bytes) -> list[tuple[int, int, bytes]]:
    """Redrawn copies: width, height, JPEG. In this very process, so for files of our own; the worker has
    a pool for strangers' files. Raises BadPhoto."""
    return [(copy.width, copy.height, copy.data) for copy in redrawing.redraw(data)]


def next_pending(work: Work) -> models.Photo | None:
    """Claim the oldest photo that waits to be redrawn, for five minutes."""
    query = (
        select(models.Photo)
        .where(
            models.Photo.status == "pending",
            (models.Photo.claimed_until.is_(None)) | (models.Photo.claimed_until < work.now),
        )
        .order_by(models.Photo.id)
        .limit(1)
    )
    photo = work.session.scalar(query.with_for_update(skip_locked=True))
    if photo is not None:
        photo.claimed_until = work.now + timedelta(minutes=CLAIM_MINUTES)
    return photo


def keep_copies(work: Work, photo_id: int, copies: Sequence[tuple[int, int, bytes]]) -> list[dict[str, Any]]:
    """Put copies on disk, sealed under the case's content key, and say where. Writes no row.

    For a reading session: six files and their fsyncs need not hold up other writers.
    """
    photo = work.session.get_one(models.Photo, photo_id)
    key = open_key(work, work.session.get_one(models.Case, photo.case_id).content_key_id)
    return [_derivative(work, photo, key, *copy) for copy in copies]


def _derivative(
    work: Work, photo: models.Photo, key: bytes, width: int, height: int, data: bytes
) -> dict[str, Any]:
    sealed = work.vault.seal(key, data, _TABLE, photo.uid, f"width{width}")
    name = work.media.put(sealed)
    return {
        "width": width,
        "height": height,
        "size": len(data),
        "name": name,
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def store_derivatives(work: Work, photo_id: int, copies: Sequence[tuple[int, int, bytes]] | None) -> None:
    """Seal copies and note them, in one go; None marks the photo as failed."""
    note_derivatives(work, photo_id, None if copies is None else keep_copies(work, photo_id, copies))


def note_derivatives(work: Work, photo_id: int, derivatives: list[dict[str, Any]] | None) -> bool:
    """Write what `keep_copies` gave into the photo's row; None: it cannot be redrawn.

    Where the reporter hides, the redrawn photo takes the original's place. False when it came too late.
    """
    photo = work.session.get_one(models.Photo, photo_id)
    if photo.status != "pending":
        return False
    photo.claimed_until = None
    if derivatives is None:
        photo.status = "failed"
        return True
    photo.derivatives, photo.status = derivatives, "ready"
    if not keeps_original(work, photo):
        _forget_original(work, photo)
    return True


def keeps_original(work: Work, photo: models.Photo) -> bool:
    """Staff's photos keep theirs, and those of reporters who show their name."""
    if photo.submission is None:
        return True
    secrecy = work.session.get_one(models.SubmissionState, (photo.case_id, photo.submission)).secrecy
    return secrecy == OPEN


def _forget_original(work: Work, photo: models.Photo) -> None:
    """The last copy becomes the photo. The key goes with this transaction, the sealed file right after it.

    Size and hash must be the copy's too: those of the raw file would tell whoever holds the phone's photo
    that it is this one.
    """
    name, kept = photo.original, photo.derivatives[-1]
    photo.original = photo.wrapped = None
    photo.mime, photo.sha256 = "image/jpeg", kept["sha256"]
    photo.size, photo.width, photo.height = kept["size"], kept["width"], kept["height"]
    if name:
        after_commit(work.session, lambda: work.media.forget(name))


def try_again(work: Work, photo_id: int) -> bool:
    """After a child broke rather than judged: once more in a minute. False after the third time."""
    photo = work.session.get_one(models.Photo, photo_id)
    photo.attempts += 1
    photo.claimed_until = work.now + timedelta(minutes=1)
    return photo.attempts < ATTEMPTS


def shown(work: Work, photo: models.Photo, width: int) -> bytes:
    """The redrawn copy next to that width, opened. Raises LookupError while there is none."""
    if photo.status != "ready":
        raise LookupError("not redrawn yet")
    return opened(work, photo, min(photo.derivatives, key=lambda row: abs(row["width"] - width)))


def opened(work: Work, photo: models.Photo, derivative: dict[str, Any]) -> bytes:
    """One redrawn copy. Raises Unsealable, FileNotFoundError."""
    case = work.session.get_one(models.Case, photo.case_id)
    with work.media.open(derivative["name"]) as source:
        sealed = source.read()
    key = open_key(work, case.content_key_id)
    return work.vault.open(key, sealed, _TABLE, photo.uid, f"width{derivative['width']}")


def of_case(work: Work, case_id: int) -> list[models.Photo]:
    query = select(models.Photo).where(models.Photo.case_id == case_id).order_by(models.Photo.id)
    return list(work.session.scalars(query))
