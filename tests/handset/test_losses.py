"""losses.toml against the tests: every way a peer loses reports is answered by tests that exist."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROWS = tomllib.loads((ROOT / "tests/handset/losses.toml").read_text("utf-8"))["loss"]


def exists(file: str, name: str) -> bool:
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    tests = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    return name.startswith("test_") and name in tests


def test_every_loss_is_there_once_with_a_sentence_and_a_test():
    assert [row["id"] for row in ROWS] == [f"L{n}" for n in range(1, 13)]
    assert [row["id"] for row in ROWS if not row["loss"].endswith(".") or not row["tests"]] == []


def test_every_test_that_is_named_exists():
    named = sorted({node for row in ROWS for node in row["tests"]})
    gone = [node for node in named if not exists(*node.split("::"))]
    assert not gone, f"no such test; name another in losses.toml, or write it: {gone}"
