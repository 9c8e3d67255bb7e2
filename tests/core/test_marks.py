"""What looks like a person in a text, and what only looks like it at first sight."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import examples
from webapp.core.marks import find

HONORIFICS = ("ông", "bà", "anh", "chị", "cô giáo", "cô")
HOUSES = ("số nhà",)


def kinds(text):
    return [(mark.kind, text[mark.start : mark.end]) for mark in find(text, HONORIFICS, HOUSES)]


@pytest.mark.parametrize(
    ("text", "kind", "passage"),
    [
        ("gọi 0905123456 nhé", "phone", "0905123456"),
        ("gọi 0905 123 456.", "phone", "0905 123 456"),
        ("gọi 0905.123.456", "phone", "0905.123.456"),
        ("gọi +84 905-123-456", "phone", "+84 905-123-456"),
        ("máy bàn (0235) 3812345", "phone", "(0235) 3812345"),
        ("thư buoi@example.vn", "email", "buoi@example.vn"),
        ("xe 92A-123.45 đậu", "plate", "92A-123.45"),
        ("xe 92-B1 123.45", "plate", "92-B1 123.45"),
        ("xe 43C1-1234", "plate", "43C1-1234"),
        ("xe 92MĐ1-123.45", "plate", "92MĐ1-123.45"),
        ("xe 92b1-12345", "plate", "92b1-12345"),
        ("căn cước 049190001234", "number", "049190001234"),
        ("chứng minh 205123456", "number", "205123456"),
        ("thẻ 049 190 001234", "number", "049 190 001234"),
        ("tài khoản 19034567890123", "number", "19034567890123"),
        ("nhờ anh Lê Văn Tư xem", "name", "anh Lê Văn Tư"),
        ("Bà Đặng Thị Út nói", "name", "Bà Đặng Thị Út"),
        ("cô giáo Hoa", "name", "cô giáo Hoa"),
        ("trước số nhà 12/3 bị vỡ", "house", "số nhà 12/3"),
    ],
)
def test_what_looks_like_a_person_is_marked(text, kind, passage):
    assert kinds(text) == [(kind, passage)]


@pytest.mark.parametrize(
    "text",
    [
        "Ngày 09/03/2026, đơn vị đã thay nắp cống.",
        "Từ 09.03.2026 10 hộ có nước.",
        "09-03-2026 08:30 đến 17:00",
        "Kính chào: Ông/Bà\nSau khi nhận phản ánh",
        "Kinh phí 100.000.000.000 đồng",
        "Kinh phí 1.250.000.000 đồng, Điều 10.2",
        "Gọi 1022 hoặc 113, 114, 115.",
        "anh em công nhân đã dọn xong",
        "quốc lộ 1A, đường 24/3, km 987+500",
        "Quyết định số 1234/QĐ-UBND ngày 02/03/2026",
        "cách 6 m, sâu 0,5 m, rộng 12 m2 2500 viên",
    ],
)
def test_ordinary_words_and_numbers_are_not(text):
    assert kinds(text) == []


def test_names_are_guesses_and_numbers_are_sure():
    marks = find("anh Tư, 0905123456", HONORIFICS)
    assert [(mark.kind, mark.sure) for mark in marks] == [("name", False), ("phone", True)]


@examples()
@given(st.text(alphabet="0123456789 .-/@ABab\nôĐanh", max_size=60))
def test_marks_are_in_order_inside_the_text_and_apart(text):
    marks = find(text, HONORIFICS, HOUSES)
    assert all(0 <= mark.start < mark.end <= len(text) for mark in marks)
    assert all(first.end <= second.start for first, second in pairwise(marks))
