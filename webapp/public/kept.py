"""Pages that were drawn a moment ago: given again while nothing that they were drawn from has changed.

A page of this door is a function of public rows, the law and the instant, and the same for everybody. The
rows themselves are what a kept page is told by, so no writer has to announce a change and no process to hear
of it. ADR 0004 has the reasons.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from flask import Blueprint, Response, current_app, request

from webapp.core.regulation import Regulation

MOST: Final = 256
# A ribbon is drawn in whole percent, and a percent of the shortest terms is little more than this.
LONGEST: Final = timedelta(seconds=30)
_DAY: Final = timedelta(days=1)
_NAME: Final = "hoidap_kept_pages"
Drawn = tuple[str, int, datetime]  # the page, its status, and until when it says the truth


@dataclass(frozen=True, slots=True)
class Kept:
    """A drawn page: what it was drawn from, and from when until when it says the truth."""

    source: object
    since: datetime
    until: datetime
    body: bytes
    status: int
    tag: str


class Pages:
    """The kept pages of one process, at most `MOST`; one that is over goes when the next is put beside it."""

    def __init__(self) -> None:
        self._pages: dict[str, Kept] = {}
        self._turn = threading.Lock()

    def get(self, name: str, source: object, now: datetime) -> Kept | None:
        page = self._pages.get(name)
        return page if page and page.since <= now < page.until and page.source == source else None

    def put(self, name: str, page: Kept) -> Kept:
        with self._turn:
            fresh = {key: kept for key, kept in self._pages.items() if page.since < kept.until}
            fresh.pop(name, None)
            while len(fresh) >= MOST:
                del fresh[next(iter(fresh))]
            self._pages = fresh | {name: page}
        return page


def keep_in(blueprint: Blueprint) -> None:
    """Give each application with this door pages of its own."""
    blueprint.record_once(lambda state: state.app.extensions.setdefault(_NAME, Pages()))


def drawn(
    name: str, source: object, now: datetime, draw: Callable[[], Drawn], mimetype: str = "text/html"
) -> Response:
    """The page of that name as it was drawn from `source`, else as `draw` draws it now."""
    pages: Pages = current_app.extensions[_NAME]
    page = pages.get(name, source, now)
    if page is None:
        text, status, until = draw()
        body = text.encode()
        tag = hashlib.sha256(body).hexdigest()[:32]
        page = pages.put(name, Kept(source, now, until, body, status, tag))
    known = page.status == 200 and request.if_none_match.contains_weak(page.tag)
    response = Response(status=304) if known else Response(page.body, page.status, mimetype=mimetype)
    response.set_etag(page.tag)
    return response


def next_change(regulation: Regulation, dues: Iterable[datetime], now: datetime) -> datetime:
    """Until when words about these due instants stay true: a page must not say "on time" when it is late.

    They change right after, every day after that, and where "today" ends. That one is near may be said half a
    minute late.
    """
    midnight = now.astimezone(regulation.zone).replace(hour=0, minute=0, second=0, microsecond=0) + _DAY
    instants = [now + LONGEST, midnight]
    for due in dues:
        late = max(0, (now - due) // _DAY) + 1
        instants += [due + timedelta(microseconds=1), due + late * _DAY]
    return min(at for at in instants if at > now)
