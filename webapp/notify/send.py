"""The sender: claims waiting notices, writes their letters, hands them to a channel, marks what happened.

A message leaves at least once: who is killed between sending and marking lets the lease run out, and the
next sender sends it again under the same id.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from webapp.config import Config
from webapp.notify.channels import REPORTER, STAFF, Channel, default_channels
from webapp.notify.letters import Letters
from webapp.notify.outcomes import Later, NoWay, Refused
from webapp.notify.reporters import Opener
from webapp.regulations.installation import Installation
from webapp.store.models import Notice
from webapp.store.queries import notices
from webapp.store.queries.notices import Told
from webapp.store.session import Store

log = logging.getLogger("hoidap.notify")
# The lease outlasts the turn and the slowest delivery begun in it.
LEASE = timedelta(minutes=5)
TURN = timedelta(seconds=20)
UNMARKED = timedelta(seconds=0.5)
BATCH = 100
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(days=1)
MAX_ATTEMPTS = 5


class Sender:
    """One process's sender; any number of them may run at once."""

    def __init__(
        self, config: Config, store: Store, law: Installation, channels: Mapping[str, Channel | None]
    ) -> None:
        self._store = store
        self._base_url = config.base_url
        self._letters = Letters(law, self._base_url)
        self._channels = channels

    def send_due(self, now: datetime, law: Installation | None = None) -> int:
        """Send what waits at `now`, for one TURN at most, because the worker has other work too; returns
        how many messages left. `law` is what letters speak by from now on."""
        if law is not None:
            self._letters = Letters(law, self._base_url)
        sent, began = 0, time.monotonic()

        def passed() -> timedelta:
            return timedelta(seconds=time.monotonic() - began)

        while passed() < TURN:
            shown, claimed = self._claim(now, passed())
            if not shown and not claimed:
                break
            sent += shown + self._send_all(claimed, now, lambda: passed() < TURN)
        return sent

    def _claim(self, now: datetime, passed: timedelta) -> tuple[int, list[Told]]:
        """How many need no channel, for who they are for finds them on the desk; and what is to be sent."""
        with self._store.writer() as session:
            waiting = session.execute(notices.waiting(now + passed, BATCH)).all()
            shown = [id for id, submission in waiting if self._channel(submission) is None]
            ids = [id for id, submission in waiting if self._channel(submission) is not None]
            _put(session, shown, sent_at=now, claimed_until=None, error=None)
            _put(session, ids, claimed_until=now + passed + LEASE)
        if not ids:
            return len(shown), []
        with self._store.reader() as session:  # nobody who sends a report waits for this
            return len(shown), notices.told(session, ids)

    def _channel(self, submission: int | None) -> Channel | None:
        return self._channels[STAFF if submission is None else REPORTER]

    def _send_all(self, claimed: Sequence[Told], now: datetime, in_time: Callable[[], bool]) -> int:
        """Marks what left, several at once: each mark is an fsync that senders of reports wait for too.

        Only those of UNMARKED are sent again when the process is killed.
        """
        gone: list[str] = []
        late: list[str] = []
        sent, last = 0, time.monotonic()
        for told in claimed:
            if not in_time():
                late.append(told.notice.id)
            elif self._send(told, now):
                gone.append(told.notice.id)
            if gone and time.monotonic() - last > UNMARKED.total_seconds():
                sent, gone, last = sent + self._left(gone, now), [], time.monotonic()
        if late:
            self._mark(late, claimed_until=None)
        return sent + self._left(gone, now)

    def _send(self, told: Told, now: datetime) -> bool:
        channel = self._channel(told.notice.submission)
        assert channel is not None
        try:
            channel.deliver(self._letters.write(told))
        except NoWay:
            error = notices.KEPT if told.event.kind in notices.LEGAL else notices.NO_WAY
            self._mark([told.notice.id], sent_at=now, claimed_until=None, error=error)
            return False
        except Exception as error:
            self._failed(told.notice, error, now)
            return False
        return True

    def _left(self, ids: list[str], now: datetime) -> int:
        if ids:  # whoever stopped them meanwhile came too late
            self._mark(ids, sent_at=now, claimed_until=None, parked_at=None, error=None)
        return len(ids)

    def _failed(self, notice: Notice, error: Exception, now: datetime) -> None:
        """Try again later, each time after twice as long; after the last attempt leave it to a person."""
        attempts = notice.attempts + 1
        parked = now if attempts >= MAX_ATTEMPTS or isinstance(error, Refused) else None
        wait = max(FIRST_WAIT * 2 ** (attempts - 1), _named(error, now))
        # Only the kind of error: its words may hold an address.
        kind = str(getattr(error, "kind", type(error).__name__))
        values = {"attempts": attempts, "error": kind, "not_before": now + wait, "parked_at": parked}
        self._mark([notice.id], Notice.parked_at.is_(None), claimed_until=None, **values)
        if parked:
            log.error("notice %s is parked: %s", notice.id, kind)

    def _mark(self, ids: list[str], *only: object, **values: object) -> None:
        with self._store.writer() as session:
            mine = (Notice.id.in_(ids), Notice.sent_at.is_(None), *only)
            change = update(Notice).where(*mine).values(**values)  # type: ignore[arg-type]
            session.execute(change, execution_options={"synchronize_session": False})


def _put(session: Session, ids: Sequence[str], **values: object) -> None:
    if ids:
        change = update(Notice).where(Notice.id.in_(ids)).values(**values)
        session.execute(change, execution_options={"synchronize_session": False})


def _named(error: Exception, now: datetime) -> timedelta:
    """How long the other side asks us to wait: seconds or a date, and never beyond a day."""
    after = error.after.strip() if isinstance(error, Later) else ""
    if after.isascii() and after.isdecimal():
        return min(timedelta(seconds=int(after[:9])), LONGEST_WAIT)
    try:
        at = parsedate_to_datetime(after)
    except ValueError:
        return timedelta(0)
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(timedelta(0), min(at - now, LONGEST_WAIT))


def make_sender(config: Config, store: Store, law: Installation, opener: Opener | None = None) -> Sender:
    """A sender with the channels this installation has. `opener` finds how to reach a reporter."""
    return Sender(config, store, law, default_channels(config, opener))
