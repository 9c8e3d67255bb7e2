"""No page knows a state: it asks the core what is possible and shows the answer."""

import ast
import re
import tomllib

import pytest

FIX = (
    "draw from the offers and labels the core returns; a page that compares states "
    "breaks with the next regulation."
)


@pytest.fixture(scope="module")
def states(root):
    paths = sorted((root / "webapp" / "regulations").glob("*.toml"))
    files = [tomllib.loads(path.read_text(encoding="utf-8")) for path in paths]
    found = {row["id"] for data in files for row in data.get("state", [])}
    assert found, "no [[state]] row found in webapp/regulations/*.toml: has the format changed?"
    return found


def test_no_state_in_views(root, modules, parsed, states, where, refuse):
    doors = [root / "webapp" / door for door in ("citizen", "agency", "public")]
    refuse(
        (
            f"{where(path, node.lineno)}: {node.value!r}"
            for path in modules
            if any(door in path.parents for door in doors)
            for node in ast.walk(parsed(path))
            if isinstance(node, ast.Constant) and node.value in states
        ),
        FIX,
    )


def test_no_state_in_templates(templates, states, where, refuse):
    # A class may share a state's word: looks are not logic.
    quoted = re.compile(rf"""(?<!class=)(["'])({"|".join(map(re.escape, sorted(states)))})\1""")
    refuse(
        (
            f"{where(path, number)}: {hit[0]}"
            for path in templates
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
            for hit in quoted.finditer(line)
        ),
        FIX,
    )
