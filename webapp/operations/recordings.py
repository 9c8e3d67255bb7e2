"""Films and spoken reports: known by their first bytes, kept sealed as they came, handed out as files.

Nothing here decodes them, so nothing can take out what a phone wrote into them. That is why, of reporters who
do not show their name, only the centre may have the file (`may_have`).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from sqlalchemy import select

from webapp.operations.photos import OPEN
from webapp.operations.work import Work
from webapp.store import inserts, models
from webapp.store.media import MediaStore, Readable
from webapp.store.opened import OpenedFile
from webapp.store.sealing import Vault

VIDEO: Final = "video"
VOICE: Final = "voice"
MAX_BYTES: Final = 100 * 1024 * 1024
MAX_FILMS: Final = 2  # that the form offers to take; all files of a report together are counted elsewhere
HEAD_BYTES: Final = 16
_TABLE = "recording"
_PURPOSE = "recording"
# What the first bytes say, what it is with pictures in it and as sound alone, and its suffix.
_HEADS: Final = (
    (4, b"ftypqt", "video/quicktime", "", ".mov"),
    (4, b"ftypM4A", "", "audio/mp4", ".m4a"),
    (4, b"ftyp", "video/mp4", "audio/mp4", ".mp4"),
    (0, b"\x1a\x45\xdf\xa3", "video/webm", "audio/webm", ".webm"),
    (0, b"OggS", "", "audio/ogg", ".ogg"),
    (0, b"#!AMR", "", "audio/amr", ".amr"),
    (0, b"ID3", "", "audio/mpeg", ".mp3"),
    (0, b"\xff\xfb", "", "audio/mpeg", ".mp3"),
    (8, b"WAVE", "", "audio/wav", ".wav"),
)
_SUFFIXES: Final = {mime: row[4] for row in _HEADS for mime in row[2:4] if mime} | {"audio/mp4": ".m4a"}


class BadRecording(ValueError):
    """A file that is not taken; `code` says why: unknown_type."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class KeptRecording:
    """A recording whose sealed file is already durable on disk."""

    uid: str
    original: str
    wrapped: bytes
    kind: str
    mime: str
    size: int
    mark: str


def judge(head: bytes, kind: str) -> str:
    """The MIME type by the first bytes. Raises BadRecording for what is no recording of that kind."""
    for at, sign, moving, sound, _ in _HEADS:
        mime = moving if kind == VIDEO else sound
        if mime and head[at:].startswith(sign):
            return mime
    raise BadRecording("unknown_type")


def keep(vault: Vault, media: MediaStore, source: Readable) -> tuple[str, str, bytes]:
    """Put a recording on disk sealed, durable, before any row names it: uid, file name and wrapped key."""
    uid = secrets.token_hex(16)
    key, wrapped = vault.new_data_key(_PURPOSE)
    return uid, media.put(vault.seal_stream(key, source, _TABLE, uid, "original")), wrapped


def mark(vault: Vault, sha256: str) -> str:
    """What stands for its content: a plain hash would tell whoever holds the file that it is this one."""
    return vault.blind_index(_PURPOSE, sha256)


def attach(work: Work, case_id: int, no: int, kept: KeptRecording) -> int:
    values = {name: getattr(kept, name) for name in KeptRecording.__slots__}
    row = {**values, "case_id": case_id, "submission": no, "created_at": work.now}
    return inserts.add(work.session, models.Recording, row)


def of_case(work: Work, case_id: int) -> list[models.Recording]:
    row = models.Recording
    return list(work.session.scalars(select(row).where(row.case_id == case_id).order_by(row.id)))


def may_have(work: Work, recording: models.Recording, *, centre: bool) -> bool:
    """Whether somebody at the desk may have it: the centre, and others if the reporter hides nothing."""
    at = (recording.case_id, recording.submission)
    return centre or work.session.get_one(models.SubmissionState, at).secrecy == OPEN


def content(work: Work, recording: models.Recording) -> Iterator[bytes]:
    """The recording as it came, in blocks, which may raise Unsealable or FileNotFoundError."""
    key = work.vault.unwrap(recording.wrapped, _PURPOSE)
    return _opened(work.vault, key, work.media, recording.original, recording.uid)


def opened(work: Work, recording: models.Recording) -> OpenedFile:
    """The recording as it came, from any place on. Raises Unsealable or FileNotFoundError; to be closed."""
    key = work.vault.unwrap(recording.wrapped, _PURPOSE)
    source = work.media.seekable(recording.original)
    try:
        return work.vault.open_file(key, source, recording.size, _TABLE, recording.uid, "original")
    except BaseException:
        source.close()
        raise


def version(recording: models.Recording) -> str:
    """What tells one file from another, and nothing about what is in it."""
    return sha256(recording.original.encode()).hexdigest()[:32]


def _opened(vault: Vault, key: bytes, media: MediaStore, name: str, uid: str) -> Iterator[bytes]:
    with media.open(name) as source:
        yield from vault.open_stream(key, source, _TABLE, uid, "original")


def file_name(number: str, recording: models.Recording) -> str:
    """What it is saved as: the case's public number and a suffix that fits the content."""
    return f"{number}-{recording.kind}-{recording.id}{_SUFFIXES[recording.mime]}"
