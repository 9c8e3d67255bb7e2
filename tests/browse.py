"""A browser for tests: it sees pages as a person does (words, labels, buttons) and checks every page it opens.

    hoa = Browser(app).log_in("hoa")
    hoa.go("/co-quan/").follow("Nắp cống vỡ").follow("Tiếp nhận")
    hoa.choose("Lĩnh vực", "Điện").press("Tiếp nhận")
    assert hoa.sees("Chờ tiếp nhận")

It keeps cookies and hidden fields (so the CSRF token comes from the form), follows redirects and runs no
JavaScript. A label, link or button is found by words it begins with; hints inside a label do not matter.
"""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element

from flask import Flask
from flask.testing import FlaskClient

from tests.cast import PASSWORD
from tests.page_check import UNLABELLED, Page, check, label_of, said

SKIPPED = UNLABELLED - {"hidden"}


class Browser:
    """One person's browser. `status`, `url`, `words` and `response` are those of the last page."""

    def __init__(self, app: Flask | FlaskClient) -> None:
        self.client: FlaskClient = app.test_client() if isinstance(app, Flask) else app
        self.url = "/"
        self.status = 0
        self.hops: list[int] = []
        self.page: Page | None = None
        self.response: Any = None
        self._typed: dict[Element, Any] = {}

    # Going places

    def go(self, url: str, status: int = 200) -> Browser:
        """Open an address; the page that comes (after redirects) must have this status."""
        return self._open(url, "GET", None, status)

    def follow(self, words: str, status: int = 200) -> Browser:
        """Follow the link that begins with (or else holds) these words."""
        return self.go(self.link(words), status)

    def press(self, button: str, status: int = 200, **extra: Any) -> Browser:
        """Press a button: its form is sent with what was filled in. `extra` overrides fields by name."""
        found = self._button(button)
        form = self._page().inside(found, "form")
        assert form is not None, f"the button {button!r} stands in no form"
        data = self._data(form, found) | extra
        url = urljoin(self.url, form.get("action") or self.url)
        if (form.get("method") or "get").lower() == "post":
            return self._open(url, "POST", data, status)
        return self._open(url, "GET", data, status)

    def back_and_press_again(self, status: int = 200) -> Browser:
        """The same request once more, as after a double tap."""
        url, method, data = self._last
        return self._open(url, method, {key: _fresh(value) for key, value in (data or {}).items()}, status)

    def log_in(self, who: str, password: str = PASSWORD, status: int = 200) -> Browser:
        """Log in at the desk as one of the cast."""
        self.go("/co-quan/dang-nhap")
        return self.fill("Tên đăng nhập", who).fill("Mật khẩu", password).press("Đăng nhập", status)

    # Filling in

    def fill(self, label: str, value: str) -> Browser:
        self._typed[self.field(label)] = value
        return self

    def choose(self, label: str, option: str) -> Browser:
        """Choose an option of a select or a group of radio buttons, by the words of both."""
        try:
            field = self.field(label, "select")
        except AssertionError:
            self._typed[self._in_group(label, option)] = True
            return self
        options = [el for el in field.iter("option") if said(el).startswith(option)]
        assert options, (
            f"{label!r} has no option {option!r}: {[said(el) for el in field.iter('option')][:20]}"
        )
        self._typed[field] = options[0].get("value")
        return self

    def tick(self, label: str, on: bool = True) -> Browser:
        self._typed[self.field(label, "input")] = on
        return self

    def attach(self, label: str, *files: bytes, name: str = "photo.jpg") -> Browser:
        self._typed[self.field(label, "input")] = [(data, name) for data in files]
        return self

    # Looking

    def sees(self, *words: str) -> bool:
        """Whether all these words are on the page."""
        return all(" ".join(part.split()) in self.words for part in words)

    @property
    def words(self) -> str:
        return said(next(iter(self._page().find("body")), None))

    @property
    def heading(self) -> str:
        return said(next(iter(self._page().find("h1")), None))

    def part(self, heading: str) -> str:
        """The words of the section under that heading."""
        page = self._page()
        for el in page.find("h2", "h3"):
            if said(el).startswith(heading):
                return said(page.inside(el, "section") or page.parent[el])
        raise AssertionError(f"no heading {heading!r}: {[said(el) for el in page.find('h2', 'h3')]}")

    def link(self, words: str) -> str:
        links = [el for el in self._page().find("a") if el.get("href")]
        for fits in (said_begins, said_holds):
            for el in links:
                if fits(el, words):
                    return urljoin(self.url, el.get("href") or "")
        raise AssertionError(f"no link {words!r}; there are {[said(el) for el in links]}")

    def has_link(self, words: str) -> bool:
        return any(said_holds(el, words) for el in self._page().find("a"))

    def has_button(self, words: str) -> bool:
        return any(said_begins(el, words) for el in self._page().find("button"))

    def buttons(self) -> list[str]:
        return [said(el) for el in self._page().find("button")]

    def field(self, label: str, *tags: str) -> Element:
        """The field whose label begins with these words (the exact label first)."""
        page = self._page()
        named = [
            (label_of(page, el), el)
            for el in page.find(*(tags or ("input", "select", "textarea")))
            if el.get("type") not in UNLABELLED
        ]
        for words, el in named:
            if words == label:
                return el
        for words, el in named:
            if words.startswith(label):
                return el
        raise AssertionError(f"no field {label!r}; there are {[words for words, _ in named]}")

    def value(self, label: str) -> Any:
        """What stands in a field: typed now, or as the page came."""
        field = self.field(label)
        return self._typed.get(field, _as_drawn(field))

    def hidden(self, name: str) -> str:
        """The value of a hidden field, e.g. csrf_token."""
        for el in self._page().find("input"):
            if el.get("name") == name:
                return el.get("value") or ""
        raise AssertionError(f"no hidden field {name!r} on {self.url}")

    # How it works

    def _page(self) -> Page:
        assert self.page is not None, f"{self.url} is no HTML page"
        return self.page

    def _button(self, words: str) -> Element:
        buttons = self._page().find("button")
        for fits in (said_is, said_begins):
            for el in buttons:
                if fits(el, words):
                    return el
        raise AssertionError(f"no button {words!r}; there are {self.buttons()}")

    def _in_group(self, legend: str, option: str) -> Element:
        page = self._page()
        groups = [
            el for el in page.find("fieldset") if said(next(iter(el.iter("legend")), None)).startswith(legend)
        ]
        assert groups, f"no group {legend!r}"
        for el in groups[0].iter("input"):
            if label_of(page, el).startswith(option):
                return el
        raise AssertionError(f"{legend!r} has no option {option!r}")

    def _data(self, form: Element, button: Element) -> dict[str, Any]:
        data: dict[str, Any] = {}
        chosen = {
            el.get("name") for el, value in self._typed.items() if el.get("type") == "radio" and value is True
        }
        for el in form.iter():
            name = el.get("name") if isinstance(el.tag, str) else None
            if not name or el.tag not in ("input", "select", "textarea") or el.get("type") in SKIPPED:
                continue
            if el.get("type") == "radio" and name in chosen and self._typed.get(el) is not True:
                continue
            values = _sent(el, self._typed.get(el, _as_drawn(el)))
            if values:
                data[name] = [*data.get(name, []), *values]
        if button.get("name"):
            data.setdefault(str(button.get("name")), []).append(button.get("value") or "")
        return data

    def _open(self, url: str, method: str, data: dict[str, Any] | None, status: int) -> Browser:
        self._last = (url, method, data)
        self.hops = []
        for _ in range(6):
            parts = urlsplit(url)
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            sent = (
                {"data": {key: _fresh(value) for key, value in (data or {}).items()}}
                if method == "POST"
                else {}
            )
            if method == "GET" and data:
                sent = {"query_string": data}
            self.response = self.client.open(target, method=method, **sent)
            self.hops.append(self.response.status_code)
            self.url = target
            if self.response.status_code not in (301, 302, 303, 307, 308):
                break
            url, method, data = urljoin(target, self.response.location), "GET", None
        return self._arrived(status)

    def _arrived(self, status: int) -> Browser:
        self.status = self.response.status_code
        self._typed = {}
        self.page = None
        if self.response.mimetype == "text/html" and self.response.data:
            self.page = check(self.response.get_data(as_text=True))
            assert "Content-Security-Policy" in self.response.headers, f"{self.url} has no CSP header"
        assert self.status == status, f"{self.url} answered {self.status}, not {status}: {self._glance()}"
        return self

    def _glance(self) -> str:
        return self.words[:400] if self.page else repr(self.response.data[:200])


