"""What every operation is handed, and how it says no."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy.orm import Session

from webapp.core.regulation import Regulation
from webapp.core.workflow import Refused
from webapp.regulations.installation import Installation
from webapp.store import inserts, models
from webapp.store.media import MediaStore
from webapp.store.sealing import Unsealable, Vault


@dataclass(frozen=True)
class Work:
    """One transaction's worth of means. `now` was taken once at the door (UTC)."""

    session: Session
    law: Installation
    vault: Vault
    media: MediaStore
    public_media: MediaStore
    now: datetime

    def today(self, regulation: Regulation) -> date:
        return self.now.astimezone(regulation.zone).date()


class Refusal(Exception):
    """The regulation says no; `refused` has the code, its parameters and the article."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(f"{refused.code} ({refused.cite})")
        self.refused = refused


class Conflict(Exception):
    """The same secret came again with other content (HTTP 409)."""


class Gone(LookupError):
    """There is no such thing for this person (HTTP 404)."""


@dataclass(frozen=True, slots=True)
class FreshKey:
    """A data key that has no row yet: it may be made before anybody waits for the writer."""

    purpose: str
    key: bytes = field(repr=False)
    wrapped: bytes


def fresh_key(vault: Vault, purpose: str) -> FreshKey:
    return FreshKey(purpose, *vault.new_data_key(purpose))


def keep_key(work: Work, fresh: FreshKey) -> int:
    """Keep the key wrapped in a row of its own: the row's id."""
    values = {"purpose": fresh.purpose, "wrapped": fresh.wrapped, "created_at": work.now}
    return inserts.add(work.session, models.DataKey, values)


def open_key(work: Work, key_id: int) -> bytes:
    """The data key of that row. Raises Unsealable when it was destroyed."""
    row = work.session.get_one(models.DataKey, key_id)
    if row.wrapped is None:
        raise Unsealable("the key was destroyed")
    return work.vault.unwrap(row.wrapped, row.purpose)
