"""A real server with a real worker, and a real Chromium of a phone's size. Journeys patch nothing."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.cast import Town, found_town
from tests.postgres import fresh_database

PHONE = {"width": 393, "height": 852}


@dataclass
class Served:
    """The running product: its address, its data folder and its log."""

    url: str
    data: Path
    log: Path
    town: Town


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def wait_until_it_answers(url: str, alive: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert alive(), "the server ended"
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.02)
    raise AssertionError(f"{url} did not answer in {seconds} s")


def serve(data: Path, log: Path, **more: str) -> tuple[str, subprocess.Popen[bytes]]:
    port = free_port()
    environ = {**os.environ, "HOIDAP_DATA": str(data), "PORT": str(port), "DEMO": "on", "SECURE_COOKIES": "off",
               "RATE_LIMITS": "off", **more}  # fmt: skip
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "webapp", "serve"], env=environ, stdout=out, stderr=out
        )
    url = f"http://127.0.0.1:{port}"
    wait_until_it_answers(url, lambda: process.poll() is None)
    return url, process


@pytest.fixture(params=["sqlite", "postgresql"])
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    if request.param == "sqlite":
        yield from _served(tmp_path, None)
    else:
        with fresh_database(request.getfixturevalue("postgres_server")) as url:
            yield from _served(tmp_path, url)


def _served(tmp_path: Path, database_url: str | None) -> Iterator[Served]:
    data, log = tmp_path / "data", tmp_path / "server.log"
    town = found_town(data, database_url)
    more = {"DATABASE_URL": database_url} if database_url else {}
    url, process = serve(data, log, **more)
    try:
        yield Served(url, data, log, town)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        town.house.close()


class Phone:
    """Somebody's phone: one browser context of its own, at the server's front page."""

    def __init__(self, browser: Browser, served: Served, *, javascript: bool = True) -> None:
        self.context: BrowserContext = browser.new_context(
            viewport=PHONE,
            device_scale_factor=2,
            has_touch=True,
            is_mobile=True,
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
            geolocation={"latitude": 15.5736, "longitude": 108.474, "accuracy": 12},
            permissions=["geolocation"],
            java_script_enabled=javascript,
        )
        self.javascript = javascript
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(10_000)
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        self.hosts: set[str] = set()
        self.page.on("request", lambda request: self.hosts.add(request.url.split("/")[2]))
        self.base = served.url

    def open(self, path: str) -> Page:
        self.page.goto(self.base + path)
        return self.page

    def log_in(self, username: str, password: str) -> Page:
        self.open("/co-quan/dang-nhap")
        self.page.get_by_label("Tên đăng nhập").fill(username)
        self.page.get_by_label("Mật khẩu").fill(password)
        self.page.get_by_role("button", name="Đăng nhập").click()
        return self.page

    def close(self) -> None:
        self.context.close()


@pytest.fixture
def phone(chromium: Browser, served: Served) -> Iterator[object]:
    """Makes phones; they are closed when the test ends."""
    made: list[Phone] = []

    def make(**options: bool) -> Phone:
        made.append(Phone(chromium, served, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()
