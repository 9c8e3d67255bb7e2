"""Who may see what, by group of fields and kind of viewer: the matrix of `access.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

AUDIENCES = (
    "reporter_own",
    "reporter_other",
    "coordinator",
    "agency_own",
    "agency_other",
    "overseer",
    "public",
)
GROUPS = (
    "identity",
    "place_exact",
    "report_text",
    "confidential_text",
    "original_photo",
    "shown_photo",
    "staff_notes",
    "result_draft",
    "published",
)


class Access(StrEnum):
    """`reveal` is read by a recorded operation with a purpose."""

    none = "none"
    reveal = "reveal"
    read = "read"


def access(group: str, audience: str) -> Access:
    """The cell of the matrix. KeyError for a group or an audience that there is not."""
    return matrix()[group, audience]


@cache
def matrix() -> Mapping[tuple[str, str], Access]:
    """All cells. Raises ValueError unless exactly the known groups and audiences are there."""
    rows = tomllib.loads(Path(__file__).with_name("access.toml").read_text("utf-8"))
    if set(rows) != set(GROUPS):
        raise ValueError(f"access.toml: groups differ: {sorted(set(rows) ^ set(GROUPS))}")
    for group, row in rows.items():
        if set(row) != {*AUDIENCES, "holds"}:
            raise ValueError(f"access.toml: [{group}] differs: {sorted(set(row) ^ {*AUDIENCES, 'holds'})}")
    return {(group, audience): Access(row[audience]) for group, row in rows.items() for audience in AUDIENCES}
