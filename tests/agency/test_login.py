"""Sessions that the server can end: by log-out, by idleness, by the clock, from another browser."""

import pytest
from sqlalchemy import select

from tests.browse import Browser
from tests.cast import PASSWORD
from tests.page_check import check
from webapp.agency.login import device
from webapp.app import create_app
from webapp.config import Config
from webapp.store import models


def cookie(browser):
    return browser.client.get_cookie("desk")


def with_token(app, token):
    browser = Browser(app)
    browser.client.set_cookie("desk", token)
    return browser


def test_logging_in_and_out(town, app, desk):
    tu = desk("tu")
    assert tu.heading == "Việc cần làm"
    assert tu.sees("Sở Xây dựng", "Lê Văn Tư · Cán bộ xử lý")
    old = cookie(tu)
    assert (old.http_only, old.same_site, old.path) == (True, "Lax", "/")
    tu.press("Đăng xuất")
    assert tu.heading == "Đăng nhập" and tu.sees("Đã đăng xuất.")
    assert cookie(tu) is None
    assert with_token(app, old.value).go("/co-quan/").heading == "Đăng nhập", (
        "the ended token still opens the desk"
    )


def test_the_database_does_not_hold_the_token(town, desk):
    token = cookie(desk("tu")).value
    with town.house.store.reader() as session:
        assert session.scalars(select(models.StaffSession.token_mac)).one() != token
    data = b"".join(path.read_bytes() for path in town.house.config.data.glob("*.db*"))
    assert token.encode() not in data


@pytest.mark.parametrize(("who", "password"), [("tu", "not the password"), ("nobody", PASSWORD), ("", "")])
def test_a_wrong_name_and_a_wrong_password_are_answered_alike(town, app, who, password):
    browser = Browser(app).log_in(who, password, 422)
    assert browser.sees("Tên đăng nhập hoặc mật khẩu chưa đúng.")
    assert browser.value("Tên đăng nhập") == who
    assert cookie(browser) is None
    assert browser.page.by_id["f-password"].get("value") is None


def test_an_account_that_was_closed_cannot_come_in(town, app, desk):
    tu = desk("tu")
    town.house.write(
        town.clock(), lambda w: setattr(w.session.get(models.Account, town.ids["tu"]), "active", False)
    )
    assert tu.go("/co-quan/").heading == "Đăng nhập"
    Browser(app).log_in("tu", status=422)


def test_every_log_in_has_a_new_token_and_ends_the_browsers_old_one(town, app, desk):
    tu = desk("tu")
    first, form = cookie(tu).value, tu.hidden("csrf_token")
    tu.client.delete_cookie("desk")
    tu.go("/co-quan/dang-nhap")
    tu.client.set_cookie("desk", "brought-along")
    tu.log_in("tu")
    assert cookie(tu).value not in (first, "brought-along")
    assert tu.hidden("csrf_token") != form
    assert with_token(app, "brought-along").go("/co-quan/").heading == "Đăng nhập"


def test_two_idle_hours_end_a_session(town, desk):
    tu = desk("tu")
    town.clock.forward(hours=1, minutes=59)
    assert tu.go("/co-quan/").heading == "Việc cần làm"
    town.clock.forward(hours=1, minutes=59)
    assert tu.go("/co-quan/").heading == "Việc cần làm"
    town.clock.forward(hours=2)
    assert tu.go("/co-quan/").heading == "Đăng nhập"


def test_twelve_hours_end_a_session_however_busy(town, desk):
    tu = desk("tu")
    for _ in range(11):
        town.clock.forward(hours=1)
        assert tu.go("/co-quan/").heading == "Việc cần làm"
    town.clock.forward(hours=1)
    assert tu.go("/co-quan/").heading == "Đăng nhập"


