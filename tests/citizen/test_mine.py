"""One's own report: what is shown at each step, the moves of its sender, and what strangers never see."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.browse import Browser
from tests.cast import BUOI, MANHOLE, TAM_KY, photo
from tests.citizen.conftest import SEND, code_on, fill
from webapp.core.regulation import Limit
from webapp.operations import moves, reveal
from webapp.operations import photos as photos_of
from webapp.operations.reveal import Why
from webapp.store import models

ASK = "Xin cho biết nắp cống ở bên trái hay bên phải cổng trường."
LEFT = "Bên trái cổng, cạnh gốc phượng."


@pytest.fixture
def asked(town):
    """A report that waits for its sender."""
    receipt = town.report()
    town.do(receipt.case_id, "request_supplement", "hoa", texts={"reason": ASK})
    return receipt


def state_words(town, receipt) -> str:
    file = town.file(receipt.case_id)
    return file.regulation.state(file.state.submissions[0].state).label


# Without JavaScript, from the roadside to the rating


def test_the_whole_way(browser, town, open_mine):
    code = code_on(fill(browser.go("/gui")).attach("Chọn ảnh có sẵn", photo()).press(SEND))
    case_id = 1
    assert open_mine(code).sees("Đã gửi, chờ tiếp nhận", "Hạn: 10:00 hôm nay", "Đã nhận 1 ảnh")
    town.redraw()
    town.do(case_id, "receive", "hoa", tokens={"category": "giao-thong", "area": TAM_KY})
    town.do(case_id, "distribute", "hoa", tokens={"agency": "so-xaydung"})
    mine = open_mine(code)
    assert mine.sees("Phản ánh đang ở Sở Xây dựng", "Đã chuyển đơn vị xử lý: Sở Xây dựng", "Đúng hạn")
    town.do(case_id, "accept", "tu")
    town.do(case_id, "enter_result", "tu", texts={"result": "BẢN CHƯA DUYỆT"}, photos=[town.kept(photo())])
    town.redraw()
    mine = open_mine(code)
    assert not mine.sees("BẢN CHƯA DUYỆT") and not mine.sees("Trước và sau")
    town.do(case_id, "edit_and_approve", "lan", texts={"edited": "Đã thay nắp cống mới."})
    town.publish(case_id)
    mine = open_mine(code)
    assert mine.sees("Sở Xây dựng đã trả lời", "Kính chào: Ông/Bà", "Đã thay nắp cống mới.", "Trước và sau")
    assert mine.part("Sở Xây dựng trả lời").endswith("Công khai ngày 02/03/2026 (Điều 10.1, 10.4)")
    mine.choose("Chọn một mức", "Hài lòng").press("Gửi đánh giá")
    assert mine.hops == [303, 200] and mine.sees("Đã ghi đánh giá của Ông/Bà", "Ông/Bà đã chọn: Hài lòng.")
    assert town.differences() == []


# What is shown


def test_a_late_step_is_called_late(open_mine, town):
    receipt = town.report()
    town.clock.forward(days=2)
    mine = open_mine(receipt.code)
    assert mine.sees("Việc đang chờ: Tiếp nhận.", "quá hạn 1 ngày", "Ông/Bà không phải làm gì thêm")


def test_a_refusal_says_why_and_what_to_do(open_mine, town):
    receipt = town.report()
    words = {"reason": "Đây là tranh chấp giữa hai hộ.", "guidance": "Xin gửi đơn đến UBND phường."}
    town.do(receipt.case_id, "refuse", "hoa", tokens={"ground": "complaint"}, texts=words)
    mine = open_mine(receipt.code)
    assert mine.sees("Không tiếp nhận phản ánh này", *words.values(), "Là khiếu nại, tố cáo (Điều 3.1)")
    assert not mine.sees("Duyệt kết quả", "Chưa thực hiện được")
    assert not mine.has_button("Gửi") and mine.has_button("Đóng trang này")


def test_an_extension_says_why_and_until_when(open_mine, town):
    receipt = town.to_agency()
    town.do(receipt.case_id, "accept", "tu")
    until = town.clock() + timedelta(days=14)
    town.do(receipt.case_id, "extend", "lan", texts={"reason": "Phải đặt đúc nắp mới."}, due_on=until)
    assert open_mine(receipt.code).sees("Phải đặt đúc nắp mới.", "Hạn mới: 08:00 thứ Hai 16/03/2026")


def test_words_of_the_desk_stay_at_the_desk(open_mine, town):
    receipt = town.to_agency()
    town.do(receipt.case_id, "return", "tu", texts={"reason": "NỘI BỘ MỘT"})
    town.do(
        receipt.case_id, "distribute", "hoa", tokens={"agency": "so-congthuong"}, texts={"note": "NỘI BỘ HAI"}
    )
    mine = open_mine(receipt.code)
    assert mine.sees("Đơn vị chuyển trả", "Sở Công Thương") and not mine.sees("NỘI BỘ")


def test_a_confidential_answer_is_here_and_nowhere_else(open_mine, town, app):
    secret = "Tổ thu phí đã bị nhắc nhở."
    receipt = town.to_approved(secrecy="confidential", result=secret, text="Thu tiền không biên lai.")
    assert open_mine(receipt.code).sees("kết quả chỉ gửi riêng Ông/Bà, không công khai (Điều 10.2)")
    town.do(receipt.case_id, "withhold", "tu", tokens={"ground": "confidential_requested"})
    assert open_mine(receipt.code).sees(secret, "Trả lời riêng Ông/Bà", "Thu tiền không biên lai")
    stranger = Browser(app)
    for url in ("/", f"/pa/{receipt.number}"):
        answer = stranger.client.get(url)
        assert secret not in answer.text and "biên lai" not in answer.text


def test_a_withdrawn_answer_stays_with_its_sender(open_mine, town):
    receipt = town.to_published()
    town.do(
        receipt.case_id, "withdraw", "lan", tokens={"ground": "personal_data"}, texts={"reason": "Có biển số"}
    )
    mine = open_mine(receipt.code)
    assert mine.sees("Đã thay nắp cống mới.", "Đã gỡ khỏi Cổng ngày 02/03/2026")


def test_a_photo_that_turns_out_broken_is_said(open_mine, town):
    whole = photo()
    receipt = town.report(photos=[town.kept(whole[: len(whole) // 2])])
    waiting = town.house.write(town.clock(), photos_of.next_pending)
    town.house.write(town.clock(), lambda work: photos_of.store_derivatives(work, waiting.id, None))
    assert open_mine(receipt.code).sees("Không mở được 1 ảnh", MANHOLE)


# Photos


def test_own_photos_are_redrawn_copies(open_mine, town):
    receipt = town.report(photos=[town.kept(photo())])
    town.redraw()
    mine = open_mine(receipt.code)
    images = [el.get("src") for el in mine.page.find("img")]
    for url in (*images, images[0].split("?")[0]):
        answer = mine.client.get(url)
        assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert b"CANARY-CAM" not in answer.data and b"Exif" not in answer.data


def test_another_reports_photo_is_not_found(open_mine, town, app):
    own, other = (town.report(photos=[town.kept(photo())]) for _ in range(2))
    town.redraw()
    assert open_mine(own.code).client.get("/theo-doi/cua-toi/anh/2").status_code == 404
    assert open_mine(other.code).client.get("/theo-doi/cua-toi/anh/2").status_code == 200
    assert app.test_client().get("/theo-doi/cua-toi/anh/2").status_code == 404


# Supplement


def test_the_supplement_loop(asked, open_mine, town):
    mine = open_mine(asked.code)
    assert mine.sees("đề nghị Ông/Bà bổ sung thông tin", ASK)
    mine.fill("Trả lời của Ông/Bà", LEFT).attach("Chọn ảnh có sẵn", photo()).press("Gửi bổ sung")
    assert mine.sees("Đã gửi thông tin bổ sung", LEFT, "Hạn: 10:00 hôm nay") and not mine.has_button(
        "Gửi bổ sung"
    )
    assert state_words(town, asked) == "Mới gửi, chờ tiếp nhận"
    town.redraw()
    assert open_mine(asked.code).sees("Ảnh 1 Ông/Bà đã gửi")
    town.do(asked.case_id, "request_supplement", "hoa", texts={"reason": "Xin thêm số nhà."})
    again = open_mine(asked.code)
    assert again.part("Trung tâm IOC hỏi thêm").count("Xin thêm số nhà.") == 1
    again.fill("Trả lời của Ông/Bà", "Số 12.").press("Gửi bổ sung")
    assert town.differences() == []


def test_a_supplement_with_faults_loses_nothing(asked, open_mine, town):
    mine = open_mine(asked.code)
    mine.attach("Chọn ảnh có sẵn", photo(), b"<svg/>", name="a.jpg").press("Gửi bổ sung", 422)
    assert mine.sees("Xin viết trả lời của Ông/Bà.", "Không mở được ảnh “a.jpg”", "Ảnh đã nhận")
    mine.fill("Trả lời của Ông/Bà", LEFT).press("Gửi bổ sung")
    mine.back_and_press_again()
    town.redraw()
    with town.house.store.reader() as session:
        assert session.query(models.Photo).count() == 1
    assert mine.sees(LEFT)


def test_a_supplement_too_late_shows_what_was_written(asked, open_mine, town):
    mine = open_mine(asked.code)
    mine.fill("Trả lời của Ông/Bà", LEFT)
    words = {"reason": "Chờ lâu quá.", "guidance": "Xin gửi lại."}
    town.do(asked.case_id, "refuse", "hoa", tokens={"ground": "incomplete"}, texts=words)
    mine.press("Gửi bổ sung", 409)
    assert mine.sees("Chưa thực hiện được vì phản ánh đang ở bước “Không tiếp nhận” (Điều 5.2, 5.3).", LEFT)


# Rating and asking back


@pytest.fixture
def answered(town):
    return town.to_published()


def test_the_labels_are_the_regulations(answered, open_mine, town):
    group = next(el for el in open_mine(answered.code).page.find("fieldset"))
    labels = ["".join(el.itertext()).strip() for el in group.iter("label")]
    assert labels == [rating.label for rating in town.house.law.regulation("QN20").ratings]


def test_only_the_regulations_ratings_are_taken(answered, open_mine, town):
    mine = open_mine(answered.code)
    mine.fill("Điều Ông/Bà muốn nói thêm", "Nhanh.").press("Gửi đánh giá", 409, rating="Chấp nhận")
    assert mine.sees("Hài lòng, Chấp nhận được, Không hài lòng", "Điều 11.2")
    assert mine.value("Điều Ông/Bà muốn nói thêm") == "Nhanh."
    assert town.file(answered.case_id).state.submissions[0].rating is None


def test_a_rating_needs_a_choice(answered, open_mine):
    assert open_mine(answered.code).press("Gửi đánh giá", 422).sees("Xin chọn một mức.")


def test_the_last_rating_counts(answered, open_mine, town):
    mine = open_mine(answered.code)
    mine.choose("Chọn một mức", "Không hài lòng").press("Gửi đánh giá")
    mine.back_and_press_again()
    mine.choose("Chọn một mức", "Chấp nhận được").press("Gửi đánh giá")
    assert mine.sees("Ông/Bà đã chọn: Chấp nhận được")
    file = town.file(answered.case_id)
    assert (file.state.submissions[0].rating, file.state.submissions[0].counts["rate"]) == ("acceptable", 2)


def test_asking_back_and_the_reply(answered, open_mine, town):
    mine = open_mine(answered.code)
    mine.press("Gửi câu hỏi", 422)
    assert mine.sees("Xin viết câu hỏi của Ông/Bà.")
    mine.fill("Ông/Bà muốn làm rõ điều gì?", "Bên kia đường thì sao?").press("Gửi câu hỏi")
    assert mine.sees("Câu hỏi của Ông/Bà đã đến Trung tâm IOC", "Bên kia đường thì sao?")
    town.do(answered.case_id, "answer_question", "hoa", texts={"answer": "Tuần này sẽ kẻ."})
    assert open_mine(answered.code).sees("Trung tâm IOC đã trả lời câu hỏi của Ông/Bà", "Tuần này sẽ kẻ.")


def test_clarified_by_the_agency_the_old_answer_stays_until_the_new_one(answered, open_mine, town):
    town.do(answered.case_id, "ask_back", "reporter", texts={"question": "Nắp kêu to."})
    town.do(answered.case_id, "order_clarification", "hoa", texts={"note": "Xem giúp"})
    mine = open_mine(answered.code)
    assert mine.sees(
        "Sở Xây dựng đang làm rõ thêm", "Đã thay nắp cống mới.", "Câu trả lời mới sẽ hiện ở trang này"
    )


def test_another_text_from_the_same_page_is_another_act(answered, open_mine, town):
    mine = open_mine(answered.code)
    label, once = "Ông/Bà muốn làm rõ điều gì?", mine.hidden("once")
    mine.fill(label, "Một?").press("Gửi câu hỏi", once=once)
    mine.fill(label, "Hai?").press("Gửi câu hỏi", once=once)
    assert town.file(answered.case_id).state.submissions[0].counts["ask_back"] == 2


@pytest.mark.parametrize("move", ["receive", "publish", "submit", "join", "khong-co"])
def test_moves_of_others_have_no_address_here(answered, open_mine, move, app):
    app.config["WTF_CSRF_ENABLED"] = False
    assert open_mine(answered.code).client.post(f"/theo-doi/cua-toi/{move}").status_code == 404


def test_a_right_used_up_is_said_with_its_article(answered, open_mine, town, monkeypatch):
    """QN20 sets no limit, so one is set for this test: the law as loaded is shared by all tests of a process."""
    law = town.house.law.regulation("QN20")
    one = Limit(1, "Điều 11.9")
    rows = {move.id: replace(move, max=one) if move.id == "ask_back" else move for move in law.moves}
    assert law.move("ask_back").max is None
    monkeypatch.setitem(law.__dict__, "moves", tuple(rows.values()))
    monkeypatch.setitem(law.__dict__, "_moves", rows)
    town.do(answered.case_id, "ask_back", "reporter", texts={"question": "Một?"})
    mine = open_mine(answered.code)
    assert mine.sees("Chưa thực hiện được vì đã làm đủ 1 lần (Điều 11.9).") and not mine.has_button(
        "Gửi câu hỏi"
    )


# Nobody else


def test_whoever_opens_the_seal_is_named(open_mine, town):
    receipt = town.report()
    assert "Lý do:" not in open_mine(receipt.code).part("Danh tính đã niêm")
    why = Why("Gọi hỏi nắp cống bên nào.")
    hoa = town.actor("hoa")
    town.house.write(
        town.clock(), lambda work: reveal.reveal(work, receipt.case_id, 1, hoa, "contact_reporter", why)
    )
    said = open_mine(receipt.code).part("Danh tính đã niêm")
    assert "02/03/2026, 08:00 Lý do: Liên hệ người gửi. Gọi hỏi nắp cống bên nào." in said
    assert "Trung tâm giám sát" in said and ": cán bộ" in said and "Trần Thị Hoa" in said


def test_canaries_reach_no_log_and_no_public_page(browser, app, town, open_mine, caplog):
    caplog.set_level(logging.INFO)
    page = fill(browser.go("/gui"), **{"Thư điện tử": "canary@example.vn"})
    page.attach("Chọn ảnh có sẵn", photo(), b"<html>", name="CANARY-FILE.jpg").press(SEND, 422)
    code = code_on(browser.press(SEND))
    town.redraw()
    town.do(1, "receive", "hoa", tokens={"category": "giao-thong", "area": TAM_KY})
    town.do(1, "distribute", "hoa", tokens={"agency": "so-xaydung"})
    town.do(1, "accept", "tu")
    town.do(1, "enter_result", "tu", texts={"result": "Đã xong."})
    town.do(1, "approve", "lan")
    town.publish(1, [1])
    mine = open_mine(code)
    canaries = [BUOI.name, "0905123456", "905 123 456", "905123456", "canary@example.vn", "CANARY-CAM", "CANARY-FILE",
                code, code.replace("-", "")]  # fmt: skip
    public = [app.test_client().get(url).data for url in ("/", f"/pa/{town.file(1).row.code}", "/theo-doi")]
    assert any(MANHOLE.encode() in data for data in public), (
        "the public door does not show the case: test is blind"
    )
    for canary in canaries:
        assert canary not in caplog.text
        assert not [data for data in public if canary.encode() in data]
        assert canary not in mine.response.text


def test_moves_are_made_with_the_reporters_rights_only(monkeypatch, asked, open_mine):
    seen = []
    make = moves.make
    monkeypatch.setattr(
        moves, "make", lambda work, id, action, *rest: seen.append(action) or make(work, id, action, *rest)
    )
    open_mine(asked.code).fill("Trả lời của Ông/Bà", LEFT).press("Gửi bổ sung")
    assert [(a.actor.roles, a.actor.submission, a.actor.account) for a in seen] == [({"reporter"}, 1, None)]
