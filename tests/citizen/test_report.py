"""Sending a report: what is asked, what is refused, and that nothing typed is lost."""

from __future__ import annotations

import threading
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import func, select

from tests.browse import Browser
from tests.cast import MANHOLE, Town, photo
from tests.citizen.conftest import BAD_PHOTOS, NAME, PHONE, SEND, code_on, fill, submit
from webapp.operations import photos as photos_of
from webapp.store import models

PHOTOS = "Chọn ảnh có sẵn"


def count(town: Town, model: type) -> int:
    with town.house.store.reader() as session:
        return session.scalar(select(func.count()).select_from(model))


def test_the_emergency_line_comes_first(browser):
    words = browser.go("/gui").words
    assert words.index("113") < words.index("Kể ngắn gọn")


def test_an_empty_form_names_everything_missing_with_its_article(browser, town):
    browser.go("/gui").fill("Thấy ngày nào", "").press(SEND, 422)
    summary = browser.words
    for field in town.house.law.regulation("QN20").fields:
        assert (f"(QN20, {field.cite})." in summary) or not field.required
    for words in ("kể chuyện gì", "chọn xã/phường/đặc khu hoặc tả", "thấy ngày nào", "họ và tên", "số điện thoại",
                  "lời cam đoan"):  # fmt: skip
        assert f"{words}" in summary
    assert browser.response.text.count('class="err"') == 6
    assert count(town, models.Case) == 0


def test_an_error_stands_in_the_summary_and_at_its_field_in_the_same_words(browser):
    fill(browser.go("/gui"), **{"Số điện thoại": "12"}).press(SEND, 422)
    assert unescape(browser.response.text).count("Số điện thoại này chưa đủ chữ số.") == 2
    assert browser.field("Số điện thoại").get("aria-invalid") == "true"


def test_what_was_typed_stays(browser):
    browser.go("/gui").fill("Kể ngắn gọn", "Nắp cống vỡ\n\nhai cái").fill("Họ và tên", NAME).fill(
        "Thư điện tử", "a@"
    )
    browser.choose("Khi công khai", "Giữ bí mật").choose("Chọn một lĩnh vực", "Điện").press(SEND, 422)
    assert browser.value("Kể ngắn gọn") == "Nắp cống vỡ\n\nhai cái"
    assert (browser.value("Họ và tên"), browser.value("Thư điện tử")) == (NAME, "a@")
    checked = [el.get("value") for el in browser.page.find("input") if el.get("checked") is not None]
    assert {"confidential", "dien"} <= set(checked)


@pytest.mark.parametrize(
    ("label", "value", "says"),
    [
        ("Kể ngắn gọn", "a" * 5001, "5001 ký tự"),
        ("Thấy ngày nào", "2026-03-03", "chưa đến"),
        ("Thấy ngày nào", "hôm qua", "Chưa đọc được ngày"),
        ("Số điện thoại", "12", "Số điện thoại này chưa đủ chữ số."),
        ("Số điện thoại", "0905 123", "Số điện thoại này chưa đủ chữ số."),
        ("Số điện thoại", "0905 123 4567", "chưa đúng"),
        ("Thư điện tử", "buoi@", "chưa đúng"),
    ],
)
def test_a_wrong_field_says_what_is_wrong(browser, town, label, value, says):
    fill(browser.go("/gui"), **{label: value}).press(SEND, 422)
    assert browser.sees(says)
    assert count(town, models.Case) == 0


def test_today_is_a_local_day(browser, town):
    town.clock.forward(hours=17)  # 01:00 on Tuesday in Tam Ky, still Monday in UTC
    assert browser.go("/gui").value("Thấy ngày nào") == "2026-03-03"


@pytest.mark.parametrize("day", ["2026-03-01", "01/03/2026", "1/3/2026"])
def test_a_day_may_be_written_as_people_write_it(browser, town, day):
    fill(browser.go("/gui"), **{"Thấy ngày nào": day}).press(SEND)
    with town.house.store.reader() as session:
        assert session.scalar(select(models.Submission.occurred_on)) == "2026-03-01"


def test_either_a_commune_or_words_say_where(browser):
    browser.go("/gui").fill("Kể ngắn gọn", MANHOLE).fill("Họ và tên", NAME).fill("Số điện thoại", PHONE)
    browser.tick("Tôi cam đoan").fill("Tả chỗ đó", "Gần chợ Tam Kỳ").press(SEND)
    assert browser.heading == "Đã gửi thành công"


