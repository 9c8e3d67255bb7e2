"""What forms take: only with their token, only what they know, each field judged by the server."""

from __future__ import annotations

import pytest

from tests.browse import Browser
from tests.cast import MANHOLE, STAFF
from tests.citizen.conftest import SEND, fill
from tests.security.test_routes import addresses, listed
from webapp.operations import intake
from webapp.store import models

HOSTILE_KEYS = {"state": "published", "secrecy": "open", "role": "leader", "roles": "overseer", "agency": "ioc",
                "account_id": "1", "case_id": "1", "id": "1", "channel": "phone", "submitted_at": "2020-01-01",
                "__proto__": "x", "is_admin": "1"}  # fmt: skip


def count(town, model) -> int:
    with town.house.store.reader() as session:
        return session.query(model).count()


@pytest.mark.asvs("3.5.1")
@pytest.mark.parametrize("who", ["stranger", "reporter", *STAFF])
def test_every_post_without_its_token_is_refused(app, town, who):
    receipt = town.to_agency()
    browser = Browser(app)
    if who in STAFF:
        browser.log_in(who)
    elif who == "reporter":
        browser.go("/theo-doi").fill("Mã bí mật", receipt.code).press("Xem phản ánh")
    before, tried = town.file(receipt.case_id).state, 0
    for row, address in addresses(app, receipt, listed()):
        if "POST" in row["methods"]:
            # The queue of a phone has no form and reads no cookie: there the secret in a header is asked for.
            refused = 401 if row["guard"] == "secret" else 400
            for data in ({}, {"csrf_token": ""}, {"csrf_token": "forged.token.value"}):
                assert browser.client.post(address, data=data).status_code == refused, address
                tried += 1
    assert tried >= 18 and town.file(receipt.case_id).state == before


@pytest.mark.asvs("3.5.1")
def test_a_token_of_another_browser_is_worth_nothing(app, town):
    token = Browser(app).go("/gui").hidden("csrf_token")
    assert Browser(app).go("/gui").client.post("/gui", data={"csrf_token": token}).status_code == 400


@pytest.mark.asvs("15.3.3")
def test_fields_the_form_does_not_have_change_nothing(app, town):
    browser = fill(Browser(app).go("/gui"))
    browser.press(SEND, **HOSTILE_KEYS)
    state = town.file(1).state
    [submission] = state.submissions
    assert (submission.secrecy, submission.channel) == ("hide_name", "web")
    assert not state.assignments and state.opened_at == town.clock()
    with town.house.store.reader() as session:
        assert {a.username: a.roles for a in session.query(models.Account)} == {
            u: r for u, (_, _, r) in STAFF.items()
        }


@pytest.mark.asvs("15.3.3")
def test_a_move_takes_only_the_facts_it_asks_for(app, town, desk):
    receipt = town.to_agency()
    browser = desk("tu").go(f"/co-quan/vu/{receipt.case_id}")
    data = {
        "csrf_token": browser.hidden("csrf_token"),
        "result": "x",
        "public_answer": "y",
        "rating": "satisfied",
    }
    assert (
        browser.client.post(
            f"/co-quan/vu/{receipt.case_id}/accept?target=1", data=data | HOSTILE_KEYS
        ).status_code
        == 303
    )
    [assignment] = town.file(receipt.case_id).state.assignments
    assert assignment.agency == "so-xaydung" and assignment.result is None
    assert town.file(receipt.case_id).state.submissions[0].rating is None


@pytest.mark.asvs("15.3.7")
def test_a_field_sent_twice_counts_once_and_the_same_for_check_and_act(app, town):
    browser = fill(Browser(app).go("/gui"))
    browser.press(
        SEND, visibility=["confidential", "open"], commune=["20341", "not-a-commune"], text=[MANHOLE, "<b>"]
    )
    assert town.file(1).state.submissions[0].secrecy == "confidential"
    with town.house.store.reader() as session:
        assert session.query(models.Submission).one().claimed_area == "20341"
    Browser(app).go("/?q=nap&q=zzz&trang=1&trang=x&noi=20341&noi=1")


@pytest.mark.asvs("2.2.1", "2.2.2")
@pytest.mark.parametrize(
    ("field", "value"),
    [("commune", "99999"), ("commune", "' OR 1=1"), ("category", "no-such"), ("visibility", "public"), ("visibility", ""),
     ("happened", "2999-01-01"), ("happened", "yesterday"), ("phone", "call me"), ("email", "a@"), ("email", "a\r\nBcc: b@c.vn"),
     ("text", ""), ("text", "x" * 5001), ("undertaking", ""), ("reporter_name", ""), ("secret", "zz"), ("place", "")],
)  # fmt: skip
def test_the_server_judges_every_field_of_a_report_by_itself(app, town, field, value):
    browser = fill(Browser(app).go("/gui"))
    more = {"commune": "", "lat": "", "lon": ""} if field == "place" else {}
    browser.press(SEND, 422, **{field: value, **more})
    assert count(town, models.Case) == 0


@pytest.mark.asvs("2.2.1", "2.2.2")
@pytest.mark.parametrize(
    ("lat", "lon"),
    [("91", "0"), ("nan", "1"), ("1e5", "1"), ("inf", "inf"), ("15,5", "108"), ("x", "y"), ("１５", "108")],
)
def test_a_position_that_is_none_is_not_stored(app, town, lat, lon):
    fill(Browser(app).go("/gui")).press(SEND, lat=lat, lon=lon, accuracy="-1")
    with town.house.reading(town.clock()) as work:
        place = intake.open_place(
            work, work.session.get_one(models.Case, 1), work.session.query(models.Submission).one()
        )
    assert place.lat is None and place.lon is None


@pytest.mark.asvs("2.2.1", "2.2.2", "8.3.1")
@pytest.mark.parametrize(
    ("move", "who", "data"),
    [("distribute", "hoa", {"agency": "no-such"}), ("receive", "hoa", {"category": "x", "area": "y"}),
     ("refuse", "hoa", {"ground": "no-such", "reason": "x"}), ("refuse", "hoa", {"ground": "outside_province", "reason": ""})],
)  # fmt: skip
def test_the_server_judges_every_fact_of_a_move_by_itself(app, town, desk, move, who, data):
    receipt = town.report()
    if move == "distribute":
        town.do(receipt.case_id, "receive", "hoa", tokens={"category": "giao-thong", "area": "20341"})
    before = town.file(receipt.case_id).state
    browser = desk(who).go(f"/co-quan/vu/{receipt.case_id}")
    answer = browser.client.post(
        f"/co-quan/vu/{receipt.case_id}/{move}", data={"csrf_token": browser.hidden("csrf_token"), **data}
    )
    assert answer.status_code in (409, 422)
    assert town.file(receipt.case_id).state == before


@pytest.mark.asvs("2.2.2")
def test_a_rating_that_the_regulation_does_not_know_is_not_taken(app, town):
    receipt = town.to_published()
    reader = Browser(app).go("/theo-doi").fill("Mã bí mật", receipt.code).press("Xem phản ánh")
    data = {"csrf_token": reader.hidden("csrf_token"), "rating": "excellent"}
    assert reader.client.post("/theo-doi/cua-toi/rate", data=data).status_code in (409, 422)
    assert town.file(receipt.case_id).state.submissions[0].rating is None