def test_a_session_is_touched_at_most_once_a_minute(town, desk):
    tu = desk("tu")
    seen = []
    for _ in range(4):
        town.clock.forward(seconds=30)
        tu.go("/co-quan/")
        with town.house.store.reader() as session:
            seen.append(session.scalars(select(models.StaffSession.seen_at)).one())
    assert len(set(seen)) == 3


def test_who_is_logged_in_need_not_log_in(desk):
    assert desk("tu").go("/co-quan/dang-nhap").heading == "Việc cần làm"


def test_the_cookie_of_a_real_installation_is_bound_to_the_host(town, tmp_path):
    environ = {"HOIDAP_DATA": str(town.house.config.data), "SECURE_COOKIES": "on"}
    app = create_app(Config.from_environment(environ), town.clock)
    client = app.test_client()
    page = client.get("/co-quan/dang-nhap", base_url="https://localhost")
    token = next(el.get("value") for el in check(page.text).find("input") if el.get("name") == "csrf_token")
    data = {"csrf_token": token, "username": "tu", "password": PASSWORD}
    answer = client.post(
        "/co-quan/dang-nhap",
        data=data,
        base_url="https://localhost",
        headers={"Referer": "https://localhost/"},
    )
    [line] = [line for line in answer.headers.getlist("Set-Cookie") if line.startswith("__Host-desk=")]
    assert "Secure" in line and "HttpOnly" in line and "SameSite=Lax" in line and "Path=/" in line
    assert "Domain" not in line


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36",
            "Chrome/Windows",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0",
            "Edge/Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 15_0 like Mac OS X) Version/15.0 Mobile Safari/604.1",
            "Safari/iPhone",
        ),
        ("Mozilla/5.0 (Linux; Android 13) Chrome/130.0 Mobile Safari/537.36", "Chrome/Android"),
        ("curl/8", ""),
    ],
)
def test_devices_are_named_as_people_name_them(header, said):
    assert device(header) == said


# The account page


def test_ending_a_session_from_another_browser(town, app, desk):
    here, there = desk("tu"), Browser(app).log_in("tu")
    here.go("/co-quan/tai-khoan")
    assert here.sees("Lê Văn Tư", "Sở Xây dựng", "Cán bộ xử lý", "Phiên này")
    here.press("Kết thúc phiên")
    assert here.sees("Đã kết thúc phiên đó.")
    assert there.go("/co-quan/").heading == "Đăng nhập"
    assert here.go("/co-quan/").heading == "Việc cần làm"


def test_nobody_ends_the_session_of_somebody_else(town, desk):
    desk("tu"), desk("lan")
    token = desk("lan").go("/co-quan/tai-khoan").hidden("csrf_token")
    answer = desk("lan").client.post("/co-quan/tai-khoan/phien/1", data={"csrf_token": token})
    assert answer.status_code == 404
    assert desk("tu").go("/co-quan/").heading == "Việc cần làm"


def test_changing_the_password_ends_the_other_sessions(town, app, desk):
    here, there = desk("tu"), Browser(app).log_in("tu")
    here.go("/co-quan/tai-khoan").fill("Mật khẩu đang dùng", PASSWORD).fill(
        "Mật khẩu mới", "mot cau khac dai hon"
    )
    here.press("Đổi mật khẩu")
    assert here.sees("Đã đổi mật khẩu.")
    assert there.go("/co-quan/").heading == "Đăng nhập"
    there.log_in("tu", PASSWORD, 422).log_in("tu", "mot cau khac dai hon")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("wrong", "mot cau khac dai hon", "Mật khẩu đang dùng chưa đúng."),
        (PASSWORD, "ngan", "cần ít nhất 12 ký tự"),
    ],
)
def test_a_password_that_is_not_taken_changes_nothing(town, app, desk, old, new, said):
    tu = desk("tu").go("/co-quan/tai-khoan").fill("Mật khẩu đang dùng", old).fill("Mật khẩu mới", new)
    tu.press("Đổi mật khẩu", 422)
    assert tu.sees(said)
    Browser(app).log_in("tu")
