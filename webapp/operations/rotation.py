"""Changing the master key: every data key is wrapped anew, in batches that may stop anywhere.

The new key lies durable in the key folder before anything is wrapped by it, and both open until the old one
is removed. Each row is changed only if it still is what was read, so that no destroyed key comes back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, literal_column, select, update
from sqlalchemy.orm import Session

from webapp.operations.work import Work
from webapp.store import models
from webapp.store.columns import utc_text
from webapp.store.keyring import MasterKeys
from webapp.store.sealing import Unsealable, wrapped_by

# A key wrapped in memory reaches its row within a request; the old master key outlives every request.
GRACE: Final = timedelta(minutes=10)
BATCH: Final = 100  # so that nobody waits long for the writer's turn
# The session need not look through its rows after every update: they are not used again.
_AS_IT_IS: Final = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Place:
    """A table of wrapped data keys; `purpose` None: the row says it itself."""

    name: str
    model: Any
    key: str
    purpose: str | None


PLACES: Final = (
    Place("data_key", models.DataKey, "id", None),
    Place("photo", models.Photo, "id", "photo"),
    Place("upload", models.Upload, "uid", None),
    Place("document", models.Document, "id", "document"),
    Place("recording", models.Recording, "id", "recording"),
    Place("expected_file", models.ExpectedFile, "id", "partial"),
)


@dataclass(frozen=True, slots=True)
class Batch:
    """How many rows were wrapped anew, and the last row looked at; `last` None: the table is done."""

    done: int
    last: Any


class StillNeeded(Exception):
    """An old master key may not go yet: `rows` are wrapped by it, or nobody may be sure until `until`."""

    def __init__(self, rows: int, until: datetime | None) -> None:
        super().__init__(f"{rows} keys are still wrapped by it")
        self.rows = rows
        self.until = until


def begin(work: Work, masters: MasterKeys) -> int:
    """Make a new master key, or go on with the one a stopped rotation made; returns its version.

    A rotation is open as long as two master keys lie in the folder.
    """
    on_disk = masters.versions()
    if len(on_disk) == 1:
        # Not a version that rows name already: its file may be lost, and the number would stand for two keys.
        used = {version for counts in status(work.session).values() for version in counts}
        masters.add(max(*on_disk, *used, 0) + 1)
    newest = masters.newest()[0]
    if work.session.get(models.Meta, _since(newest)) is None:
        work.session.add(models.Meta(key=_since(newest), value=utc_text(work.now)))
    return newest


def rewrap(work: Work, place: Place, newest: int, after: Any = None, limit: int = BATCH) -> Batch:
    """Wrap the next rows of a table by the newest master key. Raises Unsealable, naming the row."""
    model, key = place.model, getattr(place.model, place.key)
    query = select(model).where(model.wrapped.is_not(None), _byte(model) != bytes([newest]))
    if after is not None:
        query = query.where(key > after)
    rows = work.session.scalars(query.order_by(key).limit(limit)).all()
    done = sum(_rewrap(work, place, row) for row in rows)
    return Batch(done, getattr(rows[-1], place.key) if len(rows) == limit else None)


def _rewrap(work: Work, place: Place, row: Any) -> int:
    id = getattr(row, place.key)
    try:
        fresh = work.vault.rewrap(row.wrapped, place.purpose or row.purpose)
    except Unsealable as error:
        raise Unsealable(f"{place.name} {id}: {error}") from error
    model = place.model
    same = (getattr(model, place.key) == id, model.wrapped == row.wrapped)
    changed = update(model).where(*same).values(wrapped=fresh).returning(getattr(model, place.key))
    return len(work.session.execute(changed, execution_options=_AS_IT_IS).all())


def status(session: Session) -> Mapping[str, Counter[int]]:
    """How many data keys each master key version wraps, by table."""
    found: dict[str, Counter[int]] = {}
    for place in PLACES:
        byte = _byte(place.model)
        query = select(byte, func.count()).where(place.model.wrapped.is_not(None)).group_by(byte)
        found[place.name] = Counter({wrapped_by(bytes(one)): n for one, n in session.execute(query)})
    return found


def remove_old(work: Work, masters: MasterKeys, grace: timedelta = GRACE) -> list[int]:
    """Destroy all master keys but the newest; returns their versions. Raises StillNeeded; then none goes."""
    newest = masters.newest()[0]
    old = [version for version in masters.versions() if version != newest]
    counts = sum(status(work.session).values(), Counter())
    rows = sum(counts[version] for version in old)
    since = work.session.get(models.Meta, _since(newest))
    until = (datetime.fromisoformat(since.value) if since else work.now) + grace
    if old and (rows or work.now < until):
        raise StillNeeded(rows, until if work.now < until else None)
    for version in old:
        masters.remove(version)
    return old


def _byte(model: Any) -> Any:
    # Plain numbers: as bound parameters they would differ between SELECT and GROUP BY on PostgreSQL.
    return func.substr(model.wrapped, literal_column("1"), literal_column("1"), type_=model.wrapped.type)


def _since(version: int) -> str:
    return f"master_key.{version}.since"
