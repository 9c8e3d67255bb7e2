"""Files and the rows that name them: the unnamed are swept, the missing raise an alarm."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp.operations import photos, uploads
from webapp.operations.house import House
from webapp.operations.work import Work
from webapp.store import models
from webapp.store.columns import utc_text
from webapp.store.media import MediaStore

log = logging.getLogger("hoidap.files")
UNNAMED_HOURS = 48
EVERY = timedelta(hours=1)
PAGE = 200
SWEPT = "files.swept_at"
MISSING = "files.missing"


# Which rows name which files


def sealed_names(session: Session) -> set[str]:
    """Every sealed file that a row names."""
    names: set[str] = set()
    for original, derivatives in session.execute(select(models.Photo.original, models.Photo.derivatives)):
        names.update(row["name"] for row in derivatives)
        names.update({original} if original else ())
    names.update(session.scalars(select(models.Upload.original)))
    names.update(session.scalars(select(models.Document.original)))
    names.update(session.scalars(select(models.Recording.original)))
    return names


def public_names(session: Session) -> set[str]:
    return set(session.scalars(select(models.PubPhoto.name)))


Names = Callable[[Session], set[str]]


def stores(house: House) -> tuple[tuple[MediaStore, Names], ...]:
    return (house.media, sealed_names), (house.public_media, public_names)


# Sweeping


@dataclass
class Swept:
    """What a sweep did: drafts, partial uploads and files deleted, and the rows whose file is not there."""

    drafts: int = 0
    partials: int = 0
    files: int = 0
    missing: list[str] = field(default_factory=list)


def sweep(house: House, now: datetime) -> Swept:
    """Delete drafts past their day and files that no row has named for 48 hours; alarm for missing files.

    A file is durable before its row, so a young one may belong to a row that is being written.
    """
    swept = Swept(drafts=house.write(now, _drop_drafts), partials=uploads.sweep(house, now))
    before = (now - timedelta(hours=UNNAMED_HOURS)).timestamp()
    for media, names in stores(house):
        swept.files += _sweep(house, media, names, before)
        swept.missing += _missing(house, media, names)
    house.write(now, lambda work: _note(work, swept))
    if swept.missing:
        log.error("%s files are missing: %s", len(swept.missing), ", ".join(swept.missing[:10]))
    return swept


def is_due(work: Work) -> bool:
    """Whether nobody has swept for an hour."""
    last = work.session.get(models.Meta, SWEPT)
    return last is None or datetime.fromisoformat(last.value) + EVERY <= work.now


def _drop_drafts(work: Work) -> int:
    upload = models.Upload
    old = list(work.session.scalars(select(upload.uid).where(upload.created_at < _draft_limit(work))))
    for start in range(0, len(old), PAGE):
        work.session.execute(delete(upload).where(upload.uid.in_(old[start : start + PAGE])))
    return len(old)


def _draft_limit(work: Work) -> datetime:
    return work.now - timedelta(hours=photos.DRAFT_HOURS)


def _sweep(house: House, media: MediaStore, names: Names, before: float) -> int:
    # The rows are read after the files are listed: whatever gets its row meanwhile is spared.
    old = [name for name, put_at in media.listed() if put_at < before]
    with house.store.reader() as session:
        named = names(session)
    # Asked again at the last moment: the same content put once more is a young file under the old name.
    gone = sum(media.delete(name) for name in old if name not in named and older(media, name, before))
    return gone + media.drop_unfinished(before)


def older(media: MediaStore, name: str, before: float) -> bool:
    """Whether this file is there and was last put before that time."""
    put_at = media.put_at(name)
    return put_at is not None and put_at < before


def _missing(house: House, media: MediaStore, names: Names) -> list[str]:
    """Names without a file in two readings: a row that changed meanwhile took its file along."""
    missing: set[str] | None = None
    for _ in range(2):
        with house.store.reader() as session:
            named = names(session)
        absent = named.difference(media.names())  # a file is there before its row: listed after the rows
        missing = absent if missing is None else missing & absent
        if not missing:
            break
    return sorted(missing or ())


def _note(work: Work, swept: Swept) -> None:
    work.session.merge(models.Meta(key=SWEPT, value=utc_text(work.now)))
    work.session.merge(models.Meta(key=MISSING, value=str(len(swept.missing))))
