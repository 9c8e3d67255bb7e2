"""Very many cases: the same rows as the live path writes, and nothing of a real database thrown away."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from tests.demo.conftest import WEDNESDAY, new_house
from tests.postgres import fresh_database
from webapp.cli.demo import demo_group
from webapp.core import marks, workflow
from webapp.core.text import clean_text
from webapp.core.workflow import Action, Actor
from webapp.demo import generate
from webapp.demo.generate import Job, Maker
from webapp.demo.load import NotADemo
from webapp.demo.many import load_many
from webapp.demo.reset import reset
from webapp.operations import intake, moves, people, publication, texts
from webapp.operations.intake import Report
from webapp.operations.moves import Given
from webapp.store import models, record
from webapp.store.columns import canonical_json, utc_text

CASES = 300
TABLES = (
    *("cases", "case_event", "submission_state", "assignment", "deadline", "text", "outbox"),
    *("pub.pub_card", "pub.pub_step", "pub.pub_clock", "pub.pub_content", "pub.pub_count"),
)


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    house = new_house(tmp_path_factory.mktemp("many") / "data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generate, "BATCH", 100)
        load_many(house, WEDNESDAY, CASES, 7, lambda line: None)
    yield house
    house.close()


def rows_of(session, table):
    found = models.Case.metadata.tables[table]
    return [tuple(row) for row in session.execute(select(found).order_by(*found.primary_key))]


def test_the_events_make_every_projection(many):
    with many.store.reader() as session:
        assert session.scalar(select(func.count()).select_from(models.Case)) == CASES
        assert list(record.differences(session, many.law)) == []


def test_a_rebuild_writes_the_same_rows(many):
    with many.store.reader() as session:
        before = {table: rows_of(session, table) for table in TABLES}
    with many.store.writer() as session:
        record.rebuild(session, many.law)
    with many.store.reader() as session:
        for table in TABLES:
            assert rows_of(session, table) == before[table], table


def test_the_live_path_writes_the_same(many, tmp_path):
    """Some cases are told again, event by event, through the operations: every row must come out alike."""
    live = new_house(tmp_path / "live")
    with many.store.reader() as session:
        ids = session.scalars(select(models.Case.id).order_by(models.Case.id)).all()
    chosen = {*random.Random(3).sample(ids, 25), *ids[-8:]}
    live.write(WEDNESDAY, lambda work: work.session.add(models.Meta(key="stamp", value="demo")))
    for case_id in sorted(chosen):
        _again(many, live, case_id)
    live.close()


def _again(many, live, case_id):
    with many.reading(WEDNESDAY) as work:
        told = _told(work, case_id)
    with live.store.writer() as session:
        new_id = _retold(live, session, told)
        work = live.work(session, WEDNESDAY)
        assert _plain(_told(work, new_id)) == _plain(told)


def _told(work, case_id):
    file = record.load(work.session, work.law, case_id)
    submission = people.of_submission(work, case_id, 1)
    written = work.session.scalars(
        select(models.Text).where(models.Text.case_id == case_id).order_by(models.Text.id)
    )
    ids = [row.id for row in written]
    code = file.row.code
    public = {
        table: [
            tuple(value for name, value in zip(row._fields, row, strict=True) if name != "code")
            for row in work.session.execute(
                select(models.Case.metadata.tables[table])
                .where(models.Case.metadata.tables[table].c.code == code)
                .order_by(*models.Case.metadata.tables[table].primary_key)
            )
        ]
        for table in TABLES
        if table.startswith("pub.") and table != "pub.pub_count"
    }
    since = WEDNESDAY - timedelta(days=14)
    notices = work.session.scalars(select(models.Notice).where(models.Notice.case_id == case_id))
    events = work.session.scalars(
        select(models.CaseEvent).where(models.CaseEvent.case_id == case_id).order_by(models.CaseEvent.n)
    ).all()
    return {
        "file": file,
        "recorded": [row.recorded_at for row in events],
        "event_columns": [
            (row.public_facts, row.schema, row.account_id, row.cite, row.role) for row in events
        ],
        "texts": [
            (
                id,
                work.session.get(models.Text, id).kind,
                body,
                work.session.get(models.Text, id).account_id,
                work.session.get(models.Text, id).created_at,
                work.session.get(models.Text, id).sealed is not None,
            )
            for id, body in sorted(texts.read(work, file.row, ids).items())
        ],
        "person": people.reveal(work, submission.identity_id),
        "place": intake.open_place(work, file.row, submission),
        "submission": (submission.occurred_on, submission.claimed_category, submission.claimed_area),
        "public": public,
        "notices": sorted(
            (
                n.id.split(".", 1)[1],
                n.template,
                n.submission,
                n.role,
                n.agency,
                json.dumps(n.params, sort_keys=True),
                n.created_at,
            )
            for n in notices
            if n.created_at > since
        ),
    }


def _plain(told):
    """What must be equal: text ids are counted from the case's first."""
    file = told["file"]
    first = told["texts"][0][0]
    order = {row[0]: place for place, row in enumerate(told["texts"])}
    events = []
    for event in file.events:
        data = dict(event.data)
        if "facts" in data:
            data["facts"] = {name: order[id] for name, id in data["facts"].items()}
        events.append((event.kind, event.on, event.target, event.at, event.agency, canonical_json(data)))
    assert first in order
    return {
        **{
            key: told[key]
            for key in ("recorded", "event_columns", "person", "place", "submission", "public", "notices")
        },
        "events": events,
        "texts": [row[1:] for row in told["texts"]],
        "columns": [
            getattr(file.row, name)
            for name in ("state", "category", "area", "leading", "next_due_at", "closed_at")
        ],
    }


