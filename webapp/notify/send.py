"""The sender: claims waiting notices, writes their letters, hands them to a channel, marks what happened.

A message leaves at least once: who is killed between sending and marking lets the lease run out, and the
next sender sends it again under the same id.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import update

from webapp.config import Config
from webapp.notify.channels import REPORTER, STAFF, Channel, default_channels
from webapp.notify.letters import Letters
from webapp.regulations.installation import Installation
from webapp.store.models import Notice
from webapp.store.queries import notices
from webapp.store.queries.notices import Told
from webapp.store.session import Store

LEASE = timedelta(minutes=2)
BATCH = 20
FIRST_WAIT = timedelta(minutes=1)
MAX_ATTEMPTS = 5


class Sender:
    """One process's sender; any number of them may run at once."""

    def __init__(
        self, config: Config, store: Store, law: Installation, channels: Mapping[str, Channel]
    ) -> None:
        self._store = store
        self._letters = Letters(law, config.base_url)
        self._channels = channels

    def send_due(self, now: datetime) -> int:
        """Send everything that waits at `now`; returns how many messages left."""
        sent = 0
        while claimed := self._claim(now):
            sent += sum(self._send(told, now) for told in claimed)
        return sent

    def _claim(self, now: datetime) -> list[Told]:
        with self._store.writer() as session:
            ids = list(session.scalars(notices.waiting(now, BATCH)))
            session.execute(update(Notice).where(Notice.id.in_(ids)).values(claimed_until=now + LEASE))
            return notices.told(session, ids) if ids else []

    def _send(self, told: Told, now: datetime) -> bool:
        audience = REPORTER if told.notice.submission is not None else STAFF
        try:
            self._channels[audience].deliver(self._letters.write(told))
        except Exception as error:
            self._failed(told.notice, error, now)
            return False
        self._mark(told.notice, sent_at=now, claimed_until=None, error=None)
        return True

    def _failed(self, notice: Notice, error: Exception, now: datetime) -> None:
        """Try again later, each time after twice as long; after the last attempt leave it to a person."""
        attempts = notice.attempts + 1
        parked = now if attempts >= MAX_ATTEMPTS else None
        wait = FIRST_WAIT * 2 ** (attempts - 1)
        # Only the kind of error: its words may hold an address.
        kind = type(error).__name__
        self._mark(
            notice, attempts=attempts, error=kind, not_before=now + wait, parked_at=parked, claimed_until=None
        )

    def _mark(self, notice: Notice, **values: object) -> None:
        with self._store.writer() as session:
            mine = (Notice.id == notice.id, Notice.sent_at.is_(None))
            session.execute(update(Notice).where(*mine).values(**values))


def make_sender(config: Config, store: Store, law: Installation) -> Sender:
    """A sender with the channels this installation has."""
    return Sender(config, store, law, default_channels(config))
