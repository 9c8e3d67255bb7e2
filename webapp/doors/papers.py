"""Documents as pages list them: title, kind and size, and an address that saves them as a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from webapp.doors.present import Vm
from webapp.operations import documents
from webapp.operations.work import Work
from webapp.store import models
from webapp.store.sealing import Unsealable
from webapp.words import sentence


def files(work: Work, case: models.Case, ids: Iterable[int], url: Callable[[int], str]) -> list[Vm]:
    """The documents of those ids, in the order in which they were attached."""
    wanted = set(ids)
    rows = [row for row in documents.of_case(work, case.id) if row.id in wanted] if wanted else []
    try:
        titles = documents.titles(work, case) if rows else {}
    except Unsealable:
        return []  # the key was destroyed, on purpose
    untitled = sentence("paper", "untitled")
    return [
        {"name": titles.get(row.id, untitled), "url": url(row.id), "size": size(row.mime, row.size)}
        for row in rows
    ]


def size(mime: str, count: int) -> str:
    """The kind of document and its size as people read it."""
    kind = documents.SUFFIXES[mime].removeprefix(".").upper()
    if count < 1_000_000:
        return sentence("paper", "kilobytes", kind=kind, size=max(1, round(count / 1000)))
    return sentence("paper", "megabytes", kind=kind, size=f"{count / 1_000_000:.1f}".replace(".", ","))
