"""What is being written stays, whatever pages are looked at meanwhile and however it was interrupted."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cast import PASSWORD, photo
from tests.handset.conftest import TEXT, Phone
from tests.handset.films import MEGABYTE, a_film, fingerprints, hash_of
from tests.pictures.corpus import heic
from webapp.store import models

SENT = "Đã gửi thành công"
# Every answer of the form as it stands, by the names under which it is kept.
ANSWERS = """() => import(document.querySelector("script[src*='js/app.js']").src.replace("app.js", "report/draft.js"))
  .then(({ read }) => read(document.querySelector("form.walk")))"""
# Two cameras and a keyboard at once: files into both fields and a word, in one turn of the page.
AT_ONCE = """(pictures) => {
  const fill = (id, some) => {
    const all = new DataTransfer();
    for (const text of some) all.items.add(new File(
      [Uint8Array.from(atob(text), (one) => one.charCodeAt(0))], "image.jpg", { type: "image/jpeg" }));
    const input = document.getElementById(id);
    input.files = all.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };
  fill("f-photos", pictures.slice(0, 3));
  fill("f-photos-2", pictures.slice(3));
  const text = document.querySelector("[name=text]");
  text.value = "Ba ảnh một lúc";
  text.dispatchEvent(new Event("input", { bubbles: true }));
}"""


def killed(buoi: Phone, path: str = "/gui") -> None:
    """The browser goes, and is opened again."""
    buoi.page.close(run_before_unload=False)
    buoi.page = buoi.tab()
    buoi.open(path)


def drafts_of(buoi: Phone) -> list[dict[str, Any]]:
    return [{**row, "touched_at": 0} for row in buoi.kept() if row["state"] == "draft"]


def wrong_code(page) -> None:
    page.goto("/theo-doi")
    page.locator("[name=code]").fill("AAAAA-AAAAA-AAAAA-AAAAA-AAAAA")
    page.get_by_role("button", name="Xem phản ánh").click()
    page.get_by_text("Mã chưa đúng").first.wait_for()


def in_and_out_of_the_desk(page) -> None:
    page.goto("/co-quan/dang-nhap")
    page.locator("[name=username]").fill("hoa")
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    page.get_by_role("heading", name="Việc cần làm").wait_for()
    page.get_by_role("button", name="Đăng xuất").click()
    page.get_by_role("button", name="Đăng nhập").wait_for()


def test_no_other_page_takes_a_draft_away(server, phone, pictures):
    """Errors, a refusal, a log-in and a log-out, lists, a long form with faults: two drafts stay as they were."""
    buoi = phone()
    buoi.open()
    buoi.fill("Thẻ thứ nhất", photos=pictures(2), upto="who")
    first, buoi.page = buoi.page, buoi.tab()
    buoi.open()
    buoi.fill("Thẻ thứ hai", upto="where")
    first.close()
    buoi.page.goto("/may-nay")
    before = drafts_of(buoi)
    assert [len(row["files"]) for row in before] == [2, 0]
    for path in (
        "/khong-co-trang-nay",
        "/khong-co-mang",
        "/theo-doi/cua-toi",
        "/",
        "/danh-ba",
        "/gui?mot-trang",
    ):
        buoi.page.goto(path)
    buoi.page.get_by_role("button", name="Gửi phản ánh").click()
    buoi.page.locator(".errors").wait_for()
    wrong_code(buoi.page)
    in_and_out_of_the_desk(buoi.page)
    buoi.page.goto("/may-nay")
    assert drafts_of(buoi) == before


def test_photos_that_come_in_the_same_moment_are_all_kept(server, phone):
    buoi = phone()
    buoi.open()
    made = [base64.b64encode(photo(900 + n, 700)).decode() for n in range(6)]
    buoi.page.evaluate(AT_ONCE, made)
    buoi.page.locator("[data-thumbs] img").nth(5).wait_for()
    [row] = buoi.kept()
    assert len({one["sha256"] for one in row["files"]}) == 6
    assert row["fields"]["text"] == "Ba ảnh một lúc"


def test_a_draft_is_found_again_with_every_answer_and_the_cameras_facts(server, phone, pictures):
    buoi = phone()
    page = buoi.open()
    buoi.fill(photos=pictures(1), upto="where")
    page.get_by_role("button", name="Lấy vị trí hiện tại").click()
    page.get_by_text("Đã lấy vị trí").wait_for()
    buoi.next()
    buoi.at("Khi nào?")
    page.get_by_role("button", name="Hôm qua").click()
    buoi.next()
    page.get_by_role("radio", name=re.compile("Giao thông")).check()
    buoi.next()
    answers = {"reporter_name": "Nguyễn Thị Bưởi", "phone": "0905 123 456", "email": "buoi@example.vn"}
    for name, value in answers.items():
        page.locator(f"[name={name}]").fill(value)
    page.get_by_text("Gửi hộ người khác?").click()
    page.locator("[name=helper_name]").fill("Trần Văn Na")
    page.get_by_role("radio", name=re.compile("^Đúng chỗ")).check()
    page.locator("[name=visibility][value=open]").check()
    before = page.evaluate(ANSWERS)
    buoi.until("hoidapQueue.reports().then(([row]) => row.fields.visibility === 'open')")
    killed(buoi)
    buoi.at("Ông/Bà là ai?")
    assert buoi.page.evaluate(ANSWERS) == before
    assert before["accuracy"] == "12" and before["located_at"] and before["category"] == "giao-thong"
    assert buoi.page.evaluate(
        "hoidapQueue.files(sessionStorage['hoidap-draft']).then(([one]) => one.exif.byteLength)"
    )


def test_deleting_one_draft_leaves_the_other_alone(server, phone, pictures):
    """Both tabs are open; the second goes on writing its own."""
    buoi = phone()
    buoi.open()
    buoi.fill("Thẻ thứ nhất", upto="where")
    first, second = buoi.page, buoi.tab()
    buoi.page = second
    buoi.open()
    buoi.fill("Thẻ thứ hai", photos=pictures(2), upto="where")
    before = drafts_of(buoi)[1]
    first.goto("/may-nay")
    first.on("dialog", lambda dialog: dialog.accept())
    row = first.locator("li", has_text="Thẻ thứ nhất")
    row.get_by_role("button", name="Bỏ khỏi máy này").click()
    row.wait_for(state="detached")
    second.locator("[name=place]").fill("Trước chợ")
    buoi.until("hoidapQueue.reports().then(([row]) => row.fields.place === 'Trước chợ')")
    [left] = drafts_of(buoi)
    assert (left["id"], left["secret"], left["files"]) == (before["id"], before["secret"], before["files"])
    killed(buoi)
    assert buoi.page.locator("[name=text]").input_value() == "Thẻ thứ hai"
    assert buoi.page.locator("[data-thumbs] li").count() == 2


@pytest.mark.parametrize("older", [False, True], ids=["first draft", "beside an older draft"])
def test_words_typed_before_the_script_has_come_are_kept_when_it_comes(server, phone, older):
    buoi = phone(service_workers="block")
    if older:
        buoi.open()
        buoi.fill("Bản nháp cũ", upto="where")
        buoi.page.close()
        buoi.page = buoi.tab()
    held: list = []
    buoi.page.route("**/report/steps.js*", lambda route: held.append(route))
    buoi.page.goto("/gui")
    buoi.page.locator("[name=text]").fill(TEXT)
    while not held:
        buoi.page.wait_for_timeout(20)
    held.pop().continue_()
    buoi.walking()
    buoi.until(f"hoidapQueue.reports().then((rows) => rows.some((row) => row.fields.text === '{TEXT}'))")
    assert [row["fields"]["text"] for row in drafts_of(buoi)] == ["Bản nháp cũ"] * older + [TEXT]
    buoi.fill()
    buoi.send()
    buoi.says(SENT, 30)
    assert server.texts() == [TEXT]


# From now on this phone takes nothing more, not even a word.
FULL = """() => { IDBObjectStore.prototype.put = () => { throw new DOMException("full", "QuotaExceededError"); }; }"""


def test_a_phone_without_room_for_a_word_sends_words_and_photos_as_a_page_without_scripts(
    server, phone, pictures
):
    buoi = phone()
    page = buoi.open()
    buoi.choose(pictures(2))
    page.evaluate(FULL)
    page.locator("[name=text]").fill(TEXT)
    page.get_by_text("Máy này không lưu được phần đang viết").wait_for()
    buoi.fill()
    buoi.offline()
    buoi.send()
    page.get_by_text("Máy này không lưu được phản ánh").wait_for()
    buoi.offline(False)
    buoi.send()
    page.get_by_role("heading", name="Mã bí mật của Ông/Bà").wait_for()
    assert (server.texts(), server.count(models.Photo)) == ([TEXT], 2)


def test_a_photo_without_a_word_is_a_draft_too(server, phone, pictures):
    buoi = phone()
    buoi.open()
    buoi.choose(pictures(1))
    killed(buoi)
    buoi.page.locator("[data-thumbs] img").wait_for()
    buoi.fill()
    buoi.send()
    buoi.says(SENT, 30)
    assert server.count(models.Photo) == 1


def test_a_draft_without_a_place_is_gone_on_with_where_it_was(server, phone):
    buoi = phone()
    buoi.open()
    buoi.settled()
    buoi.fill(upto="where")
    buoi.offline()
    killed(buoi, "/gui")
    buoi.at("Ở đâu?")
    buoi.next()
    buoi.page.get_by_text("Xin chọn xã/phường/đặc khu hoặc tả chỗ đó").first.wait_for()
    buoi.page.go_back()
    buoi.at("Chuyện gì đang xảy ra?")
    assert buoi.page.locator("[name=text]").input_value() == TEXT
    buoi.fill()
    buoi.send()
    buoi.offline(False)
    buoi.says(SENT, 30)
    assert server.texts() == [TEXT]


@pytest.mark.parametrize("name", ["anh.heic", "anh.webp"])
def test_a_picture_of_another_kind_chosen_without_a_network_is_kept_and_sent(server, phone, tmp_path, name):
    path: Path = tmp_path / name
    path.write_bytes(heic() if name == "anh.heic" else photo(900, 700, kind="WEBP"))
    buoi = phone()
    buoi.open()
    buoi.settled()
    buoi.offline()
    buoi.page.locator("#f-photos-2").set_input_files(path)
    buoi.page.get_by_text(name).wait_for()
    buoi.fill()
    buoi.send()
    buoi.offline(False)
    buoi.says(SENT, 30)
    assert (server.texts(), server.count(models.Photo)) == ([TEXT], 1)


def test_a_film_chosen_without_a_network_is_kept_and_sent(server, phone, tmp_path):
    path = a_film(tmp_path, MEGABYTE)
    buoi = phone()
    buoi.open()
    buoi.settled()
    buoi.offline()
    buoi.page.get_by_text("Thêm đoạn phim").click()
    buoi.page.locator("#f-film-2").set_input_files(path)
    buoi.page.get_by_text("Đã giữ phim “phim.mp4”").wait_for()
    buoi.fill()
    buoi.send()
    buoi.offline(False)
    buoi.says(SENT, 30)
    assert fingerprints(server) == {hash_of(path)}


def test_what_is_no_picture_is_refused_in_words_and_the_rest_stays(server, phone, pictures, tmp_path):
    wrong = tmp_path / "giay.pdf"
    wrong.write_bytes(b"%PDF-1.7")
    buoi = phone()
    buoi.open()
    buoi.page.locator("[name=text]").fill(TEXT)
    buoi.choose(pictures(1))
    buoi.page.locator("#f-photos-2").set_input_files(wrong)
    buoi.page.get_by_text("“giay.pdf” không phải là ảnh nên chưa được giữ.").wait_for()
    [row] = buoi.kept()
    assert row["fields"]["text"] == TEXT and [one["name"] for one in row["files"]] == ["anh0.jpg"]
