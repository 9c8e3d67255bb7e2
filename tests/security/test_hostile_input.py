"""What no form would send: statements as words, paths as names, numbers without end, bodies without measure."""

from __future__ import annotations

import io
from dataclasses import replace
from urllib.parse import quote

import pytest
from flask import request

from tests.browse import Browser
from tests.cast import PASSWORD, photo
from tests.citizen.conftest import BAD_PHOTOS, SEND, fill, huge_png
from webapp.app import create_app
from webapp.store import models

SQL = ["' OR '1'='1", "'; DROP TABLE account;--", '" UNION SELECT username, password_hash FROM account --', "1) OR 1=1 --",
       "%", "_", "\\", "' AND sqlite_version() --", "'||pg_sleep(5)||'", "$$;select 1;$$", "{0}", "%s%n", "\x00", "a\x00b", "\ud7ff", "1e309"]  # fmt: skip
NUMBERS = [
    "0",
    "-1",
    "2147483647",
    "2147483648",
    "99999999999999999999",
    "9" * 5000,
    "1e3",
    "0x1",
    "１",
    "1;2",
    "null",
]
PATHS = ["../hoidap.db", "..%2f..%2fhoidap.db", "%2e%2e/%2e%2e/keys/master.key", "....//hoidap.db", "/etc/passwd", "..\\..\\keys\\master.key",
         "0" * 64 + ".jpg/../../../keys/flask.key", "0" * 64 + ".jpg%00.png", "css/../../webapp/config.py", ".", "", "a" * 5000]  # fmt: skip


def dump(town) -> dict[str, list[str]]:
    with town.house.store.reader() as session:
        return {
            "accounts": [
                row.password_hash for row in session.query(models.Account).order_by(models.Account.id)
            ],
            "cases": [row.code for row in session.query(models.Case)],
        }


@pytest.mark.asvs("1.2.4")
def test_statements_typed_as_words_are_words(any_town):
    town = any_town
    receipt = town.to_published()
    app = create_app(town.house.config, town.clock)
    before, client = dump(town), app.test_client()
    desk = Browser(app).log_in("tu")
    token = desk.hidden("csrf_token")
    for words in SQL:
        for url in ("/", "/gui", "/co-quan/dang-nhap"):
            answer = client.get(
                url, query_string=dict.fromkeys(("q", "linh-vuc", "noi", "han", "trang", "next"), words)
            )
            assert answer.status_code == (400 if "\0" in words else 200), (url, words)
        assert receipt.number not in client.get("/", query_string={"q": words + "zzz"}).text
        for path in ("/pa/", "/anh/", "/quy-che/", "/static/x/"):
            assert client.get(path + quote(words, safe="")).status_code in (400, 404), (path, words)
        for url in (f"/co-quan/vu/{receipt.case_id}/", "/co-quan/vu/", "/co-quan/?nhom="):
            assert desk.client.get(url + quote(words, safe="")).status_code in (200, 400, 404), (url, words)
        refused = 400 if "\0" in words else 422
        Browser(app).log_in(words, words, refused)
        Browser(app).go("/theo-doi").fill("Mã bí mật", words).press("Xem phản ánh", refused)
        data = {
            "csrf_token": token,
            "once": words,
            "n": words,
            "kept": words,
            "given": words,
            "public_photos": words,
            "seen": words,
        }
        answer = desk.client.post(f"/co-quan/vu/{receipt.case_id}/accept?target={'%27'}", data=data)
        assert answer.status_code < 500, words
    assert dump(town) == before


@pytest.mark.asvs("1.2.4", "2.2.1")
@pytest.mark.parametrize("number", NUMBERS)
def test_numbers_that_are_no_ids_are_no_addresses(any_town, number):
    town = any_town
    receipt = town.report()
    app = create_app(town.house.config, town.clock)
    desk = Browser(app).log_in("hoa")
    reader = Browser(app).go("/theo-doi").fill("Mã bí mật", receipt.code).press("Xem phản ánh")
    for browser, url in ((desk, "/co-quan/vu/{}"), (desk, "/co-quan/vu/{}/anh/{}"), (desk, "/co-quan/vu/{}/receive"),
                         (reader, "/theo-doi/cua-toi/anh/{}"), (desk, "/co-quan/?trang={}"), (desk, "/?trang={}"),
                         (reader, "/theo-doi/cua-toi/anh/1?rong={}")):  # fmt: skip
        assert browser.client.get(url.format(number, number)).status_code in (200, 404), url
    for url, data in (
        (f"/co-quan/tai-khoan/phien/{number}", {}),
        (f"/co-quan/vu/{receipt.case_id}/receive", {"n": number, "public_photos": number}),
    ):
        answer = desk.client.post(url, data={"csrf_token": desk.hidden("csrf_token"), **data})
        assert answer.status_code in (404, 405, 409, 422), url


