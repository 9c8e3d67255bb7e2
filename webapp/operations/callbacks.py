"""Who cannot type leaves a number and a place, and is called. A wish is no report: no clock runs before the
desk has entered one for them. Who opens the number is written down, and closing a wish destroys it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select

from webapp.operations import erasure, intake, people, scrubbing
from webapp.operations.intake import Place
from webapp.operations.people import Person
from webapp.operations.work import Conflict, Gone, Work, open_key
from webapp.store import models
from webapp.store.columns import canonical_json
from webapp.store.sealing import Unsealable, same

REPORTED: Final = "reported"
NO_ANSWER: Final = "no_answer"
ENDS: Final = ("not_needed", "unreachable")
EXPIRED: Final = "expired"
RESTORED: Final = "restored"
KEPT: Final = timedelta(days=30)
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
    """Keep the wish, sealed. The same form again is the same wish, and mended while nobody has opened it.

    Raises Conflict for other content after that.
    """
    mac = work.vault.receipt_mac(wish.secret)
    row = models.Callback
    known = work.session.scalar(select(row).where(row.secret_mac == mac).with_for_update())
    if known is not None:
        return _again(work, known, wish)
    sealed = people.seal(work.vault, Person(phone=wish.phone))
    made = _Row(
        secret_mac=mac,
        digest=_digest(work, wish),
        identity_id=people.keep(work, sealed),
        place=_sealed(work, wish.place, sealed.key.key, str(sealed.values["uid"])),
        area=wish.area,
        doubt=wish.doubt or None,
        attempts=[],
        created_at=work.now,
    )
    work.session.add(made)
    work.session.flush()
    return made.id


def _again(work: Work, row: models.Callback, wish: Wish) -> int:
    if row.digest and same(row.digest, _digest(work, wish)):
        return row.id
    if row.attempts or row.closed_at:
        raise Conflict
    people.change(work, row.identity_id, Person(phone=wish.phone))
    identity = work.session.get_one(models.Identity, row.identity_id)
    row.place = _sealed(work, wish.place, open_key(work, identity.key_id), identity.uid)
    row.area, row.digest, row.doubt = wish.area, _digest(work, wish), row.doubt or wish.doubt or None
    return row.id


def _digest(work: Work, wish: Wish) -> str:
    place = wish.place
    said = canonical_json([wish.phone, wish.area, place.words, place.lat, place.lon])
    return work.vault.blind_index(_TABLE, said)


def _sealed(work: Work, place: Place, key: bytes, uid: str) -> bytes:
    said = json.dumps([place.words, place.lat, place.lon, place.accuracy]).encode()
    return work.vault.seal(key, said, _TABLE, uid, "place")


def waiting(work: Work, most: int) -> Sequence[models.Callback]:
    """Who waits to be called, those in doubt last, else the longest waiting first."""
    query = select(_Row).where(_Row.closed_at.is_(None)).order_by(_Row.doubt.is_not(None), _Row.created_at)
    return list(work.session.scalars(query.limit(most)))


def count(work: Work) -> int:
    return work.session.scalar(select(func.count()).select_from(_Row).where(_Row.closed_at.is_(None))) or 0


def open_number(work: Work, id: int, account: int) -> Caller:
    """The number, for somebody who calls now; written down first. Raises Gone."""
    row = _open(work, id, lock=True)
    row.attempts = [*row.attempts, {"at": work.now.isoformat(), "account": account}]
    return _caller(work, row)


def opened_by(work: Work, id: int, account: int) -> Caller:
    """The same again for who opened it last, so that nobody copies a number by hand. Raises Gone."""
    row = _open(work, id)
    if not _is_with(row, account):
        raise Gone(id)
    return _caller(work, row)


def _is_with(row: models.Callback, account: int) -> bool:
    """Whether this account opened it last."""
    return bool(row.attempts) and row.attempts[-1]["account"] == account


def place_of(work: Work, id: int, account: int) -> Place:
    """The place of a wish for the report that this account enters; once entered, as the report has it, so
    that a second tap enters the same report. Nothing of a wish that is somebody else's."""
    row = work.session.get(_Row, id, with_for_update=True)
    if row is None or not _is_with(row, account):
        return Place()
    if row.closed_at is None:
        return _caller(work, row).place
    if row.case_id is None:
        return Place()
    case = work.session.get_one(models.Case, row.case_id)
    return intake.open_place(work, case, people.of_submission(work, case.id, 1))


