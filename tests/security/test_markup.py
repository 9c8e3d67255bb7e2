"""Markup in every field that anybody may write: it is shown as words, and nothing of it runs."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from werkzeug.serving import make_server

from tests.browse import Browser
from tests.cast import PASSWORD
from tests.citizen.conftest import BAD_PHOTOS, SEND, fill
from tests.page_check import Page
from tests.security.conftest import HOSTILE

QUOTE = chr(34)  # browsers send it as %22 in a file name


def faults(html: str) -> list[str]:
    """What a browser would make of the page that we never wrote."""
    page, found = Page(html), []
    for el in page.all:
        names = set(el.attrib)
        if el.tag == "xss-canary" or "onxss" in names or "onerror" in names:
            found.append(f"{el.tag} {el.attrib}")
        for name in ("href", "src", "action", "formaction"):
            address = (el.get(name) or "").strip().lower()
            if address.startswith(("javascript:", "data:", "vbscript:", "http:", "//")):
                found.append(f"{el.tag} {name}={address}")
        if el.tag == "script" and not (el.get("src") or "").startswith("/static/"):
            found.append("a script of somebody else's")
    return found


@pytest.mark.asvs("1.2.1", "1.2.2", "1.2.3", "3.2.1")
def test_markup_in_every_stored_field_is_shown_as_words_on_every_page(attacked):
    shown = set()
    for page in attacked.pages:
        assert faults(page.text) == [], f"{page.who} {page.url}"
        if "xss-canary" in page.text:
            assert "<xss-canary" not in page.text
            shown.add(page.url.split("?")[0])
    assert len(shown) >= 25, "the canaries must have been on the pages"


@pytest.mark.asvs("1.2.1")
@pytest.mark.parametrize("label", ["Kể ngắn gọn", "Tả chỗ đó", "Họ và tên", "Số điện thoại"])
def test_markup_in_a_form_that_comes_back_is_shown_as_words(app, label):
    browser = fill(Browser(app).go("/gui"), **{label: HOSTILE})
    browser.attach(
        "Chọn ảnh có sẵn", BAD_PHOTOS["svg"][0], name=HOSTILE.replace("/", "").replace(QUOTE, "") + ".jpg"
    ).press(SEND, 422)
    assert faults(browser.response.get_data(as_text=True)) == []


@pytest.mark.asvs("1.2.1", "1.2.3")
@pytest.mark.parametrize(
    "path",
    [
        "/?q=",
        "/?linh-vuc=",
        "/pa/",
        "/quy-che/",
        "/anh/",
        "/co-quan/dang-nhap?next=",
        "/theo-doi?x=",
        "/nowhere/",
    ],
)
def test_markup_in_an_address_is_shown_as_words(client, path):
    answer = client.get(path + HOSTILE.replace("/", "%2F").replace("#", "%23"))
    assert faults(answer.get_data(as_text=True)) == [] and answer.status_code < 500


@pytest.mark.asvs("1.2.1")
def test_markup_typed_at_the_two_locks_is_shown_as_words(app):
    for browser in (
        Browser(app).log_in(HOSTILE, "x", 422),
        Browser(app).go("/theo-doi").fill("Mã bí mật", HOSTILE).press("Xem phản ánh", 422),
    ):
        assert faults(browser.response.get_data(as_text=True)) == []


@contextmanager
def served(app) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def opened(chromium, **options):
    context = chromium.new_context(locale="vi-VN", **options)
    yield context
    context.close()


@pytest.mark.asvs("1.2.1", "1.2.3")
def test_nothing_of_it_runs_in_a_real_browser_even_without_the_policy(attacked, chromium):
    """The content policy is switched off: what is left is the encoding."""
    receipts = attacked.lived.receipts
    urls = sorted(
        {
            p.url
            for p in attacked.pages
            if p.who in ("lan", "stranger") and p.status == 200 and "xss-canary" in p.text
        }
    )
    assert len(urls) >= 8
    with served(attacked.app) as base, opened(chromium, bypass_csp=True, service_workers="block") as context:
        page = context.new_page()
        dialogs: list[str] = []
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        page.goto(base + "/co-quan/dang-nhap")
        page.fill("[name=username]", "lan")
        page.fill("[name=password]", PASSWORD)
        page.click("main button")
        page.goto(base + "/theo-doi")
        page.fill("[name=code]", receipts["public"].code)
        page.click("main form button.btn")
        page.wait_for_url("**/theo-doi/cua-toi")
        for url in (*urls, "/theo-doi/cua-toi", "/"):
            page.goto(base + url, wait_until="load")
            assert page.evaluate("window.pwned") is None, url
            assert page.locator("xss-canary").count() == 0, url
        assert "xss-canary" in page.content() and dialogs == []


@pytest.mark.asvs("14.2.2", "14.3.2", "14.2.3", "14.3.1")
def test_the_service_worker_keeps_no_private_page_and_asks_no_other_host(app, town, chromium):
    """A citizen and an officer at one browser: afterwards its caches hold three pages of nobody."""
    receipt = town.to_published()
    with served(app) as base, opened(chromium) as context:
        hosts: set[str] = set()
        context.on("request", lambda request: hosts.add(request.url.split("/")[2]))
        page = context.new_page()
        page.goto(base + "/")
        page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
        page.reload()
        page.goto(base + "/theo-doi")
        page.fill("[name=code]", receipt.code)
        page.click("main form button.btn")
        page.wait_for_url("**/theo-doi/cua-toi")
        page.goto(base + "/co-quan/dang-nhap")
        page.fill("[name=username]", "tu")
        page.fill("[name=password]", PASSWORD)
        page.click("main button")
        page.wait_for_load_state()
        page.goto(f"{base}/co-quan/vu/{receipt.case_id}")
        page.goto(f"{base}/pa/{receipt.number}")
        kept = page.evaluate(
            "caches.keys().then(names => Promise.all(names.map(n => caches.open(n).then(async c => Promise.all((await c.keys()).map(async r => [new URL(r.url).pathname + new URL(r.url).search, await (await c.match(r)).text()])))))).then(all => Object.fromEntries(all.flat()))"
        )
        pages = {path: text for path, text in kept.items() if not path.startswith("/static/")}
        assert set(pages) == {"/khong-co-mang", "/gui?vo", "/may-nay"}
        for text in pages.values():
            assert "csrf_token" not in text and receipt.number not in text and "Nắp cống vỡ" not in text
            assert not re.search(r'name="secret" value="[^"]', text)
        assert hosts == {base.removeprefix("http://")}
        assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
        page.goto(base + "/co-quan/")
        page.get_by_role("button", name="Đăng xuất").click()
        page.wait_for_url("**/co-quan/dang-nhap")
        page.go_back()
        assert "Nắp cống" not in page.content(), "the back button still shows the desk"
