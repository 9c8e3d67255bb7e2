"""What must not stay: canaries in everything a citizen's browser sends, looked for in everything we keep."""

from __future__ import annotations

import io
import logging
import os
import unicodedata

import pytest
from PIL import Image

from tests.browse import Browser
from tests.cast import MANHOLE, photo
from tests.citizen.conftest import SEND, code_on, fill
from webapp.app import create_app
from webapp.notify.channels import default_channels
from webapp.notify.send import Sender
from webapp.operations import files
from webapp.store import models

IP, AGENT, FILE, CAMERA = "203.0.113.77", "CanaryBrowser/7.7", "canaryfile.jpg", "CANARYCAM"
NAME, PHONE, EMAIL, PLACE = (
    "Canary Thị Tên",
    "0977 000 111",
    "canarymail@example.vn",
    "canaryplace trước cổng",
)
FORM = [NAME, "Canary Thị", PHONE, "977000111", "canarymail", "canaryplace", "canaryfield", "108.47411"]
TECHNICAL = [IP, "203.0.113", AGENT, "CanaryBrowser", FILE, "canaryfile", CAMERA]


def sent(app, secrecy: str, text: str = MANHOLE) -> Browser:
    browser = Browser(app)
    browser.client.environ_base.update({"REMOTE_ADDR": IP, "HTTP_USER_AGENT": AGENT, "HTTP_X_FORWARDED_FOR": IP,
                                        "HTTP_X_REAL_IP": IP, "HTTP_FORWARDED": f"for={IP}"})  # fmt: skip
    fill(
        browser.go("/gui"),
        **{"Họ và tên": NAME, "Số điện thoại": PHONE, "Tả chỗ đó": PLACE, "Kể ngắn gọn": text},
    )
    browser.attach("Chọn ảnh có sẵn", photo(camera=CAMERA), name=FILE)
    return browser.press(
        SEND, email=EMAIL, lat="15.57361", lon="108.47411", visibility=secrecy, extra="canaryfield"
    )


@pytest.fixture
def told(town, caplog):
    """A town where a report with canaries went its whole way: letters sent, photos redrawn, log kept."""
    town.house.config.data.joinpath("outbox").mkdir(exist_ok=True)
    app = create_app(town.house.config, town.clock)
    with caplog.at_level(logging.DEBUG):
        browser = sent(app, "confidential", "canaryfield viec rieng")
        code = code_on(browser)
        browser.go("/theo-doi").fill("Mã bí mật", code).press("Xem phản ánh")
        with pytest.raises(AssertionError):
            browser.go("/theo-doi/cua-toi/anh/1")  # not redrawn yet
        town.redraw()
        Sender(
            town.house.config, town.house.store, town.house.law, default_channels(town.house.config)
        ).send_due(town.clock.forward(seconds=10))
        browser.go("/nowhere?q=" + IP, 404)
        browser.log_in(EMAIL, NAME, 422)
    return app, browser, code


def findings(blobs: dict[str, bytes], canaries: list[str]) -> list[str]:
    found = []
    for canary in canaries:
        for form in {canary, unicodedata.normalize("NFD", canary), canary.lower(), canary.replace(" ", "")}:
            for encoding in ("utf-8", "utf-16-le"):
                found += [
                    f"{canary!r} in {name}" for name, data in blobs.items() if form.encode(encoding) in data
                ]
    return found


@pytest.mark.asvs("14.2.8", "16.2.5", "8.2.3")
def test_no_canary_stays_in_database_files_letters_or_log(told, town, caplog):
    _app, _, code = told
    assert (town.house.config.data / "outbox").is_dir()
    blobs = {str(path): path.read_bytes() for path in town.house.config.data.rglob("*") if path.is_file()}
    blobs["log"] = caplog.text.encode() + b" ".join(
        str(record.__dict__).encode() for record in caplog.records
    )
    letters = [name for name in blobs if "/outbox/" in name]
    assert (
        letters and any(name.endswith(".db") for name in blobs) and any("/sealed/" in name for name in blobs)
    )
    assert findings(blobs, [*TECHNICAL, *FORM, code, code.replace("-", "")]) == []


@pytest.mark.asvs("14.2.8", "16.2.5")
def test_the_seekers_find_what_they_are_meant_to_find(town):
    """Without this an empty answer proves nothing: a clear text is found where it may stand."""
    town.report(text="canaryclear o ngoai")
    blobs = {str(path): path.read_bytes() for path in town.house.config.data.rglob("*.db*")}
    assert findings(blobs, ["canaryclear"])


@pytest.mark.asvs("14.2.8", "15.3.1")
def test_no_canary_reaches_public_bytes(app, town):
    browser = sent(app, "hide_name")
    receipt = town.file(1)
    town.redraw()
    town.do(1, "receive", "hoa", tokens={"category": "giao-thong", "area": "20341"})
    town.do(1, "distribute", "hoa", tokens={"agency": "so-xaydung"})
    town.do(1, "accept", "tu")
    town.do(1, "enter_result", "tu", texts={"result": "Xong."})
    town.do(1, "approve", "lan")
    town.publish(1, [1])
    reader, blobs = Browser(app), {}
    for url in ("/", f"/pa/{receipt.row.code}", "/?q=" + receipt.row.code):
        blobs[url] = reader.go(url).response.data + str(reader.response.headers).encode()
    pictures = [el.get("src") for el in reader.go(f"/pa/{receipt.row.code}").page.find("img")]
    assert pictures
    for url in pictures:
        blobs[url] = reader.go(url).response.data
        with Image.open(io.BytesIO(blobs[url])) as image:
            assert not image.getexif() and not {"exif", "comment", "icc_profile", "xmp"} & image.info.keys()
    assert findings(blobs, [*TECHNICAL, *FORM]) == []
    with town.house.store.reader() as session:
        assert session.query(models.PubContent).one().reporter is None
    assert browser.status == 200


@pytest.mark.asvs("16.2.5")
def test_passwords_and_tokens_reach_no_log(app, town, caplog):
    with caplog.at_level(logging.DEBUG):
        browser = Browser(app).log_in("tu")
        token = browser.client.get_cookie("desk").value
        Browser(app).log_in("lan", "CANARY-PASSWORD", 422)
        browser.go("/co-quan/tai-khoan").fill("Mật khẩu đang dùng", "CANARY-OLD").fill(
            "Mật khẩu mới", "CANARY-NEW-one-two"
        )
        browser.press("Đổi mật khẩu", 422)
    everything = caplog.text + "".join(str(record.__dict__) for record in caplog.records)
    for secret in (
        token,
        "CANARY-PASSWORD",
        "CANARY-OLD",
        "CANARY-NEW",
        "mot cau de nho",
        browser.hidden("csrf_token"),
    ):
        assert secret not in everything


@pytest.mark.asvs("14.2.7")
def test_photos_of_a_form_that_was_never_sent_go_by_themselves(app, town):
    fill(Browser(app).go("/gui"), **{"Họ và tên": ""}).attach(
        "Chọn ảnh có sẵn", photo(camera=CAMERA), name=FILE
    ).press(SEND, 422)
    names = list(town.house.media.names())
    assert names
    old = town.clock.forward(days=3).timestamp() - 3 * 86400
    for name in names:
        os.utime(town.house.media.path(name), (old, old))
    files.sweep(town.house, town.clock())
    assert not list(town.house.media.names())
    with town.house.store.reader() as session:
        assert session.query(models.Upload).count() == 0
