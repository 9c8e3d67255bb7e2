"""A term that stands still for force majeure is late on no page, in no list and in no count."""

from __future__ import annotations

import dataclasses
import re
from datetime import timedelta

import pytest
from alembic import command
from sqlalchemy import select, update

from tests.browse import Browser
from tests.cast import found_town
from tests.operations.test_documents import A_PDF
from tests.page_check import check, said
from webapp.app import create_app
from webapp.cli.worker import tick
from webapp.core.events import Kind
from webapp.operations import attribution, documents
from webapp.store import migrate as migrations
from webapp.store import models

AREA, UNIT = "25459", "so-xaydung"
LATE, STILL = "Quá hạn", "Đang tạm dừng"


@pytest.fixture
def tay_ninh(tmp_path):
    town = found_town(tmp_path / "data", place="tay-ninh")
    yield town
    town.house.close()


@pytest.fixture
def paused(tay_ninh, pause):
    """A case that its unit has accepted, whose terms were stopped on the second day."""
    town = tay_ninh
    receipt = town.report(category="giao-thong", area=AREA)
    case = receipt.case_id
    town.do(case, "receive", "hoa", tokens={"category": "giao-thong", "area": AREA})
    town.do(case, "distribute", "hoa", tokens={"agency": UNIT})
    town.do(case, "accept", "tu")
    town.clock.forward(days=1)
    pause(case)
    town.clock.forward(days=31)
    return receipt


@pytest.fixture
def pause(tay_ninh):
    """Records force majeure on a case."""
    town = tay_ninh

    def record(case):
        kept = documents.keep(town.house.vault, town.house.media, A_PDF)
        order = [documents.Titled(kept, "Công điện")]
        town.do(case, "pause", "hoa", 0, texts={"reason": "Lũ lớn"}, documents=order)

    return record


def public(app, url):
    return said(check(app.test_client().get(url).get_data(as_text=True)).root)


def test_everybody_reads_that_it_stands_still_and_nobody_that_it_is_late(tay_ninh, paused):
    app = create_app(tay_ninh.house.config, tay_ninh.clock)
    for url in (f"/pa/{paused.number}", "/"):
        words = public(app, url)
        assert LATE not in words.split(paused.number, 1)[-1], url
        assert STILL in words, url
    assert "chưa xong việc của bước này" not in public(app, f"/pa/{paused.number}")
    assert paused.number not in public(app, "/?han=late")


def test_its_sender_and_the_desk_read_the_same(tay_ninh, paused):
    app = create_app(tay_ninh.house.config, tay_ninh.clock)
    own = Browser(app).go("/theo-doi").fill("Mã bí mật", paused.code).press("Xem phản ánh").words
    assert STILL in own and LATE not in own
    tu = Browser(app).log_in("tu")
    case = tu.go(f"/co-quan/vu/{paused.case_id}")
    assert STILL in case.words and LATE not in case.words
    assert "quá hạn, thời hạn là" not in tu.go("/co-quan/?nhom=dang-xu-ly").words


def test_it_counts_for_nobody_as_late_and_goes_on_where_it_stood(tay_ninh, paused):
    town = tay_ninh
    with town.house.reading(town.clock()) as work:
        for then in (False, True):
            found = attribution.by_agency(work, town.clock() - timedelta(days=60), then=then)
            assert found.rows[UNIT].late == 0
    assert town.differences() == []
    town.do(paused.case_id, "resume", "hoa", 0, texts={"reason": "Lũ đã rút"})
    with town.house.store.reader() as session:
        assert not any(session.scalars(select(models.PubClock.paused_at)))
    app = create_app(town.house.config, town.clock)
    words = public(app, f"/pa/{paused.number}")
    assert STILL not in words and LATE not in words
    town.clock.forward(days=60)
    assert LATE in public(app, f"/pa/{paused.number}")
    assert town.differences() == []


def test_a_pause_forgives_nothing_that_was_late_when_it_began(tay_ninh, pause):
    town = tay_ninh
    receipt = town.report(category="giao-thong", area=AREA)
    town.do(receipt.case_id, "receive", "hoa", tokens={"category": "giao-thong", "area": AREA})
    town.do(receipt.case_id, "distribute", "hoa", tokens={"agency": UNIT})
    town.do(receipt.case_id, "accept", "tu")
    town.clock.forward(days=40)
    pause(receipt.case_id)
    town.clock.forward(days=1)
    app = create_app(town.house.config, town.clock)
    words = public(app, f"/pa/{receipt.number}")
    assert LATE in words and STILL not in words
    own = Browser(app).go("/theo-doi").fill("Mã bí mật", receipt.code).press("Xem phản ánh").words
    assert LATE in own and STILL not in own
    with town.house.reading(town.clock()) as work:
        for then in (False, True):
            found = attribution.by_agency(work, town.clock() - timedelta(days=60), then=then)
            assert found.rows[UNIT].late == 1
    assert town.differences() == []
    assert receipt.number in public(app, "/?han=late")
    for username in ("tu", "hoa"):
        assert re.search(r"1 ?Quá hạn|Quá hạn ?1\b", Browser(app).log_in(username).go("/co-quan/").words)


def test_a_breach_is_recorded_although_the_pause_came_before_the_worker(tay_ninh, pause):
    town = tay_ninh
    case = town.report(category="giao-thong", area=AREA).case_id
    due = town.file(case).state.clocks[0].due_at
    town.clock.at = due + timedelta(seconds=5)
    pause(case)
    assert tick(town.house) == 1
    events = town.file(case).events
    assert [event.at for event in events if event.kind is Kind.clock_breached] == [due]
    assert town.differences() == []


def test_what_was_late_before_is_late_after_the_migration_too(tay_ninh, pause):
    """Rows of before had no next due date for a case whose late terms stand still."""
    town = tay_ninh
    case = town.report(category="giao-thong", area=AREA).case_id
    town.do(case, "receive", "hoa", tokens={"category": "giao-thong", "area": AREA})
    town.clock.forward(days=40)
    pause(case)
    with town.house.store.writer() as session:
        session.execute(update(models.Case).values(next_due_at=None, next_clock=None))
        session.execute(update(models.PubCard).values(due_at=None, due_clock=None))
        command.downgrade(migrations._config(session.connection()), "0012")
    migrations.migrate(town.house.store)
    assert town.differences() == []


def test_a_term_in_which_a_reporter_is_waited_for_is_known_with_its_regulation(town):
    town.to_agency()
    town.clock.forward(days=30)
    waits = {
        (regulation.id, clock.id)
        for regulation in town.house.law.versions
        for clock in regulation.clocks
        if clock.holder != "staff"
    }
    assert waits and all(id != "QN20" for id, _ in waits)
    regulation = next(r for r in town.house.law.versions if r.id == "KH22")
    alike = dataclasses.replace(
        regulation,
        clocks=tuple(dataclasses.replace(c, holder="reporter") for c in regulation.clocks),
    )
    with town.house.reading(town.clock()) as work:
        law = work.law
        versions = tuple(alike if r is regulation else r for r in law.versions)
        work = dataclasses.replace(work, law=dataclasses.replace(law, versions=versions))
        found = attribution.by_agency(work, town.clock() - timedelta(days=60))
    assert found.rows["so-xaydung"].late == 1, "KH22 calls a term of its own verification too"
