"""Photos: judged by content and header in the request, sealed as they came, redrawn later by the worker.

Only what is redrawn from pixels is ever shown; the original is opened for nobody but its evidence.
"""

from __future__ import annotations

import hashlib
import io
import secrets
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy import select

from webapp.operations.work import Work, open_key
from webapp.store import models
from webapp.store.media import MediaStore
from webapp.store.sealing import Vault

FORMATS = ("JPEG", "PNG")
MAX_PIXELS = 50_000_000
MAX_FILES = 10
WIDTHS = (480, 1280)
QUALITY = 82
DRAFT_HOURS = 24
_TABLE = "photo"
_PURPOSE = "photo"


class BadPhoto(ValueError):
    """A file that is not taken; `code` says why (unreadable, too_large, too_many_pixels, empty)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Kept:
    """A photo whose sealed original is already durable on disk."""

    uid: str
    original: str
    wrapped: bytes
    mime: str
    size: int
    sha256: str
    width: int
    height: int


def judge(data: bytes, limit: int) -> tuple[str, int, int]:
    """MIME type, width and height of a photo by its content; nothing is decoded. Raises BadPhoto."""
    if not data:
        raise BadPhoto("empty")
    if len(data) > limit:
        raise BadPhoto("too_large")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                width, height, kind = *image.size, image.format
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadPhoto("too_many_pixels") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise BadPhoto("unreadable") from error
    if width * height > MAX_PIXELS:
        raise BadPhoto("too_many_pixels")
    return Image.MIME[str(kind)], width, height


def keep(vault: Vault, media: MediaStore, data: bytes, limit: int) -> Kept:
    """Judge a photo and put its sealed original on disk, durable, before any row names it."""
    mime, width, height = judge(data, limit)
    uid = secrets.token_hex(16)
    key, wrapped = vault.new_data_key(_PURPOSE)
    original = media.put(vault.seal_stream(key, io.BytesIO(data), _TABLE, uid, "original"))
    digest = hashlib.sha256(data).hexdigest()
    return Kept(uid, original, wrapped, mime, len(data), digest, width, height)


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
        models.Upload.draft_mac == work.vault.receipt_mac(secret), models.Upload.created_at >= since
    )
    if uids is not None:
        query = query.where(models.Upload.uid.in_(list(uids)))
    rows = work.session.scalars(query.order_by(models.Upload.created_at, models.Upload.uid))
    return [Kept(**{name: getattr(row, name) for name in Kept.__slots__}) for row in rows]


def drop_uploads(work: Work, secret: str) -> None:
    mac = work.vault.receipt_mac(secret)
    for row in work.session.scalars(select(models.Upload).where(models.Upload.draft_mac == mac)):
        work.session.delete(row)


# Redrawing, by the worker


def original_of(vault: Vault, media: MediaStore, photo: models.Photo) -> bytes:
    """The photo as it came. Raises Unsealable."""
    assert photo.original is not None and photo.wrapped is not None
    key = vault.unwrap(photo.wrapped, _PURPOSE)
    with media.open(photo.original) as source:
        return b"".join(vault.open_stream(key, source, _TABLE, photo.uid, "original"))


def redraw(data: bytes) -> list[tuple[int, int, bytes]]:
    """JPEG copies drawn from the pixels alone, upright, in several widths: (width, height, bytes).

    Raises BadPhoto when the file turns out to be broken.
    """
    copies = []
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.format == "JPEG":
                image.draft("RGB", (2 * WIDTHS[-1], 2 * WIDTHS[-1]))
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise BadPhoto("unreadable") from error
    bare = Image.frombytes("RGB", upright.size, upright.tobytes())
    for width in WIDTHS:
        copy = bare.copy()
        copy.thumbnail((width, 4 * width))
        out = io.BytesIO()
        copy.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
        copies.append((*copy.size, out.getvalue()))
    return copies


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
        photo.claimed_until = work.now + timedelta(minutes=5)
    return photo


def store_derivatives(work: Work, photo_id: int, copies: list[tuple[int, int, bytes]] | None) -> None:
    """Keep redrawn copies sealed under the case's content key; None marks the photo as failed."""
    photo = work.session.get_one(models.Photo, photo_id)
    if photo.status != "pending":
        return
    case = work.session.get_one(models.Case, photo.case_id)
    photo.claimed_until = None
    if copies is None:
        photo.status = "failed"
        return
    key = open_key(work, case.content_key_id)
    photo.derivatives = [_derivative(work, photo, key, *copy) for copy in copies]
    photo.status = "ready"


def _derivative(
    work: Work, photo: models.Photo, key: bytes, width: int, height: int, data: bytes
) -> dict[str, Any]:
    sealed = work.vault.seal(key, data, _TABLE, photo.uid, f"width{width}")
    return {"width": width, "height": height, "size": len(data), "name": work.media.put(sealed)}


def shown(work: Work, photo: models.Photo, width: int) -> bytes:
    """The redrawn copy next to that width, opened. Raises LookupError while there is none."""
    if photo.status != "ready":
        raise LookupError("not redrawn yet")
    best = min(photo.derivatives, key=lambda row: abs(row["width"] - width))
    case = work.session.get_one(models.Case, photo.case_id)
    sealed = Path(work.media.path(best["name"])).read_bytes()
    return work.vault.open(
        open_key(work, case.content_key_id), sealed, _TABLE, photo.uid, f"width{best['width']}"
    )


def of_case(work: Work, case_id: int) -> list[models.Photo]:
    query = select(models.Photo).where(models.Photo.case_id == case_id).order_by(models.Photo.id)
    return list(work.session.scalars(query))