def said_is(el: Element, words: str) -> bool:
    return said(el) == words


def said_begins(el: Element, words: str) -> bool:
    return said(el).startswith(words)


def said_holds(el: Element, words: str) -> bool:
    return words in said(el)


def _as_drawn(el: Element) -> Any:
    if el.tag == "textarea":
        text = el.text or ""
        return text
    if el.tag == "select":
        options = list(el.iter("option"))
        chosen = [option for option in options if option.get("selected") is not None] or options[:1]
        return chosen[0].get("value") if chosen else None
    if el.get("type") in ("radio", "checkbox"):
        return el.get("checked") is not None
    return el.get("value") or ""


def _sent(el: Element, value: Any) -> list[Any]:
    """What a browser sends of one field."""
    if el.get("type") in ("radio", "checkbox"):
        return [el.get("value") or "on"] if value else []
    if el.get("type") == "file":
        return [(io.BytesIO(data), name) for data, name in value] if isinstance(value, list) else []
    return [] if value is None else [value]


def _fresh(value: Any) -> Any:
    """File streams are read once: give the next request its own."""
    if isinstance(value, list):
        return [_fresh(one) for one in value]
    if isinstance(value, tuple) and isinstance(value[0], io.BytesIO):
        return (io.BytesIO(value[0].getvalue()), value[1])
    return value
