"""Documents that staff attach to a result: PDF and DOCX by content, sealed as they came, handed out as files.

A document is never shown by us. It leaves as an attachment under a name made from its title here.
"""

from __future__ import annotations

import hashlib
import io
import secrets
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from webapp.core.text import clean_line
from webapp.operations import photos, texts
from webapp.operations.work import Gone, Work
from webapp.store import models, record
from webapp.store.media import MediaStore
from webapp.store.sealing import Vault

MAX_BYTES = 15 * 1024 * 1024
MAX_TITLE = 120
MAX_FILES = 5  # of one result
PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SUFFIXES = {PDF: ".pdf", DOCX: ".docx"}
TITLE = "document_title"
_TABLE = "document"
_PURPOSE = "document"
_PDF_HEADS = tuple(b"%%PDF-%d." % major for major in (1, 2))
_PDF_TAIL = 1024  # a reader looks for %%EOF in the last kilobyte
_MAX_PARTS = 5000
_MAX_TYPES = 1024 * 1024
# Code, and what starts code: macros, ActiveX controls, templates fetched from elsewhere.
_CODE = ("vbaproject.bin", "vbadata.xml")
_CONTROLS = "word/activex/"
_SETTINGS = "word/_rels/settings.xml.rels"


class BadDocument(ValueError):
    """A file that is not taken; `code` says why: empty, too_large, unknown_type, damaged, macros, locked."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class KeptDocument:
    """A document whose sealed file is already durable on disk."""

    uid: str
    original: str
    wrapped: bytes
    mime: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Titled:
    """A kept document and what it shall be called."""

    kept: KeptDocument
    title: str


@dataclass(frozen=True, slots=True)
class Download:
    """What a door hands out: the content, its type, and the name it is saved under."""

    content: bytes
    mime: str
    name: str


def judge(data: bytes, limit: int = MAX_BYTES) -> str:
    """The MIME type of a document by its content. Raises BadDocument."""
    if not data:
        raise BadDocument("empty")
    if len(data) > limit:
        raise BadDocument("too_large")
    if data.startswith(_PDF_HEADS):
        if b"%%EOF" not in data[-_PDF_TAIL:]:
            raise BadDocument("damaged")
        return PDF
    if data.startswith(b"PK\x03\x04"):
        return _judge_docx(data)
    raise BadDocument("unknown_type")


def _judge_docx(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = {part.filename.lower(): part for part in archive.infolist()}
            _check_parts(parts)
            types = _read(archive, parts["[content_types].xml"])
            settings = _read(archive, parts[_SETTINGS]) if _SETTINGS in parts else b""
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        if isinstance(error, BadDocument):
            raise
        raise BadDocument("damaged") from error
    if b"macroenabled" in types.lower() or b"attachedtemplate" in settings.lower():
        raise BadDocument("macros")
    return DOCX


def _check_parts(parts: dict[str, zipfile.ZipInfo]) -> None:
    if not {"[content_types].xml", "word/document.xml"} <= parts.keys():
        raise BadDocument("unknown_type")
    if len(parts) > _MAX_PARTS:
        raise BadDocument("damaged")
    if any(part.flag_bits & 1 for part in parts.values()):
        raise BadDocument("locked")
    if any(name.endswith(_CODE) or name.startswith(_CONTROLS) for name in parts):
        raise BadDocument("macros")


def _read(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    """A small part of the archive; only so much is unpacked, whatever its header says."""
    with archive.open(part) as file:
        data = file.read(_MAX_TYPES + 1)
    if len(data) > _MAX_TYPES:
        raise BadDocument("damaged")
    return data


def keep(vault: Vault, media: MediaStore, data: bytes, limit: int = MAX_BYTES) -> KeptDocument:
    """Judge a document and put it on disk sealed, durable, before any row names it. Raises BadDocument."""
    mime = judge(data, limit)
    uid = secrets.token_hex(16)
    key, wrapped = vault.new_data_key(_PURPOSE)
    original = media.put(vault.seal_stream(key, io.BytesIO(data), _TABLE, uid, "original"))
    return KeptDocument(uid, original, wrapped, mime, len(data), hashlib.sha256(data).hexdigest())


def attach(
    work: Work, case_id: int, assignment: int, kept: KeptDocument, title: str, account: int
) -> models.Document:
    """Attach a kept document to an agency's part of a case, or to the case itself (0).

    ValueError for an empty or too long title.
    """
    title = clean_line(title)
    if not 0 < len(title) <= MAX_TITLE:
        raise ValueError(f"a title has 1 to {MAX_TITLE} letters")
    file = record.load(work.session, work.law, case_id)
    if file is None or (assignment and file.state.assignment(assignment) is None):
        raise Gone(case_id)
    sealed = any(row.secrecy == "confidential" for row in file.state.submissions)
    row = models.Document(
        **{name: getattr(kept, name) for name in KeptDocument.__slots__},
        case_id=case_id,
        assignment=assignment,
        account_id=account,
        title_id=texts.add(work, file.row, TITLE, title, sealed=sealed, account=account),
        created_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    return row


# The draft of a form that came back with errors


def keep_upload(work: Work, secret: str, kept: KeptDocument) -> None:
    """Remember a document under the form's secret; `photos.drop_uploads` forgets it with the photos."""
    values = {name: getattr(kept, name) for name in KeptDocument.__slots__}
    mac = work.vault.receipt_mac(secret)
    work.session.add(models.Upload(**values, width=0, height=0, draft_mac=mac, created_at=work.now))


