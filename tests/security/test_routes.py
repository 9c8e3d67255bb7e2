"""Every route times every visitor: what is not allowed by the list is denied."""

from __future__ import annotations

import sqlite3
import tomllib
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.browse import Browser
from tests.cast import STAFF, photo
from tests.crawl import crawl, lived_in
from webapp.app import create_app

HERE = Path(__file__).parent
GUARDS = {"everybody", "reporter", "secret", "staff", "operator"}
ELSEWHERE = {"REMOTE_ADDR": "198.51.100.7"}  # not the machine itself
MOST = {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"}


def listed() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = tomllib.loads((HERE / "routes.toml").read_text("utf-8"))["route"]
    return rows


def door_of(endpoint: str) -> str:
    return endpoint.rpartition(".")[0] or "app"


@pytest.mark.asvs("8.2.1", "4.1.4")
def test_every_route_is_listed_with_its_methods_and_its_guard(app):
    real = {
        (r.rule, tuple(sorted(r.methods - {"HEAD", "OPTIONS"})), door_of(r.endpoint))
        for r in app.url_map.iter_rules()
    }
    rows = {(row["rule"], tuple(sorted(row["methods"])), row["door"]) for row in listed()}
    assert real - rows == set(), "say in tests/security/routes.toml who may come in by these"
    assert rows - real == set(), "these routes are gone: take their rows away"
    assert {row["guard"] for row in listed()} <= GUARDS


@pytest.fixture
def scene(app, town):
    receipt = town.to_agency(photos=[town.kept(photo())])
    other = town.to_published(photos=[])
    town.redraw()
    return receipt, other


def addresses(app, receipt, rows):
    adapter = app.url_map.bind("localhost")
    values = {"id": receipt.case_id, "photo_id": 1, "move_id": "accept", "move": "rate", "code": receipt.number,
              "name": "0" * 64 + ".jpg", "tree_name": "x"}  # fmt: skip
    for rule in app.url_map.iter_rules():
        methods = sorted(rule.methods - {"HEAD", "OPTIONS"})
        row = next(row for row in rows if row["rule"] == rule.rule and row["methods"] == methods)
        arguments = {name: values.get(name, "1") for name in rule.arguments}
        if rule.endpoint == "citizen.photo":
            arguments["id"] = 1
        if rule.endpoint == "public.rules":
            arguments["id"] = "qn20"
        yield row, adapter.build(rule.endpoint, arguments)


def visitor(app, receipt, who):
    browser = Browser(app)
    if who in STAFF:
        return browser.log_in(who)
    if who == "reporter":
        return browser.go("/theo-doi").fill("Mã bí mật", receipt.code).press("Xem phản ánh")
    return browser.go("/theo-doi")


@pytest.mark.asvs("8.2.1", "8.3.1")
@pytest.mark.parametrize("who", ["stranger", "reporter", *STAFF])
def test_nobody_comes_in_by_a_route_that_is_not_theirs(app, town, scene, who):
    receipt, _ = scene
    before = town.file(receipt.case_id).state
    tried = 0
    for row, address in addresses(app, receipt, listed()):
        mine = row["guard"] == "everybody" or row["guard"] == ("staff" if who in STAFF else who)
        if mine:
            continue
        for method in row["methods"]:
            browser = visitor(app, receipt, who)
            token = browser.go("/gui").hidden("csrf_token")
            data = {"csrf_token": token} if method != "GET" else None
            answer = browser.client.open(address, method=method, data=data, environ_base=ELSEWHERE)
            sent_away = answer.status_code in (302, 303) and answer.location.startswith(
                ("/co-quan/dang-nhap", "/theo-doi")
            )
            assert sent_away or answer.status_code in (401, 403, 404, 410), (
                f"{who} {method} {address}: {answer.status_code}"
            )
            assert not answer.data or "Nắp cống" not in answer.get_data(as_text=True)
            tried += 1
    assert tried >= 3
    assert town.file(receipt.case_id).state == before


@pytest.mark.asvs("8.2.1", "8.3.1", "2.3.1")
@pytest.mark.parametrize("who", list(STAFF))
def test_a_move_of_another_role_or_another_step_changes_nothing(app, town, scene, who):
    receipt, published = scene
    browser = Browser(app).log_in(who)
    token = browser.hidden("csrf_token")
    roles = set(STAFF[who][2])
    for case in (receipt.case_id, published.case_id):
        file = town.file(case)
        for move in file.regulation.moves:
            fits = not roles.isdisjoint(move.by)
            now = town.file(case).state
            states = {a.state for a in now.assignments} | {s.state for s in now.submissions}
            if fits and states & set(move.from_):
                continue  # theirs, now
            answer = browser.client.post(f"/co-quan/vu/{case}/{move.id}?target=1", data={"csrf_token": token})
            assert answer.status_code in (404, 409, 422), f"{who} {move.id}: {answer.status_code}"
            assert town.file(case).state == now, f"{who} made {move.id}"


@pytest.mark.asvs("4.1.4")
def test_a_method_that_is_not_listed_is_refused_and_says_which_are_taken(app, scene):
    receipt, _ = scene
    client = app.test_client()
    for row, address in addresses(app, receipt, listed()):
        taken = {method for other in listed() if other["rule"] == row["rule"] for method in other["methods"]}
        for method in MOST - taken:
            answer = client.open(address, method=method)
            assert answer.status_code == 405, f"{method} {address}: {answer.status_code}"
            assert set(answer.headers["Allow"].split(", ")) - {"HEAD", "OPTIONS"} == taken


@pytest.mark.asvs("3.5.3")
def test_looking_changes_nothing(town):
    lived = lived_in(town)
    app = create_app(town.house.config, town.clock)
    before = rows_of(town)
    walked = crawl(app, lived, ["stranger", "reporter:public", "hoa", "lan"])
    assert len(walked.pages) > 60
    assert rows_of(town) == before


def rows_of(town) -> list[str]:
    """Every row but those of sessions, which a log-in makes."""
    with closing(sqlite3.connect(town.house.config.data / "hoidap.db")) as connection:
        return [line for line in connection.iterdump() if "_session" not in line]
