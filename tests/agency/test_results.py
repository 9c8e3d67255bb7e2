"""What the leader changed, drawn so that one can read both texts."""

from hypothesis import given
from hypothesis import strategies as st

from tests.examples import examples
from webapp.agency.results import changes


def drawn(before, after):
    marks = {"same": "{}", "out": "[-{}-]", "in": "[+{}+]"}
    return "".join(marks[piece["kind"]].format(piece["text"]) for piece in changes(before, after))


def test_neighbouring_changes_are_drawn_as_one():
    text = drawn("Da dung lai biển báo.", "Đã dựng lại biển báo ngày 02/03.")
    assert text == "[-Da dung lai-][+Đã dựng lại+] biển báo[+ ngày 02/03+]."


def test_the_same_text_has_no_change():
    assert drawn("Đã thay.", "Đã thay.") == "Đã thay."


words = st.text(alphabet="ab .\n", max_size=30)


@examples()
@given(words, words)
def test_both_texts_can_be_read_from_the_changes(before, after):
    pieces = changes(before, after)
    assert "".join(p["text"] for p in pieces if p["kind"] != "in") == before
    assert "".join(p["text"] for p in pieces if p["kind"] != "out") == after


def test_what_was_published_is_shown_where_it_differs(town, desk):
    receipt = town.to_approved("Đã thay nắp cống trước nhà ông Tám.")
    same = town.to_published()
    town.publish(receipt.case_id)
    tu = desk("tu").go(f"/co-quan/vu/{receipt.case_id}")
    part = tu.part("Kết quả của Sở Xây dựng")
    assert "Trả lời công khai khác bản đã duyệt" in part and "Nội dung công khai khác" not in part
    assert "Bản đã công khai Đã thay nắp cống mới." in part
    assert "Bản lãnh đạo duyệt Đã thay nắp cống trước nhà ông Tám." in part
    assert not tu.go(f"/co-quan/vu/{same.case_id}").sees("Bản đã công khai")