def test_words_are_stored_composed_and_without_what_lies(browser, town):
    fill(browser.go("/gui"), **{"Kể ngắn gọn": "Nắp co\u0302\u0301ng \u202evo\u031b\u0303\r\nhai cái"}).press(
        SEND
    )
    with town.house.store.reader() as session:
        assert session.scalar(select(models.Text.body)) == "Nắp cống vỡ\nhai cái"


# Photos


@pytest.mark.parametrize("kind", BAD_PHOTOS)
def test_a_bad_photo_gets_its_answer_and_loses_nothing(browser, town, kind):
    data, says = BAD_PHOTOS[kind]
    fill(browser.go("/gui")).attach(PHOTOS, data, name="nap-cong.jpg").press(SEND, 422)
    assert browser.sees("nap-cong.jpg", says, "Nội dung đã viết vẫn còn")
    assert browser.value("Kể ngắn gọn") == MANHOLE
    assert count(town, models.Case) == 0
    browser.press(SEND)
    assert browser.heading == "Đã gửi thành công"


def test_good_photos_survive_a_bad_one(browser, town):
    page = fill(browser.go("/gui"))
    page.attach("Chụp ảnh", photo(), name="mot.jpg").attach(PHOTOS, photo(320, 200), b"", name="hai.jpg")
    page.press(SEND, 422)
    assert browser.sees("Ảnh đã nhận, không cần chọn lại", "mot.jpg", "hai.jpg", "640 × 480")
    browser.press(SEND)
    assert browser.sees("cùng 2 ảnh")
    assert (count(town, models.Photo), count(town, models.Upload)) == (2, 0)


def test_a_kept_photo_can_be_left_out(browser, town):
    fill(browser.go("/gui")).attach(PHOTOS, photo(), photo(320, 200), b"").press(SEND, 422)
    boxes = [el for el in browser.page.find("input") if el.get("name") == "drop"]
    browser._typed[boxes[0]] = True
    browser.press(SEND)
    assert count(town, models.Photo) == 1


def test_the_same_photo_twice_is_one(browser, town):
    fill(browser.go("/gui"), **{"Số điện thoại": ""}).attach(PHOTOS, photo(), photo()).press(SEND, 422)
    browser.fill("Số điện thoại", PHONE).attach(PHOTOS, photo()).press(SEND)
    assert count(town, models.Photo) == 1


def test_the_eleventh_photo_is_named(browser, town):
    many = [photo(100 + n, 80) for n in range(photos_of.MAX_FILES + 1)]
    fill(browser.go("/gui")).attach(PHOTOS, *many, name="anh.jpg").press(SEND, 422)
    assert browser.sees("Chỉ nhận 10 ảnh")
    browser.press(SEND)
    assert count(town, models.Photo) == photos_of.MAX_FILES


def test_a_photo_beyond_the_limit(browser, town):
    big = photo() + b"\0" * town.house.config.max_upload_bytes
    fill(browser.go("/gui")).attach(PHOTOS, big).press(SEND, 422)
    assert browser.sees("lớn quá 25 MB")


def test_photos_of_another_form_cannot_be_taken(browser, app, town):
    fill(browser.go("/gui"), **{"Số điện thoại": ""}).attach(PHOTOS, photo()).press(SEND, 422)
    uid = browser.hidden("kept")
    other = fill(Browser(app).go("/gui"))
    other.press(SEND, kept=uid)
    assert count(town, models.Photo) == 0


def test_photos_beyond_the_day_are_named_and_the_report_is_in(browser, town, monkeypatch):
    monkeypatch.setattr(photos_of, "DAY_FILES", 1)
    fill(browser.go("/gui")).attach(PHOTOS, photo(), photo(320, 200), name="anh.jpg").press(SEND)
    assert browser.heading == "Đã gửi thành công"
    assert browser.sees("cùng 1 ảnh", "“anh.jpg”: Hôm nay Ông/Bà đã gửi 1 ảnh", "phản ánh thì đã được nhận")
    browser.back_and_press_again()
    assert (count(town, models.Case), count(town, models.Photo)) == (1, 1)


# The receipt


