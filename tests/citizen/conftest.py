"""A citizen at the roadside: a browser without JavaScript, and photos good and bad."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.browse import Browser
from tests.cast import MANHOLE, Town, photo

NAME, PHONE = "Nguyễn Thị Bưởi", "0905 123 456"
SEND = "Gửi phản ánh"


def fill(browser: Browser, **changes: str) -> Browser:
    """The whole form as Buoi writes it; `changes` by label."""
    written = {
        "Kể ngắn gọn": MANHOLE,
        "Tả chỗ đó": "Trước cổng trường tiểu học",
        "Họ và tên": NAME,
        "Số điện thoại": PHONE,
    }
    for label, value in (written | changes).items():
        browser.fill(label, value)
    browser.choose("Xã/phường/đặc khu", "Phường Tam Kỳ").choose("Chọn một lĩnh vực", "Giao thông")
    return browser.tick("Tôi cam đoan")


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app)


@pytest.fixture
def sent(browser: Browser) -> Browser:
    """A browser that stands on the receipt."""
    return fill(browser.go("/gui")).press(SEND)


def code_on(browser: Browser) -> str:
    groups = [el for el in browser.page.find("p") if el.get("class") == "groups"]
    return "-".join(
        "".join(el.itertext()).split()[-1] for el in groups[0].iter("span") if el.get("class") is None
    )


def submit(client: Any, secret: str, **changes: Any) -> Any:
    """The form's request without a browser, for races; CSRF is switched off by the caller."""
    values = {
        "secret": secret,
        "text": MANHOLE,
        "commune": "20341",
        "place": "Trước cổng trường",
        "happened": "2026-03-02",
        "category": "giao-thong",
        "reporter_name": NAME,
        "phone": PHONE,
        "visibility": "hide_name",
        "undertaking": "1",
    }
    return client.post("/gui", data=values | changes)


def opened(app: Flask, town: Town, code: str) -> Browser:
    """A browser that typed this secret code."""
    return Browser(app).go("/theo-doi").fill("Mã bí mật", code).press("Xem phản ánh")


@pytest.fixture
def open_mine(app: Flask, town: Town) -> Callable[[str], Browser]:
    return lambda code: opened(app, town, code)


def huge_png(side: int = 30_000) -> bytes:
    """A PNG whose header promises far more pixels than anybody should unpack."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 99))
        + chunk(b"IEND", b"")
    )


BAD_PHOTOS = {
    "html": (b"<!doctype html><script>alert(1)</script>", "Không mở được ảnh"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "Không mở được ảnh"),
    "zero": (b"", "trống"),
    "huge": (huge_png(), "quá nhiều điểm ảnh"),
    "cut": (photo()[:30], "Không mở được ảnh"),
    "bytes": (io.BytesIO(bytes(range(256)) * 9).getvalue(), "Không mở được ảnh"),
}
