"""Every file against its name and its row, every row against its file. Nothing is changed.

For operators, for the drill after a restore, and for tests of what survives a crash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select

from webapp.operations import documents, expected, files, photos, recordings
from webapp.operations.house import House
from webapp.operations.work import Work
from webapp.store import models
from webapp.store.media import MediaStore
from webapp.store.sealing import Unsealable, same

PAGE = 200


@dataclass
class Verified:
    """How many files and rows were looked at, how many files wait to be swept, and a line per problem."""

    files: int = 0
    rows: int = 0
    unnamed: int = 0
    problems: list[str] = field(default_factory=list)


def verify(house: House, now: datetime) -> Verified:
    """Look at everything. What changes while it is being looked at is looked at again before it is told."""
    found = Verified()
    swept_before = (now - timedelta(hours=files.UNNAMED_HOURS) - 2 * files.EVERY).timestamp()
    for media, names in files.stores(house):
        found.problems += _changed(media, found)
        found.problems += _strays(house, media, names, swept_before, found)
    for rows in _ROWS:
        found.problems += _problems(house, now, rows, found)
    return found


def _changed(media: MediaStore, found: Verified) -> Iterator[str]:
    """Files whose content is not what their name says."""
    for name in media.names():
        found.files += 1
        try:
            with media.open(name) as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
        except FileNotFoundError:  # deleted since it was listed
            continue
        if digest != name.partition(".")[0]:
            yield f"{media.where(name)}: its content was changed"


def _strays(
    house: House, media: MediaStore, names: files.Names, before: float, found: Verified
) -> Iterator[str]:
    """Files that no row names and no sweep took: the worker has not run for a while."""
    listed = list(media.names())
    with house.store.reader() as session:
        named = names(session)
    for name in listed:
        if name not in named:
            found.unnamed += 1
            if files.older(media, name, before):
                yield f"{media.where(name)}: no row names it, and no sweep took it"


# Rows


@dataclass(frozen=True)
class _Rows:
    """A table whose rows name files: a column to go through it by, and what there is to check in a row."""

    model: Any
    key: str
    check: Callable[[Work, Any], Iterator[str]]


def _problems(house: House, now: datetime, rows: _Rows, found: Verified) -> Iterator[str]:
    """In pages by key, each read in a transaction of its own: a long reading would hold up the database."""
    key = getattr(rows.model, rows.key)
    query, last = select(key).distinct().order_by(key).limit(PAGE), None
    while True:
        with house.reading(now) as work:
            page = work.session.scalars(query if last is None else query.where(key > last)).all()
        for id in page:
            found.rows += 1
            yield from _of_row(house, now, rows, id)
        if len(page) < PAGE:
            return
        last = page[-1]


def _of_row(house: House, now: datetime, rows: _Rows, id: Any) -> list[str]:
    """What is wrong in two readings: a row that was just changed may have taken its file along."""
    problems: list[str] = []
    for _ in range(2):
        with house.reading(now) as work:
            same = work.session.scalars(select(rows.model).where(getattr(rows.model, rows.key) == id))
            label = f"{rows.model.__tablename__} {id}"
            problems = [f"{label}: {text}" for row in same for text in rows.check(work, row)]
        if not problems:
            break
    return problems


def _photo(work: Work, photo: models.Photo) -> Iterator[str]:
    if photo.original:
        yield from _content(photo.sha256, lambda: photos.original_of(work.vault, work.media, photo))
    elif photo.status == "pending":
        yield "it waits to be redrawn but has no original"
    if photo.status == "ready" and not photo.derivatives:
        yield "it is ready but has no copies"
    if _destroyed(work, photo.case_id):
        return
    for row in photo.derivatives:
        yield from _content(row.get("sha256", ""), partial(photos.opened, work, photo, row))


def _upload(work: Work, upload: models.Upload) -> Iterator[str]:
    photo = upload.purpose == "photo"
    read = partial(photos.original_of, work.vault, work.media) if photo else partial(documents.content, work)
    yield from _content(upload.sha256, lambda: read(upload))


def _document(work: Work, document: models.Document) -> Iterator[str]:
    yield from _content(document.sha256, lambda: documents.content(work, document))


def _recording(work: Work, recording: models.Recording) -> Iterator[str]:
    """By its keyed hash: a plain one is kept nowhere."""
    digest = hashlib.sha256()
    try:
        for block in recordings.content(work, recording):
            digest.update(block)
    except FileNotFoundError:
        yield "its file is missing"
    except Unsealable as error:
        yield f"its file does not open: {error}"
    else:
        if not same(recordings.mark(work.vault, digest.hexdigest()), recording.mark):
            yield "its file is another than the row says"


def _expected(work: Work, row: models.ExpectedFile) -> Iterator[str]:
    if (row.state == expected.WAITING) != (row.wrapped is not None):
        yield "it waits without a key for its pieces, or keeps one for nothing"
    kept: Any = models.Photo if row.kind == expected.PHOTO else models.Recording
    if row.state == expected.RECEIVED and (not row.kept_id or work.session.get(kept, row.kept_id) is None):
        yield "it is said to be received and is not there"
    if not _destroyed(work, row.case_id):
        try:
            expected.told(work, [row])
        except Unsealable as error:
            yield f"its promise does not open: {error}"


def _public(work: Work, photo: models.PubPhoto) -> Iterator[str]:
    if work.public_media.put_at(photo.name) is None:
        yield "its file is missing"
    content = work.session.get(models.PubContent, (photo.code, photo.no))
    if content is None or content.withdrawn_on:
        yield "it is public though nothing is published with it"


def _content(sha256: str, read: Callable[[], bytes]) -> Iterator[str]:
    """Whether the sealed file is there, opens with its key, and is what the row says."""
    try:
        data = read()
    except FileNotFoundError:
        yield "its file is missing"
    except Unsealable as error:
        yield f"its file does not open: {error}"
    else:
        # After an erasure there is no hash to compare with.
        if sha256 and hashlib.sha256(data).hexdigest() != sha256:
            yield "its file is another than the row says"


def _destroyed(work: Work, case_id: int) -> bool:
    """Whether the case's content was erased with its key: then nothing of it need open."""
    case = work.session.get_one(models.Case, case_id)
    return work.session.get_one(models.DataKey, case.content_key_id).wrapped is None


_ROWS = (
    _Rows(models.Photo, "id", _photo),
    _Rows(models.Upload, "uid", _upload),
    _Rows(models.Document, "id", _document),
    _Rows(models.Recording, "id", _recording),
    _Rows(models.ExpectedFile, "id", _expected),
    _Rows(models.PubPhoto, "name", _public),
)
