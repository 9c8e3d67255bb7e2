"""docs/asvs.toml against the tests: no applicable requirement without a test, no mark without a requirement."""

from __future__ import annotations

import ast
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FIELDS = {"id", "level", "applies", "paraphrase", "tests", "part", "deviation"}
PARTS = range(1, 12)


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads((ROOT / "docs/asvs.toml").read_text("utf-8"))["requirement"]
    return found


def functions() -> dict[str, list[str]]:
    """Every test function of the checkout by node id, with the requirements it is marked with."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        whole = [id for node in tree.body if _assigns(node, "pytestmark") for id in marked_in(node)]
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                own = [id for decorator in node.decorator_list for id in marked_in(decorator)]
                found[f"{path.relative_to(ROOT)}::{node.name}"] = whole + own
    return found


def _assigns(node: ast.stmt, name: str) -> bool:
    return isinstance(node, ast.Assign) and any(
        isinstance(t, ast.Name) and t.id == name for t in node.targets
    )


def marked_in(node: ast.AST) -> Iterator[str]:
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "asvs":
            yield from (ast.literal_eval(argument) for argument in call.args)


@pytest.fixture(scope="module")
def guards() -> dict[str, list[str]]:
    return functions()


def test_every_requirement_that_applies_now_has_a_test(rows, guards):
    marked = {id for ids in guards.values() for id in ids}
    bare = [
        row["id"]
        for row in rows
        if row["applies"] and "part" not in row and not row["tests"] and row["id"] not in marked
    ]
    assert not bare, (
        f"mark a test with @pytest.mark.asvs for {bare}, or name the part that brings the feature"
    )


def test_the_table_names_every_test_that_carries_a_mark_and_no_other(rows, guards):
    """The table is published as it is: requirement, verdict, tests."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for node, ids in guards.items():
        for id in ids:
            wanted[id].add(node)
    faults = []
    for row in rows:
        for node in sorted(wanted[row["id"]] - set(row["tests"])):
            faults.append(f'{row["id"]}: add "{node}" to its tests')
        for node in row["tests"]:
            if node not in guards:
                faults.append(f"{row['id']}: there is no test {node}")
    assert not faults, "\n".join(["docs/asvs.toml is not in step:", *faults])


def test_no_mark_names_a_requirement_that_is_not_in_the_table(rows, guards):
    known = {row["id"] for row in rows}
    strange = {node: id for node, ids in guards.items() for id in ids if id not in known}
    assert not strange, f"add a row to docs/asvs.toml, or correct the mark: {strange}"


def test_every_row_is_well_formed(rows):
    ids = [row["id"] for row in rows]
    assert len(ids) == len(set(ids)), "an id stands twice"
    assert ids == sorted(ids, key=lambda id: [int(part) for part in id.split(".")]), (
        "keep the rows in the order of their ids"
    )
    for row in rows:
        assert FIELDS >= row.keys() >= {"id", "level", "applies", "paraphrase", "tests"}, row
        assert re.fullmatch(r"\d+\.\d+\.\d+", row["id"]) and row["level"] in (1, 2, 3), row
        assert isinstance(row["applies"], bool) and all(isinstance(node, str) for node in row["tests"]), row
        assert row["paraphrase"].strip() and "\n" not in row["paraphrase"], row
        assert row.get("part", 1) in PARTS, row


def test_what_does_not_apply_or_comes_later_says_why(rows):
    for row in rows:
        if not row["applies"]:
            assert row.get("deviation", "").strip(), f"{row['id']} does not apply: say why in deviation"
            assert "part" not in row, f"{row['id']}: what does not apply comes in no part"


def test_every_first_level_requirement_of_what_exists_holds_or_names_its_part(rows):
    open_ones = [row["id"] for row in rows if row["level"] == 1 and row["applies"] and not row["tests"]]
    assert all("part" in row for row in rows if row["id"] in open_ones)
