"""The erasure list as a file: ids only, appended to, so that it outlives the database it came from.

Every line names an identity by its random id and not by its number: a database restored from an older
backup gives the same numbers to other people.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from webapp.operations import callbacks, erasure
from webapp.operations.house import House
from webapp.operations.work import Work
from webapp.store import models
from webapp.store.columns import utc_text
from webapp.store.snapshot import sync

NAME = "erasures.log"
WISH_OVER = "retention_ended"  # of who asked to be called back: an identity without a report
_closed = select(func.count(models.Callback.closed_at)).scalar_subquery()


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """Who was erased (the identity's random id), on which ground, whether texts went along, and when."""

    erased_at: str
    identity: str
    ground: str
    texts_purged: bool

    def line(self) -> str:
        return "\t".join((self.identity, self.ground, str(int(self.texts_purged)), self.erased_at)) + "\n"


class Follower:
    """Keeps the file in step with the table; asks the table for one number when nothing happened."""

    def __init__(self) -> None:
        self._seen: tuple[int, ...] | None = None

    def follow(self, house: House) -> int:
        """Append what the file lacks; returns how many entries."""
        row = models.Erasure
        with house.store.reader() as session:
            query = select(func.count(), func.coalesce(func.max(row.id), 0), _closed)
            seen = tuple(session.execute(query).one())
            if seen == self._seen:
                return 0
            entries = _of_table(house.work(session, house.clock()))
        added = append(path_of(house), entries)
        self._seen = seen
        return added


def path_of(house: House) -> Path:
    return house.config.data / NAME


def read(path: Path) -> set[Entry]:
    """The entries of a file; a line that was cut off while it was written counts for nothing."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return set()
    parts = (line.split("\t") for line in lines)
    return {
        Entry(at, identity, ground, purged == "1")
        for identity, ground, purged, at in (row for row in parts if len(row) == 4)
        if ground in erasure.GROUNDS and len(at) == len("2026-01-01T00:00:00.000000Z")
    }


def append(path: Path, entries: Iterable[Entry]) -> int:
    """Add what the file does not have yet, durably."""
    new = sorted(set(entries) - read(path))
    if not new:
        return 0
    made = not path.exists()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with open(descriptor, "wb") as file:
        cut = not made and path.stat().st_size and not path.read_bytes().endswith(b"\n")
        file.write(("\n" if cut else "").encode() + "".join(entry.line() for entry in new).encode())
        file.flush()
        os.fsync(descriptor)
    if made:
        sync(path.parent)
    return len(new)


def do_again(work: Work, entries: Iterable[Entry]) -> int:
    """Erase those of the list whom a restored database still knows; returns how many there were."""
    purged: dict[str, Entry] = {}
    for entry in sorted(entries, key=lambda entry: (entry.texts_purged, entry)):
        purged[entry.identity] = entry  # the one that purged texts comes last
    rows = [(_place(work, entry.identity), entry) for entry in purged.values()]
    wishes = sum(callbacks.close_again(work, row.identity) for at, row in rows if not at)
    again = erasure.erase_again(work, [(*at, row.ground, row.texts_purged) for at, row in rows if at])
    return again + wishes


def _place(work: Work, identity: str) -> tuple[int, int] | None:
    row = models.Submission
    query = select(row.case_id, row.no).join(models.Identity, models.Identity.id == row.identity_id)
    found = work.session.execute(query.where(models.Identity.uid == identity)).first()
    return (found.case_id, found.no) if found else None


def _of_table(work: Work) -> list[Entry]:
    row, person = models.Erasure, models.Identity
    query = select(row, person.uid).join(person, person.id == row.identity_id)
    erased = [
        Entry(utc_text(entry.erased_at), uid, entry.ground, entry.texts_purged)
        for entry, uid in work.session.execute(query)
    ]
    return erased + [Entry(utc_text(at), uid, WISH_OVER, False) for at, uid in callbacks.closed(work)]