def _retold(live, session, told):
    file, bodies = told["file"], {row[0]: row[2] for row in told["texts"]}
    submission = file.state.submissions[0]
    occurred_on, category, area = told["submission"]
    report = Report(
        secret=f"{random.Random(file.row.code).getrandbits(128):032x}",
        text=told["texts"][0][2],
        place=told["place"],
        occurred_on=occurred_on,
        person=told["person"],
        secrecy=submission.secrecy,
        undertaking=True,
        channel=submission.channel,
        category=category,
        area=area,
    )
    case_id = 0
    for event, recorded in zip(file.events, told["recorded"], strict=True):
        work = live.work(session, recorded)
        if event.data.get("move") == "submit":
            case_id = intake.submit(work, report).case_id
        elif event.kind == "clock_breached":
            found = record.load(session, live.law, case_id)
            moves.follow(
                work,
                found,
                workflow.breach(found.regulation, found.state, event.data["clocks"]["breached"][0], recorded),
            )
        else:
            role = frozenset({event.role})
            actor = Actor(role, event.agency, event.account, 1 if event.role == "reporter" else None)
            names = ("agency", "category", "area", "ground", "rating")
            due = [row["due_at"] for row in event.data.get("clocks", {}).get("moved", ())]
            given = Given(
                texts={
                    name: bodies[id]
                    for name, id in sorted(event.data.get("facts", {}).items(), key=lambda f: f[1])
                },
                tokens={name: event.data[name] for name in names if name in event.data},
                due_on=_instant(due[0]) if due else None,
                checked=True,
            )
            moves.make(
                work, case_id, Action(event.data["move"], event.target, actor), given, f"{case_id}/{recorded}"
            )
    return case_id


def _instant(told):
    return WEDNESDAY.fromisoformat(told)


def test_codes_and_keys_are_each_cases_own(many):
    with many.reading(WEDNESDAY) as work:
        keys = [row.wrapped for row in work.session.scalars(select(models.DataKey))]
        assert len(set(keys)) == len(keys) == 2 * CASES
        codes = work.session.scalars(select(models.Case.code).order_by(models.Case.id)).all()
        assert len(set(codes)) == CASES
        assert codes != sorted(codes)
        opened = {
            work.vault.unwrap(row.wrapped, row.purpose)
            for row in work.session.scalars(select(models.DataKey))
        }
        assert len(opened) == 2 * CASES


def test_public_texts_name_nobody(many):
    with many.store.reader() as session:
        for row in session.scalars(select(models.PubContent).where(models.PubContent.report.is_not(None))):
            publication._cleared((row.report, row.answer), "")
            assert not any(mark.sure for mark in marks.find(row.report))


def test_what_people_wrote_is_stored_as_the_live_path_would(many):
    with many.store.reader() as session:
        for row in session.scalars(select(models.Text).where(models.Text.body.is_not(None))):
            assert row.body == clean_text(row.body)


def test_spread(many):
    """Two years, all categories, open and closed, late and on time."""
    with many.store.reader() as session:
        cases = session.scalars(select(models.Case)).all()
        assert min(c.opened_at for c in cases) < WEDNESDAY - timedelta(days=700)
        assert max(c.opened_at for c in cases) > WEDNESDAY - timedelta(days=5)
        assert len({c.category for c in cases}) >= 8 and len({c.area for c in cases}) > 30
        shown = session.scalars(select(models.PubCard)).all()
        assert 0.05 < sum(card.late for card in shown) / len(shown) < 0.6
        assert any(c.closed_at is None for c in cases)


# Very many, each history told by several


