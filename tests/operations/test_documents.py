"""Documents attached to a result: only PDF and DOCX without code, sealed, handed out as files."""

from __future__ import annotations

import io
import zipfile

import pytest

from tests.cast import Town
from webapp.doors.download import attachment
from webapp.operations import documents
from webapp.operations.documents import DOCX, PDF, BadDocument
from webapp.operations.work import Gone
from webapp.store import models

A_PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n%%EOF\n"
TYPES = b'<Types><Override PartName="/word/document.xml" ContentType="application/vnd...main+xml"/></Types>'


def archive(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return out.getvalue()


def docx(**more: bytes) -> bytes:
    return archive({"[Content_Types].xml": TYPES, "word/document.xml": b"<w:document/>"} | more)


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (A_PDF, PDF),
        (docx(), DOCX),
        (b"", "empty"),
        (A_PDF + bytes(documents.MAX_BYTES), "too_large"),
        (A_PDF[:-7], "damaged"),
        (A_PDF + bytes(2000), "damaged"),
        (b"\n" + A_PDF, "unknown_type"),
        (b"<html>", "unknown_type"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "unknown_type"),  # the old .doc
        (archive({"a.txt": b"x"}), "unknown_type"),
        (archive({"[Content_Types].xml": TYPES, "xl/workbook.xml": b""}), "unknown_type"),
        (docx()[:-30], "damaged"),
        (docx() [:200], "damaged"),
        (docx(**{"word/vbaProject.bin": b"x"}), "macros"),
        (docx(**{"WORD/VBAPROJECT.BIN": b"x"}), "macros"),
        (docx(**{"word/activeX/activeX1.xml": b"x"}), "macros"),
        (docx(**{"word/_rels/settings.xml.rels": b'<R Type="x/attachedTemplate" Target="http://evil"/>'}), "macros"),
        (archive({"[Content_Types].xml": b"x.document.macroEnabled.main+xml", "word/document.xml": b""}), "macros"),
        (archive({"[Content_Types].xml": bytes(3_000_000), "word/document.xml": b""}), "damaged"),
    ],
    ids=["pdf", "docx", "empty", "large", "no end", "tail", "junk before", "html", "old doc", "zip", "xlsx", "cut",
         "only a head", "macros", "MACROS", "control", "template", "docm", "zip bomb"],
)  # fmt: skip
def test_each_file_gets_its_designed_answer(data: bytes, answer: str):
    try:
        told = documents.judge(data)
    except BadDocument as bad:
        told = bad.code
    assert told == answer


def attached(town: Town, data: bytes = A_PDF, title: str = "Biên bản nghiệm thu", **changes: object):
    case_id = town.to_agency(**changes).case_id
    kept = documents.keep(town.house.vault, town.house.media, data)
    row = town.house.write(
        town.clock(), lambda work: documents.attach(work, case_id, 1, kept, title, town.ids["tu"])
    )
    return case_id, row


def test_a_document_is_sealed_on_disk_and_comes_back_as_it_was(any_town: Town):
    case_id, row = attached(any_town)
    assert A_PDF[10:30] not in any_town.house.media.path(row.original).read_bytes()
    with any_town.house.reading(any_town.clock()) as work:
        case = work.session.get_one(models.Case, case_id)
        file = documents.download(work, case, row.id)
        assert [found.id for found in documents.of_case(work, case_id)] == [row.id]
    assert (file.content, file.mime, file.name) == (A_PDF, PDF, "Biên bản nghiệm thu.pdf")


def test_a_document_of_another_case_is_not_there(town: Town):
    _, row = attached(town)
    other = town.to_agency().case_id
    with town.house.reading(town.clock()) as work, pytest.raises(Gone):
        documents.download(work, work.session.get_one(models.Case, other), row.id)


def test_the_title_in_a_confidential_case_is_sealed(town: Town):
    case_id, row = attached(town, secrecy="confidential")
    with town.house.reading(town.clock()) as work:
        assert work.session.get_one(models.Text, row.title_id).body is None
        assert documents.titles(work, work.session.get_one(models.Case, case_id)) == {
            row.id: "Biên bản nghiệm thu"
        }


def test_a_document_belongs_to_an_assignment_and_has_a_title(town: Town):
    case_id = town.report().case_id
    kept = documents.keep(town.house.vault, town.house.media, A_PDF)
    with pytest.raises(Gone):
        town.house.write(town.clock(), lambda work: documents.attach(work, case_id, 1, kept, "x", 1))
    with pytest.raises(ValueError, match="title"):
        town.house.write(town.clock(), lambda work: documents.attach(work, case_id, 1, kept, " ", 1))


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Quyết định số 12/QĐ-UBND", "Quyết định số 12 QĐ-UBND.docx"),
        ("../../etc/passwd", "etc passwd.docx"),
        ('a"; filename="x.exe', "a filename x exe.docx"),
        ("\r\nSet-Cookie: a=b", "Set-Cookie a b.docx"),
        ("…", "document.docx"),
    ],
)
def test_a_file_name_is_made_of_letters(title: str, name: str):
    assert documents.file_name(title, DOCX) == name


def test_it_leaves_as_an_attachment_in_a_sandbox(app):
    with app.test_request_context():
        response = attachment(documents.Download(A_PDF, PDF, "Biên bản.pdf"))
    disposition = response.headers["Content-Disposition"]
    assert (
        disposition.startswith("attachment;")
        and "filename*=UTF-8''Bi%C3%AAn%20b%E1%BA%A3n.pdf" in disposition
    )
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "no-store" and response.mimetype == PDF
