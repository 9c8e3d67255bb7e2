"""The organisation as dated rows: what begins, ends and follows, and what the loader does not believe."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from webapp.regulations.directory import Directory
from webapp.regulations.directory_file import load_directory
from webapp.regulations.load import FOLDER
from webapp.regulations.rows import DataError

SHIPPED = FOLDER / "directories" / "quang-nam.toml"
BEFORE, AFTER = date(2025, 6, 30), date(2025, 7, 1)
LAW = 'cite = "Luật 72/2025/QH15"'

TWO_TIERS = f"""
[[area]]
id = "h-nui-thanh"
name = "Huyện Núi Thành"
group = "quang-nam-cu"
kind = "former_district"
lat = 15.43
lon = 108.66
until = 2025-07-01
{LAW}

[[area]]
id = "x-tam-anh-cu"
name = "Xã Tam Anh Nam"
group = "quang-nam-cu"
kind = "commune"
lat = 15.5
lon = 108.6
until = 2025-07-01
merged_into = "20341"
{LAW}

[[agency]]
id = "so-gtvt"
name = "Sở Giao thông vận tải"
short = "Sở GTVT"
kind = "department"
until = 2025-03-01
successor = "so-xaydung"
cite = "Nghị quyết 35/NQ-HĐND"

[[agency]]
id = "so-xaydung"
from = 2025-03-01

[[category]]
id = "giao-thong"
agency = "so-gtvt"
"""


def directory_with(tmp_path: Path, rows: str) -> Directory:
    (tmp_path / "quang-nam.toml").write_text(rows, "utf-8")
    return load_directory(SHIPPED, tmp_path)


@pytest.fixture
def directory(tmp_path: Path) -> Directory:
    return directory_with(tmp_path, TWO_TIERS)


def test_a_row_is_there_from_its_first_day_until_the_day_it_ends(directory: Directory):
    assert "h-nui-thanh" in {row.id for row in directory.areas_on(BEFORE)}
    assert "h-nui-thanh" not in {row.id for row in directory.areas_on(AFTER)}
    agencies = {row.id for row in directory.agencies_on(date(2025, 2, 28))}
    assert "so-gtvt" in agencies and "so-xaydung" not in agencies
    agencies = {row.id for row in directory.agencies_on(date(2025, 3, 1))}
    assert "so-gtvt" not in agencies and "so-xaydung" in agencies


def test_what_is_over_keeps_its_name(directory: Directory):
    district, office = directory.area("h-nui-thanh"), directory.agency("ubnd-h-nui-thanh")
    assert district and district.name == "Huyện Núi Thành"
    assert office and office.name == "UBND huyện Núi Thành" and office.until == AFTER


def test_a_successor_follows_and_what_is_in_force_follows_itself(directory: Directory):
    found = [directory.successor_of("so-gtvt", day) for day in (date(2025, 2, 1), date(2025, 3, 1))]
    assert [row and row.id for row in found] == ["so-gtvt", "so-xaydung"]
    merged = directory.successor_of("ubnd-x-tam-anh-cu", AFTER)
    assert merged and merged.id == "ubnd-20341"


def test_a_divided_district_is_followed_where_the_case_lies(directory: Directory):
    office = "ubnd-h-nui-thanh"
    here = [directory.successor_of(office, AFTER, area) for area in ("20341", "x-tam-anh-cu", None)]
    assert [row and row.id for row in here] == ["ubnd-20341", "ubnd-20341", None]
    still = directory.successor_of(office, BEFORE, "20341")
    assert still and still.id == office


def test_what_is_over_is_never_proposed_and_its_successor_is(directory: Directory):
    assert directory.proposed_agency("giao-thong", "20341", date(2025, 2, 1)) == "so-gtvt"
    assert directory.proposed_agency("giao-thong", "20341", AFTER) == "so-xaydung"
    assert directory.proposed_agency("moi-truong", "x-tam-anh-cu", AFTER) == "ubnd-20341"
    assert directory.proposed_agency("khac", "20341", AFTER) is None


def test_the_directory_of_a_day_knows_only_that_day(directory: Directory):
    today = directory.on(AFTER)
    assert today.area("h-nui-thanh") is None and today.area("20341")
    assert today.agency("so-gtvt") is None and directory.agency("so-gtvt")


def test_categories_may_be_for_some_kinds_of_item_only(tmp_path: Path):
    directory = directory_with(tmp_path, '[[category]]\nid = "dien"\nkinds = ["question"]\n')
    assert "dien" in {row.id for row in directory.categories_on(AFTER, "question")}
    assert "dien" not in {row.id for row in directory.categories_on(AFTER, "field_report")}


OVER = f"until = 2025-07-01\n{LAW}\n"
WRONG = [
    (f'[[agency]]\nid = "so-yte"\n{OVER}successor = "so-mat"', "no agency 'so-mat'"),
    (f'[[agency]]\nid = "so-yte"\n{OVER}successor = "so-yte"', "so-yte is not there on 2025-07-01"),
    (
        f'[[agency]]\nid = "so-yte"\n{OVER}successor = "so-khcn"\n[[agency]]\nid = "so-khcn"\nfrom = 2025-08-01',
        "so-khcn is not there on 2025-07-01",
    ),
    (
        f'[[agency]]\nid = "so-yte"\n{OVER}successor = "so-khcn"\n'
        f'[[agency]]\nid = "so-khcn"\n{OVER}successor = "so-yte"',
        "is not there on 2025-07-01",
    ),
    ('[[agency]]\nid = "so-yte"\nsuccessor = "so-khcn"', "a successor and no end"),
    ('[[agency]]\nid = "so-yte"\nuntil = 2025-07-01\nsuccessor = "so-khcn"', "'cite' is missing"),
    ('[[agency]]\nid = "so-yte"\nfrom = 2025-07-01\nuntil = 2025-07-01', "ends before it begins"),
    ('[[agency]]\nid = "so-yte"\nparent = "so-mat"', "no agency 'so-mat'"),
    (
        '[[agency]]\nid = "so-yte"\nparent = "so-khcn"\n[[agency]]\nid = "so-khcn"\nparent = "so-yte"',
        "a part of itself",
    ),
    ('[[area]]\nid = "20341"\nkind = "town"', "'kind' is 'town'"),
    ('[[area]]\nid = "99999"', "'name' is missing"),
    ('[[agency]]\nname = "?"', "'id' is missing"),
    ('[[planet]]\nid = "x"', "unknown key 'planet'"),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "what"), WRONG, ids=[what for _, what in WRONG])
def test_a_succession_that_cannot_be_is_refused(tmp_path: Path, rows: str, what: str):
    with pytest.raises(DataError) as refused:
        directory_with(tmp_path, rows)
    assert what in str(refused.value)
    assert all(problem.mend for problem in refused.value.problems)


def test_own_rows_change_the_keys_they_name_and_nothing_else(tmp_path: Path):
    directory = directory_with(tmp_path, '[[agency]]\nid = "so-yte"\nname = "Sở Y tế tỉnh"\n')
    found, shipped = directory.agency("so-yte"), load_directory(SHIPPED).agency("so-yte")
    assert found and shipped
    assert (found.name, found.short, found.former) == ("Sở Y tế tỉnh", shipped.short, shipped.former)
    assert len(directory.agencies) == len(load_directory(SHIPPED).agencies)
