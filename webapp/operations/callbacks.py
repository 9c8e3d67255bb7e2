"""Who cannot type leaves a number and a place, and is called. A wish is no report: no clock runs before the
desk has entered one for them. Who opens the number is written down, and closing a wish destroys it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import func, select

from webapp.operations import erasure, people
from webapp.operations.intake import Place
from webapp.operations.people import Person
from webapp.operations.work import Gone, Work, open_key
from webapp.store import models

REPORTED: Final = "reported"
NO_ANSWER: Final = "no_answer"
ENDS: Final = ("not_needed", "unreachable")
OUTCOMES: Final = (NO_ANSWER, *ENDS)
_TABLE = "callback"
_Row = models.Callback


@dataclass(frozen=True)
class Wish:
    """`secret`: of the form it came by, so that a second press is one wish."""

    secret: str = field(repr=False)
    phone: str = field(repr=False)
    place: Place
    area: str | None = None
    doubt: str = ""


@dataclass(frozen=True)
class Caller:
    """Whom to call, and about where."""

    phone: str = field(repr=False)
    place: Place


def ask(work: Work, wish: Wish) -> int:
    """Keep the wish, sealed; the same form again is the same wish."""
    mac = work.vault.receipt_mac(wish.secret)
    row = models.Callback
    known = work.session.scalar(select(row.id).where(row.secret_mac == mac))
    if known is not None:
        return known
    sealed = people.seal(work.vault, Person(phone=wish.phone))
    uid = str(sealed.values["uid"])
    place = json.dumps([wish.place.words, wish.place.lat, wish.place.lon, wish.place.accuracy]).encode()
    made = _Row(
        secret_mac=mac,
        identity_id=people.keep(work, sealed),
        place=work.vault.seal(sealed.key.key, place, _TABLE, uid, "place"),
        area=wish.area,
        doubt=wish.doubt or None,
        attempts=[],
        created_at=work.now,
    )
    work.session.add(made)
    work.session.flush()
    return made.id


def waiting(work: Work, most: int) -> Sequence[models.Callback]:
    """Who waits to be called, those in doubt last, else the longest waiting first."""
    query = select(_Row).where(_Row.closed_at.is_(None)).order_by(_Row.doubt.is_not(None), _Row.created_at)
    return list(work.session.scalars(query.limit(most)))


def count(work: Work) -> int:
    return work.session.scalar(select(func.count()).select_from(_Row).where(_Row.closed_at.is_(None))) or 0


def open_number(work: Work, id: int, account: int) -> Caller:
    """The number, for somebody who calls now; written down first. Raises Gone."""
    row = _open(work, id)
    row.attempts = [*row.attempts, {"at": work.now.isoformat(), "account": account}]
    return _caller(work, row)


def opened_by(work: Work, id: int, account: int) -> Caller:
    """The same again for who opened it last, so that nobody copies a number by hand. Raises Gone."""
    row = _open(work, id)
    if not row.attempts or row.attempts[-1]["account"] != account:
        raise Gone(id)
    return _caller(work, row)


def area_of(work: Work, id: int) -> str:
    return _open(work, id).area or ""


def note(work: Work, id: int, account: int, outcome: str) -> None:
    """What came of the call. Nobody answered: it stays on the list. Raises Gone."""
    if outcome not in OUTCOMES:
        raise Gone(outcome)
    row = _open(work, id)
    last: dict[str, Any] = row.attempts[-1] if row.attempts else {}
    if last.get("account") != account:
        raise Gone(id)
    row.attempts = [*row.attempts[:-1], {**last, "outcome": outcome}]
    if outcome in ENDS:
        _close(work, row, account, outcome)


def reported(work: Work, id: int, account: int, case_id: int) -> None:
    """The desk entered a report for them. One that was closed meanwhile stays as it is."""
    row = work.session.get(_Row, id)
    if row is not None and row.closed_at is None:
        row.case_id = case_id
        _close(work, row, account, REPORTED)


def _close(work: Work, row: models.Callback, account: int, outcome: str) -> None:
    row.closed_at, row.closed_by, row.outcome, row.place = work.now, account, outcome, None
    erasure.erase_identity(work, row.identity_id)


def _open(work: Work, id: int) -> models.Callback:
    row = work.session.get(_Row, id)
    if row is None or row.closed_at is not None:
        raise Gone(id)
    return row


def _caller(work: Work, row: models.Callback) -> Caller:
    person = people.reveal(work, row.identity_id)
    identity = work.session.get_one(models.Identity, row.identity_id)
    key = open_key(work, identity.key_id)
    assert row.place is not None
    place = json.loads(work.vault.open(key, row.place, _TABLE, identity.uid, "place"))
    return Caller(person.phone, Place(*place))
