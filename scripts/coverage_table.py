"""Draws docs/coverage.md from docs/coverage/*.toml: where each requirement of the regulations lives.

python scripts/coverage_table.py
"""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "coverage"
HEAD = """# Where each requirement lives

Drawn by `scripts/coverage_table.py` from `docs/coverage/*.toml`; do not edit by hand. Ids are those of the
reading of the regulations, article by article. `part:N` is work of a later part; `not_software` binds people.
"""


def read() -> dict[str, list[dict[str, str]]]:
    """The rows of each file, by its name."""
    files = sorted(FOLDER.glob("*.toml"))
    return {path.stem: tomllib.loads(path.read_text("utf-8")).get("req", []) for path in files}


def kind_of(where: str) -> str:
    head = where.partition(":")[0]
    return head if head in ("operation", "screen", "test", "part", "not_software") else "row"


def table() -> str:
    """The whole document."""
    files = read()
    counts = Counter(kind_of(row["where"]) for rows in files.values() for row in rows)
    said = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
    parts = [HEAD, f"{sum(counts.values())} requirements: {said}.\n"]
    for name, rows in files.items():
        lines = [f"| {row['id']} | {row['where']} | {row.get('note', '')} |" for row in rows]
        parts.append(
            "\n".join([f"## {name.upper()}\n", "| id | where | note |", "|---|---|---|", *lines, ""])
        )
    return "\n".join(parts)


if __name__ == "__main__":
    (ROOT / "docs" / "coverage.md").write_text(table(), "utf-8")
