"""Every requirement of the regulations says where it lives, and what it names exists."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from scripts.coverage_table import kind_of, read, table

ROOT = Path(__file__).parents[2]
LAW = ROOT / "webapp" / "regulations"
DONE, LAST = 4, 11  # parts that are finished, and the last one of the roadmap
WANTED = {"QN20": 50, "QN21": 55, "QN21P": 14, "TN24": 54, "KH22": 58, "INT": 12}
_ROUTES = tomllib.loads((ROOT / "tests" / "security" / "routes.toml").read_text("utf-8"))["route"]
ADDRESSES = {route["rule"].rstrip("/") or "/" for route in _ROUTES}
ROWS = [(name, row) for name, rows in read().items() for row in rows]


def test_the_document_is_drawn_from_the_rows():
    drawn = (ROOT / "docs" / "coverage.md").read_text("utf-8")
    assert drawn == table(), "draw it again: python scripts/coverage_table.py"


@pytest.mark.parametrize("family", WANTED)
def test_every_requirement_has_one_row(family):
    ids = [row["id"] for _, row in ROWS if row["id"].startswith(f"{family}-")]
    assert len(ids) == len(set(ids)), "an id stands twice"
    assert len(ids) >= WANTED[family]


def test_few_requirements_bind_people_only_and_each_says_why():
    people = [row for _, row in ROWS if row["where"] == "not_software"]
    assert len(people) <= 25
    assert all(row.get("note") for row in people)


@pytest.mark.parametrize(("name", "row"), ROWS, ids=[row["id"] for _, row in ROWS])
def test_what_a_row_names_exists(name, row):
    kind, rest = kind_of(row["where"]), row["where"].partition(":")[2]
    if kind == "part":
        assert DONE < int(rest) <= LAST, "the part is done: name where it lives"
    elif kind in ("operation", "screen"):
        for path in map(str.strip, rest.split(",")):
            assert path in ADDRESSES or (ROOT / path).exists(), path
    elif kind == "test":
        path, _, test = rest.partition("::")
        assert f"def {test}(" in (ROOT / path).read_text("utf-8")
    elif kind == "row":
        _row_exists(row["where"])


def _row_exists(where: str) -> None:
    file, _, rest = where.partition(":")
    if file.startswith("tests/"):
        stories = tomllib.loads((ROOT / file).read_text("utf-8"))
        assert rest in {row["id"] for rows in stories.values() if isinstance(rows, list) for row in rows}
        return
    raw = tomllib.loads((LAW / file).read_text("utf-8"))
    many = re.fullmatch(r"\[\[(\w+)\]\] (\S+)", rest)
    if many:
        ids = {str(row.get("id") or row.get("on") or row.get("role")) for row in raw[many[1]]}
        assert many[2] in ids, f"{file} has no [[{many[1]}]] {many[2]}"
        return
    one = re.fullmatch(r"\[(\w+)\](?: (\w+))?", rest)
    assert one, f"write it like qn20.toml:[[move]] receive, not {where}"
    assert one[1] in raw, where
    assert one[2] is None or one[2] in raw[one[1]], where
