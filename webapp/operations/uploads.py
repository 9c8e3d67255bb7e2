"""Files on their way from a phone: piece by piece into a sealed partial file, and whole into the case.

The secret that the phone made is the authority for its own report's files and for nothing else. Rows say what
is expected; only the partial file says how far it has come (`store.partial`).
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import select

from webapp.operations import expected, people, photos, recordings, redrawing
from webapp.operations.expected import PHOTO, RECEIVED, REFUSED, WAITING, Told
from webapp.operations.house import House
from webapp.operations.photos import BadPhoto
from webapp.operations.recordings import BadRecording, KeptRecording
from webapp.operations.work import Gone, Work
from webapp.store import models
from webapp.store.partial import Busy, Partial, Partials, Seal
from webapp.store.sealing import Unsealable
from webapp.store.session import after_commit

log = logging.getLogger("hoidap.uploads")
WITHDRAWN = "withdrawn"
WRONG_HASH = "wrong_hash"


@dataclass(frozen=True, slots=True)
class Upload:
    """One expected file with its promise opened, as a request finds it."""

    id: int
    case_id: int
    no: int
    told: Told

    @property
    def waits(self) -> bool:
        return self.told.state == WAITING


class WrongOffset(Exception):
    """A piece that does not fit where the upload ends; `offset` is where it does end."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


class TooMuch(Exception):
    """More bytes than were promised."""


class NoLonger(Exception):
    """The upload was refused or given up; nothing more of it is taken."""


def partials(house: House) -> Partials:
    return Partials(house.config.media_folder / "partial")


# Finding one


def submission_of(work: Work, secret: str) -> models.Submission:
    """The report this secret was made for. Raises Gone, also once its person was erased."""
    try:
        mac = work.vault.receipt_mac(secret)
    except ValueError:
        raise Gone("secret") from None
    row = work.session.scalar(select(models.Submission).where(models.Submission.secret_mac == mac))
    if row is None or people.erased(work, row.identity_id):
        raise Gone("secret")
    return row


def find(work: Work, secret: str, uid: str) -> Upload:
    """The file of that name of the report of that secret. Raises Gone."""
    owner, row = submission_of(work, secret), models.ExpectedFile
    own = (row.case_id == owner.case_id, row.submission == owner.no, row.uid == uid)
    found = work.session.scalar(select(row).where(*own))
    if found is None:
        raise Gone(uid)
    return _opened(work, found)


def _opened(work: Work, row: models.ExpectedFile) -> Upload:
    (told,) = expected.told(work, [row])
    return Upload(row.id, row.case_id, row.submission, told)


def _again(house: House, now: datetime, upload: Upload) -> Upload:
    """As it is now. Raises Gone when it was erased meanwhile."""
    with house.reading(now) as work:
        row = work.session.get(models.ExpectedFile, upload.id)
        if row is None:
            raise Gone(upload.id)
        return _opened(work, row)


def offset(house: House, told: Told) -> int:
    """How much of it is here for good. Raises NoLonger for one that was refused."""
    if told.state == REFUSED:
        raise NoLonger
    return told.size if told.state == RECEIVED else partials(house).length(told.name, _seal(house, told))


def _seal(house: House, told: Told) -> Seal:
    assert told.wrapped is not None, "only what waits has a key"
    return Seal(house.vault, house.vault.unwrap(told.wrapped, expected.PURPOSE), told.name)


def is_known(house: House, upload: Upload) -> bool:
    """Whether its sending has begun."""
    return partials(house).has(upload.told.name)


# Taking it in


def begin(house: House, now: datetime, upload: Upload) -> bool:
    """Be ready for its pieces; False when that was so before. Raises NoLonger.

    What was complete and not yet taken over, because a process ended just then, is taken over now.
    """
    fresh = upload.waits and partials(house).begin(upload.told.name)
    if not fresh and offset(house, upload.told) == upload.told.size and upload.waits:
        take(house, now, upload, upload.told.size, b"")
    return fresh


def take(house: House, now: datetime, upload: Upload, at: int, piece: bytes) -> int:
    """Add a piece at that offset and return where the upload ends now; the last one makes it whole.

    Raises WrongOffset, TooMuch, NoLonger, Gone, Busy, and OSError when the disk or the media store refuses:
    then the same piece may come again (the last one as an empty piece at the end).
    """
    if not upload.waits:
        return _settled(house, upload, at, piece)
    with partials(house).locked(upload.told.name, _seal(house, upload.told)) as file:
        upload = _again(house, now, upload)
        if not upload.waits:
            file.drop()
            return _settled(house, upload, at, piece)
        have = file.length
        if at != have:
            raise WrongOffset(have)
        if have + len(piece) > upload.told.size:
            raise TooMuch
        if piece:
            file.append(piece)
            have += len(piece)
        if have == upload.told.size:
            _finish(house, now, upload, file)
        return have


def _settled(house: House, upload: Upload, at: int, piece: bytes) -> int:
    end = offset(house, upload.told)
    if at != end or piece:
        raise WrongOffset(end)
    return end


