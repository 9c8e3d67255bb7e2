"""Headers of every answer of a whole walk: what the browser is told to refuse, and what it may keep."""

from __future__ import annotations

import re

import pytest

from webapp.doors.download import attachment
from webapp.operations import documents

PRIVATE = ("/gui", "/theo-doi", "/co-quan")


def policy(answer) -> dict[str, str]:
    rows = (row.strip().partition(" ") for row in answer.header("Content-Security-Policy").split(";"))
    return {name: value for name, _, value in rows}


@pytest.mark.asvs("3.4.3", "3.4.6")
def test_every_answer_has_a_policy_that_runs_nothing_but_our_own_files(walked):
    for answer in walked.answers:
        rules = policy(answer)
        assert rules["default-src"] == "'none'", answer.url
        if "sandbox" in rules:
            continue
        assert "unsafe" not in " ".join(rules.values()) and "http" not in " ".join(rules.values())
        assert rules["script-src"] == rules["style-src"] == rules["form-action"] == "'self'"
        assert rules["base-uri"] == rules["frame-ancestors"] == "'none'"
        assert rules.get("object-src", rules["default-src"]) == "'none'"


@pytest.mark.asvs("3.4.4", "3.4.5", "3.4.8", "3.5.8")
def test_every_answer_forbids_guessing_framing_and_telling(walked):
    for answer in walked.answers:
        assert answer.header("X-Content-Type-Options") == "nosniff", answer.url
        assert answer.header("Referrer-Policy") in ("same-origin", "no-referrer"), answer.url
        assert answer.header("Cross-Origin-Opener-Policy") == "same-origin", answer.url
        assert answer.header("Cross-Origin-Resource-Policy") == "same-origin", answer.url
        assert not answer.header("Access-Control-Allow-Origin") and not answer.header(
            "Server"
        ).lower().startswith("werk")


@pytest.mark.asvs("3.4.1")
def test_https_answers_ask_for_https_for_a_year(walked, client):
    for answer in walked.answers:
        [seconds] = re.findall(r"max-age=(\d+)", answer.header("Strict-Transport-Security"))
        assert int(seconds) >= 31_536_000 and "includeSubDomains" in answer.header(
            "Strict-Transport-Security"
        )
    assert "Strict-Transport-Security" not in client.get("/").headers, "over http it would lock a trial out"


@pytest.mark.asvs("4.1.1")
def test_every_body_says_what_it_is_and_how_it_is_written(walked):
    for answer in walked.answers:
        if answer.body:
            kind = answer.header("Content-Type")
            assert kind, answer.url
            assert not kind.startswith("text/") or kind.endswith("; charset=utf-8"), (answer.url, kind)


@pytest.mark.asvs("14.2.2", "14.3.2")
def test_what_is_private_is_kept_by_nobody(walked):
    for answer in walked.answers:
        kept = answer.header("Cache-Control")
        if answer.url.startswith(PRIVATE) or answer.cookies:
            assert "no-store" in kept and "public" not in kept, f"{answer.url}: {kept}"
        if "public" in kept or "max-age" in kept:
            assert not answer.cookies and "Cookie" not in answer.header("Vary"), answer.url


@pytest.mark.asvs("14.2.2")
def test_public_pages_are_the_same_for_everybody(walked):
    bodies: dict[str, set[bytes]] = {}
    for answer in walked.answers:
        if answer.url.startswith(("/pa/", "/anh/", "/quy-che/")) or answer.url in ("/", "/khong-co-mang"):
            bodies.setdefault(answer.url, set()).add(answer.body)
    assert len(bodies) >= 6
    assert [url for url, found in bodies.items() if len(found) > 1] == []


@pytest.mark.asvs("14.2.2", "14.3.2")
def test_the_page_the_service_worker_keeps_carries_nobodys_message(client):
    with client.session_transaction() as session:
        session["_flashes"] = [("message", "FLASH-CANARY")]
    page = client.get("/khong-co-mang")
    assert "FLASH-CANARY" not in page.text and "Set-Cookie" not in page.headers
    with client.session_transaction() as session:
        assert session["_flashes"], "the message waits for the page it belongs to"


@pytest.mark.asvs("14.2.3", "3.6.1")
def test_no_answer_names_another_host(walked):
    """W3C namespaces are names, not addresses."""
    for answer in walked.answers:
        if answer.header("Content-Type").startswith(("text/", "application/")):
            hosts = set(re.findall(r"https?://([^/\"'\s)<]+)", answer.text)) - {"www.w3.org"}
            assert hosts <= {"localhost", "127.0.0.1:8000"}, f"{answer.url} names {hosts}"
            assert not re.search(r"""(?:src|href|action)=["']//""", answer.text), answer.url


@pytest.mark.asvs("3.2.1", "3.5.4", "5.3.1")
def test_what_people_uploaded_comes_as_a_picture_in_a_sandbox(walked):
    photos = [answer for answer in walked.answers if "/anh/" in answer.url and answer.status == 200]
    assert {answer.url.split("/")[1] for answer in photos} == {"anh", "theo-doi", "co-quan"}
    for answer in photos:
        assert answer.header("Content-Type") == "image/jpeg" and answer.body.startswith(b"\xff\xd8\xff")
        assert answer.header("Content-Security-Policy") == "default-src 'none'; sandbox", answer.url


@pytest.mark.asvs("5.4.1", "5.4.2", "3.2.1")
def test_a_document_is_saved_under_a_name_that_we_made(app):
    for title in (
        '../../etc/passwd"; x="',
        "Biên bản\r\nSet-Cookie: a=b",
        "a" * 300,
        "<script>.pdf",
        "",
        "báo cáo \u202egpj",
    ):
        with app.test_request_context():
            answer = attachment(
                documents.Download(b"%PDF-1.4", documents.PDF, documents.file_name(title, documents.PDF))
            )
        disposition = answer.headers["Content-Disposition"]
        assert disposition.startswith("attachment;") and "\n" not in disposition and ".." not in disposition
        assert (
            "/" not in disposition
            and disposition.isascii()
            and "sandbox" in answer.headers["Content-Security-Policy"]
        )
        assert ".pdf" in disposition