@pytest.mark.asvs("5.3.2", "1.2.5")
@pytest.mark.parametrize("path", PATHS)
def test_no_path_leads_out_of_the_folder(client, town, path):
    town.to_published()
    for start in ("/anh/", "/static/x/", "/static/", "/static/../", "/pa/", "/quy-che/"):
        if not path and start == "/quy-che/":
            continue  # the list of all regulations
        answer = client.get(start + path)
        assert answer.status_code in (400, 404), start + path
        assert (
            b"SQLite format" not in answer.data
            and b"root:" not in answer.data
            and b"class Config" not in answer.data
        )


@pytest.mark.asvs("5.3.2", "5.4.1")
@pytest.mark.parametrize(
    "name",
    ["../../keys/master.key", "/etc/cron.d/x", "a\x00.jpg", "con.jpg", "x" * 400 + ".jpg", "á\u202egpj.exe"],
)
def test_a_file_is_stored_under_a_name_of_our_own(app, town, name):
    before = {path for path in town.house.config.data.rglob("*") if path.is_file()}
    fill(Browser(app).go("/gui")).attach("Chọn ảnh có sẵn", photo(), name=name).press(SEND)
    added = {path for path in town.house.config.data.rglob("*") if path.is_file()} - before
    assert [path.parent.parent.parent.name for path in added if path.suffix == ".bin"] == ["sealed"]
    assert all("keys" not in str(path) and "passwd" not in str(path) for path in added)


# Sizes


@pytest.fixture
def small(town):
    """The application with the smallest limit that may be set: 1 MB a photo, 12 MB a request."""
    return create_app(replace(town.house.config, max_upload_bytes=1024 * 1024), town.clock)


@pytest.mark.asvs("5.2.1")
def test_one_byte_more_than_the_limit_is_refused_by_name(small, town):
    picture = photo()
    full = picture + b"\0" * (1024 * 1024 - len(picture))
    browser = (
        fill(Browser(small).go("/gui"))
        .attach("Chọn ảnh có sẵn", full + b"\0", name="mot.jpg")
        .press(SEND, 422)
    )
    assert browser.sees("mot.jpg")
    fill(browser.go("/gui")).attach("Chọn ảnh có sẵn", full, name="mot.jpg").press(SEND)


@pytest.mark.asvs("5.2.1")
@pytest.mark.parametrize("url", ["/gui", "/theo-doi", "/co-quan/dang-nhap"])
def test_ten_gigabytes_declared_are_refused_before_a_byte_is_read(small, url):
    class Endless(io.RawIOBase):
        read_bytes = 0

        def readable(self):
            return True

        def readinto(self, buffer):
            self.read_bytes += len(buffer)
            assert self.read_bytes < 64 * 1024 * 1024, "somebody reads the whole body"
            return len(buffer)

    for declared in (
        {"CONTENT_LENGTH": str(10 * 1024**3)},
        {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True},
    ):
        body = Endless()
        for kind in ("multipart/form-data; boundary=x", "application/x-www-form-urlencoded"):
            environ = {"CONTENT_TYPE": kind, "wsgi.input": body, **declared}
            answer = small.test_client().open(url, method="POST", environ_overrides=environ)
            assert answer.status_code in (400, 413), (answer.status_code, declared, kind)
        if declared["CONTENT_LENGTH"]:
            assert body.read_bytes == 0


@pytest.mark.asvs("5.2.1", "5.2.4")
def test_a_thousand_small_parts_are_too_many(app):
    client = app.test_client()
    answer = client.post("/gui", data={f"f{n}": (io.BytesIO(b"x"), "a") for n in range(1000)})
    assert answer.status_code in (400, 413)


