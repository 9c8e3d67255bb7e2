"""Draws docs/images from a fresh demonstration, on a phone 393 pixels wide: `make screenshots`.

And for each installation what a browser shows before it installs the application, into static/icons/screens;
`python scripts/screenshots.py tay-ninh` draws those of one alone.
"""

import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
SCREENS = ROOT / "static" / "icons" / "screens"
INSTALLATIONS = ROOT / "webapp" / "regulations" / "installations"
DOCUMENTED = "quang-nam"  # the installation that docs/images shows
PHONE = {"width": 393, "height": 852}
SECONDS_TO_START = 120
# The first published case that the home page links to.
CASE_LINK = "main #phan-anh h3 a"


def main() -> None:
    named = sys.argv[1:]
    for place in named or sorted(path.stem for path in INSTALLATIONS.glob("*.toml")):
        with tempfile.TemporaryDirectory() as data:
            port = free_port()
            env = os.environ | {"HOIDAP_DATA": data, "PORT": str(port), "INSTALLATION": place}
            command = [sys.executable, "-m", "flask", "--app", "webapp", "serve", "--demo"]
            server = subprocess.Popen(command, cwd=ROOT, env=env, start_new_session=True)
            try:
                home = f"http://127.0.0.1:{port}/"
                wait_for(home, server)
                draw(home, place, documents=place == DOCUMENTED and not named)
            finally:
                os.killpg(server.pid, signal.SIGTERM)
                server.wait(timeout=30)


def draw(home: str, place: str, *, documents: bool) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        if documents:
            for_the_documents(browser, home)
        for_the_manifest(browser, home, place)
        browser.close()


def for_the_documents(browser: Browser, home: str) -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    page = browser.new_page(viewport=PHONE, device_scale_factor=2, locale="vi-VN")  # type: ignore[arg-type]
    page.goto(home)
    shoot(page, "home-393.png")
    page.locator(CASE_LINK).first.click()
    page.wait_for_load_state("networkidle")
    shoot(page, "case-393.png")


def for_the_manifest(browser: Browser, home: str, place: str) -> None:
    """What a browser shows before it installs the application: the form on a phone, the list on a screen."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    shots = (
        (f"{home}gui", PHONE, f"{place}-narrow.png"),
        (home, {"width": 1280, "height": 800}, f"{place}-wide.png"),
    )
    for address, size, name in shots:
        page = browser.new_page(viewport=size, locale="vi-VN")  # type: ignore[arg-type]
        page.goto(address)
        page.wait_for_load_state("networkidle")
        page.evaluate("document.querySelector('.demo')?.remove()")  # what is installed need not be a trial
        drawn = Image.open(io.BytesIO(page.screenshot())).convert("RGB").quantize(64)
        drawn.save(SCREENS / name, optimize=True)
        print(f"static/icons/screens/{name}")


def shoot(page: Page, name: str) -> None:
    page.screenshot(path=IMAGES / name)
    print(f"docs/images/{name}")


def chromium() -> str | None:
    """The system's browser; None lets Playwright look for its own."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until:
        if server.poll() is not None:
            sys.exit("serve ended by itself; its output is above")
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.3)
    sys.exit(f"no answer from {address} within {SECONDS_TO_START} s")


if __name__ == "__main__":
    main()
