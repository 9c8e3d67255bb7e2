"""An operator's own directory: what a change would mean, and making it.

The shipped file stays as it is; the operator's rows lie over it in the data folder. Processes read them when
they start.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from webapp.config import Config
from webapp.operations.work import Work
from webapp.regulations.directory import Directory
from webapp.regulations.directory_file import Raw, Rows, built, merged, own_name, read_own
from webapp.regulations.directory_own import Change, changes, laid_over, to_toml
from webapp.regulations.load import FOLDER
from webapp.regulations.rows import DataError, Problem, read_toml
from webapp.store import models
from webapp.store.columns import utc_text
from webapp.store.snapshot import sync

RECORD = "changes.jsonl"


class ChangedMeanwhile(Exception):
    """Somebody else has written the own rows since the plan was made."""


@dataclass(frozen=True)
class Plan:
    """What an import would make of the directory; nothing is written yet."""

    path: Path
    seen: str
    own: Raw
    after: Directory
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Impact:
    """What hangs on an agency that ends: cases open there, and active accounts."""

    agency: str
    cases: int
    accounts: int


def shipped(directory: str, folder: Path = FOLDER) -> Raw:
    """The shipped file of that directory, parsed."""
    files = (read_toml(path) for path in sorted((folder / "directories").glob("*.toml")))
    return next(raw for raw in files if raw.get("directory", {}).get("id") == directory)


def present(config: Config, directory: str) -> Raw:
    """The directory as it is now: shipped with own rows."""
    raw = shipped(directory)
    return merged(raw, read_own(config.directory_folder / own_name(raw)))


def plan(config: Config, directory: str, given: Rows, groups: Iterable[str]) -> Plan:
    """What taking up the `given` rows would change. Raises DataError when the outcome could not be used.

    `groups` are the parts of the installation that some regulation governs: an area elsewhere could send
    nothing.
    """
    raw = shipped(directory)
    path = config.directory_folder / own_name(raw)
    old = read_own(path)
    new = laid_over(raw, old, given)
    after = built(merged(raw, new), "import")
    _governed(after, set(groups))
    return Plan(path, _hash(path), new, after, tuple(changes(merged(raw, old), merged(raw, new))))


def _governed(directory: Directory, groups: set[str]) -> None:
    what, mend = "no regulation governs group", f"use one of {', '.join(sorted(groups))}"
    problems = [
        Problem("import", f"[[area]] {area.id}", f"{what} '{area.group}'", mend)
        for area in directory.areas
        if area.group not in groups
    ]
    if problems:
        raise DataError(problems)


def impact(work: Work, plan: Plan) -> list[Impact]:
    """What hangs on each agency that the plan ends."""
    ids = [change.id for change in plan.changes if change.table == "agency" and change.kind == "ended"]
    return [Impact(id, _open_cases(work, id), _accounts(work, id)) for id in ids]


def _open_cases(work: Work, agency: str) -> int:
    row = models.Assignment
    query = select(func.count(row.case_id.distinct()))
    return work.session.scalar(query.where(row.agency == agency, row.closed_at.is_(None))) or 0


def _accounts(work: Work, agency: str) -> int:
    row = models.Account
    query = select(func.count(row.id)).where(row.agency == agency, row.active.is_(True))
    return work.session.scalar(query) or 0


# Making it


def apply(plan: Plan, now: datetime, source: str, document: str = "") -> None:
    """Write the own rows, whole or not at all, and who may ask later what was changed when.

    Raises ChangedMeanwhile when they are not what the plan was made from.
    """
    if _hash(plan.path) != plan.seen:
        raise ChangedMeanwhile(plan.path.name)
    text = to_toml(plan.own)
    plan.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    entry = {
        "at": utc_text(now),
        "file": source,
        "document": document,
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "changes": [_told(change) for change in plan.changes],
    }
    # First the record: a line too many tells of a change that came to nothing, its hash shows which.
    append_line(plan.path.parent / RECORD, entry)
    put(plan.path, text)


def put(path: Path, text: str) -> None:
    """Replace a file by a new one, durably: who reads sees the old one or the new one."""
    new = path.with_name(f"{path.name}.new")
    with new.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.rename(new, path)
    sync(path.parent)


def append_line(path: Path, entry: dict[str, Any]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry, ensure_ascii=False, default=str) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _told(change: Change) -> dict[str, Any]:
    was, row = change.was or {}, {"table": change.table, "id": change.id, "kind": change.kind}
    return {**row, "keys": {key: [was.get(key), change.now.get(key)] for key in change.keys}}


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""
