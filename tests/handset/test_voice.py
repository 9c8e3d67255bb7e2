"""Speaking instead of typing: the recording is kept, sent and played as files are, and nothing must be typed."""

from __future__ import annotations

from sqlalchemy import select

from tests.cast import PASSWORD
from tests.journeys.conftest import PHONE
from webapp.store import models

SAID = "Tôi nói trong đoạn ghi âm kèm theo."
MICROPHONE = """
navigator.mediaDevices.getUserMedia = async () => {
  const context = new AudioContext(); const tone = context.createOscillator(); const out = context.createMediaStreamDestination();
  tone.connect(out); tone.start(); return out.stream; };
"""
REFUSED = (
    "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', 'NotAllowedError'); };"
)


def opened(phone, script: str = ""):
    buoi = phone(script=script, viewport=PHONE)
    buoi.open()
    buoi.page.get_by_text("Nói thay vì gõ").click()
    return buoi


def walk_on(buoi) -> None:
    assert buoi.page.locator("[name=text]").input_value() == SAID
    buoi.fill(SAID)
    buoi.send()
    buoi.says("Đã gửi thành công", 30)


def recording(server):
    with server.town.house.store.reader() as session:
        return session.scalars(select(models.Recording)).one()


def test_what_is_spoken_is_sent_and_nothing_was_typed(server, phone):
    buoi = opened(phone, MICROPHONE)
    buoi.page.get_by_role("button", name="Bắt đầu nói").click()
    buoi.page.get_by_text("Đang ghi âm: 1 giây").wait_for()
    buoi.page.get_by_role("button", name="Nói xong").click()
    buoi.page.get_by_text("Đã giữ đoạn ghi âm").wait_for()
    assert buoi.page.locator("audio").is_visible()
    walk_on(buoi)
    row = recording(server)
    assert (row.kind, row.mime) == ("voice", "audio/webm") and row.size > 500
    desk = buoi.tab()
    desk.goto("/co-quan/dang-nhap")
    desk.locator("[name=username]").fill("hoa")
    desk.locator("[name=password]").fill(PASSWORD)
    desk.get_by_role("button", name="Đăng nhập").click()
    desk.get_by_role("heading", name="Việc cần làm").wait_for()
    desk.goto(f"/co-quan/vu/{row.case_id}")
    assert desk.get_by_text("Nghe và ghi lại nội dung").is_visible()
    desk.evaluate("() => document.querySelector('audio').play()")
    desk.wait_for_function("() => document.querySelector('audio').currentTime > 0")
    assert buoi.errors == []


def test_a_recording_may_be_chosen_as_a_file_and_thrown_away_again(server, phone, tmp_path):
    file = tmp_path / "noi.ogg"
    file.write_bytes(b"OggS" + bytes(range(256)) * 20)
    buoi = opened(phone)
    buoi.page.locator("#f-voice").set_input_files(file)
    buoi.page.get_by_role("button", name="Bỏ đoạn ghi âm").click()
    buoi.page.wait_for_function("() => document.querySelector('[name=text]').value === ''")
    buoi.page.locator("#f-voice").set_input_files(file)
    buoi.page.get_by_text("Đã giữ đoạn ghi âm").wait_for()
    walk_on(buoi)
    assert recording(server).mime == "audio/ogg"


def test_a_recording_chosen_before_its_script_has_come_is_kept_when_it_comes(server, phone, tmp_path):
    file = tmp_path / "noi.ogg"
    file.write_bytes(b"OggS" + bytes(range(256)) * 20)
    buoi = phone(service_workers="block")
    held: list = []
    buoi.page.route("**/report/voice.js*", lambda route: held.append(route))
    buoi.open()
    buoi.page.get_by_text("Nói thay vì gõ").click()
    buoi.page.locator("#f-voice").set_input_files(file)
    while not held:
        buoi.page.wait_for_timeout(20)
    held.pop().continue_()
    buoi.page.get_by_text("Đã giữ đoạn ghi âm").wait_for()
    assert [[one["kind"] for one in row["files"]] for row in buoi.kept()] == [["voice"]]


def test_without_a_microphone_a_plain_sentence_says_what_else_works(server, phone):
    buoi = opened(phone, REFUSED)
    buoi.page.get_by_role("button", name="Bắt đầu nói").click()
    buoi.page.get_by_text("Xin cho phép micrô, chọn tệp ghi âm có sẵn").wait_for()
