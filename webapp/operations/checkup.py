"""The invariants of the store, with what only operations know: which letters an event must have queued."""

from __future__ import annotations

from webapp.operations import notices
from webapp.operations.house import House
from webapp.store import invariants


def checkup(house: House) -> list[str]:
    """Everything that is wrong with the database at this moment, one line each; nothing is changed."""
    coordinator = house.law.directory.coordinator.id
    with house.store.reader() as session:
        return list(invariants.problems(session, house.law, lambda file: notices.ids(file, coordinator)))
