"""Cookies and sessions: what the browser holds, how long it opens something, and what ends it."""

from __future__ import annotations

from unittest.mock import MagicMock

import pytest

from tests.browse import Browser
from tests.cast import PASSWORD
from webapp.operations import accounts, citizens
from webapp.store import models


def parts(cookie: str) -> tuple[str, str, set[str]]:
    head, *rest = (part.strip() for part in cookie.split(";"))
    name, _, value = head.partition("=")
    return name, value, set(rest)


@pytest.mark.asvs("3.3.1", "3.3.2", "3.3.3", "3.3.4")
def test_every_cookie_is_bound_to_the_host_closed_to_scripts_and_withheld_from_other_sites(walked):
    cookies = [parts(cookie) for answer in walked.answers for cookie in answer.cookies]
    assert {name for name, _, _ in cookies} == {"__Host-form", "__Host-desk", "__Host-citizen"}
    for name, _, attributes in cookies:
        assert attributes >= {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"}, (name, attributes)
        assert not any(attribute.startswith("Domain") for attribute in attributes), name


@pytest.mark.asvs("3.3.4", "14.2.1", "7.2.3")
def test_no_token_ever_stands_in_a_body_or_an_address(walked):
    assert len(walked.tokens) == 12 and len(set(walked.tokens.values())) == 12
    for answer in walked.answers:
        for who, token in walked.tokens.items():
            assert token.encode() not in answer.body, f"{answer.url} tells the token of {who}"
            assert token not in answer.url + answer.header("Location")


@pytest.mark.asvs("14.2.1")
def test_nothing_secret_stands_in_an_address(walked):
    secrets = [receipt.code for receipt in walked.lived.receipts.values()]
    secrets += [code.replace("-", "") for code in secrets] + ["csrf_token", "Bưởi", "905123456", PASSWORD]
    for answer in walked.answers:
        for secret in secrets:
            assert secret not in answer.url + answer.header("Location")
    for page in walked.pages:
        if 'method="get"' in page.text:
            where = page.url.split("?")[0]
            assert where.rstrip("/") in ("", "/tinh-han", "/co-quan"), (
                "only search, calculator and the desk's look-up of a public number write into the address"
            )


@pytest.mark.asvs("7.2.3", "11.5.1")
def test_ten_thousand_tokens_are_distinct_and_hold_256_random_bits(town):
    class Work:
        session, vault, now = MagicMock(), town.house.vault, town.clock()

    account = models.Account(id=1)
    tokens = {accounts.open_session(Work, account, "") for _ in range(5000)}
    tokens |= {citizens.open_session(Work, 1) for _ in range(5000)}
    assert len(tokens) == 10_000 and min(map(len, tokens)) == 43  # 32 bytes in base64


@pytest.mark.asvs("7.2.4")
def test_logging_in_gives_a_new_token_and_the_one_before_is_dead(app, town, desk):
    tu = desk("tu")
    first = tu.client.get_cookie("desk").value
    again = Browser(app)
    again.go("/co-quan/dang-nhap")
    form = {"csrf_token": again.hidden("csrf_token"), "username": "tu", "password": PASSWORD}
    town.clock.forward(hours=3)  # idle: the cookie is still sent, the server asks for the password again
    again.client.set_cookie("desk", first)
    assert again.client.post("/co-quan/dang-nhap", data=form).status_code == 303
    assert again.client.get_cookie("desk").value != first
    assert tu.go("/co-quan/").heading == "Đăng nhập"


@pytest.mark.asvs("7.2.4")
def test_a_token_somebody_else_chose_is_never_taken_over(app, town):
    code = town.report().code
    victim = Browser(app)
    victim.client.set_cookie("citizen", "chosen-by-somebody-else")
    victim.go("/theo-doi").fill("Mã bí mật", code).press("Xem phản ánh")
    assert victim.client.get_cookie("citizen").value != "chosen-by-somebody-else"


@pytest.mark.asvs("7.3.1", "7.3.2")
def test_sessions_end_by_idleness_and_by_the_clock(app, town, desk):
    idle, busy = desk("tu"), desk("lan")
    reader = Browser(app).go("/theo-doi").fill("Mã bí mật", town.report().code).press("Xem phản ánh")
    for _ in range(11):
        town.clock.forward(hours=1)
        busy.go("/co-quan/")
    assert idle.go("/co-quan/").heading == "Đăng nhập"
    assert busy.heading == "Việc cần làm" and reader.go("/theo-doi/cua-toi").url == "/theo-doi/cua-toi"
    town.clock.forward(hours=1)
    assert busy.go("/co-quan/").heading == "Đăng nhập"
    assert reader.go("/theo-doi/cua-toi").url != "/theo-doi/cua-toi"


@pytest.mark.asvs("7.4.1", "14.3.1")
def test_leaving_ends_the_session_on_the_server_and_empties_the_browser(app, town, desk):
    tu = desk("tu")
    reader = Browser(app).go("/theo-doi").fill("Mã bí mật", town.report().code).press("Xem phản ánh")
    for browser, name, leave, inside in (
        (tu, "desk", "/co-quan/dang-xuat", "/co-quan/"),
        (reader, "citizen", "/theo-doi/dong", "/theo-doi/cua-toi"),
    ):
        token, form = browser.client.get_cookie(name).value, {"csrf_token": browser.hidden("csrf_token")}
        answer = browser.client.post(leave, data=form)
        assert answer.headers["Clear-Site-Data"] == '"cache"'
        assert browser.client.get_cookie(name) is None
        replay = Browser(app)
        replay.client.set_cookie(name, token)
        assert replay.client.get(inside).status_code == 303, f"the ended {name} session still opens {inside}"


@pytest.mark.asvs("7.4.2", "8.3.2")
def test_disabling_an_account_ends_its_sessions_in_every_browser(app, town, desk):
    browsers = [desk("tu"), desk("tu")]
    town.house.write(
        town.clock(), lambda w: setattr(w.session.get_one(models.Account, town.ids["tu"]), "active", False)
    )
    for browser in browsers:
        assert browser.client.get("/co-quan/").status_code == 303
        assert browser.client.post("/co-quan/dang-xuat", data={}).status_code in (303, 400)
    Browser(app).log_in("tu", status=422)


@pytest.mark.asvs("8.3.2")
def test_a_role_taken_away_is_gone_with_the_next_request(town, desk):
    receipt = town.to_agency()
    tu = desk("tu").go(f"/co-quan/vu/{receipt.case_id}/accept?target=1")
    town.house.write(
        town.clock(), lambda w: setattr(w.session.get_one(models.Account, town.ids["tu"]), "roles", [])
    )
    tu.go(f"/co-quan/vu/{receipt.case_id}/accept?target=1", 404)


@pytest.mark.asvs("8.3.2", "8.4.1")
def test_a_move_to_another_agency_takes_the_old_cases_away(town, desk):
    receipt = town.to_agency()
    tu = desk("tu").go(f"/co-quan/vu/{receipt.case_id}")
    town.house.write(
        town.clock(),
        lambda w: setattr(w.session.get_one(models.Account, town.ids["tu"]), "agency", "so-congthuong"),
    )
    tu.go(f"/co-quan/vu/{receipt.case_id}", 404)
