"""The whole story, told by people on phones: from a broken manhole to a rated public answer."""

from __future__ import annotations

import io
import re
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from PIL import Image

from tests.cast import PASSWORD, photo
from tests.journeys.conftest import Phone, Served

NAME, NUMBER, EMAIL = "Canary Thị Bưởi", "0905 777 333", "canary@example.vn"
CAMERA, FILE = "CANARYCAM", "canaryfile.jpg"
TEXT = "Nap cong vo truoc cong truong, toi troi rat nguy hiem"


@pytest.fixture
def scene(tmp_path: Path) -> tuple[Path, Path]:
    before, after = tmp_path / FILE, tmp_path / "after.png"
    before.write_bytes(photo(1600, 1200, camera=CAMERA))
    after.write_bytes(photo(1200, 1600, kind="PNG", camera=CAMERA))
    return before, after


def send_report(phone: Phone, before: Path) -> tuple[str, str]:
    """Buoi reports; returns the public number and the secret code she reads on the screen."""
    page = phone.open("/")
    page.get_by_role("link", name="Gửi phản ánh").first.click()
    if phone.javascript:
        page.locator("form.walk").wait_for()

    def go_on() -> None:
        """With JavaScript each question stands alone; without it they are one page."""
        if phone.javascript:
            page.get_by_role("button", name="Tiếp tục").click()

    page.locator("[name=text]").fill(TEXT)
    page.get_by_label("Chọn ảnh có sẵn").set_input_files(before)
    go_on()
    page.get_by_label("Xã/phường/đặc khu").select_option(label="Phường Tam Kỳ")
    page.locator("[name=place]").fill("Trước cổng trường")
    go_on()
    go_on()
    page.get_by_role("radio", name=re.compile("Giao thông")).check()
    go_on()
    page.locator("[name=reporter_name]").fill(NAME)
    page.locator("[name=phone]").fill(NUMBER)
    page.locator("[name=email]").fill(EMAIL)
    go_on()
    page.get_by_label(re.compile("Tôi cam đoan")).check()
    page.get_by_role("button", name="Gửi phản ánh").click()
    page.get_by_role("heading", name="Đã gửi thành công").wait_for()
    number = re.search(r"QN-[0-9A-Z]{6}", page.locator("main").inner_text())
    groups = re.findall(r"\b[0-9A-Z]{5}\b", page.locator(".groups").inner_text())
    assert number
    assert len(groups) == 5
    return number[0], "-".join(groups)


def open_case(phone: Phone, username: str, case: str) -> None:
    phone.log_in(username, PASSWORD)
    phone.page.get_by_role("heading", name="Việc cần làm").wait_for()
    phone.open(case)


def move(phone: Phone, case: str, label: str, *, fill: dict[str, str] | None = None) -> None:
    """Tap a move on the case page; fill what it asks for and send it."""
    page = phone.open(case)
    tapped = page.get_by_role("main").get_by_role("link", name=label, exact=True)
    if not tapped.count():
        page.get_by_role("button", name=label, exact=True).first.click()
        return
    tapped.first.click()
    for field, text in (fill or {}).items():
        page.locator(f"[name={field}]").fill(text)


def finish(phone: Phone) -> None:
    phone.page.locator("main form button.btn").first.click()
    phone.page.wait_for_url(re.compile(r"/co-quan/vu/\d+$"))