def test_the_receipt_says_what_comes_next(sent, town):
    assert sent.sees(
        "08:00 thứ Hai 02/03/2026", "Hạn: 10:00 hôm nay", "Điều 6.2", "Điều 7.2", "Điều 8 bước 3"
    )
    assert sent.url == "/gui"
    with town.house.store.reader() as session:
        assert sent.sees(session.scalar(select(models.Case.code)))
    assert sent.response.headers["Cache-Control"] == "no-store"


def test_the_code_is_in_no_address_and_opens_the_report(sent, open_mine):
    code = code_on(sent)
    links = [el.get("href") or "" for el in sent.page.find("a")]
    assert not [link for link in links if code in link or code.replace("-", "") in link]
    assert open_mine(code).sees(MANHOLE)


def test_the_receipt_opens_the_report_at_once(sent):
    cookie = next(v for k, v in sent.response.headers if k == "Set-Cookie" and v.startswith("citizen="))
    assert {"HttpOnly", "SameSite=Lax", "Max-Age=43200"} <= {part.strip() for part in cookie.split(";")}
    assert sent.follow("Xem phản ánh của tôi").sees(MANHOLE, "Trước cổng trường tiểu học, phường Tam Kỳ")


# Once


def test_a_double_tap_is_one_report(sent, town):
    first = code_on(sent)
    sent.back_and_press_again()
    assert code_on(sent) == first
    assert count(town, models.Case) == 1


def test_a_lost_answer_after_a_mended_form_with_photos(browser, town):
    fill(browser.go("/gui"), **{"Số điện thoại": ""}).attach(PHOTOS, photo()).press(SEND, 422)
    browser.fill("Số điện thoại", PHONE).press(SEND)
    first = code_on(browser)
    town.clock.forward(hours=3)
    browser.back_and_press_again()
    assert code_on(browser) == first
    assert (count(town, models.Case), count(town, models.Photo)) == (1, 1)


def test_other_content_is_a_conflict_that_says_what_to_do(browser, app, town):
    page = fill(browser.go("/gui"))
    secret = page.hidden("secret")
    page.press(SEND)
    other = fill(Browser(app).go("/gui"), **{"Kể ngắn gọn": "Chuyện khác hẳn."})
    other.press(SEND, 409, secret=secret)
    assert other.heading == "Bản gửi trước đã được nhận"
    assert other.has_link("Gửi phản ánh khác")
    assert count(town, models.Case) == 1


def test_twenty_at_once_are_one_report(app, town):
    app.config["WTF_CSRF_ENABLED"] = False
    secret, answers, line = "0123456789abcdef" * 2, [], threading.Barrier(20)

    def press() -> None:
        client = app.test_client()
        line.wait()
        answers.append(submit(client, secret))

    threads = [threading.Thread(target=press) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text.split('class="groups"')[1][:400] for answer in answers}) == 1
    assert (count(town, models.Case), count(town, models.Submission), count(town, models.CaseEvent)) == (
        1,
        1,
        1,
    )
    assert town.differences() == []


def test_a_form_without_its_secret_is_shown_again(app, town):
    app.config["WTF_CSRF_ENABLED"] = False
    answer = submit(app.test_client(), "short")
    assert answer.status_code == 422 and MANHOLE in unescape(answer.text)
    assert count(town, models.Case) == 0


def test_a_form_without_its_token_is_refused(client, town):
    assert submit(client, "0123456789abcdef" * 2).status_code == 400
    assert count(town, models.Case) == 0


# Where nothing may be taken in


def test_a_text_without_a_number_takes_no_real_reports(browser, town):
    page = fill(browser.go("/gui"))
    town.house.write(town.clock(), lambda work: work.session.delete(work.session.get(models.Meta, "stamp")))
    page.press(SEND, 422)
    assert browser.sees("chưa có số và ngày ban hành") and browser.value("Kể ngắn gọn") == MANHOLE
    assert Browser(browser.client).go("/gui", 403).sees("chưa có số và ngày ban hành", "113")
    assert count(town, models.Case) == 0


def test_yesterday_is_taken(browser, town):
    yesterday = (town.clock() - timedelta(days=1)).date().isoformat()
    assert fill(browser.go("/gui"), **{"Thấy ngày nào": yesterday}).press(SEND).heading == "Đã gửi thành công"