def area_of(work: Work, id: int) -> str:
    return _open(work, id).area or ""


def note(work: Work, id: int, account: int, outcome: str) -> None:
    """What came of the call. Nobody answered: it stays on the list. Raises Gone."""
    if outcome not in OUTCOMES:
        raise Gone(outcome)
    row = _open(work, id, lock=True)
    if not _is_with(row, account):
        raise Gone(id)
    row.attempts = [*row.attempts[:-1], {**row.attempts[-1], "outcome": outcome}]
    if outcome in ENDS:
        _close(work, row, account, outcome)


def reported(work: Work, id: int, account: int, case_id: int) -> None:
    """The desk entered a report for them. One that was closed meanwhile, or that somebody else opened since,
    stays as it is."""
    row = work.session.get(_Row, id, with_for_update=True)
    if row is not None and row.closed_at is None and _is_with(row, account):
        row.case_id = case_id
        _close(work, row, account, REPORTED)


def close_the_old(work: Work) -> None:
    """Whom nobody reached in so long is kept no longer."""
    old = select(_Row).where(_Row.closed_at.is_(None), _Row.created_at < work.now - KEPT)
    for row in work.session.scalars(old.with_for_update()):
        _close(work, row, None, EXPIRED)


def closed(work: Work) -> list[tuple[datetime, str]]:
    """When which identities (their random ids) went with their wishes, for the erasure list."""
    person = models.Identity
    query = select(_Row.closed_at, person.uid).join(person, person.id == _Row.identity_id)
    return [(at, uid) for at, uid in work.session.execute(query.where(_Row.closed_at.is_not(None))) if at]


def close_again(work: Work, identity: str) -> bool:
    """After a restore: a wish that was closed before is closed, for its number is back. False: it is not."""
    person = models.Identity
    query = select(_Row).join(person, person.id == _Row.identity_id).where(person.uid == identity)
    row = work.session.scalar(query.where(_Row.closed_at.is_(None)))
    if row is not None:
        _close(work, row, None, RESTORED)
    return row is not None


def _close(work: Work, row: models.Callback, account: int | None, outcome: str) -> None:
    row.closed_at, row.closed_by, row.outcome, row.place, row.digest = work.now, account, outcome, None, None
    erasure.erase_identity(work, row.identity_id)
    scrubbing.mark(work)


def _open(work: Work, id: int, *, lock: bool = False) -> models.Callback:
    row = work.session.get(_Row, id, with_for_update=lock)
    if row is None or row.closed_at is not None:
        raise Gone(id)
    return row


def _caller(work: Work, row: models.Callback) -> Caller:
    return Caller(people.reveal(work, row.identity_id).phone, where(work, row))


def places(work: Work, rows: Sequence[models.Callback]) -> dict[int, Place]:
    """The places of these wishes by their ids, without those that do not open."""
    person, key = models.Identity, models.DataKey
    query = select(person, key).join(key, key.id == person.key_id)
    # Held here, so that none of them is asked of the database again by itself.
    held = work.session.execute(query.where(person.id.in_([row.identity_id for row in rows]))).all()
    found = {}
    for row in rows if held else ():
        with suppress(Unsealable):
            found[row.id] = where(work, row)
    return found


def where(work: Work, row: models.Callback) -> Place:
    """The place of a wish that waits: what it is about, which the list tells; the number it does not."""
    identity = work.session.get_one(models.Identity, row.identity_id)
    key = open_key(work, identity.key_id)
    assert row.place is not None
    return Place(*json.loads(work.vault.open(key, row.place, _TABLE, identity.uid, "place")))