def test_a_report_goes_from_a_phone_to_a_rated_public_answer(served: Served, phone, scene):
    before, after = scene
    buoi = phone()
    number, code = send_report(buoi, before)

    hoa = phone()
    hoa.log_in("hoa", PASSWORD)
    hoa.page.get_by_role("link", name=re.compile("Nap cong vo")).first.click()
    case = hoa.page.url.removeprefix(served.url)
    move(hoa, case, "Tiếp nhận")
    finish(hoa)
    move(hoa, case, "Chuyển đơn vị xử lý")
    hoa.page.locator("[name=agency]").select_option("so-xaydung")
    finish(hoa)

    tu, lan = phone(), phone()
    open_case(tu, "tu", case)
    move(tu, case, "Xin ý kiến chỉ đạo", fill={"note": "Xin ý kiến thay nắp cống"})
    finish(tu)
    open_case(lan, "lan", case)
    move(lan, case, "Cho ý kiến chỉ đạo", fill={"direction": "Thay ngay trong ngày"})
    finish(lan)
    move(tu, case, "Tiếp nhận xử lý")
    move(tu, case, "Nhập kết quả, trình duyệt", fill={"result": "Da thay nap cong."})
    tu.page.locator("[name=after_photo]").first.set_input_files(after)
    finish(tu)
    move(lan, case, "Sửa và duyệt", fill={"edited": "Đã thay nắp cống mới và kẻ vạch cảnh báo."})
    finish(lan)
    wait_for_photos(served, tu, case)
    move(tu, case, "Công khai", fill={"public_text": "Nắp cống vỡ trước cổng trường."})
    for box in tu.page.locator("[name=public_photos]").all():
        box.check()
    tu.page.locator("[name=checked]").check()
    finish(tu)

    anybody = phone()
    page = anybody.open(f"/pa/{number}")
    page.get_by_role("heading", name=re.compile("Nắp cống vỡ")).first.wait_for()
    words = page.locator("main").inner_text()
    for article in (
        "Điều 4",
        "Điều 6.1",
        "Điều 7.1",
        "Điều 8 bước 2",
        "Điều 8 bước 4",
        "Điều 9.1",
        "Điều 10.1",
    ):
        assert article in words, article
    assert "Đúng hạn" in words
    assert "Đã thay nắp cống mới và kẻ vạch cảnh báo." in words
    pictures = page.locator("main img").all()
    assert len(pictures) == 2
    for picture in pictures:
        picture.evaluate("image => image.decode()")  # fails for what is no image

    buoi.open("/theo-doi")
    buoi.page.locator("[name=code]").fill(code.lower().replace("-", " "))
    buoi.page.get_by_role("main").get_by_role("button").first.click()
    buoi.page.wait_for_url(re.compile("/theo-doi/cua-toi"))
    buoi.page.get_by_text("Hỏi thêm về kết quả").first.click()
    buoi.page.locator("[name=question]").fill("Nắp mới bảo hành bao lâu?")
    buoi.page.get_by_role("button", name="Gửi câu hỏi").click()
    buoi.page.get_by_role("radio", name="Hài lòng", exact=True).check()
    buoi.page.get_by_role("button", name="Gửi đánh giá").click()
    buoi.page.wait_for_load_state()
    assert "Hài lòng" in anybody.open(f"/pa/{number}").locator("main").inner_text()

    nobody_is_named(
        served, number, [p.get_attribute("src") or "" for p in anybody.page.locator("main img").all()]
    )
    for one in (buoi, hoa, tu, lan, anybody):
        assert one.errors == []
        assert one.hosts == {served.url.removeprefix("http://")}
    assert served.town.differences() == []


def wait_for_photos(served: Served, phone: Phone, case: str) -> None:
    """The worker redraws photos; the desk shows them when it has."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        images = phone.open(case).locator("main img").all()
        if len(images) >= 2 and all(i.evaluate("i => i.complete && i.naturalWidth > 0") for i in images):
            return
        time.sleep(0.5)
    raise AssertionError("the worker did not redraw the photos in 30 s")


def fetch(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url) as answer:
            body: bytes = answer.read() + str(answer.headers).encode()
            return body
    except urllib.error.HTTPError as error:
        return error.read()


def nobody_is_named(served: Served, number: str, pictures: list[str]) -> None:
    """No canary of the person is in any public byte, nor in the server's log."""
    pages = [fetch(served.url + path) for path in ("/", f"/pa/{number}", f"/?q={number}")]
    photos = [fetch(served.url + src) for src in pictures]
    for data in photos:
        with Image.open(io.BytesIO(data)) as image:
            assert not image.getexif()
    digits = NUMBER.replace(" ", "")
    canaries = [
        NAME,
        "Canary",
        NUMBER,
        digits,
        digits[1:],
        EMAIL,
        "canary@",
        CAMERA,
        FILE,
        "canaryfile",
        "Trước cổng trường</",
        "108.47",
        "108,47",
    ]
    for canary in canaries:
        for body in (*pages, *photos, served.log.read_bytes()):
            assert canary.encode() not in body, canary


def test_the_same_report_is_sent_without_javascript(served: Served, phone, scene):
    buoi = phone(javascript=False)
    number, _ = send_report(buoi, scene[0])
    assert number
    assert len(served.town.notices()) == 2
