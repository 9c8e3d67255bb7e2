"""One server for all states that are looked at, and the eye that looks at them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, abort
from playwright.sync_api import Browser, Page

from tests.cast import Town, found_town, photo
from tests.handset.conftest import Phone, Server
from tests.look import checks
from tests.public.test_place import published
from webapp.app import create_app

# Pictures of every state are laid into this folder, when one is named: to be looked at by a person.
PICTURES = os.environ.get("STATES_PICTURES", "")
WIDTHS = (320, 393, 1280)


@dataclass
class Shown(Server):
    """The server, and the public numbers and secret codes of what it can show."""

    numbers: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)


class Eye:
    """Looks at the page as it is now. `whole`: at every width, in light and dark; else where faults show first."""

    def __init__(self, page: Page, whole: bool) -> None:
        self.page = page
        self.whole = whole
        self.faults: list[str] = []

    def sees(self, name: str) -> None:
        page, before = self.page, self.page.viewport_size
        page.wait_for_load_state("load")
        for width in WIDTHS if self.whole else WIDTHS[:1]:
            self._stand(width)
            self._note(name, f"{width}", checks.wide(page) + checks.small(page) + checks.axe(page))
            self._picture(name, f"{width}")
        page.emulate_media(color_scheme="dark")
        self._note(name, "dark", checks.axe(page, "color-contrast"))
        self._picture(name, "dark")
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 320, "height": 640})
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        self._note(name, "320 at 200 %", checks.wide(page))
        self._picture(name, "200")
        page.evaluate("document.documentElement.style.fontSize = ''")
        page.set_viewport_size(before or {"width": 393, "height": 852})

    def _stand(self, width: int) -> None:
        """As wide as that, and so high that nothing lies under the buttons that stay at the lower edge."""
        self.page.set_viewport_size({"width": width, "height": 800})
        height = self.page.evaluate("document.documentElement.scrollHeight")
        self.page.set_viewport_size({"width": width, "height": max(800, min(height, 8000))})

    def _note(self, name: str, view: str, found: list[str]) -> None:
        self.faults += [f"{name} ({view}): {fault}" for fault in found]

    def _picture(self, name: str, view: str) -> None:
        if PICTURES:
            file = re.sub(r"\W+", "-", name)
            self.page.screenshot(path=Path(PICTURES) / f"{file}-{view}.png", full_page=True)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """The town with what its pages can show: published with its exact place and without, open, and withdrawn."""
    folder = tmp_path_factory.mktemp("states")
    town = found_town(folder / "data")
    one = Shown(folder / "data", folder / "server.log", town)
    one.numbers = {"pinned": published(town).number}
    town.clock.forward(days=1)  # of one day, the numbers would say which comes first
    one.numbers["open"] = town.to_agency().number
    gone = town.to_published()
    town.do(gone.case_id, "withdraw", "lan", tokens={"ground": "personal_data"}, texts={"reason": "x"})
    one.numbers |= {"published": town.to_published().number, "withdrawn": gone.number}
    one.codes = codes(town)
    one.start()
    yield one
    one.stop()
    town.house.close()


def codes(town: Town) -> dict[str, str]:
    """Of reports that wait for their sender, were refused and were answered, the last with photos."""
    asked, refused, answered = town.report(), town.report(), town.to_agency(photos=[town.kept(photo())])
    town.do(asked.case_id, "request_supplement", "hoa", texts={"reason": "Ảnh rõ hơn?"})
    words = {"reason": "Đây là đơn khiếu nại.", "guidance": "Xin gửi Ban Tiếp công dân."}
    town.do(refused.case_id, "refuse", "hoa", tokens={"ground": "complaint"}, texts=words)
    town.do(answered.case_id, "accept", "tu")
    town.do(answered.case_id, "enter_result", "tu", texts={"result": "Đã thay."}, photos=[town.kept(photo())])
    town.redraw()
    town.do(answered.case_id, "approve", "lan")
    town.publish(answered.case_id)
    return {"asked": asked.code, "refused": refused.code, "answered": answered.code}


@pytest.fixture
def phone(chromium: Browser, server: Shown) -> Iterator[Callable[..., Phone]]:
    """A phone whose page is as wide as the screen says: a mobile page would shrink what is too wide until it fits."""
    made: list[Phone] = []

    def make(**options: Any) -> Phone:
        made.append(Phone(chromium, server.url, **{"is_mobile": False, "device_scale_factor": 1} | options))
        return made[-1]

    yield make
    for one in made:
        one.context.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    from tests.phone import film

    folder = tmp_path_factory.mktemp("chosen")
    made = {
        "anh": ("truoc-cong-truong-tieu-hoc-nguyen-van-troi-phuong-tam-ky.jpg", photo(1200, 900)),
        "anh2": ("IMG_20261122_081509.jpg", photo(900, 1200)),
        "phim": ("VID_20261122_081510_nuoc_chay_tran_ra_duong.mp4", film(1 << 20, b"states")),
    }
    for name, (file, data) in made.items():
        (folder / file).write_bytes(data)
        made[name] = folder / file
    return made


@pytest.fixture(scope="module")
def problems(server: Shown) -> dict[int, str]:
    """The page of each refusal, as the application draws it."""
    app: Flask = create_app(server.town.house.config, server.town.clock)
    app.add_url_rule("/hong/<int:code>", "broken", lambda code: abort(code), methods=["GET"])
    client = app.test_client()
    return {code: client.get(f"/hong/{code}").text for code in (400, 403, 404, 409, 410, 413, 429, 500, 503)}