def give_up(house: House, now: datetime, upload: Upload) -> None:
    """The phone takes its promise back; what has come of it goes. Raises WrongOffset once it is received."""
    if upload.told.state == RECEIVED:
        raise WrongOffset(upload.told.size)
    if not upload.waits:
        return
    with partials(house).locked(upload.told.name, _seal(house, upload.told)) as file:
        house.write(now, partial(_refuse, upload=upload, code=WITHDRAWN))
        file.drop()


def finish_left(house: House) -> int:
    """Take over what is complete though nobody did so: a process ended between the last piece and that."""
    now, done = house.clock(), 0
    for name, _, length in list(partials(house).listed()):
        upload = _complete(house, now, name, length)
        if upload is None:
            continue
        try:
            with partials(house).locked(name, _seal(house, upload.told), wait_s=0) as file:
                if _again(house, now, upload).waits and file.length == upload.told.size:
                    _finish(house, now, upload, file)
                    done += 1
        except (Busy, Gone):
            continue
    return done


def _complete(house: House, now: datetime, name: str, length: int) -> Upload | None:
    row = models.ExpectedFile
    with house.reading(now) as work:
        found = work.session.scalar(select(row).where(row.name == name, row.state == WAITING))
        return _opened(work, found) if found is not None and found.size == length else None


# The whole file


def _finish(house: House, now: datetime, upload: Upload, file: Partial) -> None:
    """Compare with the promise, keep it as any other, and only then let the pieces go."""
    try:
        attach = (_photo if upload.told.kind == PHOTO else _recording)(house, upload, file)
    except Unsealable:
        log.error("pieces of an upload do not open: it begins again")
        file.clear()
        raise WrongOffset(0) from None
    except (BadPhoto, BadRecording, _WrongHash) as bad:
        code = WRONG_HASH if isinstance(bad, _WrongHash) else bad.code
        house.write(now, partial(_refuse, upload=upload, code=code))
    else:
        house.write(now, partial(_receive, upload=upload, attach=attach))
    file.drop()


class _WrongHash(Exception):
    """All bytes came, and they are others than were promised."""


@dataclass(frozen=True, slots=True)
class _Attach:
    """How a kept file becomes a row; `original` is its file, for when there is no case for it any more."""

    original: str
    row: Callable[[Work], int]


def _photo(house: House, upload: Upload, file: Partial) -> _Attach:
    data = b"".join(file.read())
    if hashlib.sha256(data).hexdigest() != upload.told.sha256:
        raise _WrongHash
    kept = photos.keep(house.vault, house.media, data, house.config.max_upload_bytes)
    to: dict[str, Any] = {"case_id": upload.case_id, "submission": upload.no}
    return _Attach(kept.original, lambda work: photos.attach(work, kept=[kept], **to)[0])


def _recording(house: House, upload: Upload, file: Partial) -> _Attach:
    """In one stream: a film is not held in memory. With another hash it was sealed for nothing, and goes."""
    source = _Joined(file.read())
    mime = recordings.judge(source.peek(recordings.HEAD_BYTES), upload.told.kind)
    uid, original, wrapped = recordings.keep(house.vault, house.media, source)
    if source.sha256 != upload.told.sha256:
        house.media.forget(original)
        raise _WrongHash
    mark = recordings.mark(house.vault, source.sha256)
    kept = KeptRecording(uid, original, wrapped, upload.told.kind, mime, upload.told.size, mark)
    return _Attach(original, lambda work: recordings.attach(work, upload.case_id, upload.no, kept))


class _Joined:
    """Pieces read as one file, and hashed on the way."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, b""
        self._digest = hashlib.sha256()

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def peek(self, size: int) -> bytes:
        while len(self._rest) < size and (piece := next(self._pieces, b"")):
            self._rest += piece
        return self._rest[:size]

    def read(self, size: int, /) -> bytes:
        block = self.peek(size)
        self._rest = self._rest[size:]
        self._digest.update(block)
        return block


def _receive(work: Work, upload: Upload, attach: _Attach) -> None:
    row = _still_waiting(work, upload)
    if row is None:  # its person was erased meanwhile
        after_commit(work.session, lambda: work.media.forget(attach.original))
    else:
        expected.settle(work, row, RECEIVED, kept_id=attach.row(work))


def _refuse(work: Work, upload: Upload, code: str) -> None:
    row = _still_waiting(work, upload)
    if row is not None:
        expected.settle(work, row, REFUSED, reason=code)
        work.session.flush()
        if row.kind == PHOTO and code != WITHDRAWN:
            redrawing.ask_if_none_is_left(work, row.case_id, row.submission)


def _still_waiting(work: Work, upload: Upload) -> models.ExpectedFile | None:
    row = work.session.get(models.ExpectedFile, upload.id, with_for_update=True)
    return row if row is not None and row.state == WAITING else None


# Sweeping


def sweep(house: House, now: datetime) -> int:
    """Delete what has not grown for a week, and what no promise waits for any more; returns how many.

    A promise outlives its pieces: the phone may come after weeks and begins again at nothing.
    """
    before, gone = (now - expected.EXPIRY).timestamp(), 0
    listed = list(partials(house).listed())
    with house.store.reader() as session:  # read after the files were listed: a row is there before its file
        row = models.ExpectedFile
        waiting = set(session.scalars(select(row.name).where(row.state == WAITING)))
    for name, changed, _ in listed:
        if changed < before or name not in waiting:
            gone += partials(house).drop(name)
    return gone
