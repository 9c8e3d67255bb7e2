"""Meeting what somebody else reported, without a script and from the queue of a phone."""

from __future__ import annotations

import secrets

from tests.browse import Browser
from tests.citizen.conftest import code_on, opened
from webapp.store import models

SORTED = {"category": "giao-thong", "area": "20341"}


def received(town, **changes):
    receipt = town.report(**changes)
    town.do(receipt.case_id, "receive", "hoa", tokens=SORTED)
    return receipt


def joined(browser: Browser, number: str) -> Browser:
    browser.go(f"/pa/{number}").follow("Tôi cũng gặp")
    browser.fill("Họ và tên", "Lê Văn Mít").fill("Số điện thoại", "0905 000 111").tick("Tôi cam đoan")
    return browser.press("Gửi: tôi cũng gặp")


def test_the_short_form_asks_who_one_is_and_gives_a_code_of_its_own(app, town, browser):
    first = received(town)
    joined(browser, first.number)
    assert "cùng gặp việc của phản ánh" in browser.words and first.number in browser.words
    code = code_on(browser)
    assert code != first.code
    assert len(town.file(first.case_id).state.submissions) == 2
    mine = opened(app, town, code)
    assert mine.part("Diễn biến").count("Tôi cũng gặp") == 1
    assert "Tôi cũng gặp việc này." in mine.words and first.number in mine.words
    assert "người cùng gặp" not in Browser(app).go(f"/pa/{first.number}").words
    town.do(first.case_id, "receive", "hoa", target=2, tokens=SORTED)
    assert "Có 2 người cùng gặp" in Browser(app).go(f"/pa/{first.number}").words
    assert town.differences() == []


def test_what_is_wrong_in_the_short_form_comes_back_short(town, browser):
    first = received(town)
    browser.go(f"/gui?cung={first.number}").press("Gửi: tôi cũng gặp", 422)
    assert "Ở đâu?" not in browser.words
    browser.fill("Họ và tên", "Lê Văn Mít").fill("Số điện thoại", "0905 000 111").tick("Tôi cam đoan")
    assert first.number in browser.press("Gửi: tôi cũng gặp").words


def test_a_case_that_nobody_may_see_is_answered_as_none(town, browser):
    unseen = town.report()
    for number in (unseen.number, "QN-222222", "x" * 90):
        browser.go(f"/gui?cung={number}", 404)


def test_a_case_that_is_over_offers_a_new_report_and_says_how_often(town, browser):
    ended = town.to_published()
    browser.go(f"/gui?cung={ended.number}")
    assert "đã xong" in browser.words and "lần thứ 2" in browser.words and "Ở đâu?" in browser.words


def queued(number: str, **changes):
    fields = {
        "text": "Tôi cũng thấy.", "commune": "20341", "place": "Cổng trường", "happened": "2026-03-02",
        "category": "giao-thong", "reporter_name": "Lê Văn Mít", "phone": "0905000111",
        "visibility": "hide_name", "undertaking": "1", "joins": number,
    }  # fmt: skip
    return {"v": 1, "secret": secrets.token_hex(16), "fields": fields | changes, "files": []}


def test_the_queue_of_a_phone_carries_the_case_and_gets_the_same_receipt_again(town, client):
    first = received(town)
    body = queued(first.number)
    one, two = (client.post("/hang-doi/phan-anh", json=body).get_json() for _ in range(2))
    assert (one["number"], two["code"]) == (first.number, one["code"])
    assert len(town.file(first.case_id).state.submissions) == 2
    assert (
        client.post("/hang-doi/phan-anh", json=body | {"fields": {**body["fields"], "text": "x"}}).status_code
        == 409
    )


def test_what_waited_on_a_phone_until_the_case_was_over_is_a_report_of_its_own(town, client):
    ended = town.to_published()
    told = client.post("/hang-doi/phan-anh", json=queued(ended.number)).get_json()
    assert told["number"] != ended.number
    with town.house.store.reader() as session:
        case = session.query(models.Case).filter_by(code=told["number"]).one()
        row = session.query(models.Submission).filter_by(case_id=case.id).one()
    assert row.same_as == ended.number


