"""The door denies by default: every address of it, without a log-in, leads to the log-in page or nowhere."""

import pytest

from tests.browse import Browser
from tests.cast import photo
from webapp.agency.guard import OPEN, local_path

VALUES = {"id": 1, "photo_id": 1, "document_id": 1, "recording_id": 1, "move_id": "accept"}


def rules(app):
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("agency.")]


def address(app, rule):
    adapter = app.url_map.bind("localhost")
    return adapter.build(rule.endpoint, {name: VALUES[name] for name in rule.arguments})


def test_every_rule_without_a_log_in_leads_to_the_log_in_page_or_nowhere(app, town):
    town.to_agency(photos=[town.kept(photo())])
    town.redraw()
    browser = Browser(app).go("/co-quan/dang-nhap")
    token = browser.hidden("csrf_token")
    seen = set()
    for rule in rules(app):
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            if rule.endpoint in OPEN:
                continue
            data = {"csrf_token": token} if method == "POST" else None
            response = browser.client.open(address(app, rule), method=method, data=data)
            leads_in = response.status_code in (302, 303) and "/co-quan/dang-nhap" in response.location
            assert leads_in or response.status_code == 404, f"{method} {rule} answered {response.status_code}"
            seen.add((rule.endpoint, method))
    assert len(seen) >= 9
    assert {rule.endpoint for rule in rules(app)} >= OPEN


def test_every_post_without_a_form_token_is_refused(app, town, desk):
    town.to_agency()
    client = desk("tu").client
    for rule in rules(app):
        if "POST" in rule.methods:
            assert client.post(address(app, rule)).status_code == 400, f"{rule} takes a POST without a token"


def test_what_is_open_is_the_log_in_page_alone():
    assert {"agency.login"} == OPEN


def test_after_the_log_in_one_is_where_one_wanted_to_be(app, town):
    receipt = town.to_agency()
    browser = Browser(app).go(f"/co-quan/vu/{receipt.case_id}?x=1")
    assert browser.heading == "Đăng nhập"
    browser.fill("Tên đăng nhập", "tu").fill("Mật khẩu", "mot cau de nho 2026").press("Đăng nhập")
    assert browser.url == f"/co-quan/vu/{receipt.case_id}?x=1"


@pytest.mark.parametrize(
    "text",
    ["https://evil.example/co-quan/", "//evil.example/co-quan", "/co-quan\\@evil.example", "/co-quan/../gui", "/gui",
     "/co-quanx", "/co-quan/dang-nhap?next=/", "javascript:alert(1)", "", None, "/co-quan/\r\nX: y"],
)  # fmt: skip
def test_next_never_leads_out_of_the_desk(app, text):
    with app.test_request_context():
        assert local_path(text) == "/co-quan/"


@pytest.mark.parametrize("text", ["/co-quan/vu/12", "/co-quan/?nhom=can-lam&trang=2", "/co-quan"])
def test_next_may_lead_anywhere_in_the_desk(app, text):
    with app.test_request_context():
        assert local_path(text) == text


@pytest.mark.parametrize("stranger", ["binh", "minh"])
def test_another_agencys_case_is_not_there(town, desk, stranger):
    receipt = town.to_agency(photos=[town.kept(photo())])
    town.redraw()
    base = f"/co-quan/vu/{receipt.case_id}"
    desk("tu").go(base).go(f"{base}/anh/1").go(base)
    token = desk("tu").hidden("csrf_token")
    browser = desk(stranger)
    for path in (base, f"{base}/anh/1", f"{base}/anh/1?w=1280", f"{base}/return?target=1", f"{base}/accept"):
        browser.go(path, 404)
    token = browser.go("/co-quan/tai-khoan").hidden("csrf_token")
    before = town.file(receipt.case_id).state
    for move in ("accept", "return", "remind", "publish"):
        response = browser.client.post(f"{base}/{move}?target=1", data={"csrf_token": token, "reason": "x"})
        assert response.status_code == 404
    assert town.file(receipt.case_id).state == before


def test_a_case_that_was_never_sent_is_not_there(town, desk):
    for who in ("hoa", "tu", "son"):
        desk(who).go("/co-quan/vu/4711", 404)


def test_a_photo_is_only_shown_under_its_own_case(town, desk):
    first = town.to_agency(photos=[town.kept(photo())])
    second = town.to_agency()
    town.redraw()
    tu = desk("tu").go(f"/co-quan/vu/{first.case_id}/anh/1?w=480")
    assert tu.response.mimetype == "image/jpeg"
    assert tu.response.headers["Cache-Control"] == "private, no-store"
    assert b"CANARY-CAM" not in tu.response.data
    tu.go(f"/co-quan/vu/{second.case_id}/anh/1", 404)


def test_a_photo_that_waits_to_be_redrawn_is_not_there_yet(town, desk):
    receipt = town.to_agency(photos=[town.kept(photo())])
    tu = desk("tu")
    tu.go(f"/co-quan/vu/{receipt.case_id}/anh/1", 404)
    assert tu.go(f"/co-quan/vu/{receipt.case_id}").sees("Còn 1 ảnh đang được chuẩn bị để xem.")


def test_moves_of_other_roles_are_not_there(town, desk):
    receipt = town.to_agency()
    for who, move in (
        ("tu", "direct"),
        ("lan", "enter_result"),
        ("hoa", "accept"),
        ("tu", "rate"),
        ("tu", "nonsense"),
    ):
        desk(who).go(f"/co-quan/vu/{receipt.case_id}/{move}?target=1", 404)
    desk("tu").go(f"/co-quan/vu/{receipt.case_id}/return?target=2", 404)


def test_pages_of_the_desk_are_kept_nowhere(town, desk):
    receipt = town.to_agency()
    for path in ("/co-quan/", f"/co-quan/vu/{receipt.case_id}", "/co-quan/tai-khoan", "/co-quan/vu/9999"):
        response = desk("tu").client.get(path)
        assert response.headers["Cache-Control"] == "no-store"
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
