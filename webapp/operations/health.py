"""What an operator must know of this installation, in numbers: nothing of any case or person."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from webapp.config import Config
from webapp.operations.expected import WAITING
from webapp.operations.house import House
from webapp.operations.work import Work
from webapp.store import models, space
from webapp.store.keyring import master_versions
from webapp.store.migrate import current_revision
from webapp.store.queries.agency import in_doubt
from webapp.store.queries.notices import outbox_counts

BEAT = "worker.seen_at"
BEAT_EVERY = timedelta(seconds=5)
KEYS = ("receipt", "index", "session", "flask")


class Heart:
    """A worker says that it lives; at most every five seconds, because each time costs an fsync."""

    def __init__(self) -> None:
        self._last: datetime | None = None

    def beat(self, house: House) -> bool:
        """Never counts as busy."""
        now = house.clock()
        if self._last is None or now - self._last >= BEAT_EVERY or now < self._last:
            house.write(now, _beat)
            self._last = now
        return False


def _beat(work: Work) -> None:
    work.session.merge(models.Meta(key=BEAT, value=work.now.isoformat()))


@dataclass(frozen=True, slots=True)
class Health:
    """Ages in seconds, sizes in bytes; None where there is nothing to have an age."""

    worker_beat_age: float | None
    notice_oldest_unsent_age: float | None
    notices_waiting: int
    notices_parked: int
    clocks_parked: int
    clocks_overdue_unrecorded: int
    photos_pending: int
    photos_failed: int
    uploads_waiting: int
    reports_doubted: int
    callbacks_waiting: int
    disk_free: int
    disk_needed: int
    taking_reports: bool
    keys_missing: list[str]
    schema: str | None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def health(house: House, now: datetime) -> Health:
    """Everything at one moment."""
    config = house.config
    with house.store.reader() as session:
        rows = {**_notices(session, now), **_clocks(session, now), **_photos(session), **_awaited(session)}
        seen = session.get(models.Meta, BEAT)
    return Health(
        worker_beat_age=_age(now, datetime.fromisoformat(seen.value)) if seen else None,
        **rows,
        disk_free=space.free_bytes(config),
        disk_needed=space.needed_bytes(config),
        taking_reports=not space.is_short(config),
        keys_missing=keys_missing(config),
        schema=current_revision(house.store),
    )


def _notices(session: Session, now: datetime) -> dict[str, Any]:
    notice = models.Notice
    unsent = (notice.sent_at.is_(None), notice.parked_at.is_(None))
    oldest = session.scalar(select(func.min(notice.created_at)).where(*unsent))
    return {
        "notice_oldest_unsent_age": _age(now, oldest) if oldest else None,
        "notices_waiting": _count(session, notice, unsent),
        "notices_parked": outbox_counts(session)["failed"],
    }


def _clocks(session: Session, now: datetime) -> dict[str, Any]:
    clock = models.Deadline
    open_ = (clock.met_at.is_(None), clock.ended_at.is_(None), clock.breached_at.is_(None))
    runs = or_(clock.paused_at.is_(None), clock.paused_at > clock.due_at)
    running = (*open_, runs, clock.parked.is_(None), clock.due_at < now)
    return {
        "clocks_parked": _count(session, clock, [*open_, clock.parked.is_not(None)]),
        "clocks_overdue_unrecorded": _count(session, clock, running),
    }


def _photos(session: Session) -> dict[str, Any]:
    photo = models.Photo
    return {
        "photos_pending": _count(session, photo, [photo.status == "pending"]),
        "photos_failed": _count(session, photo, [photo.status == "failed"]),
    }


def _awaited(session: Session) -> dict[str, Any]:
    """What phones still send, and what waits for a person at the centre."""
    upload, wish = models.ExpectedFile, models.Callback
    return {
        "uploads_waiting": _count(session, upload, [upload.state == WAITING]),
        "reports_doubted": session.scalar(select(func.count()).select_from(in_doubt().subquery())) or 0,
        "callbacks_waiting": _count(session, wish, [wish.closed_at.is_(None)]),
    }


def _count(session: Session, model: type[Any], where: Iterable[ColumnElement[bool]]) -> int:
    return session.scalar(select(func.count()).select_from(model).where(*where)) or 0


def _age(now: datetime, then: datetime) -> float:
    return round((now - then).total_seconds(), 1)


def keys_missing(config: Config) -> list[str]:
    """Names of key files that are not there; with one gone, something sealed cannot be opened any more."""
    folder = config.keys_folder
    if not os.path.isdir(folder):
        return ["master", *KEYS]
    masters = [] if master_versions(folder) else ["master"]
    return [*masters, *(name for name in KEYS if not (folder / f"{name}.key").exists())]
