"""A report is not handed over while something of it is still on its way to the phone's disk."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.handset.conftest import TEXT, Phone
from tests.handset.films import MEGABYTE, a_film
from tests.handset.test_voice import MICROPHONE
from webapp.store import models

SENT = "Đã gửi thành công"
WAITS = "Máy đang giữ ảnh, phim hoặc đoạn ghi âm."
# Drawing a picture, or reading a file, takes until `release()`; `release(true)` lets it fail.
DRAWING = """{ const own = self.createImageBitmap;
  const held = new Promise((go) => { self.release = go; });
  self.createImageBitmap = async (...all) => { self.asked = true; await held; return own(...all); }; }"""
READING = """{ const own = Blob.prototype.arrayBuffer;
  const held = new Promise((go, stop) => { self.release = (fail) => { if (fail) stop(new Error("unread")); else go(); }; });
  Blob.prototype.arrayBuffer = async function () { self.asked = true; await held; return own.call(this); }; }"""


def chosen(buoi: Phone, field: str, path: Path) -> None:
    if field != "#f-photos-2":
        buoi.page.get_by_text("Thêm đoạn phim" if field == "#f-film-2" else "Nói thay vì gõ").click()
    buoi.page.locator(field).set_input_files(path)
    buoi.page.wait_for_function("() => self.asked")


def pressed(buoi: Phone) -> None:
    """The press is heard, and nothing is handed over."""
    buoi.send()
    buoi.page.locator("[data-send][aria-busy]").wait_for()
    assert buoi.page.get_by_text(WAITS).is_visible()
    assert [row["state"] for row in buoi.kept()] == ["draft"]


def a_file(field: str, pictures, folder: Path) -> Path:
    return pictures(1)[0] if field == "#f-photos-2" else a_film(folder, MEGABYTE)


def arrived(server) -> tuple[int, int]:
    return server.count(models.Photo), server.count(models.Recording)


@pytest.mark.parametrize(
    ("script", "field", "came"),
    [
        (DRAWING, "#f-photos-2", (1, 0)),
        (READING, "#f-photos-2", (1, 0)),
        (READING, "#f-film-2", (0, 1)),
        (READING, "#f-voice", (0, 1)),
    ],
    ids=["a photo being drawn", "a photo", "a film", "a recording"],
)
def test_sending_waits_for_what_is_still_being_kept(server, phone, pictures, tmp_path, script, field, came):
    buoi = phone(script=script)
    buoi.open()
    chosen(buoi, field, a_file(field, pictures, tmp_path))
    buoi.fill()
    assert buoi.page.get_by_text(WAITS).is_visible()
    pressed(buoi)
    buoi.page.evaluate("() => self.release()")
    buoi.says(SENT, 30)
    assert arrived(server) == came
    assert [row["files"] for row in buoi.kept()] == [[]] and buoi.errors == []


def test_a_recording_that_still_runs_is_ended_kept_and_sent(server, phone):
    buoi = phone(script=MICROPHONE)
    buoi.open()
    buoi.page.get_by_text("Nói thay vì gõ").click()
    buoi.page.get_by_role("button", name="Bắt đầu nói").click()
    buoi.page.get_by_text("Đang ghi âm: 1 giây").wait_for()
    buoi.fill()
    buoi.send()
    buoi.says(SENT, 30)
    assert (arrived(server), server.texts()) == ((0, 1), [TEXT])
    assert buoi.errors == []


@pytest.mark.parametrize(
    ("field", "said"),
    [("#f-photos-2", "Không mở được ảnh “anh0.jpg”"), ("#f-film-2", "Không mở được phim “phim.mp4”")],
)
def test_what_could_not_be_kept_out_of_sight_is_said_before_sending(
    server, phone, pictures, tmp_path, field, said
):
    buoi = phone(script=READING)
    buoi.open()
    chosen(buoi, field, a_file(field, pictures, tmp_path))
    buoi.fill()
    pressed(buoi)
    buoi.page.evaluate("() => self.release(true)")
    buoi.page.locator("[data-faults]", has_text=said).wait_for()
    assert [row["state"] for row in buoi.kept()] == ["draft"]
    buoi.send()
    buoi.says(SENT, 30)
    assert arrived(server) == (0, 0)


def test_a_film_whose_script_never_came_is_named_before_sending(server, phone, tmp_path):
    buoi = phone(service_workers="block")
    buoi.page.route("**/report/film.js*", lambda route: route.abort())
    buoi.open()
    buoi.page.get_by_text("Thêm đoạn phim").click()
    buoi.page.locator("#f-film-2").set_input_files(a_film(tmp_path, MEGABYTE))
    buoi.fill()
    buoi.send()
    buoi.page.locator("[data-faults]", has_text="Chưa giữ được “phim.mp4”").wait_for()
    buoi.send()
    buoi.says(SENT, 30)
    assert arrived(server) == (0, 0)


@pytest.mark.parametrize("field", ["#f-photos-2", "#f-film-2"])
def test_nothing_is_added_to_a_report_that_was_handed_over(server, phone, pictures, tmp_path, field):
    """What the text promised is all that may follow it: a list that grows would not be the same report."""
    buoi = phone(script=READING)
    buoi.open()
    chosen(buoi, field, a_file(field, pictures, tmp_path))
    [row] = buoi.kept()
    buoi.page.evaluate("(id) => hoidapQueue.submit(id, {})", row["id"])
    buoi.page.evaluate("() => self.release()")
    buoi.page.get_by_text(re.compile("chưa được giữ và không được gửi")).first.wait_for()
    assert [row["files"] for row in buoi.kept()] == [[]]


def test_a_photo_that_was_thrown_away_while_it_was_drawn_stays_away(server, phone, pictures):
    buoi = phone(script=DRAWING)
    page = buoi.open()
    chosen(buoi, "#f-photos-2", pictures(1)[0])
    page.get_by_role("button", name="Bỏ ảnh 1").click()
    page.locator("[data-thumbs] li").wait_for(state="detached")
    buoi.fill()
    page.evaluate("() => self.release()")
    buoi.send()
    buoi.says(SENT, 30)
    assert arrived(server) == (0, 0) and buoi.errors == []
