"""The loader refuses what may not govern a case, and says file, row and mend."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from webapp.regulations.load import FOLDER, check_all, load_installation, load_regulations
from webapp.regulations.rows import DataError, Problem

QN20 = (FOLDER / "qn20.toml").read_text("utf-8")
ONLY_QN20 = Path(__file__).with_name("fixtures").joinpath("only_qn20.toml").read_text("utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped data to spoil."""
    shutil.copy(FOLDER / "qn20.toml", tmp_path / "qn20.toml")
    shutil.copytree(FOLDER / "calendars", tmp_path / "calendars")
    for name in ("directories", "installations"):
        (tmp_path / name).mkdir()
    shutil.copy(FOLDER / "directories" / "quang-nam.toml", tmp_path / "directories")
    (tmp_path / "installations" / "quang-nam.toml").write_text(ONLY_QN20, "utf-8")
    return tmp_path


def spoil(folder: Path, old: str, new: str, name: str = "qn20.toml") -> list[Problem]:
    path = folder / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return check_all(folder)


def test_the_shipped_files_are_sound():
    assert check_all() == []


# what is spoilt, how, and the row and words the loader must name
SPOILT = [
    ('checks_fields = true', 'check_fields = true', "[[move]] receive", "unknown key 'check_fields'"),
    ('step = "main"\ncite = "Điều 6.1"', 'step = "main"', "[[move]] receive", "'cite' is missing"),
    ('cite = "Điều 6.2"', 'cite = ""', "[[clock]] reception", "'cite' is empty"),
    ('to = "received"', 'to = "recieved"', "[[move]] receive", "no state 'recieved'"),
    ('by = ["handler"]\nrequires = ["note"]', 'by = ["clerk"]\nrequires = ["note"]', "[[move]] ask_direction", "no role 'clerk'"),
    ('requires = ["note"]', 'requires = ["mood"]', "[[move]] conclude", "unknown fact 'mood'"),
    ('meets = ["accept", "return"]', 'meets = ["acept"]', "[[clock]] verification", "no move 'acept'"),
    ('extends = ["handling"]', 'extends = ["handing"]', "[[move]] extend", "no clock 'handing'"),
    ('for = ["refuse"]', 'for = ["refuze"]', "[[ground]] incomplete", "no move 'refuze'"),
    ('on = "breach:reception"', 'on = "breach:recepton"', "[[notice]] breach:recepton", "no clock 'recepton'"),
    ('term = { value = 6, unit = "working_day" }', 'term = { value = 0.5, unit = "working_day" }', "[[clock]] handling", "a term of 0.5"),
    ('term = { value = 6, unit = "working_day" }', 'term = { value = 0, unit = "working_day" }', "[[clock]] handling", "the term is 0"),
    ('term = { value = 6, unit = "working_day" }', 'term = { value = 6, unit = "fortnight" }', "[[clock]] handling", "'unit' is 'fortnight'"),
    ('sessions = [["07:00", "17:00"]]', 'sessions = [["17:00", "07:00"]]', "[counting]", "not in order"),
    ('calendar = "vn"', 'calendar = "mars"', "[counting]", "no calendar 'mars'"),
    ('event = "received"', 'event = "welcomed"', "[[move]] receive", "'event' is 'welcomed'"),
    ('label = "Chấp nhận được"', 'label = "hài lòng"', "[[rating_option]] acceptable", "the label stands twice"),
    ('is = "confidential"', 'is = "sunny"', "[[move]] publish condition", "'is' is 'sunny'"),
    ('final = true\nvoid = true', 'void = true', "[[state]] refused", "no move leads out of here"),
    ('id = "distribution"', 'id = "reception"', "[[clock]] reception", "the id stands twice"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "row", "what"), SPOILT, ids=[f"{r} {w}" for _, _, r, w in SPOILT])
def test_a_spoilt_row_is_named_with_its_fault_and_its_mend(folder, old, new, row, what):
    problems = spoil(folder, old, new)
    found = [p for p in problems if p.row.startswith(row) and what in p.what]
    assert found, "\n".join(map(str, problems))
    assert found[0].file == "qn20.toml"
    assert found[0].mend


def test_a_state_no_move_leads_to_is_refused(folder):
    extra = '[[state]]\nid = "limbo"\non = "assignment"\nlabel = "x"\npublic = "x"\nfinal = true\n\n[[state]]\nid = "returned"'
    problems = spoil(folder, '[[state]]\nid = "returned"', extra)
    assert [(p.row, p.what) for p in problems] == [("[[state]] limbo", "no move leads here")]


def test_two_versions_valid_at_once_are_refused(folder):
    (folder / "qn20-v2.toml").write_text(QN20.replace('version = "1"', 'version = "2"'), "utf-8")
    problems = check_all(folder)
    assert any("valid at the same time as version 1" in p.what for p in problems)


def test_a_file_that_is_not_toml_is_named_with_its_line(folder):
    problems = spoil(folder, "[regulation]", "[regulation")
    assert problems[0].file == "qn20.toml"
    assert "line" in problems[0].what


MAP = [
    ('from = 2024-01-01\nregulation', 'from = 2024-06-01\nregulation', "nothing governs it from 2024-01-01"),
    ('from = 2024-01-01\nregulation', 'from = 2024-01-01\nuntil = 2026-01-01\nregulation', "nothing governs it after 2026-01-01"),
    ('channels = ["web", "email"]\nfrom', 'channels = ["web"]\nfrom', "nothing governs it from 2024-01-01"),
    ('regulation = "QN20"', 'regulation = "QN99"', "no regulation 'QN99'"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "what"), MAP)
def test_a_map_with_a_gap_or_a_stranger_is_refused(folder, old, new, what):
    problems = spoil(folder, old, new, "installations/quang-nam.toml")
    assert any(what in p.what for p in problems), problems


def test_a_map_with_an_overlap_is_refused(folder):
    path = folder / "installations" / "quang-nam.toml"
    text = path.read_text("utf-8")
    rows = text[text.index("[[applies]]") :]
    path.write_text(text + "\n" + rows.replace("2024-01-01", "2025-01-01"), "utf-8")
    assert any("overlap" in p.what for p in check_all(folder))


def test_a_spoilt_folder_loads_nothing_at_all(folder):
    spoil(folder, 'to = "received"', 'to = "recieved"')
    with pytest.raises(DataError):
        load_regulations(folder)


def test_an_unknown_installation_is_said_so():
    with pytest.raises(KeyError):
        load_installation("atlantis")


def test_an_undated_text_takes_no_real_cases():
    assert not load_installation().regulation("QN20").takes_real_cases


def test_every_category_leads_to_an_agency_or_to_a_person():
    directory = load_installation().directory
    for category in directory.categories:
        proposed = directory.proposed_agency(category.id, directory.areas[0].id)
        assert proposed is None or directory.agency(proposed)
    assert directory.proposed_agency("moi-truong", "20341") == "ubnd-20341"
    assert directory.proposed_agency("khac", "20341") is None
