"""What people ask about their own data: asked with the report's code, decided by DL25, done to the report."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import event, select

from tests.browse import Browser
from tests.cast import BUOI, MANHOLE, Town, found_town
from tests.page_check import said
from webapp.cli.people import people_group
from webapp.cli.retention import retention_group
from webapp.operations import holds, intake, people, personal, restricted, retention, reveal
from webapp.operations.intake import Receipt
from webapp.operations.people import Person
from webapp.operations.personal import Wish
from webapp.operations.reveal import Why
from webapp.operations.work import Gone, Refusal
from webapp.store import models
from webapp.words import sentence

LAW, DECREE = "Luật 91/2025/QH15", "Nghị định 356/2025/NĐ-CP"


def ask(town: Town, about: Receipt, kind: str, **more) -> Receipt:
    wish = Wish(more.pop("secret", secrets.token_hex(16)), kind, **more)

    def asked(work):
        return personal.ask(work, people.of_submission(work, about.case_id, about.no), wish).receipt

    return town.house.write(town.clock(), asked)


def granted(town: Town, receipt: Receipt, move: str, who: str = "hoa") -> None:
    town.do(receipt.case_id, "acknowledge", "hoa")
    town.do(receipt.case_id, move, who, target=0, texts={"result": "Đã làm theo yêu cầu."})


def person_of(town: Town, receipt: Receipt) -> Person | None:
    with town.house.reading(town.clock()) as work:
        row = people.of_submission(work, receipt.case_id, receipt.no)
        return None if people.erased(work, row.identity_id) else people.reveal(work, row.identity_id)


def running(town: Town, receipt: Receipt) -> dict[str, str]:
    file = town.file(receipt.case_id)
    zone = file.regulation.zone
    return {c.clock: f"{c.due_at.astimezone(zone):%d/%m %H:%M}" for c in file.state.clocks if c.running}


# Asking


def test_a_request_is_a_case_of_its_own_with_the_clocks_of_dl25(town: Town):
    report = town.report()
    request = ask(town, report, "access")
    assert town.file(request.case_id).regulation.id == "DL25"
    assert running(town, request) == {"first_answer": "05/03 00:00", "fulfil": "13/03 00:00"}
    assert running(town, ask(town, report, "restrict"))["stop"] == "18/03 00:00"
    with town.house.reading(town.clock()) as work:
        row = personal.request_of(work, request.case_id)
        assert row.about_id == people.of_submission(work, report.case_id, 1).id


def test_asking_twice_with_one_secret_is_asking_once_and_the_same_again_is_refused(town: Town):
    report, secret = town.report(), secrets.token_hex(16)
    first, again = ask(town, report, "access", secret=secret), ask(town, report, "access", secret=secret)
    assert (again.number, again.code, again.again) == (first.number, first.code, True)
    with pytest.raises(Refusal) as caught:
        ask(town, report, "access")
    assert caught.value.refused.params == {"number": first.number}
    granted(town, first, "show_data")
    assert ask(town, report, "access").number != first.number


def test_two_who_ask_the_same_at_once_are_one_request(any_town: Town):
    report = any_town.report()

    def asked(_: int) -> int:
        try:
            return ask(any_town, report, "access").case_id
        except Refusal as refusal:
            return 0 if refusal.refused.code == "data_asked_already" else -1

    with ThreadPoolExecutor(4) as threads:
        assert sum(bool(case_id) for case_id in threads.map(asked, range(4))) == 1


def test_a_citizen_cannot_ask_for_a_breach_or_for_what_is_not_there(town: Town):
    report = town.report()
    for kind in ("breach", "nonsense"):
        with pytest.raises(Refusal) as caught:
            ask(town, report, kind)
        assert caught.value.refused.code in ("role", "other_track")


def test_nothing_of_a_request_is_public_and_no_figure_counts_it(town: Town):
    report = town.to_published()
    counts = public(town, models.PubCount)
    request = ask(town, report, "access", reason="Canary lý do")
    granted(town, request, "show_data")
    for table in (models.PubCard, models.PubStep, models.PubClock, models.PubContent):
        assert request.number not in str(public(town, table))
    assert public(town, models.PubCount) == counts
    assert town.differences() == []


def public(town: Town, model) -> list:
    with town.house.store.reader() as session:
        return [tuple(row) for row in session.execute(select(model.__table__))]


def test_the_words_of_a_request_are_sealed_and_its_people_too(town: Town):
    ask(town, town.report(), "correct", reason="Canary lý do", person=Person(name="Kiều Canary"))
    for path in town.house.config.data.rglob("*.db*"):
        assert "Canary lý do".encode() not in path.read_bytes()
        assert "Kiều Canary".encode() not in path.read_bytes()


# What is done


def test_what_is_kept_is_shown_after_it_was_granted_and_only_then(town: Town):
    report = town.to_published(secrecy="open")
    request = ask(town, report, "access")
    with town.house.reading(town.clock()) as work, pytest.raises(Gone):
        personal.held(work, request.case_id)
    opened(town, report, "hoa")
    granted(town, request, "show_data")
    with town.house.reading(town.clock()) as work:
        held = personal.held(work, request.case_id)
        assert held.person == BUOI
        assert [(row.name, row.purpose) for row in held.opened] == [("Trần Thị Hoa", "contact_reporter")]
        assert held.published[0].reporter == BUOI.name
        with pytest.raises(Gone):
            personal.held(work, report.case_id)


def opened(town: Town, report: Receipt, who: str, purpose: str = "contact_reporter") -> Person:
    return town.house.write(
        town.clock(),
        lambda work: reveal.reveal(work, report.case_id, 1, town.actor(who), purpose, Why("Hỏi lại chỗ đó")),
    )


def test_a_correction_changes_what_is_sealed_and_what_finds_it_again(town: Town):
    report = town.report()
    request = ask(town, report, "correct", person=Person(name="Nguyễn Thị Bươi", phone="+84905999888"))
    assert person_of(town, report) == BUOI
    granted(town, request, "correct_data")
    assert person_of(town, report) == Person("Nguyễn Thị Bươi", "+84905999888", BUOI.email)
    with town.house.reading(town.clock()) as work:
        row = people.of_submission(work, report.case_id, 1)
        index = work.session.get_one(models.Identity, row.identity_id).phone_index
        assert index == work.vault.blind_index("phone", "+84905999888")


def test_a_correction_reaches_what_everybody_reads(town: Town):
    report = town.to_published(secrecy="open")

    def overlook(work):
        work.session.scalars(select(models.PubContent)).one().answer = "Cảm ơn bà Nguyễn Thị Bưởi."

    town.house.write(town.clock(), overlook)
    request = ask(town, report, "correct", person=Person(name="Nguyễn Thị Bươi"))
    granted(town, request, "correct_data")
    with town.house.store.public() as session:
        content = session.scalars(select(models.PubContent)).one()
    assert (content.reporter, content.answer) == ("Nguyễn Thị Bươi", "Cảm ơn bà [đã xóa].")


def test_a_correction_shows_no_name_that_was_not_shown(town: Town):
    report = town.to_published(secrecy="hide_name")
    granted(town, ask(town, report, "correct", person=Person(name="Nguyễn Thị Bươi")), "correct_data")
    with town.house.store.public() as session:
        assert session.scalars(select(models.PubContent)).one().reporter is None


def test_a_restriction_takes_the_name_off_keeps_it_off_and_shuts_the_seal(town: Town):
    shown, later = town.to_published(secrecy="open"), town.to_approved(secrecy="open")
    for report in (shown, later):
        granted(town, ask(town, report, "restrict"), "restrict_data")
    town.publish(later.case_id)
    with town.house.reading(town.clock()) as work:
        assert restricted.since(work, shown.case_id, 1) == town.clock()
        rows = list(work.session.scalars(select(models.PubContent)))
        assert [row.reporter for row in rows] == [None, None]
    with pytest.raises(Refusal) as caught:
        opened(town, shown, "hoa")
    assert caught.value.refused.code == "reveal_restricted"
    assert person_of(town, shown) == BUOI


def test_an_erasure_is_the_overseers_and_leaves_nobody_behind(town: Town):
    report = town.to_published()
    earlier = ask(town, report, "access")
    request = ask(town, report, "erase")
    assert person_of(town, request) == Person(), "nobody is kept a second time who asks to be erased"
    granted(town, request, "erase_data", "son")
    assert [person_of(town, one) for one in (report, earlier, request)] == [None, None, None]
    assert town.file(request.case_id).events[-1].kind == "data_erased"
    assert town.differences() == []


def test_the_operators_erasure_leaves_nobody_behind_either(town: Town, monkeypatch):
    report = town.to_published()
    asked = [ask(town, report, "access"), ask(town, report, "correct", person=Person(name="Nguyễn Thị Bươi"))]
    monkeypatch.setenv("HOIDAP_DATA", str(town.house.config.data))
    words = ["erase", report.number, "--ground", "court_order"]
    hold = lambda work: holds.place(work, asked[1].case_id, "Điều 34", "Số 12/TB", None)  # noqa: E731
    standing = town.house.write(town.clock(), hold)
    refused = CliRunner().invoke(people_group, words)
    assert refused.exit_code == 1 and "Số 12/TB" in refused.output
    assert None not in [person_of(town, one) for one in (report, *asked)]
    town.house.write(town.clock(), lambda work: holds.lift(work, standing, None))
    assert CliRunner().invoke(people_group, words).exit_code == 0
    assert [person_of(town, one) for one in (report, *asked)] == [None, None, None]


def test_an_erasure_is_refused_while_a_hold_stands_and_the_hold_is_an_event(town: Town, desk):
    report = town.to_published()
    hold = town.house.write(
        town.clock(), lambda work: holds.place(work, report.case_id, "Điều 34", "Số 12/TB", None)
    )
    request = ask(town, report, "erase")
    with pytest.raises(Refusal) as caught:
        granted(town, request, "erase_data", "son")
    assert (caught.value.refused.code, caught.value.refused.cite) == ("legal_hold", "Điều 34")
    assert person_of(town, report) == BUOI
    town.house.write(town.clock(), lambda work: holds.lift(work, hold, None))
    events = town.file(report.case_id).events[-2:]
    assert [event.kind for event in events] == ["hold_placed", "hold_lifted"]
    assert "34" not in str(events) and "Số 12" not in str(events), "what was typed can be taken out again"
    assert desk("hoa").go(f"/co-quan/vu/{report.case_id}").sees("Giữ nguyên theo văn bản", "Điều 34")
    town.do(request.case_id, "erase_data", "son", target=0, texts={"result": "Đã xóa."})
    assert person_of(town, report) is None


def test_what_the_law_forbids_is_answered_with_its_ground(town: Town):
    request = ask(town, town.report(), "erase")
    texts = {"reason": "Đang thanh tra.", "guidance": "Gửi lại sau.", "number": "Số 12/TB"}
    file = town.do(request.case_id, "refuse", "son", tokens={"ground": "held_by_law"}, texts=texts)
    assert file.events[-1].data["ground"] == "held_by_law"
    assert file.row.closed_at and not [c for c in file.state.clocks if c.running]


@pytest.fixture
def tay_ninh(tmp_path):
    town = found_town(tmp_path / "tn", place="tay-ninh")
    yield town
    town.house.close()


def test_the_year_of_tay_ninh_is_a_floor_counted_from_the_end(tay_ninh: Town):
    town = tay_ninh
    area = town.house.law.directory.areas[0].id
    report = town.report(area=area, category=None)
    request = ask(town, report, "erase")
    with pytest.raises(Refusal) as caught:
        granted(town, request, "erase_data", "son")
    assert (caught.value.refused.code, caught.value.refused.cite) == ("kept_open", "TN24, Điều 12.1, 3.3")
    ground = {"ground": "indecent"}
    town.do(report.case_id, "refuse", "hoa", tokens=ground, texts={"reason": "x", "guidance": "y"})
    town.clock.forward(days=365)
    with pytest.raises(Refusal) as caught:
        town.do(request.case_id, "erase_data", "son", target=0, texts={"result": "x"})
    assert (caught.value.refused.code, caught.value.refused.params) == ("kept_until", {"day": "02/03/2027"})
    town.clock.forward(days=1)
    town.do(request.case_id, "erase_data", "son", target=0, texts={"result": "x"})
    assert person_of(town, report) is None


# A breach


def test_a_breach_runs_from_when_it_was_known(town: Town):
    known = town.clock() - timedelta(hours=5)
    record = lambda work: personal.record_breach(  # noqa: E731
        work, secrets.token_hex(16), "Gửi nhầm danh sách", known, town.actor("hoa")
    )
    receipt = town.house.write(town.clock(), record).receipt
    assert running(town, receipt) == {"breach_notice": "05/03 03:00"}
    told = {"number": "Số 5/TB", "note": "Đã gửi A05."}
    file = town.do(receipt.case_id, "notify_authority", "hoa", texts=told)
    assert [c.clock for c in file.state.clocks if c.met_at] == ["breach_notice"]
    assert {n.template for n in town.notices()} == {"data_breach"}


def test_nobody_has_known_of_a_breach_since_tomorrow_and_an_agency_writes_none_down(town: Town):
    for who, hours, code in (("hoa", 1, "known_future"), ("tu", -1, "role")):
        with pytest.raises(Refusal) as caught:
            known = town.clock() + timedelta(hours=hours)
            town.house.write(
                town.clock(),
                lambda work, who=who, known=known: personal.record_breach(
                    work, secrets.token_hex(16), "x", known, town.actor(who)
                ),
            )
        assert caught.value.refused.code == code


# Retention


def test_nobodys_time_ends_until_the_province_says_how_long(town: Town, monkeypatch):
    report, held = town.to_published(), town.to_published()
    ask(town, report, "access")
    hold = lambda work: holds.place(work, held.case_id, "Điều 34", "Số 12/TB", None)  # noqa: E731
    town.house.write(town.clock(), hold)
    town.clock.forward(days=2 * 366)
    with town.house.reading(town.clock()) as work:
        assert retention.due(work, 0) == []
        found = retention.due(work, 2)
        assert [(row.number, row.held) for row in found] == [(report.number, False), (held.number, True)]
        assert retention.due(work, 3) == []


def test_whose_time_is_over_is_asked_in_as_many_queries_for_ten_as_for_one(town: Town):
    asked: list[str] = []
    event.listen(town.house.store.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))

    def queries() -> int:
        asked.clear()
        with town.house.reading(town.clock() + timedelta(days=800), fresh=True) as work:
            assert all(row.held for row in retention.due(work, 2))
        return len(asked)

    def held_by_a_request() -> None:
        report = town.to_published()
        request = ask(town, report, "access")
        hold = lambda work: holds.place(work, request.case_id, "Điều 34", "Số 12/TB", None)  # noqa: E731
        town.house.write(town.clock(), hold)

    held_by_a_request()
    one = queries()
    held_by_a_request()
    assert queries() == one


def test_the_command_lists_and_ends_but_for_holds(town: Town, monkeypatch):
    report, held = town.to_published(), town.to_published()
    asked = ask(town, report, "access")
    monkeypatch.setenv("HOIDAP_DATA", str(town.house.config.data))
    run = CliRunner()
    hold = run.invoke(people_group, ["hold", held.number, "--ground", "Điều 34", "--document", "Số 12/TB"])
    assert hold.exit_code == 0, hold.output
    monkeypatch.setattr("webapp.cli.means.clock", lambda: town.clock() + timedelta(days=800))
    assert "không ai đến hạn xóa" in run.invoke(retention_group, ["due", "--erase"]).output
    monkeypatch.setenv("IDENTITY_RETENTION_YEARS", "2")
    listed = run.invoke(retention_group, ["due"]).output
    assert report.number in listed and "còn phải giữ nguyên" in listed
    assert person_of(town, report) == BUOI
    assert (
        "Đã xóa danh tính của 1 lần gửi; 1 lần gửi" in run.invoke(retention_group, ["due", "--erase"]).output
    )
    assert person_of(town, report) is None and person_of(town, held) == BUOI
    assert person_of(town, asked) is None


def test_a_year_that_begins_on_the_leap_day_ends_after_february(town: Town):
    regulation = town.house.law.regulation("QN20")
    at = town.clock().replace(year=2024, month=2, day=29)
    until = retention.kept_until(regulation, at, 1).astimezone(regulation.zone)
    assert f"{until:%Y-%m-%d %H:%M}" == "2025-03-02 00:00"


def test_the_form_of_a_report_knows_nothing_of_requests_about_data(town: Town):
    law = town.house.law
    assert {row.kind for row in law.applies}.isdisjoint({"personal_data"})
    today = town.clock().date()
    assert law.governing(None, "web", today).id == "QN20"
    assert law.governing(None, "web", today, "personal_data").id == "DL25"


# The doors


@pytest.fixture
def desk(app: Flask) -> Callable[[str], Browser]:
    return lambda who: Browser(app).log_in(who)


@pytest.fixture
def mine(app: Flask, town: Town) -> Callable[[str], Browser]:
    def opened(code: str) -> Browser:
        return Browser(app).go("/theo-doi").fill("Mã bí mật", code).press("Xem phản ánh")

    return opened


def code_on(browser: Browser) -> str:
    groups = next(el for el in browser.page.find("p") if el.get("class") == "groups")
    spans = (span for span in groups.iter("span") if span.get("class") is None)
    return "-".join("".join(span.itertext()).split()[-1] for span in spans)


def test_a_citizen_asks_follows_and_reads_what_is_kept(town: Town, mine, desk):
    report = town.to_published(secrecy="open")
    page = mine(report.code).follow("Gửi yêu cầu về dữ liệu")
    assert page.heading == "Dữ liệu của tôi" and page.sees("02 ngày làm việc", DECREE)
    page.choose("Ông/Bà yêu cầu gì?", "Xem dữ liệu").fill("Vì sao", "Tôi muốn biết.").press("Gửi yêu cầu")
    assert page.heading == "Đã gửi yêu cầu" and page.sees("hết ngày 04/03/2026", DECREE)
    code = code_on(page)
    page.follow("Xem yêu cầu của tôi")
    assert page.sees("Xem dữ liệu đang lưu về tôi", "chờ trả lời lần đầu", "hết ngày 04/03/2026", DECREE)
    hoa = desk("hoa").go("/co-quan/")
    hoa.follow("Bảo vệ dữ liệu cá nhân")
    assert hoa.sees("Xem dữ liệu đang lưu về tôi", report.number, "Tôi muốn biết.", DECREE)
    hoa.press("Nhận yêu cầu").follow("Cho xem dữ liệu").fill("Kết quả", "Xin xem ở dưới.").press("Cho xem")
    request = mine(code)
    assert request.sees("Xin xem ở dưới.", f"Về phản ánh {report.number}", "Xong 2 trong 2 bước")
    request.follow("Xem dữ liệu đang lưu về tôi")
    assert request.sees(BUOI.name, BUOI.phone, BUOI.email, "Chưa ai mở.", f"Hiện tên: {BUOI.name}", MANHOLE)


def test_the_reports_code_shows_every_request_with_its_answer_but_not_what_is_kept(town: Town, mine):
    report = town.to_published()
    seen, undone = ask(town, report, "access"), ask(town, report, "erase")
    granted(town, seen, "show_data")
    words = {"reason": "Chưa hết hạn lưu.", "guidance": "Xin gửi lại sau."}
    town.do(undone.case_id, "refuse", "son", tokens={"ground": "kept_as_record"}, texts=words)
    page = mine(report.code).go("/theo-doi/cua-toi/du-lieu")
    asked = page.part("Đã yêu cầu")
    for said_there in (seen.number, undone.number, "Đã làm theo yêu cầu.", *words.values()):
        assert said_there in asked
    assert not page.has_link("Xem dữ liệu đang lưu về tôi") and "chỉ mở bằng mã bí mật riêng" in asked
    assert page.go("/theo-doi/cua-toi/du-lieu/ban-luu").heading == "Theo dõi phản ánh"


@pytest.mark.parametrize(("kind", "alone"), [("Xem dữ liệu", True), ("Xóa họ tên", False)])
def test_a_new_code_says_what_it_opens_and_what_the_reports_code_opens(town: Town, mine, kind, alone):
    report = town.report()
    page = mine(report.code).go("/theo-doi/cua-toi/du-lieu")
    page.choose("Ông/Bà yêu cầu gì?", kind).press("Gửi yêu cầu")
    assert page.sees("mở riêng yêu cầu", f"Mã bí mật của phản ánh {report.number} vẫn dùng như cũ")
    assert page.sees("chỉ mã này mở được bản dữ liệu đang lưu") is alone


def test_who_opened_a_request_is_named_by_the_role_of_its_own_regulation(town: Town, mine):
    report = town.to_published()
    request = ask(town, report, "access")
    opened(town, report, "hoa")
    opened(town, request, "hoa", "data_subject")
    granted(town, request, "show_data")
    held = mine(request.code).go("/theo-doi/cua-toi/du-lieu/ban-luu")
    assert held.sees("cán bộ tiếp nhận Trung tâm IOC", "cán bộ bảo vệ dữ liệu cá nhân")


def test_what_is_wrong_in_the_form_is_said_and_nothing_is_lost(town: Town, mine):
    page = mine(town.report().code).go("/theo-doi/cua-toi/du-lieu")
    page.fill("Vì sao", "Nhầm số.").press("Gửi yêu cầu", 422)
    assert page.sees("Xin chọn một yêu cầu.", "Nhầm số.")
    page.choose("Ông/Bà yêu cầu gì?", "Sửa").press("Gửi yêu cầu", 422)
    assert page.sees("Xin ghi lại ít nhất một ô cho đúng.")
    page.fill("Số điện thoại đúng", "12").fill("Thư điện tử đúng", "không").press("Gửi yêu cầu", 422)
    assert page.sees("Số điện thoại này chưa đủ chữ số.", "Địa chỉ thư này chưa đúng")
    page.fill("Số điện thoại đúng", "0905 999 888").fill("Thư điện tử đúng", "").press("Gửi yêu cầu")
    page.follow("Xem yêu cầu của tôi").choose("Ông/Bà yêu cầu gì?", "Sửa")
    page.fill("Số điện thoại đúng", "0905 999 888").press("Gửi yêu cầu", 409)
    assert page.sees("đang được thực hiện")


def test_a_stranger_and_a_requests_own_code_find_no_form_and_no_list(app: Flask, town: Town, mine):
    report = town.report()
    for path in ("du-lieu", "du-lieu/ban-luu"):
        assert Browser(app).go(f"/theo-doi/cua-toi/{path}").heading == "Theo dõi phản ánh"
    request = ask(town, report, "access")
    page = mine(request.code)
    assert not page.has_link("Gửi yêu cầu về dữ liệu") and not page.has_link("Xem dữ liệu đang lưu")
    for path in ("du-lieu", "du-lieu/ban-luu"):
        assert page.go(f"/theo-doi/cua-toi/{path}").heading == "Theo dõi phản ánh"


def test_intake_is_told_who_erases_and_the_overseer_is_told_that_it_waits(town: Town, desk):
    report = town.to_published()
    request, other = ask(town, report, "erase"), ask(town, report, "access")
    hoa = desk("hoa").go(f"/co-quan/vu/{request.case_id}")
    assert hoa.sees(
        "“Xóa theo yêu cầu”, do lãnh đạo giám sát bảo vệ dữ liệu", "trả lời lần đầu xong thì họ được báo"
    )
    assert not hoa.go(f"/co-quan/vu/{other.case_id}").sees("Bước làm theo yêu cầu này")
    for one in (request, other):
        town.do(one.case_id, "acknowledge", "hoa")
    assert hoa.go(f"/co-quan/vu/{request.case_id}").sees("do lãnh đạo giám sát", "Họ đã được báo")
    told = [row for row in town.notices() if row.template == "data_to_erase"]
    assert [(row.case_id, row.role) for row in told] == [(request.case_id, "overseer")]
    son = desk("son").go("/co-quan/tin")
    assert son.sees(f"Yêu cầu xóa dữ liệu {request.number}")
    assert not son.go(f"/co-quan/vu/{request.case_id}").sees("Bước làm theo yêu cầu này")


def test_the_desk_sees_why_an_erasure_must_wait(town: Town, desk):
    report = town.to_published()
    hold = lambda work: holds.place(work, report.case_id, "Điều 34", "Số 12/TB", None)  # noqa: E731
    town.house.write(town.clock(), hold)
    request = ask(town, report, "erase")
    town.do(request.case_id, "acknowledge", "hoa")
    son = desk("son").go(f"/co-quan/vu/{request.case_id}")
    assert son.sees("Chưa xóa được vì phản ánh đang được giữ nguyên theo văn bản Số 12/TB (Điều 34)")
    son.follow("Xóa theo yêu cầu").fill("Kết quả", "Đã xóa.").press("Xóa theo yêu cầu", 409)
    assert son.sees("Số 12/TB", "Điều 34")
    assert desk("son").go(f"/co-quan/vu/{report.case_id}").sees("Giữ nguyên theo văn bản")


def test_a_breach_is_written_down_at_the_desk_and_its_term_stands_on_the_list(town: Town, desk):
    hoa = desk("hoa").go("/co-quan/").follow("Ghi sự cố lộ dữ liệu")
    hoa.press("Ghi sự cố", 422)
    assert hoa.sees("Xin điền mục này.")
    hoa.fill("Chuyện gì", "Gửi nhầm danh sách cho một đơn vị khác.").fill("Khoảng bao nhiêu", "x")
    hoa.press("Ghi sự cố", 422)
    hoa.fill("Khoảng bao nhiêu", "120").fill("Phát hiện lúc nào", "2026-03-02T06:30").press("Ghi sự cố")
    assert "Người gửi" not in [said(h) for h in hoa.page.find("h2")], "nobody sent a breach"
    assert hoa.sees("Đã ghi sự cố", "Số người bị ảnh hưởng, ước lượng: 120", "06:30", LAW)
    assert hoa.go("/co-quan/").sees("Sự cố dữ liệu: chờ thông báo", "thứ Năm 05/03/2026")
    desk("tu").go("/co-quan/su-co", 404)
    assert not desk("tu").go("/co-quan/").has_link("Ghi sự cố")


@pytest.mark.parametrize("typed", ["0001-01-01T00:00", "2026-03-02T06:30+00:00", "2026-03-02", "x"])
def test_a_time_that_cannot_be_is_a_fault_of_its_field(desk, typed: str):
    hoa = desk("hoa").go("/co-quan/su-co").fill("Chuyện gì", "Gửi nhầm.").fill("Khoảng bao nhiêu", "1")
    hoa.fill("Phát hiện lúc nào", typed).press("Ghi sự cố", 422)
    assert hoa.sees(sentence("desk_data", "bad_time"))


def test_a_request_is_known_by_no_other_secret(town: Town):
    report = town.report()
    request = ask(town, report, "access")
    with town.house.reading(town.clock()) as work:
        assert request.code != report.code and not intake.is_known(work, secrets.token_hex(16))
