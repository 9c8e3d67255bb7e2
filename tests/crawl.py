"""A lived-in town, everybody who looks at it, and every answer that the application gave them.

`lived_in` lets a case of every kind happen; `Crawl` follows every link, picture and form of every visitor and
keeps what came back. What a person typed can be changed (`said`), so that hostile words stand in every field.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from flask import Flask

from tests.browse import Browser
from tests.cast import BUOI, MANHOLE, STAFF, Town, photo
from webapp.operations import photos as photo_rows
from webapp.operations.intake import Place
from webapp.operations.people import Person

ADDRESS = re.compile(r'(?:href|src|action|content)="(/[^"]*)"')
STARTS = ("/", "/gui", "/theo-doi", "/theo-doi/cua-toi", "/co-quan/", "/khong-co-mang", "/sw.js", "/favicon.ico",
          "/khong-co-trang-nay", "/co-quan/vu/1", "/co-quan/vu/999")  # fmt: skip
Said = Callable[[str], str]


@dataclass(frozen=True)
class Answer:
    """One answer as it left the application; `who` asked."""

    who: str
    method: str
    url: str
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        return ", ".join(value for key, value in self.headers if key.lower() == name.lower())

    @property
    def cookies(self) -> list[str]:
        return [value for key, value in self.headers if key == "Set-Cookie"]

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def is_html(self) -> bool:
        return self.header("Content-Type").startswith("text/html") and bool(self.body)


class Recorder:
    """WSGI middleware that keeps every answer."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.who = "nobody"
        self.answers: list[Answer] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        told: list[Any] = []
        query = environ.get("QUERY_STRING", "")
        url = environ["PATH_INFO"] + (f"?{query}" if query else "")
        body = self.inner(environ, lambda status, headers, *more: told.append((status, headers)))
        data = b"".join(body)
        getattr(body, "close", lambda: None)()
        status, headers = told[-1]
        answer = Answer(self.who, environ["REQUEST_METHOD"], url, int(status[:3]), list(headers), data)
        self.answers.append(answer)
        start_response(status, headers)
        return [data]


@dataclass
class Lived:
    """What happened in the town: receipts by name."""

    town: Town
    receipts: dict[str, Any] = field(default_factory=dict)

    def case(self, name: str) -> int:
        return int(self.receipts[name].case_id)


def _same(text: str) -> str:
    return text


def lived_in(town: Town, said: Said = _same) -> Lived:
    """A case of every kind; `said` may change whatever people wrote."""
    lived = Lived(town)
    person = Person(said(BUOI.name), BUOI.phone, BUOI.email)
    common: dict[str, Any] = {
        "text": said(MANHOLE),
        "place": Place(said("Trước cổng trường"), 15.5736, 108.474, 12.0),
        "person": person,
    }
    receipts = lived.receipts
    receipts["new"] = town.report(**common)
    receipts["public"] = _answered(town, said, **common, photos=[town.kept(photo())], secrecy="open")
    receipts["withdrawn"] = _answered(town, said, **common)
    withdrawal = {"tokens": {"ground": "personal_data"}, "texts": {"reason": said("Còn biển số")}}
    town.do(receipts["withdrawn"].case_id, "withdraw", "lan", **withdrawal)
    receipts["confidential"] = town.to_approved(said("Đã xử lý riêng."), **common, secrecy="confidential")
    receipts["elsewhere"] = town.to_agency("so-congthuong", **common, photos=[town.kept(photo(600, 400))])
    receipts["asked"] = town.report(**common)
    town.do(receipts["asked"].case_id, "request_supplement", "hoa", texts={"reason": said("Ảnh mờ")})
    town.redraw()
    return lived


