"""One desk may coordinate under two regulations and speak as another agency under each (QN21, Article 2.1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from tests.cast import BUOI, TAM_KY, Town
from webapp.notify.letters import Letters
from webapp.regulations.directory_file import built
from webapp.regulations.load import FOLDER, load_installation
from webapp.regulations.rows import DataError, read_toml
from webapp.store.models import Notice
from webapp.store.queries import notices


@pytest.mark.parametrize("place", ["quang-nam", "da-nang-merged"])
def test_the_hotline_speaks_for_itself_and_gets_no_distribution(place):
    directory = load_installation(place).directory
    assert directory.coordinator_under("QN20") == directory.coordinator
    hotline = directory.coordinator_under("QN21")
    assert hotline.id == "tong-dai-1022" and hotline != directory.coordinator
    assert hotline not in directory.agencies_on(date(2026, 3, 2))
    assert directory.agency(hotline.id) == hotline


ASKS = replace(BUOI, address="12 Hùng Vương, Tam Kỳ")


def by_phone(town: Town) -> int:
    case_id = town.report(channel="phone", kind="question", matter="hotline", person=ASKS).case_id
    town.do(case_id, "receive", "hoa", tokens={"category": "giao-thong", "area": TAM_KY})
    town.do(case_id, "answer_now", "hoa", texts={"result": "Nộp ở phường."})
    return case_id


def test_an_answer_of_the_hotline_is_the_hotlines_own(town: Town):
    case_id = by_phone(town)
    file = town.file(case_id)
    assert file.regulation.id == "QN21"
    assert file.state.assignments[-1].agency == "tong-dai-1022"
    with town.house.store.reader() as session:
        told = notices.told(session, session.scalars(notices.select(Notice.id)).all())
    letters = Letters(town.house.law, "https://hoidap.example.vn")
    contexts = [letters.context(row) for row in told if row.notice.case_id == case_id]
    assert {context["receiver"] for context in contexts} == {"Tổng đài Thông tin dịch vụ công 1022"}
    assert town.differences() == []


def test_letters_of_field_reports_name_the_centre_as_before(town: Town):
    town.report()
    with town.house.store.reader() as session:
        told = notices.told(session, session.scalars(select(Notice.id)).all())
    letters = Letters(town.house.law, "https://hoidap.example.vn")
    assert {letters.context(row)["receiver"] for row in told} == {town.house.law.directory.coordinator.name}


def test_two_agencies_cannot_coordinate_under_one_regulation():
    raw = read_toml(FOLDER / "directories" / "quang-nam.toml")
    raw["agency"].append({"id": "other", "name": "Other", "short": "Other", "coordinates": ["QN21"]})
    with pytest.raises(DataError, match="coordinates under QN21 already"):
        built(raw, "x.toml")