def test_the_officer_reads_what_each_of_them_wrote_and_receives_the_second(app, town, browser):
    first = received(town)
    joined(browser, first.number)
    desk = Browser(app).log_in("hoa").go(f"/co-quan/vu/{first.case_id}")
    said = desk.part("Cùng gặp việc này (1)")
    assert "Tôi cũng gặp việc này." in said and f"Cùng chỗ với phản ánh {first.number}" in said
    town.do(first.case_id, "receive", "hoa", target=2, tokens=SORTED)
    assert [one.state for one in town.file(first.case_id).state.submissions] == ["received", "received"]


def test_a_matter_that_was_late_before_is_not_called_late_of_whoever_joins(app, town, browser):
    first = town.to_agency()
    town.clock.forward(days=20)
    joined(browser, first.number)
    town.do(first.case_id, "receive", "hoa", target=2, tokens=SORTED)
    mine = opened(app, town, code_on(browser))
    assert mine.sees("Việc Ông/Bà cùng gặp đã quá hạn") and "Việc đang chờ" not in mine.words


def test_a_button_on_a_second_report_says_whose(app, town, browser):
    first, third = received(town), Browser(app)
    joined(browser, first.number)
    joined(third, first.number)
    desk = Browser(app).log_in("hoa").go(f"/co-quan/vu/{first.case_id}")
    assert desk.sees("Tiếp nhận người gửi thứ 2", "Tiếp nhận người gửi thứ 3")


def test_the_officer_sees_which_case_a_report_was_to_join(app, town, client):
    ended = town.to_published()
    told = client.post("/hang-doi/phan-anh", json=queued(ended.number)).get_json()
    with town.house.store.reader() as session:
        case = session.query(models.Case).filter_by(code=told["number"]).one()
    assert Browser(app).log_in("hoa").go(f"/co-quan/vu/{case.id}").sees("cùng việc với", ended.number)


LETTER = "Kính gửi ông Trần Văn Ổi, 12 Hùng Vương, điện thoại 0905 777 888: đã thay nắp."


def handled(town, app, number: str) -> str:
    """The code of somebody who joined a case in which an answer is approved that names its first sender."""
    case_id = town_case(town, number)
    code = code_on(joined(Browser(app), number))
    town.do(case_id, "distribute", "hoa", tokens={"agency": "so-xaydung"})
    town.do(case_id, "accept", "tu")
    town.do(case_id, "enter_result", "tu", texts={"result": LETTER})
    town.do(case_id, "approve", "lan")
    return code


def town_case(town, number: str) -> int:
    with town.house.store.reader() as session:
        return session.query(models.Case).filter_by(code=number).one().id


def test_who_joined_reads_of_a_private_answer_that_there_was_one(app, town):
    """SEC: one press and any name are enough to join; the letter was written to somebody else."""
    first = received(town)
    code = handled(town, app, first.number)
    town.do(first.case_id, "withhold", "tu", tokens={"ground": "province_decides"})
    mine = opened(app, town, code)
    assert "Đã trả lời riêng người gửi đầu tiên" in mine.words and "không công khai" in mine.words
    assert "Trần Văn Ổi" not in mine.words and "777" not in mine.words
    assert "Trần Văn Ổi" in opened(app, town, first.code).words


def test_who_joined_reads_what_was_published_until_it_is_withdrawn(app, town):
    first = received(town)
    code = handled(town, app, first.number)
    town.publish(first.case_id)
    mine = opened(app, town, code)
    assert "Đã thay nắp cống mới." in mine.words and "Trần Văn Ổi" not in mine.words
    town.do(first.case_id, "withdraw", "lan", tokens={"ground": "personal_data"}, texts={"reason": "x"})
    mine = opened(app, town, code)
    assert "Đã thay nắp cống mới." not in mine.words and "Đã gỡ khỏi Cổng" in mine.words
    assert "Ông/Bà vẫn đọc được" in opened(app, town, first.code).words


def test_what_is_withdrawn_as_a_secret_of_the_state_is_read_by_nobody_here(app, town):
    receipt = town.to_published()
    town.do(receipt.case_id, "withdraw", "lan", tokens={"ground": "state_secret"}, texts={"reason": "x"})
    mine = opened(app, town, receipt.code)
    assert "Đã thay nắp cống mới." not in mine.words and "Đã gỡ khỏi Cổng" in mine.words
