"""The public page of one case: what it shows, and what it never shows."""

import io
import re

import pytest
from PIL import Image
from sqlalchemy import delete, select

from tests.cast import MANHOLE, TAM_KY, Person, photo
from webapp.operations.intake import Place
from webapp.store import models

CANARIES = ("CANARYNAME", "905999888", "canary@", "CANARY-CAM", "CANARYPLACE", "canaryfile")
CLOCK = re.compile(r"\b\d{1,2}:\d{2}\b")
NOW_SHOWN = re.compile(r"hạn [^·]*?\d{2}:\d{2}|Hạn[^·]*?\d{2}:\d{2}|Hết hạn lúc \d{2}:\d{2}")


def photo_ids(town, case_id):
    with town.house.store.reader() as session:
        return list(session.scalars(select(models.Photo.id).where(models.Photo.case_id == case_id)))


def with_photos(town, **changes):
    """A case answered with a photo before and one after."""
    receipt = town.to_agency(photos=[town.kept(photo(640, 480))], **changes)
    town.do(receipt.case_id, "accept", "tu")
    after = [town.kept(photo(600, 800))]
    town.do(receipt.case_id, "enter_result", "tu", texts={"result": "Đã thay."}, photos=after)
    town.redraw()
    town.do(receipt.case_id, "approve", "lan")
    town.publish(receipt.case_id, photo_ids(town, receipt.case_id))
    return receipt


def addresses(html):
    return sorted(set(re.findall(r'src="(/anh/[^"]+)"', html)))


def jpeg_segments(data):
    """The markers of a JPEG before its picture: where metadata lives."""
    at, found = 2, []
    while data[at] == 0xFF and data[at + 1] != 0xDA:
        size = int.from_bytes(data[at + 2 : at + 4], "big")
        found.append((data[at + 1], data[at + 4 : at + 2 + size]))
        at += 2 + size
    return found


def test_answered_case_shows_both_sides_and_every_step(town, reader):
    receipt = with_photos(town)
    html = reader.html(f"/pa/{receipt.number}")
    words = reader.case(receipt)
    assert len(addresses(html)) == 2
    assert "Khi phản ánh" in words and "Sau xử lý" in words
    assert MANHOLE in words and "Đã thay nắp cống mới." in words
    assert "Kính chào: Ông/Bà" in words and "Trân trọng." in words
    steps = (
        "Điều 4",
        "Điều 6.1",
        "Điều 7.1",
        "Điều 8 bước 2",
        "Điều 8 bước 4",
        "Điều 9.1",
        "Điều 10.1, 10.4",
    )
    for article in steps:
        assert article in words, article
    assert words.count("Đúng hạn") == 6  # the six terms of the regulation, each met
    assert "Đã trả lời, đúng hạn" in words
    assert "Luật 64/2025/QH15, Điều 54.2" in words


def test_what_was_answered_on_the_spot_has_no_ribbon(town, reader):
    """QN21 answers a call at once: no term ever ran."""
    code = town.to_published().number
    with town.house.store.writer() as session:
        session.execute(delete(models.PubClock).where(models.PubClock.code == code))
    html = reader.html(f"/pa/{code}")
    assert "Đã thay nắp cống mới." in html and "Thời gian theo từng bước" not in html


def test_any_case_of_the_code_opens_it(town, reader):
    receipt = town.to_agency()
    assert reader.page(f"/pa/{receipt.number.lower()}") == reader.case(receipt)
    reader.page("/pa/QN-NOBODY", 404)
    reader.page("/pa/'--", 404)


def test_a_late_step_says_late(town, reader):
    receipt = town.to_agency()
    town.clock.forward(days=4)
    town.do(receipt.case_id, "accept", "tu")
    words = reader.case(receipt)
    line = words[words.index("Đơn vị xác minh, nhận xử lý") :]
    assert "Quá hạn" in line[:60]
    assert "xong sau hạn" in words


def test_the_due_instant_is_on_time(town, reader):
    receipt = town.to_agency()
    clock = next(c for c in town.file(receipt.case_id).state.clocks if c.running)
    town.clock.at = clock.due_at
    assert "Quá hạn" not in reader.case(receipt)
    town.clock.forward(microseconds=1)
    assert "Quá hạn" in reader.case(receipt)


def test_a_stopped_worker_flatters_nobody(town, reader):
    receipt = town.to_agency()
    assert "Đang trong hạn" in reader.case(receipt) or "Sắp đến hạn" in reader.case(receipt)
    town.clock.forward(days=5)
    words = reader.case(receipt)
    assert "Quá hạn 3 ngày" in words
    assert "Quá hạn: Xác minh, nhận xử lý" in words
    assert "Sở Xây dựng chưa xong việc của bước này" in words
    home = reader.page("/?han=late")
    assert receipt.number in home and "1 phản ánh" in home


def test_what_is_to_come_names_its_terms(town, reader):
    receipt = town.to_agency()
    words = reader.case(receipt)
    ahead = words[words.rindex("Xác minh, nhận xử lý") :]
    assert "Hạn 06 ngày làm việc Điều 8 bước 3" in ahead
    assert "Hạn 04 giờ làm việc Điều 10.1" in ahead


def test_a_returned_case_waits_for_the_coordinator(town, reader):
    receipt = town.to_agency()
    town.do(receipt.case_id, "return", "tu", texts={"reason": "x"})
    town.clock.forward(days=2)
    words = reader.case(receipt)
    assert "Trung tâm IOC chưa xong việc" in words
    assert words.count("Hạn 01 ngày làm việc") >= 2, "verification is to come once more"