@pytest.mark.asvs("5.2.2", "1.3.4", "5.3.1")
@pytest.mark.parametrize("kind", ["html", "svg", "pdf", "zip", "exe", "gif", "eps", "tiff", "script"])
def test_what_is_no_photo_is_refused_whatever_it_is_called(app, town, kind):
    data = {
        "pdf": b"%PDF-1.7\n1 0 obj", "zip": b"PK\x03\x04" + b"\0" * 40, "exe": b"MZ" + b"\0" * 60, "gif": b"GIF89a" + b"\0" * 40,
        "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n", "tiff": b"II*\0" + b"\0" * 40, "script": b"#!/bin/sh\nid\n",
    } | {name: BAD_PHOTOS[name][0] for name in ("html", "svg")}  # fmt: skip
    browser = (
        fill(Browser(app).go("/gui"))
        .attach("Chọn ảnh có sẵn", data[kind], name="holiday.jpg")
        .press(SEND, 422)
    )
    assert browser.sees("holiday.jpg")
    assert not list(town.house.media.names())


@pytest.mark.asvs("5.2.6")
def test_a_photo_of_900_megapixels_is_refused_by_its_header(app, town):
    fill(Browser(app).go("/gui")).attach("Chọn ảnh có sẵn", huge_png(), name="big.png").press(SEND, 422)
    assert not list(town.house.media.names())


@pytest.mark.asvs("5.2.4")
def test_the_eleventh_photo_of_one_report_is_not_taken(app, town):
    files = [photo(100 + n, 80) for n in range(11)]
    fill(Browser(app).go("/gui")).attach("Chọn ảnh có sẵn", *files).press(SEND, 422)
    with town.house.store.reader() as session:
        assert session.query(models.Photo).count() == 0 and session.query(models.Upload).count() == 10


# Who is asked for, and from where


@pytest.mark.asvs("4.1.3", "15.3.4")
def test_headers_of_a_proxy_nobody_set_up_are_not_believed(app, town):
    forged = {
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-For": "203.0.113.9",
        "Forwarded": "host=evil.example",
    }
    for url in ("/", "/gui", "/theo-doi", "/co-quan/"):
        answer = app.test_client().get(url, headers=forged)
        assert "Strict-Transport-Security" not in answer.headers
        assert "evil.example" not in answer.text + str(answer.headers)


@pytest.mark.asvs("4.1.3", "15.3.4")
def test_of_a_proxy_that_was_set_up_only_the_last_word_counts(town):
    app = create_app(replace(town.house.config, trusted_proxies=1), town.clock)

    @app.get("/who")
    def who():
        return f"{request.remote_addr} {request.scheme}"

    forged = {"X-Forwarded-For": "198.51.100.1, 203.0.113.9", "X-Forwarded-Proto": "http, https"}
    assert app.test_client().get("/who", headers=forged).text == "203.0.113.9 https"


@pytest.mark.asvs("4.1.3")
def test_a_forged_host_gets_into_no_page_and_no_redirect(app, town):
    browser = Browser(app)
    browser.client.environ_base["HTTP_HOST"] = "evil.example"
    for url in (
        "/",
        "/gui",
        "/theo-doi",
        "/theo-doi/cua-toi",
        "/co-quan/",
        "/co-quan",
        "/pa/x",
        "/quy-che/qn20",
    ):
        answer = browser.client.get(url, base_url="http://evil.example")
        assert "evil.example" not in answer.text + str(answer.headers), url
    # The receipt is the one page with a whole address on it.
    page = browser.client.get("/gui", base_url="http://evil.example").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    data = {"csrf_token": token, "secret": "ab" * 16, "text": "x", "commune": "20341", "place": "y", "happened": "2026-03-02",
            "category": "giao-thong", "reporter_name": "B", "phone": "0905123456", "visibility": "hide_name", "undertaking": "1"}  # fmt: skip
    sent = browser.client.post("/gui", data=data, base_url="http://evil.example")
    assert sent.status_code == 200 and "evil.example" not in sent.text


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example", "/co-quan/../../evil", "/co-quan@evil.example",
                                    "/co-quan/%0d%0aX-Y: z", "javascript:alert(1)", "/gui", "\t//evil.example", "///evil.example/co-quan/"])  # fmt: skip
def test_a_log_in_leads_nowhere_else(app, town, target):
    client = app.test_client()
    page = client.get("/co-quan/dang-nhap", query_string={"next": target}).text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    answer = client.post(
        "/co-quan/dang-nhap",
        data={"csrf_token": token, "username": "tu", "password": PASSWORD, "next": target},
    )
    assert (
        answer.status_code == 303 and answer.location.startswith("/co-quan/") and ".." not in answer.location
    )
    assert "\n" not in answer.location and "evil" not in answer.location.split("?")[0].replace("%0d%0a", "")
