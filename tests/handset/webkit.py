"""The same phone in WebKit, which is every browser of an iPhone: no Background Sync, no push, and tabs that die.

WebKitGTK by its own driver, on a screen that nobody sees. It cannot be told to be offline: the server is killed.
"""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

from tests.handset.conftest import NAME, NUMBER, TEXT

PHONE = (412, 880)
_BROWSERS = "/usr/lib/*/webkit2gtk-4.*/MiniBrowser"


@contextmanager
def screen() -> Iterator[None]:
    """An X server of its own, for whoever is started meanwhile."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x1024x24", "-nolisten", "tcp"],
        pass_fds=[write], stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    before = os.environ.get("DISPLAY")
    try:
        with os.fdopen(read) as told:
            os.environ["DISPLAY"] = f":{told.readline().strip()}"
        yield
    finally:
        server.terminate()
        server.wait(10)
        os.environ.pop("DISPLAY")
        if before is not None:
            os.environ["DISPLAY"] = before


@contextmanager
def browser() -> Iterator[WebKit]:
    options = Options()
    options.binary_location = sorted(glob.glob(_BROWSERS))[-1]
    options.add_argument("--automation")
    driver = shutil.which("WebKitWebDriver")
    assert driver, "WebKitWebDriver is missing: apt install webkit2gtk-driver xvfb"
    with screen():
        opened = webdriver.WebKitGTK(options=options, service=Service(driver))
        try:
            opened.set_window_size(*PHONE)
            opened.set_script_timeout(60)
            yield WebKit(opened)
        finally:
            opened.quit()


class WebKit:
    """One phone; what it does is named as in `tests.handset.conftest.Phone`."""

    def __init__(self, driver: webdriver.WebKitGTK) -> None:
        self.driver = driver

    def open(self, url: str) -> None:
        self.driver.get(url)

    def wait(self, script: str, seconds: float = 30) -> Any:
        """Until the expression, which may be a promise, is true; what it is then."""
        run = "const done = arguments[arguments.length - 1]; Promise.resolve().then(() => ("
        run += script + ")).then(done, () => done(false));"
        return WebDriverWait(self.driver, seconds, 0.2).until(
            lambda driver: driver.execute_async_script(run), f"not true within {seconds} s: {script}"
        )

    def run(self, expression: str) -> Any:
        """What the expression is, or what it promises."""
        run = "const done = arguments[arguments.length - 1]; Promise.resolve().then(() => ("
        run += expression + ")).then(done, (fault) => done(String(fault)));"
        return self.driver.execute_async_script(run)

    def settled(self) -> None:
        """The worker has kept what it keeps, and serves this page's next visit."""
        self.wait("navigator.serviceWorker.ready.then(() => true)")
        self.wait("caches.match('/gui?vo').then(Boolean)")

    def walking(self) -> None:
        self.wait("document.querySelector('form.walk') !== null")

    def press(self, name: str) -> None:
        # Clicked by script: the driver would wait for a page that may never come.
        script = """const wanted = arguments[0];
          const all = [...document.querySelectorAll('button')].filter((one) => one.offsetParent !== null);
          const found = all.find((one) => one.textContent.trim() === wanted);
          if (found) found.click(); return Boolean(found);"""
        WebDriverWait(self.driver, 10, 0.1).until(lambda d: d.execute_script(script, name), name)

    def at(self, question: str) -> None:
        script = "return [...document.querySelectorAll('h1, h2')].some((one) => one.offsetParent !== null "
        script += "&& one.textContent.includes(arguments[0]))"
        WebDriverWait(self.driver, 20, 0.1).until(lambda d: d.execute_script(script, question), question)

    says = at

    def put(self, name: str, value: str) -> None:
        script = """const field = document.querySelector(`[name=${arguments[0]}]`); field.value = arguments[1];
          field.dispatchEvent(new Event('input', { bubbles: true }));
          field.dispatchEvent(new Event('change', { bubbles: true }));"""
        self.driver.execute_script(script, name, value)

    def choose(self, files: list[Path], field: str = "#f-photos-2") -> None:
        self.driver.find_element(By.CSS_SELECTOR, field).send_keys("\n".join(map(str, files)))

    def fill(self, photos: list[Path], upto: str = "") -> None:
        self.put("text", TEXT)
        if photos:
            self.choose(photos)
            self.wait(f"document.querySelectorAll('[data-thumbs] img').length === {len(photos)}")
        self.press("Tiếp tục")
        self.at("Ở đâu?")
        self.put("commune", "20341")
        self.put("place", "Trước cổng trường")
        self.press("Tiếp tục")
        self.at("Khi nào?")
        self.press("Tiếp tục")
        self.at("Thuộc lĩnh vực nào?")
        self.driver.execute_script("document.querySelector('[name=category][value=giao-thong]').click()")
        self.press("Tiếp tục")
        self.at("Ông/Bà là ai?")
        self.put("reporter_name", NAME)
        self.put("phone", NUMBER)
        if upto == "who":
            return
        self.press("Tiếp tục")
        self.at("Cam đoan và gửi")
        self.driver.execute_script("document.querySelector('[name=undertaking]').click()")

    def finish(self) -> None:
        """From the last question to the sending, as a draft that was found again."""
        self.press("Tiếp tục")
        self.at("Cam đoan và gửi")
        self.driver.execute_script("document.querySelector('[name=undertaking]').click()")
        self.send()

    def send(self) -> None:
        self.press("Gửi phản ánh")

    def new_tab(self, url: str, *, close: bool = True) -> None:
        """Another tab on that address; the old one is killed, as a phone does with a tab in the background."""
        old = self.driver.current_window_handle
        self.driver.switch_to.new_window("tab")
        fresh = self.driver.current_window_handle
        if close:
            self.driver.switch_to.window(old)
            self.driver.close()
            self.driver.switch_to.window(fresh)
        self.driver.get(url)

    def counted(self) -> dict[str, int]:
        """How many reports this phone keeps, by state; from a page that has the queue."""
        return self.wait("self.hoidapQueue ? self.hoidapQueue.count() : false")