def test_rework_runs_again_beside_the_answer(town, reader):
    receipt = town.to_published()
    town.do(receipt.case_id, "ask_back", "reporter", texts={"question": "CANARYQUESTION"})
    town.do(receipt.case_id, "order_clarification", "hoa", texts={"note": "CANARYNOTE"})
    words = reader.case(receipt)
    assert "Sở Xây dựng trả lời" in words and "Chuyển đơn vị làm rõ thêm" in words
    assert "Đang xác minh" in words and "Đã trả lời, đúng hạn" not in words
    assert "CANARY" not in words


def test_days_only_for_what_happened(town, reader):
    receipt = town.to_agency()
    said_hours = CLOCK.findall(reader.case(receipt))
    assert said_hours in ([], ["24:00"]), "a day-term is told without any hour"
    fresh = town.report()
    town.do(fresh.case_id, "receive", "hoa", tokens={"category": "giao-thong", "area": TAM_KY})
    words = NOW_SHOWN.sub("", reader.case(fresh))
    assert not CLOCK.findall(words), words


def test_rating_is_shown_with_its_article(town, reader):
    receipt = town.to_published()
    town.do(receipt.case_id, "rate", "reporter", tokens={"rating": "dissatisfied"})
    assert "Người gửi đánh giá: Không hài lòng (Điều 11.2)" in reader.case(receipt)


def test_nothing_of_the_person_reaches_any_page_or_photo(town, reader):
    person = Person("CANARYNAME Bưởi", "+84905999888", "canary@example.vn")
    place = Place("CANARYPLACE canaryfile.jpg", 15.573611, 108.474222, 3.0)
    receipt = with_photos(town, person=person, place=place)
    html = reader.html(f"/pa/{receipt.number}")
    urls = ["/", "/?q=nap", "/quy-che/QN20", f"/pa/{receipt.number}", *addresses(html)]
    for url in urls:
        body = reader.get(url).data
        for canary in (*CANARIES, "15.5736", "108.474"):
            assert canary.encode() not in body, f"{canary} in {url}"
    for url in addresses(html):
        data = reader.get(url).data
        kinds = {kind for kind, _ in jpeg_segments(data)}
        assert not kinds & {0xE1, 0xE2, 0xED, 0xFE}, "no EXIF, ICC, IPTC or comment segment"
        with Image.open(io.BytesIO(data)) as image:
            assert not image.getexif() and "exif" not in image.info


def test_name_shows_only_by_choice(town, reader):
    hidden = town.to_published(secrecy="hide_name")
    shown = town.to_published(secrecy="open")
    assert "Nguyễn Thị Bưởi" not in reader.case(hidden)
    assert "Người gửi: Nguyễn Thị Bưởi" in reader.case(shown)


@pytest.mark.parametrize("secrecy", ["hide_name", "confidential"])
def test_before_publication_there_is_a_card_only(town, reader, secrecy):
    receipt = town.to_agency(secrecy=secrecy, photos=[town.kept(photo())])
    town.redraw()
    html, words = reader.html(f"/pa/{receipt.number}"), reader.case(receipt)
    assert "Nội dung và ảnh không hiện ở đây" in words
    assert "Giao thông – vận tải" in words and "Điều 8 bước 2" in words
    assert "Nắp cống" not in html and "/anh/" not in html


def test_confidential_looks_like_any_pending_case(town, reader):
    one, other = town.to_agency(secrecy="confidential"), town.to_agency(secrecy="hide_name")
    assert reader.case(one).replace(one.number, "") == reader.case(other).replace(other.number, "")


def test_private_answer_says_its_ground_and_no_more(town, reader):
    receipt = town.to_approved(result="CANARYRESULT", secrecy="confidential")
    town.do(receipt.case_id, "withhold", "tu", tokens={"ground": "confidential_requested"})
    words = reader.case(receipt)
    assert "Người gửi yêu cầu giữ bí mật (Điều 10.2)" in words
    assert "CANARYRESULT" not in words and "Nắp cống" not in words
    assert "(1 trong 1)" in reader.page("/"), "a private answer counts like any other"


def test_before_reception_there_is_nothing(town, reader):
    receipt = town.report()
    reader.case(receipt, 404)
    assert receipt.number not in reader.page("/")


def test_withdrawn_leaves_ground_day_and_card(town, reader):
    receipt = with_photos(town)
    photos = addresses(reader.html(f"/pa/{receipt.number}"))
    before = reader.page("/")
    town.clock.forward(days=1)
    town.do(
        receipt.case_id,
        "withdraw",
        "lan",
        tokens={"ground": "personal_data"},
        texts={"reason": "CANARYREASON"},
    )
    words = reader.case(receipt, 410)
    assert "Còn thông tin riêng của một người (Điều 3.6, 5.4)" in words and "03/03/2026" in words
    assert "Thẻ tiến trình vẫn còn" in words and "Công khai kết quả" in words
    assert "Nắp cống" not in words and "CANARY" not in words
    for url in photos:
        reader.page(url, 404)
    home = reader.page("/")
    assert receipt.number in home and "Nắp cống" not in home
    assert "1 vì còn thông tin riêng của một người (Điều 3.6, 5.4)" in home
    figures = [re.search(r"Trả lời đúng hạn \((\d+ trong \d+)\)", page)[1] for page in (before, home)]
    assert figures == ["1 trong 1", "1 trong 1"]


def test_provisional_due_dates_are_marked(town, reader):
    receipt = town.to_agency()
    town.clock.at = town.clock.at.replace(month=11, day=20)
    town.do(receipt.case_id, "accept", "tu")
    assert "Hạn dự kiến" in reader.case(receipt)
