"""A citizen's phone at the real server: a Chromium of a phone's size that may lose its network, its tab, its disk."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import func, select

from tests import zygote
from tests.cast import Town, found_town, photo
from tests.journeys.conftest import PHONE, free_port, wait_until_it_answers
from webapp.store import models

TEXT = "Nắp cống vỡ trước cổng trường"
NAME, NUMBER = "Nguyễn Thị Bưởi", "0905 123 456"
# What the oldest phones we promise to serve do not have (Chrome 95, iOS 15).
OLDER = """
for (const [owner, name] of [[Object.getPrototypeOf(navigator), "locks"], [self, "OffscreenCanvas"],
    [AbortSignal, "timeout"], [self, "SyncManager"], [self, "BroadcastChannel"]]) {
  try { delete owner[name]; } catch {}
  if (owner[name] !== undefined) Object.defineProperty(owner, name, { value: undefined, configurable: true });
}
"""


# An older phone in `make check` only: there the way of a report without a network and of a film is walked again.
PHONES = [
    pytest.param("", id="today's phone"),
    pytest.param(OLDER, id="an older phone", marks=pytest.mark.slow),
]
# At the narrowest and the widest screen faults show first.
SCREENS = [320, pytest.param(393, marks=pytest.mark.slow), 1280]


@dataclass
class Server:
    """`flask serve` on a port that stays the same when it is killed and started again."""

    data: Path
    log: Path
    town: Town
    port: int = field(default_factory=free_port)
    started: zygote.Started | None = None
    workers: int = 0  # what a phone does, it does with the web process alone

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        own = {"HOIDAP_DATA": str(self.data), "PORT": str(self.port), "DEMO": "on", "SECURE_COOKIES": "off",
               "RATE_LIMITS": "off", "MIN_FREE_BYTES": "0", "WORKER_PROCESSES": str(self.workers)}  # fmt: skip
        self.started = started = zygote.start(["serve"], {**os.environ, **own}, self.log)
        wait_until_it_answers(self.url, lambda: started.alive)

    def kill(self) -> None:
        assert self.started is not None
        self.started.kill()

    def stop(self) -> None:
        if self.started is not None:
            self.started.end()

    def count(self, model: type) -> int:
        with self.town.house.store.reader() as session:
            return session.scalar(select(func.count()).select_from(model))

    def texts(self) -> list[str]:
        with self.town.house.store.reader() as session:
            return list(session.scalars(select(models.Text.body)))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    town = found_town(tmp_path / "data")
    one = Server(tmp_path / "data", tmp_path / "server.log", town)
    one.start()
    yield one
    one.stop()
    town.house.close()


class Phone:
    """One phone. `page` is its open tab."""

    def __init__(self, browser: Browser, url: str, script: str = "", **options: Any) -> None:
        place = {"latitude": 15.5736, "longitude": 108.474, "accuracy": 12}
        self.context: BrowserContext = browser.new_context(
            **{"viewport": PHONE, "has_touch": True, "is_mobile": True, "locale": "vi-VN",
               "timezone_id": "Asia/Ho_Chi_Minh", "geolocation": place,
               "permissions": ["geolocation", "background-sync"], "base_url": url} | options
        )  # fmt: skip
        if script:
            self.context.add_init_script(script)
        self.errors: list[str] = []
        self.page = self.tab()

    def tab(self) -> Page:
        page = self.context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        return page

    def open(self, path: str = "/gui") -> Page:
        self.page.goto(path)
        if path.startswith("/gui"):
            self.walking()
        return self.page

    def walking(self, page: Page | None = None) -> None:
        (page or self.page).locator("form.walk").wait_for()

    def settled(self) -> None:
        """The service worker has kept what it keeps."""
        self.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        self.until("caches.match('/gui?vo').then(Boolean)")
        self.page.wait_for_function("() => navigator.serviceWorker.controller !== null")

    def until(self, expression: str, seconds: float = 30) -> None:
        """Until it is true. `wait_for_function` takes a promise for true without waiting what it brings."""
        deadline = time.monotonic() + seconds
        while not self.page.evaluate(expression):
            assert time.monotonic() < deadline, f"not true within {seconds} s: {expression}"
            self.page.wait_for_timeout(100)

    def next(self) -> None:
        self.page.get_by_role("button", name="Tiếp tục").click()

    def at(self, question: str) -> None:
        self.page.get_by_role("heading", name=question).wait_for()

    def fill(self, text: str = TEXT, *, photos: list[Path] | None = None, upto: str = "") -> None:
        """Walk through the form as Buoi does, and stop before the press on "send" (or at a step)."""
        page = self.page
        page.locator("[name=text]").fill(text)
        if photos:
            self.choose(photos)
        self.next()
        self.at("Ở đâu?")
        if upto == "where":
            return
        page.locator("[name=commune]").select_option(label="Phường Tam Kỳ")
        page.locator("[name=place]").fill("Trước cổng trường")
        self.next()
        self.at("Khi nào?")
        self.next()
        self.at("Thuộc lĩnh vực nào?")
        page.get_by_role("radio", name=re.compile("Giao thông")).check()
        self.next()
        self.at("Ông/Bà là ai?")
        page.locator("[name=reporter_name]").fill(NAME)
        page.locator("[name=phone]").fill(NUMBER)
        if upto == "who":
            return
        self.next()
        self.at("Cam đoan và gửi")
        page.get_by_label(re.compile("Tôi cam đoan")).check()

    def choose(self, photos: list[Path]) -> None:
        before = self.page.locator("[data-thumbs] li").count()
        self.page.locator("#f-photos-2").set_input_files(photos)
        self.page.locator("[data-thumbs] img").nth(before + len(photos) - 1).wait_for()

    def send(self) -> None:
        self.page.get_by_role("button", name="Gửi phản ánh").click()

    def says(self, title: str, seconds: float = 15) -> None:
        self.page.locator("h1", has_text=title).wait_for(timeout=seconds * 1000)

    @property
    def code(self) -> str:
        return "-".join(self.page.locator("[data-after] .groups span").all_inner_texts())

    def kept(self) -> list[dict[str, Any]]:
        """The reports that this phone keeps, with their files, as the database has them."""
        read = """async () => { const q = self.hoidapQueue; const rows = await q.reports();
          return JSON.stringify(await Promise.all(rows.map(async (row) => ({ ...row, files: (await q.files(row.id))
            .map(({ thumb, exif, ...rest }) => rest) })))); }"""
        if not self.page.evaluate("Boolean(self.hoidapQueue)"):
            self.page.goto("/may-nay")
            self.page.wait_for_function("() => Boolean(self.hoidapQueue)")
        return json.loads(self.page.evaluate(read))

    def offline(self, now: bool = True) -> None:
        self.context.set_offline(now)


@pytest.fixture
def phone(chromium: Browser, server: Server) -> Iterator[Callable[..., Phone]]:
    made: list[Phone] = []

    def make(url: str = "", **options: Any) -> Phone:
        made.append(Phone(chromium, url or server.url, **options))
        return made[-1]

    yield make
    for one in made:
        one.context.close()


@pytest.fixture
def pictures(tmp_path: Path) -> Callable[..., list[Path]]:
    """Photos as files; all of one name when told so, each in a folder of its own."""

    def make(count: int, name: str = "", width: int = 1600) -> list[Path]:
        paths = []
        for n in range(count):
            path = tmp_path / f"chosen-{n}" / (name or f"anh{n}.jpg")
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(photo(width, 900 + n, camera="CANARYCAM"))
            paths.append(path)
        return paths

    return make


@pytest.fixture
def chromium_app(chromium: Browser, tmp_path: Path) -> Iterator[BrowserContext]:
    """A browser whose profile lasts: only there an application may be installed."""
    kind = chromium.browser_type
    path = shutil.which("chromium") or shutil.which("google-chrome")
    context = kind.launch_persistent_context(
        tmp_path / "profile", executable_path=path, args=["--no-sandbox"]
    )
    yield context
    context.close()
