"""Objects and fields: the same address with somebody else's number, and who may see which field."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest

from tests.browse import Browser
from tests.cast import BUOI, PASSWORD, photo
from webapp.operations import accounts, notices, publication
from webapp.operations.work import Refusal
from webapp.store import models


@pytest.fixture
def two(town):
    """A case at the construction department and one at the industry department, each with its photo."""
    first = town.to_agency(photos=[town.kept(photo())])
    second = town.to_agency("so-congthuong", photos=[town.kept(photo(600, 400))])
    town.redraw()
    return first, second


@pytest.mark.asvs("8.2.2", "8.4.1")
def test_another_agencys_case_photo_and_moves_are_not_there(town, desk, two):
    first, second = two
    for who, own, foreign, picture in (("tu", first, second, 2), ("binh", second, first, 1)):
        browser = (
            desk(who).go(f"/co-quan/vu/{own.case_id}").go(f"/co-quan/vu/{own.case_id}/anh/{3 - picture}")
        )
        for path in (
            "",
            f"/anh/{picture}",
            f"/anh/{picture}?w=1280",
            "/accept",
            "/accept?target=1",
            "/return",
        ):
            browser.go(f"/co-quan/vu/{foreign.case_id}{path}", 404)
        browser.go(f"/co-quan/vu/{own.case_id}/anh/{picture}", 404)  # a foreign photo under one's own case


@pytest.mark.asvs("8.2.2")
def test_the_session_of_somebody_else_cannot_be_ended(town, desk):
    lan = desk("lan")
    tu = desk("tu")
    token = tu.go("/co-quan/tai-khoan").hidden("csrf_token")
    for id in (1, 99):
        assert tu.client.post(f"/co-quan/tai-khoan/phien/{id}", data={"csrf_token": token}).status_code == 404
    assert lan.go("/co-quan/").heading == "Việc cần làm"


@pytest.mark.asvs("8.2.2")
def test_another_citizens_report_and_photo_are_not_there(app, town, two):
    first, _ = two
    reader = Browser(app).go("/theo-doi").fill("Mã bí mật", first.code).press("Xem phản ánh")
    assert reader.go("/theo-doi/cua-toi/anh/1").response.mimetype == "image/jpeg"
    reader.go("/theo-doi/cua-toi/anh/2", 404)
    Browser(app).go("/theo-doi/cua-toi/anh/1", 404)


@pytest.mark.asvs("8.4.1")
def test_no_agency_sees_anything_of_any_other(app, town):
    """Every pair of five agencies: one account and one case each."""
    agencies = [row.id for row in town.house.law.directory.agencies][:5]
    cases = {}
    for n, agency in enumerate(agencies):
        name = f"tenant{n}"
        hire = partial(
            accounts.add, username=name, password=PASSWORD, name=name, agency=agency, roles=["handler"]
        )
        town.house.write(town.clock(), hire)
        receipt = town.report(text=f"Viec rieng so{n}x.")
        town.do(receipt.case_id, "receive", "hoa", tokens={"category": "giao-thong", "area": "20341"})
        town.do(receipt.case_id, "distribute", "hoa", tokens={"agency": agency})
        cases[agency] = receipt.case_id
    for n, agency in enumerate(agencies):
        browser = Browser(app).log_in(f"tenant{n}")
        assert [k for k in range(5) if browser.go("/co-quan/").sees(f"so{k}x")] == [n]
        for other in agencies:
            browser.go(f"/co-quan/vu/{cases[other]}", 200 if other == agency else 404)


@pytest.mark.asvs("8.2.3", "15.3.1")
def test_identity_and_exact_place_reach_only_those_whose_field_it_is(walked):
    """Name, number and address of the sender stand on no page of anybody; the position only at the desk."""
    reporters_choice = {"/pa/" + walked.lived.receipts["public"].number}
    for page in walked.pages:
        for canary in ("905123456", "905 123 456", "buoi@example.vn"):
            assert canary not in page.text, f"{page.who} reads {canary} on {page.url}"
        if BUOI.name in page.text:
            assert page.url in reporters_choice, f"{page.who} reads the name on {page.url}"
        # To four places: centres of communes are public and stand on the form with three.
        if any(exact in page.text for exact in ("15,5736", "15.5736", "108,4740", "108.4740")):
            assert page.url.startswith("/co-quan/vu/"), f"{page.who} reads the position on {page.url}"


@pytest.mark.asvs("8.2.3")
def test_a_confidential_report_is_read_by_its_agency_the_centre_and_its_sender_alone(walked):
    lived = walked.lived
    own = f"/co-quan/vu/{lived.case('confidential')}"
    readers = {page.who for page in walked.pages if "Đã xử lý riêng." in page.text}
    assert readers == {"hoa", "son", "tu", "lan"}, "nobody else, and the sender only once it is decided upon"
    assert all(page.url.startswith(own) for page in walked.pages if "Đã xử lý riêng." in page.text)


@pytest.mark.asvs("15.3.1")
def test_a_public_page_tells_days_never_hours_of_what_a_citizen_did(walked):
    number = walked.lived.receipts["public"].number
    [page] = [p for p in walked.pages if p.url == f"/pa/{number}" and p.who == "stranger"]
    for secret in (
        "08:00",
        "8:00",
        "hoa",
        "Phạm Thị Lan",
        "Lê Văn Tư",
        "Xin ý kiến",
        "Thay ngay",
        "Da thay nap cong",
    ):
        assert f">{secret}" not in page.text and f" {secret} " not in page.text, secret


@pytest.mark.asvs("2.3.3")
def test_what_fails_in_the_middle_leaves_nothing_behind(town, monkeypatch):
    approved = town.to_approved()
    before = town.file(approved.case_id).state
    for module, name, act in (
        (notices, "queue", town.report),
        (publication, "title_of", lambda: town.publish(approved.case_id)),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(module, name, _breaks)
            with pytest.raises(ZeroDivisionError):
                act()
    assert town.file(approved.case_id).state == before
    with town.house.store.reader() as session:
        assert session.query(models.Case).count() == 1, "half a report was stored"
    assert town.differences() == []


def _breaks(*_args, **_more):
    raise ZeroDivisionError


@pytest.mark.asvs("15.4.2", "2.3.1")
def test_of_two_who_approve_and_edit_at_once_exactly_one_does(any_town):
    town = any_town
    receipt = town.to_agency()
    town.do(receipt.case_id, "accept", "tu")
    town.do(receipt.case_id, "enter_result", "tu", texts={"result": "Đã thay."})
    start = Barrier(6)

    def approve(n: int) -> bool:
        start.wait()
        try:
            if n % 2:
                town.do(receipt.case_id, "approve", "lan")
            else:
                town.do(receipt.case_id, "edit_and_approve", "lan", texts={"edited": f"Bản {n}"})
        except Refusal:
            return False
        return True

    before = town.file(receipt.case_id).state.events
    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(approve, range(6)))
    assert done.count(True) == 1
    assert town.file(receipt.case_id).state.events == before + 1
    assert town.differences() == []


@pytest.mark.asvs("2.3.1")
def test_no_step_can_be_jumped(town):
    receipt = town.to_agency()
    before = town.file(receipt.case_id).state
    texts = {"result": "x", "public_text": "x", "public_answer": "y"}
    for move, who in itertools.product(("enter_result", "approve", "publish", "withhold"), ("tu", "lan")):
        with pytest.raises(Refusal):
            town.do(receipt.case_id, move, who, texts=texts, tokens={"ground": "personal_data"}, checked=True)
        assert town.file(receipt.case_id).state == before