def maker(folder: Path, cases: int) -> Maker:
    house = new_house(folder)
    directory = house.law.directory
    accounts = [("intake_officer", "ioc", 1)]
    # Who enters a result is another than who approves it.
    accounts += [
        (role, agency.id, id) for agency in directory.agencies for role, id in (("handler", 2), ("leader", 3))
    ]
    house.keys  # noqa: B018
    bases = dict.fromkeys(("cases", "data_key", "identity", "submission", "text"), 0)
    job = Job(
        "quang-nam", str(house.config.keys_folder), WEDNESDAY.isoformat(), 1, cases, 0, 1, bases, accounts, []
    )
    house.close()
    return Maker(job)


def test_several_tellers_of_one_history(tmp_path, monkeypatch):
    monkeypatch.setattr(generate, "MANY", 10)
    monkeypatch.setattr(generate, "BATCH", 60)
    batch = maker(tmp_path / "data", 60).batch(0)
    columns, rows = batch["tables"]["text"]
    assert len({row[0] for row in rows}) == len(rows)
    by_case = {}
    for row in rows:
        by_case.setdefault(row[1], []).append(row)
    assert len(by_case) == 60
    columns, rows = batch["tables"]["case_event"]
    for row in rows:
        told = dict(zip(columns, row, strict=True))
        ids = {text[0] for text in by_case[told["case_id"]]}
        assert set(json.loads(told["data"]).get("facts", {}).values()) <= ids


def test_public_numbers_never_meet(tmp_path):
    made = maker(tmp_path / "data", 10)
    codes = [made.code(case) for case in range(1, 20_001)]
    assert len(set(codes)) == len(codes)
    assert all(code.startswith("QN-") and len(code) == 9 for code in codes)


def test_rows_are_encoded_as_the_columns_do():
    from webapp.demo import rows

    value = {"b": [1, {"é": None}], "a": 'ạ\n"<'}
    assert rows._json(value) == canonical_json(value)
    assert rows.instant(WEDNESDAY) == utc_text(WEDNESDAY)


# Resetting


def test_a_load_broken_off_asks_for_a_reset(tmp_path, monkeypatch):
    monkeypatch.setattr("webapp.demo.bulk._Transaction.insert", _power_cut)
    house = new_house(tmp_path / "data")
    with pytest.raises(OSError, match="cut"):
        load_many(house, WEDNESDAY, 10, 1, lambda line: None)
    monkeypatch.undo()
    with pytest.raises(NotADemo, match="reset"):
        load_many(house, WEDNESDAY, 10, 1, lambda line: None)
    reset(house)
    load_many(house, WEDNESDAY, 10, 1, lambda line: None)
    house.close()


def _power_cut(self, tables):
    raise OSError("cut")


def test_reset_only_throws_a_demo_away(tmp_path):
    house = new_house(tmp_path / "data")
    with pytest.raises(NotADemo):
        reset(house)
    house.write(WEDNESDAY, lambda work: work.session.add(models.Meta(key="stamp", value="demo")))
    name = house.media.put(b"sealed")
    reset(house)
    with house.store.reader() as session:
        assert session.get(models.Meta, "stamp") is None
    assert not house.media.path(name).exists()
    house.close()


def test_many_on_postgres(postgres_server, tmp_path):
    with fresh_database(postgres_server) as url:
        house = new_house(tmp_path / "data", database_url=url)
        load_many(house, WEDNESDAY, 60, 3, lambda line: None)
        with house.store.reader() as session:
            assert list(record.differences(session, house.law)) == []
        house.write(
            WEDNESDAY, lambda work: work.session.add(models.DataKey(purpose="x", created_at=work.now))
        )
        reset(house)
        with house.store.reader() as session:
            assert session.scalar(select(func.count()).select_from(models.Case)) == 0
        house.close()


def test_the_command_says_what_it_did(tmp_path, monkeypatch):
    monkeypatch.setenv("HOIDAP_DATA", str(tmp_path))
    monkeypatch.setattr("webapp.demo.load.load_small", lambda house, now: [])
    told = CliRunner().invoke(demo_group, ["load", "--cases", "40"])
    assert told.exit_code == 0, told.output
    assert "40 of 40 cases" in told.output and "done in" in told.output


@pytest.mark.slow
def test_a_thousand_rebuild_identically(tmp_path):
    house = new_house(tmp_path / "data")
    load_many(house, WEDNESDAY, 1000, 11, lambda line: None)
    with house.store.reader() as session:
        before = {table: rows_of(session, table) for table in TABLES}
        assert list(record.differences(session, house.law)) == []
    with house.store.writer() as session:
        record.rebuild(session, house.law)
    with house.store.reader() as session:
        assert {table: rows_of(session, table) for table in TABLES} == before
    house.close()
