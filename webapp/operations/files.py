"""Files and the rows that name them: what nobody names is swept, what is named must be there and unchanged."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp.operations import documents, photos
from webapp.operations.house import House
from webapp.operations.work import Work, open_key
from webapp.store import models
from webapp.store.columns import utc_text
from webapp.store.media import MediaStore
from webapp.store.sealing import Unsealable

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
    return names


def public_names(session: Session) -> set[str]:
    return set(session.scalars(select(models.PubPhoto.name)))


Names = Callable[[Session], set[str]]


def _stores(house: House) -> tuple[tuple[MediaStore, Names], ...]:
    return (house.media, sealed_names), (house.public_media, public_names)


# Sweeping


@dataclass
class Swept:
    """What a sweep did: drafts and files deleted, and the rows whose file is not there."""

    drafts: int = 0
    files: int = 0
    missing: list[str] = field(default_factory=list)


def sweep(house: House, now: datetime) -> Swept:
    """Delete drafts past their day and files that no row has named for 48 hours; alarm for missing files.

    A file is durable before its row, so a young one may belong to a row that is being written.
    """
    swept = Swept(drafts=house.write(now, _drop_drafts))
    before = (now - timedelta(hours=UNNAMED_HOURS)).timestamp()
    for media, names in _stores(house):
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
    old = [name for name in media.names() if _older(media.path(name), before)]
    with house.store.reader() as session:
        named = names(session)
    # Asked again at the last moment: the same content put once more is a young file under the old name.
    gone = sum(media.delete(name) for name in old if name not in named and _older(media.path(name), before))
    for path in media.unfinished():
        if _older(path, before):
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def _older(path: Path, before: float) -> bool:
    try:
        return path.stat().st_mtime < before
    except FileNotFoundError:
        return False


def _missing(house: House, media: MediaStore, names: Names) -> list[str]:
    """Names without a file in two readings: a row that changed meanwhile took its file along."""
    missing: set[str] | None = None
    for _ in range(2):
        with house.store.reader() as session:
            named = names(session)
        absent = {name for name in named if not media.path(name).is_file()}
        missing = absent if missing is None else missing & absent
        if not missing:
            break
    return sorted(missing or ())


def _note(work: Work, swept: Swept) -> None:
    work.session.merge(models.Meta(key=SWEPT, value=utc_text(work.now)))
    work.session.merge(models.Meta(key=MISSING, value=str(len(swept.missing))))


# Verifying


@dataclass
class Verified:
    """What `verify` looked at, and what is wrong, a line each."""

    files: int = 0
    rows: int = 0
    unnamed: int = 0
    problems: list[str] = field(default_factory=list)


def verify(house: House, now: datetime) -> Verified:
    """Read every file and every row that names one. Nothing is changed."""
    found = Verified()
    before = (now - timedelta(hours=UNNAMED_HOURS) - 2 * EVERY).timestamp()
    for media, names in _stores(house):
        found.problems += _broken(media, found)
        found.problems += _strays(house, media, names, before, found)
    found.problems += [*_rows(house, now, found), *_public_rows(house, found)]
    return found


def _broken(media: MediaStore, found: Verified) -> Iterator[str]:
    """Files whose content is not what their name says."""
    for name in media.names():
        found.files += 1
        try:
            with media.open(name) as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:  # deleted since it was listed
            continue
        if digest != name.partition(".")[0]:
            yield f"{media.path(name)}: the content was changed"


def _strays(
    house: House, media: MediaStore, names: Names, before: float, found: Verified
) -> Iterator[str]:
    files = list(media.names())
    with house.store.reader() as session:
        named = names(session)
    for name in files:
        if name not in named:
            found.unnamed += 1
            if _older(media.path(name), before):
                yield f"{media.path(name)}: no row names it and no sweep took it"


def _rows(house: House, now: datetime, found: Verified) -> Iterator[str]:
    """What is wrong with photos, drafts and documents: in pages, so that no long reading holds up others."""
    for model, key, check in _CHECKS:
        last: object = None
        while True:
            with house.reading(now) as work:
                query = select(model).order_by(key).limit(PAGE)
                page = work.session.scalars(query if last is None else query.where(key > last)).all()
            for row in page:
                found.rows += 1
                yield from _looked_at_twice(house, now, model, getattr(row, key.key), check)
            if not page:
                break
            last = getattr(page[-1], key.key)


def _looked_at_twice(house, now, model, id, check) -> list[str]:  # type: ignore[no-untyped-def]
    """A row is read, and then its files; only what is wrong in a second reading too is a problem."""
    for _ in range(2):
        with house.reading(now) as work:
            row = work.session.get(model, id)
            problems = list(check(work, row)) if row is not None else []
        if not problems:
            break
    return problems


