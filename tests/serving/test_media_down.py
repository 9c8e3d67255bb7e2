"""The disk refuses a photo: 503, the form comes back as typed, and what was stored before stays chosen."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.browse import Browser
from tests.cast import MANHOLE, photo
from tests.citizen.conftest import SEND, fill
from tests.operations.test_documents import A_PDF
from webapp.operations import files
from webapp.store import models

FAULTS = {"broken": errno.EIO, "full": errno.ENOSPC}


class Disk:
    """The folders of media, whose fsync fails after so many more files. Other folders stay sound."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.left, self.fault = str(folder), 10**9, errno.EIO
        self._fsync = os.fsync

    def fsync(self, descriptor: int) -> None:
        path = os.readlink(f"/proc/self/fd/{descriptor}")
        if path.startswith(self.folder) and "unfinished-" in path:
            self.left -= 1
            if self.left < 0:
                raise OSError(self.fault, os.strerror(self.fault))
        self._fsync(descriptor)


@pytest.fixture
def disk(town, monkeypatch):
    disk = Disk(town.house.config.media_folder)
    monkeypatch.setattr(os, "fsync", disk.fsync)
    return disk


@pytest.fixture
def desk(app):
    return lambda who: Browser(app).log_in(who)


def count(town, model) -> int:
    with town.house.store.reader() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.parametrize("fault", FAULTS)
def test_a_report_comes_back_as_typed_and_goes_through_once_the_disk_is_well(app, town, disk, fault):
    disk.left, disk.fault = 1, FAULTS[fault]
    browser = fill(Browser(app).go("/gui"))
    browser.attach("Chụp ảnh", photo(camera="1"), photo(camera="2"), name="mot.jpg").press(SEND, 503)
    assert browser.response.headers["Retry-After"] == "60"
    assert browser.sees("Kho ảnh đang trục trặc", "113") and browser.value("Kể ngắn gọn") == MANHOLE
    assert browser.sees("mot.jpg"), "the photo that was stored need not be chosen again"
    assert count(town, models.Case) == 0 and count(town, models.Upload) == 1
    assert not list(town.house.media.unfinished()), "nothing half written is left behind"
    disk.left = 10**9
    browser.press(SEND)
    assert count(town, models.Case) == count(town, models.Photo) == 1


def test_without_photos_a_report_goes_in_while_the_media_store_is_down(app, town, disk):
    disk.left = 0
    browser = fill(Browser(app).go("/gui")).attach("Chụp ảnh", photo()).press(SEND, 503)
    browser.press(SEND)
    assert count(town, models.Case) == 1 and count(town, models.Photo) == 0


def test_an_answer_of_the_sender_comes_back_as_typed(app, town, disk):
    receipt = town.report()
    town.do(receipt.case_id, "request_supplement", "hoa", texts={"reason": "Xin thêm ảnh."})
    mine = Browser(app).go("/theo-doi").fill("Mã bí mật", receipt.code).press("Xem phản ánh")
    disk.left = 0
    mine.fill("Trả lời", "Bên trái cổng.").attach("Chọn ảnh có sẵn", photo()).press("Gửi bổ sung", 503)
    assert mine.sees("Kho ảnh đang trục trặc") and mine.value("Trả lời") == "Bên trái cổng."
    disk.left = 10**9
    assert mine.press("Gửi bổ sung").hops == [303, 200]


@pytest.mark.parametrize(
    ("field", "content"), [("Ảnh sau xử lý", photo()), ("Văn bản kèm theo", A_PDF)], ids=["photo", "document"]
)
def test_a_result_comes_back_as_typed(town, desk, disk, field, content):
    receipt = town.to_agency()
    town.do(receipt.case_id, "accept", "tu")
    tu = desk("tu").go(f"/co-quan/vu/{receipt.case_id}").follow("Nhập kết quả")
    disk.left = 0
    tu.fill("Kết quả xử lý", "Đã thay.").attach(field, content, name="a.pdf").press("Nhập kết quả", 503)
    assert tu.sees("Kho tệp đang trục trặc") and tu.value("Kết quả xử lý") == "Đã thay."


def test_a_publication_that_could_not_store_its_photos_is_none(town, desk, disk):
    case_id = town.to_approved(photos=[town.kept(photo())]).case_id
    town.redraw()
    tu = desk("tu").go(f"/co-quan/vu/{case_id}/publish?target=1")
    disk.left = 0
    data = {"public_photos": "1", "checked": "1"}
    tu.press("Công khai", 503, **data)
    assert tu.sees("Kho tệp đang trục trặc") and count(town, models.PubPhoto) == 0
    disk.left = 10**9
    tu.press("Công khai", **data)
    assert count(town, models.PubPhoto) == 1 and files.sweep(town.house, town.clock()).missing == []


def test_any_page_that_meets_a_broken_disk_says_when_to_come_again(app, town, monkeypatch):
    def broken(*_):
        raise OSError(errno.EIO, "CANARY-DETAIL")

    case_id = town.to_approved(photos=[town.kept(photo())]).case_id
    town.redraw()
    town.publish(case_id, [1])
    name = next(iter(town.house.public_media.names()))
    house = app.extensions["hoidap"]
    monkeypatch.setattr(house.store, "public", broken)
    Browser(app).go("/", 503)
    assert "CANARY" not in app.test_client().get(f"/anh/{name}").text
