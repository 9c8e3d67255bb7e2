"""What an operator and a watcher are told, and who is not told anything."""

from __future__ import annotations

import json
import logging
import stat
import sys
from datetime import timedelta

import pytest

from tests.cast import photo
from webapp.operations import health
from webapp.operations.health import Heart
from webapp.status import log
from webapp.status.meter import Meter, all_counted
from webapp.store import models
from webapp.store.token import make_token


@pytest.fixture
def token(town):
    return make_token(town.house.config.keys_folder).read_text().strip()


def test_healthz_says_ok_without_a_cookie(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert "Set-Cookie" not in answer.headers and answer.headers["Cache-Control"] == "no-store"


def test_healthz_says_503_when_the_database_does_not_answer(app, town):
    client = app.test_client()
    app.extensions["hoidap"].store.close()
    (town.house.config.data / "hoidap.db").rename(town.house.config.data / "elsewhere.db")
    (town.house.config.data / "hoidap.db").mkdir()
    assert client.get("/healthz").status_code == 503


@pytest.mark.parametrize("path", ["/status", "/metrics"])
def test_a_stranger_needs_the_token(client, token, path):
    far = {"REMOTE_ADDR": "203.0.113.9"}
    assert client.get(path, environ_overrides=far).status_code == 401
    wrong = {"Authorization": f"Bearer {token[:-1]}x"}
    assert client.get(path, environ_overrides=far, headers=wrong).status_code == 401
    right = {"Authorization": f"Bearer {token}"}
    assert client.get(path, environ_overrides=far, headers=right).status_code == 200


def test_without_a_token_file_no_token_is_right(client):
    far = {"REMOTE_ADDR": "203.0.113.9"}
    assert (
        client.get("/status", environ_overrides=far, headers={"Authorization": "Bearer "}).status_code == 401
    )


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via", "X-Forwarded-Proto"])
def test_this_machine_needs_none_unless_it_speaks_for_somebody_else(client, header):
    assert client.get("/status").status_code == 200
    assert client.get("/status", headers={header: "127.0.0.1"}).status_code == 401


def test_the_token_is_for_its_owner_alone_and_stays(town, token):
    path = town.house.config.keys_folder / "status.token"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert make_token(town.house.config.keys_folder).read_text().strip() == token


def test_status_counts_what_waits_and_what_is_late(client, town):
    town.to_agency()
    town.report(photos=[town.kept(photo())])
    told = client.get("/status").json
    assert told["notices_waiting"] > 0 and told["notice_oldest_unsent_age"] == 0
    assert (told["photos_pending"], told["clocks_overdue_unrecorded"], told["worker_beat_age"]) == (
        1,
        0,
        None,
    )
    assert told["keys_missing"] == [] and told["schema"] and told["taking_reports"] is True
    town.clock.forward(days=90)
    told = client.get("/status").json
    assert told["clocks_overdue_unrecorded"] > 0 and told["notice_oldest_unsent_age"] == 90 * 24 * 3600


def test_a_lost_key_is_named(client, town):
    client.get("/healthz")  # this process read them all before one was lost
    (town.house.config.keys_folder / "index.key").unlink()
    assert client.get("/status").json["keys_missing"] == ["index"]


def test_the_heart_beats_at_most_every_five_seconds(town):
    heart, seen = Heart(), []
    for seconds in (0, 4, 1):
        town.clock.forward(seconds=seconds)
        heart.beat(town.house)
        with town.house.store.reader() as session:
            seen.append(session.get_one(models.Meta, health.BEAT).value)
    assert seen[0] == seen[1] != seen[2]


def test_metrics_count_requests_by_door_and_status(client, town):
    client.get("/"), client.get("/nowhere"), client.get("/theo-doi")
    text = client.get("/metrics").text
    assert 'hoidap_requests_total{process="0",endpoint="public",status="2xx"} 1' in text
    assert 'hoidap_requests_total{process="0",endpoint="other",status="4xx"} 1' in text
    assert 'hoidap_request_seconds_bucket{process="0",endpoint="citizen",le="+Inf"} 1' in text
    assert "hoidap_notices_parked 0" in text and "hoidap_disk_free " in text


def test_processes_read_each_others_counters(tmp_path):
    meters = [Meter(), Meter()]
    for number, meter in enumerate(meters):
        meter.share(tmp_path / "run", number)
        meter.count("citizen", 200, 0.02)
    meters[1].count("citizen", 503, 2.0)
    rows = {row.process: row for row in all_counted(tmp_path / "run", Meter())}
    assert (rows["0"].count, rows["1"].count) == (1, 2)
    assert rows["1"].statuses == [1, 0, 0, 1] and rows["1"].buckets[-2:] == [2, 2]
    assert rows["1"].seconds == pytest.approx(2.02)


def test_an_error_in_the_log_carries_its_kind_and_place_but_not_its_words():
    try:
        raise ValueError("CANARY 0905 123 456")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "a job failed", None, sys.exc_info())
    line = json.loads(log.JsonLines().format(record))
    assert (line["event"], line["error"]) == ("a job failed", "ValueError")
    assert "test_status.py" in line["where"][-1] and "CANARY" not in json.dumps(line)


def test_a_field_nobody_listed_is_not_logged():
    assert log.only_listed(None, "info", {"event": "request", "ip": "203.0.113.9", "path": "/pa/1"}) == {
        "event": "request"
    }


def test_a_clock_set_back_does_not_stop_the_heart(town):
    heart = Heart()
    heart.beat(town.house)
    town.clock.at -= timedelta(hours=1)
    heart.beat(town.house)
    with town.house.store.reader() as session:
        assert session.get_one(models.Meta, health.BEAT).value == town.clock.at.isoformat()
