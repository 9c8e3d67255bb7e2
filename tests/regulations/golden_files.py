"""The hand-made data that regulations are held to: golden/<id>.toml, one file for one regulation."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from webapp.core.regulation import Regulation
from webapp.regulations.load import load_regulations

FOLDER = Path(__file__).with_name("golden")


def golden(table: str) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Every row of `[[table]]` in every file: the regulation's id, the file it stands in, the row."""
    paths = sorted(FOLDER.glob("*.toml"))
    files = {path.stem.upper(): tomllib.loads(path.read_text("utf-8")) for path in paths}
    return [(id, file, row) for id, file in files.items() for row in file.get(table, ())]


def name(id: str, row: dict[str, Any]) -> str:
    return f"{id} {row['id']}"


@cache
def regulation(id: str) -> Regulation:
    """The version of that regulation the golden data speaks of: the newest."""
    found = [r for r in load_regulations() if r.id == id]
    assert found, f"golden/{id.lower()}.toml speaks of {id}, which webapp/regulations/ does not have"
    return found[-1]