def _answered(town: Town, said: Said, **report: Any) -> Any:
    receipt = town.to_agency(**report)
    town.redraw()
    case = receipt.case_id
    town.do(case, "ask_direction", "tu", texts={"note": said("Xin ý kiến")})
    town.do(case, "direct", "lan", texts={"direction": said("Thay ngay")})
    town.do(case, "accept", "tu")
    town.do(case, "enter_result", "tu", texts={"result": said("Da thay nap cong.")})
    town.do(case, "edit_and_approve", "lan", texts={"edited": said("Đã thay nắp cống mới.")})
    photos = [row.id for row in _photos(town, case)]
    texts = {"public_text": said(MANHOLE), "public_answer": said("Đã thay nắp cống mới.")}
    town.do(case, "publish", "tu", texts=texts, checked=True, chosen_photos=photos)
    town.do(case, "rate", "reporter", tokens={"rating": "satisfied"}, texts={"comment": said("Cảm ơn")})
    town.do(case, "ask_back", "reporter", texts={"question": said("Bảo hành bao lâu?")})
    return receipt


def _photos(town: Town, case_id: int) -> list[Any]:
    with town.house.reading(town.clock()) as work:
        return photo_rows.of_case(work, case_id)


@dataclass
class Crawl:
    """Everybody's walk through everything they can reach by links, with every answer kept."""

    app: Flask
    lived: Lived
    recorder: Recorder
    tokens: dict[str, str] = field(default_factory=dict)  # who -> the session cookie's value
    https: bool = False

    @property
    def answers(self) -> list[Answer]:
        return self.recorder.answers

    @property
    def pages(self) -> list[Answer]:
        return [answer for answer in self.answers if answer.is_html]

    def browser(self, who: str) -> Browser:
        """That visitor's browser: staff logged in, `reporter:<case>` with the code typed, or a stranger."""
        browser = Browser(self.app)
        if self.https:
            browser.client.environ_base["HTTP_REFERER"] = "https://localhost/"
        self.recorder.who = who
        if who in STAFF:
            browser.log_in(who)
        elif who.startswith("reporter:"):
            code = self.lived.receipts[who.removeprefix("reporter:")].code
            browser.go("/theo-doi").fill("Mã bí mật", code).press("Xem phản ánh")
        prefix = "__Host-" if self.https else ""
        for name in ("desk", "citizen"):
            if cookie := browser.client.get_cookie(prefix + name):
                self.tokens[who] = cookie.value
        return browser

    def walk(self, who: str, limit: int = 150) -> None:
        client = self.browser(who).client
        waiting, seen = [*STARTS, *self._public_addresses()], set[str]()
        while waiting and len(seen) < limit:
            url = waiting.pop(0)
            if url in seen:
                continue
            seen.add(url)
            answer = client.get(url)
            waiting += [found for found in _addresses(url, answer) if found not in seen]

    def _public_addresses(self) -> list[str]:
        return [f"/pa/{receipt.number}" for receipt in self.lived.receipts.values()]


def visitors(lived: Lived) -> list[str]:
    return ["stranger", *(f"reporter:{name}" for name in lived.receipts), *STAFF]


def crawl(app: Flask, lived: Lived, who: Iterable[str] | None = None) -> Crawl:
    """Let everybody walk through everything."""
    recorder = Recorder(app.wsgi_app)
    app.wsgi_app = recorder  # type: ignore[method-assign]
    https = lived.town.house.config.secure_cookies or app.config["SESSION_COOKIE_SECURE"]
    if https:
        app.config["PREFERRED_URL_SCHEME"] = "https"
    walked = Crawl(app, lived, recorder, https=https)
    for visitor in who or visitors(lived):
        walked.walk(visitor)
    return walked


def _addresses(url: str, answer: Any) -> list[str]:
    if answer.status_code in (301, 302, 303, 308):
        return [_local(urljoin(url, answer.location))]
    if answer.mimetype != "text/html":
        return []
    text = answer.get_data(as_text=True).replace("&amp;", "&")
    return [_local(found) for found in dict.fromkeys(ADDRESS.findall(text))]


def _local(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")
