"""Every letter the regulations name exists, is written without gaps, and tells nothing a person wrote."""

import re
import tomllib
from datetime import timedelta

import pytest

from tests.cast import TAM_KY, Person
from webapp.notify.letters import TEMPLATES, Letters
from webapp.operations.notices import DUE_MOVED, MOVED_TO_AGENCY
from webapp.regulations.load import FOLDER
from webapp.store.models import Notice
from webapp.store.queries import notices

# Named by no regulation: by the calendar, and by changes of the organisation.
OURS = {DUE_MOVED, MOVED_TO_AGENCY}
BASE = "https://hoidap.example.vn"


def named(files="*.toml"):
    files = [tomllib.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob(files))]
    return {row["template"] for data in files for row in data.get("notice", [])}


def test_every_letter_that_is_named_exists_and_none_is_left_over():
    written = {path.stem for path in TEMPLATES.glob("*.txt")}
    assert (named() | OURS) - written == set(), "write webapp/templates/notices/<name>.txt"
    assert written - named() - OURS == set(), (
        "no regulation names these: name them in a [[notice]] or delete them"
    )


def all_moves(town):
    """A town in which nearly every notice was queued."""
    person = Person("CANARY-NAME", "+84905999888", "canary@example.vn")
    canary = {"person": person, "text": "CANARY-TEXT trước cổng trường."}
    one = town.report(**canary)
    town.do(one.case_id, "request_supplement", "hoa", texts={"reason": "CANARY-REASON"})
    refused = town.report(**canary)
    texts = {"reason": "CANARY-REASON", "guidance": "CANARY-GUIDE"}
    town.do(refused.case_id, "refuse", "hoa", tokens={"ground": "complaint"}, texts=texts)
    case = town.report(**canary).case_id
    town.do(case, "receive", "hoa", tokens={"category": "giao-thong", "area": TAM_KY})
    town.do(case, "distribute", "hoa", tokens={"agency": "so-congthuong"})
    town.do(case, "return", "binh", texts={"reason": "CANARY-REASON"})
    town.do(case, "distribute", "hoa", tokens={"agency": "so-xaydung"})
    town.do(case, "ask_direction", "tu", 2, texts={"note": "CANARY-NOTE"})
    town.do(case, "direct", "lan", 2, texts={"direction": "CANARY-DIRECTION"})
    town.do(case, "remind", "hoa", 2)
    town.do(case, "accept", "tu", 2)
    due = next(c.due_at for c in town.file(case).state.clocks if c.running)
    town.do(case, "extend", "lan", 2, texts={"reason": "CANARY-REASON"}, due_on=due + timedelta(days=8))
    town.do(case, "enter_result", "tu", 2, texts={"result": "CANARY-RESULT"})
    town.do(case, "send_back", "lan", 2, texts={"reason": "CANARY-REASON"})
    town.do(case, "enter_result", "tu", 2, texts={"result": "CANARY-RESULT"})
    town.do(case, "approve", "lan", 2)
    texts = {"public_text": "CANARY-TEXT", "public_answer": "CANARY-ANSWER"}
    town.do(case, "publish", "tu", 2, texts=texts, checked=True)
    town.do(case, "ask_back", "reporter", texts={"question": "CANARY-QUESTION"})
    town.do(case, "answer_question", "hoa", texts={"answer": "CANARY-ANSWER"})
    private = town.to_approved(secrecy="confidential", **canary)
    town.do(private.case_id, "withhold", "tu", tokens={"ground": "confidential_requested"})


def letters(town):
    with town.house.store.reader() as session:
        told = notices.told(session, session.scalars(notices.select(Notice.id)).all())
    writer = Letters(town.house.law, BASE)
    return [(row, writer.write(row)) for row in told]


def test_no_letter_offers_what_its_page_may_not_offer_yet(town):
    all_moves(town)
    said = [f"{letter.body}{letter.short}" for row, letter in letters(town) if row.notice.submission]
    assert said and not [text for text in said if "đánh giá" in text or "có thể hỏi" in text]


def test_letters_tell_numbers_and_articles_only(town):
    all_moves(town)
    found = letters(town)
    covered = {row.notice.template for row, _ in found}
    assert named("qn20.toml") - covered == {"clock_breached"}
    for row, letter in found:
        text = f"{letter.subject}\n{letter.body}"
        assert "CANARY" not in text and "905" not in text, letter
        assert row.case.code in letter.subject and "QN20, Điều" in letter.body
        assert not re.search(r"\(\)|\s\.|\.\.|: \.|  |None|Undefined", text), letter
        assert len(text) <= 480
        link = f"/co-quan/vu/{row.case.id}" if row.notice.submission is None else "/theo-doi"
        assert f"{BASE}{link}" in letter.body
        if row.notice.submission is None:
            assert "Ông/Bà" not in text, letter


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("extended", "Hạn xử lý: hết ngày 18/03/2026"),
        ("returned", "Sở Công Thương chuyển trả"),
        ("assigned_to_agency", "Hạn xác minh, nhận xử lý: hết ngày 03/03/2026"),
        ("refused", "Lý do: Là khiếu nại, tố cáo (QN20, Điều 3.1)"),
        ("result_published", "Sở Xây dựng đã trả lời"),
        ("submitted_for_approval", "Hạn duyệt kết quả: hết ngày 03/03/2026"),
    ],
)
def test_letters_name_the_right_term_and_agency(town, template, words):
    all_moves(town)
    assert any(words in letter.body for row, letter in letters(town) if row.notice.template == template)


def test_staff_see_their_own_news_newest_first(town):
    first = town.to_agency()
    town.clock.forward(minutes=5)
    second = town.to_agency()
    town.clock.forward(minutes=5)
    third = town.report()
    with town.house.store.reader() as session:
        for roles, agency, codes in (
            (["handler"], "so-xaydung", [second.number, first.number]),
            (["handler"], "so-congthuong", []),
            (["intake_officer"], "ioc", [third.number]),  # the others were received in the same moment
        ):
            rows = notices.staff_notices(session, roles, agency, 10)
            assert [row.case.code for row in rows] == codes
        assert len(notices.staff_notices(session, ["handler", "leader"], "so-xaydung", 1)) == 1
