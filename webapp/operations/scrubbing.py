"""Deleted bytes leave the database's files soon after, by the worker: never while a request is answered.

What deletes writes a mark in its own transaction, so that neither a crash nor a reader in the way loses it.
"""

from __future__ import annotations

import logging
import secrets
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete

from webapp.operations.house import House
from webapp.operations.work import Work
from webapp.store import models
from webapp.store.session import StoreBusy

log = logging.getLogger("hoidap.scrubbing")
KEY: Final = "scrub.due"
# While it waits for a lock, others stand behind it: the worker gives up soon and comes again.
SOON_S: Final = 0.2
PATIENT_S: Final = 10.0
EVERY: Final = timedelta(minutes=1)


def mark(work: Work) -> None:
    """What this transaction deletes is to leave the files."""
    work.session.merge(models.Meta(key=KEY, value=secrets.token_hex(16)))


def is_due(house: House) -> bool:
    return _marked(house) is not None


class Scrubber:
    """The worker's: looks once a minute at most, for on PostgreSQL a table is shut while it is written anew,
    and behind each try that waits for a long reader, e.g. a backup, others wait too."""

    def __init__(self) -> None:
        self._last: datetime | None = None

    def when_due(self, house: House) -> bool:
        """Scrub, or try again at a later round while somebody is in the way. Never counts as busy."""
        now = house.clock()
        if self._last is None or now - self._last >= EVERY or now < self._last:
            self._last = now
            if is_due(house) and not at_once(house, SOON_S):
                log.info("deleted bytes are still in the database's files, because somebody reads them")
        return False


def at_once(house: House, wait_s: float | None = None) -> bool:
    """Scrub now, patiently unless told how long; False when somebody was in the way: the worker goes on."""
    seen = _marked(house)
    try:
        house.store.scrub(PATIENT_S if wait_s is None else wait_s)
    except StoreBusy:
        return False
    if seen is not None:
        house.write(house.clock(), lambda work: _unmark(work, seen))
    return True


def _marked(house: House) -> str | None:
    with house.store.reader() as session:
        row = session.get(models.Meta, KEY)
    return row.value if row else None


def _unmark(work: Work, seen: str) -> None:
    """Unless something was deleted meanwhile, under another mark."""
    row = models.Meta
    work.session.execute(delete(row).where(row.key == KEY, row.value == seen))
