"""The checker of invariants is silent about a sound database and sees each kind of damage."""

from __future__ import annotations

import sqlite3

import pytest

from tests.cast import Town
from webapp.cli.worker import tick
from webapp.operations.checkup import checkup

GUARD = "append_only_case_event_{}"

# What is done to the database behind the product's back, and the words that must be said of it.
DAMAGE = {
    "gap": (["DELETE FROM case_event WHERE case_id = 1 AND n = 2"], "not numbered 1, 2, 3"),
    "no beginning": (["DELETE FROM case_event WHERE case_id = 2"], "does not begin with a submitted event"),
    "no identity": (["DELETE FROM identity WHERE id = 1"], "lacks case, text, identity or state"),
    "no submission": (["DELETE FROM submission WHERE case_id = 1"], "events know is not there"),
    "letter lost": (["DELETE FROM outbox WHERE case_id = 1"], "was never queued"),
    "letter of nothing": (["UPDATE outbox SET event_n = 99 WHERE case_id = 1"], "tells of no event"),
    "letter made up": (["UPDATE outbox SET id = 'x' || id WHERE case_id = 1"], "was queued for nothing"),
    "projection": (["UPDATE cases SET state = 'elsewhere' WHERE id = 1"], "the events make"),
    "trigger gone": (["SELECT 1"], "trigger append_only_case_event_update is missing"),
    "trigger added": (
        ["CREATE TRIGGER extra AFTER INSERT ON text BEGIN SELECT 1; END"], "trigger extra is not ours",
    ),
    "breach twice": (
        ["INSERT INTO case_event (case_id, n, kind, scope, target, occurred_at, recorded_at, role, cite, data,"
         " public_facts, schema_version) SELECT case_id, n + 100, kind, scope, target, occurred_at, recorded_at,"
         " role, cite, data, public_facts, schema_version FROM case_event WHERE kind = 'clock_breached'"],
        "recorded twice",
    ),
    "half erased": (
        ["INSERT INTO erasure (case_id, submission, identity_id, ground, texts_purged, erased_at)"
         " VALUES (1, 1, 1, 'court_order', 0, '2026-03-02T01:00:00.000000Z')"],
        "still there",
    ),
    "schema": (["UPDATE alembic_version SET version_num = 'older'"], "schema is not the one"),
}  # fmt: skip


@pytest.fixture
def lived_in(town: Town) -> Town:
    town.to_agency()
    town.report()
    town.clock.forward(days=5)
    tick(town.house)
    return town


def test_a_sound_database_gives_no_line(lived_in: Town):
    assert checkup(lived_in.house) == []


@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_is_seen(lived_in: Town, kind: str):
    statements, words = DAMAGE[kind]
    lived_in.house.store.close()
    database = sqlite3.connect(lived_in.house.config.data / "hoidap.db", isolation_level=None)
    for verb in ("update", "delete"):
        database.execute(f"DROP TRIGGER {GUARD.format(verb)}")
    for statement in statements:
        database.execute(statement)
    database.close()
    assert any(words in line for line in checkup(lived_in.house)), checkup(lived_in.house)


def test_a_torn_page_is_seen(lived_in: Town):
    lived_in.house.store.close()
    path = lived_in.house.config.data / "hoidap.db"
    data = bytearray(path.read_bytes())
    for page in range(20, 60):
        data[page * 4096 + 8 : page * 4096 + 64] = bytes(56)
    path.write_bytes(data)
    try:
        found = checkup(lived_in.house)
    except Exception as error:  # so torn that nothing can be read: that is seen, too
        found = [str(error)]
    assert found