def uploads_of(work: Work, secret: str, uids: Iterable[str]) -> list[KeptDocument]:
    """The documents of those ids kept under this secret, oldest first."""
    row, since = models.Upload, work.now - timedelta(hours=photos.DRAFT_HOURS)
    query = select(row).where(
        row.draft_mac == work.vault.receipt_mac(secret),
        row.uid.in_(list(uids)),
        row.mime.in_(SUFFIXES),
        row.created_at >= since,
    )
    rows = work.session.scalars(query.order_by(row.created_at, row.uid))
    return [KeptDocument(**{name: getattr(one, name) for name in KeptDocument.__slots__}) for one in rows]


# What was attached


def of_case(work: Work, case_id: int) -> list[models.Document]:
    query = select(models.Document).where(models.Document.case_id == case_id)
    return list(work.session.scalars(query.order_by(models.Document.id)))


def titles(work: Work, case: models.Case) -> dict[int, str]:
    """Title by document id; a document whose title was purged is not in it."""
    rows = of_case(work, case.id)
    found = texts.read(work, case, [row.title_id for row in rows])
    return {row.id: found[row.title_id] for row in rows if row.title_id in found}


def download(work: Work, case: models.Case, document_id: int) -> Download:
    """A document of this case as a file. Raises Gone for any other, Unsealable once a key is destroyed."""
    row = work.session.get(models.Document, document_id)
    if row is None or row.case_id != case.id:
        raise Gone(document_id)
    title = titles(work, case).get(row.id) or case.code
    return Download(content(work, row), row.mime, file_name(title, row.mime))


def content(work: Work, document: models.Document | models.Upload) -> bytes:
    """The document as it came. Raises Unsealable, FileNotFoundError."""
    key = work.vault.unwrap(document.wrapped, _PURPOSE)
    with work.media.open(document.original) as source:
        return b"".join(work.vault.open_stream(key, source, _TABLE, document.uid, "original"))


def file_name(title: str, mime: str) -> str:
    """A file name from a title: no path, no second suffix, nothing a file system minds."""
    kept = "".join(letter if letter.isalnum() or letter in " -_()" else " " for letter in title)
    return (" ".join(kept.split())[:MAX_TITLE].strip() or "document") + SUFFIXES[mime]
