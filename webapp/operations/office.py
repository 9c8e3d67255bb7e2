"""Focal persons of agencies and delegations of approval: dated, by a document, ending by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import and_, or_, select

from webapp.core.events import Kind
from webapp.operations.work import Gone, Work
from webapp.regulations.installation import Installation
from webapp.store import models

KINDS = ("leader", "officer")
LONGEST = timedelta(days=366)
_APPROVING = frozenset({Kind.approved, Kind.edited_and_approved})


class Unfit(ValueError):
    """It cannot be entered; `field` is what is wrong and `code` says why."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(code)
        self.field, self.code = field, code


@dataclass(frozen=True, slots=True)
class Term:
    """From a day until a day (exclusive, None: until further notice), by a document."""

    from_: date
    until: date | None
    document: str
    document_on: date | None = None


@dataclass(frozen=True, slots=True)
class Lent:
    """The roles that somebody holds for somebody else at this moment."""

    roles: frozenset[str]
    giver: int


def leading_roles(law: Installation) -> frozenset[str]:
    """The roles inside an agency that approve, under any regulation that runs here."""
    found: set[str] = set()
    for regulation in law.own.values():
        inside = {role.id for role in regulation.roles if role.org == "agency"}
        for move in regulation.moves:
            if move.event in _APPROVING:
                found |= inside.intersection(move.by)
    return frozenset(found)


def _agency_roles(law: Installation) -> frozenset[str]:
    rows = (role for regulation in law.own.values() for role in regulation.roles)
    return frozenset(role.id for role in rows if role.org == "agency")


def _kind_of(law: Installation, roles: Iterable[str]) -> set[str]:
    """What these roles make of somebody: a leader, an officer, both, or neither."""
    held, leading = set(roles), leading_roles(law)
    found = {"leader"} if held & leading else set()
    return found | ({"officer"} if held & (_agency_roles(law) - leading) else set())


# Focal persons


def appoint(work: Work, account_id: int, kind: str, term: Term, by: int | None) -> models.Focal:
    """Enter a focal person of the agency they sit in. Raises Unfit, Gone."""
    account = work.session.get(models.Account, account_id)
    if account is None or not account.active:
        raise Gone(account_id)
    if kind not in _kind_of(work.law, map(str, account.roles)):
        raise Unfit("kind", "no_role")
    _check_term(term)
    mine = (models.Focal.account_id == account_id, models.Focal.kind == kind)
    if any(
        _overlaps(row.from_on, row.until_on, term)
        for row in work.session.scalars(select(models.Focal).where(*mine))
    ):
        raise Unfit("from", "overlap")
    row = models.Focal(agency=account.agency, account_id=account_id, kind=kind, **_values(work, term, by))
    work.session.add(row)
    work.session.flush()
    return row


def end_focal(work: Work, id: int, until: date) -> None:
    """Let a focal person's time end on that day (exclusive). Raises Gone, Unfit."""
    row = work.session.get(models.Focal, id)
    if row is None:
        raise Gone(id)
    if until.isoformat() < row.from_on:
        raise Unfit("until", "before")
    row.until_on = until.isoformat()


def focal_persons(work: Work, agency: str | None = None) -> list[tuple[models.Focal, models.Account]]:
    row, account = models.Focal, models.Account
    query = select(row, account).join(account, account.id == row.account_id)
    query = query.where(row.agency == agency) if agency else query
    return [
        (f, a) for f, a in work.session.execute(query.order_by(row.agency, row.kind, row.from_on, row.id))
    ]


def missing(work: Work, agency: str, today: date) -> list[str]:
    """Of which kind nobody answers for the agency today.

    Where no focal person was ever entered, any active account with such a role does.
    """
    row, account, day = models.Focal, models.Account, today.isoformat()
    query = (
        select(account, row)
        .outerjoin(row, and_(row.account_id == account.id, row.agency == agency))
        .where(or_(account.agency == agency, row.agency == agency))
    )
    pairs = [(who, focal) for who, focal in work.session.execute(query)]
    here = {who.id: _kind_of(work.law, map(str, who.roles)) for who, _ in pairs if _sits(who, agency)}
    found = []
    for kind in KINDS:
        entered = [(who, focal) for who, focal in pairs if focal is not None and focal.kind == kind]
        on_duty = [w for w, f in entered if w.id in here and _in_force(f.from_on, f.until_on, day)]
        if not on_duty and (entered or not any(kind in kinds for kinds in here.values())):
            found.append(kind)
    return found


def _sits(account: models.Account, agency: str) -> bool:
    return account.active and account.agency == agency


# Delegations


def delegate(work: Work, giver_id: int, taker_id: int, term: Term, by: int | None) -> models.Delegation:
    """Lend the approvals of one to another of the same agency. Raises Unfit."""
    giver, taker = (work.session.get(models.Account, id) for id in (giver_id, taker_id))
    if giver is None or not giver.active or "leader" not in _kind_of(work.law, map(str, giver.roles)):
        raise Unfit("giver", "no_role")
    if taker is None or not taker.active or taker.id == giver.id or taker.agency != giver.agency:
        raise Unfit("taker", "taker")
    _check_term(term)
    if term.until is None or term.until <= work.today(work.law.first):
        raise Unfit("until", "past")
    if term.until - term.from_ > LONGEST:
        raise Unfit("until", "long")
    if any(
        _overlaps(row.from_on, row.until_on, term)
        for row in _standing(work, models.Delegation.giver_id, giver_id)
    ):
        raise Unfit("from", "overlap")
    row = models.Delegation(giver_id=giver_id, taker_id=taker_id, **_values(work, term, by))
    work.session.add(row)
    work.session.flush()
    return row


def take_back(work: Work, id: int, giver_id: int | None = None) -> None:
    """End a delegation now; with `giver_id` only one of theirs. Raises Gone for others and ended ones."""
    row = work.session.get(models.Delegation, id)
    if row is None or row.ended_at or (giver_id is not None and row.giver_id != giver_id):
        raise Gone(id)
    row.ended_at = work.now


def lent_to(work: Work, account: models.Account) -> Lent | None:
    """What this account may do in another's place today; nothing that the other had lent in turn."""
    day = work.today(work.law.first).isoformat()
    for row in _standing(work, models.Delegation.taker_id, account.id):
        giver = work.session.get(models.Account, row.giver_id)
        if not _in_force(row.from_on, row.until_on, day) or giver is None or not giver.active:
            continue
        roles = leading_roles(work.law).intersection(map(str, giver.roles)) - set(map(str, account.roles))
        if roles and giver.agency == account.agency:
            return Lent(frozenset(roles), giver.id)
    return None


def delegations(work: Work, giver_id: int | None = None) -> list[models.Delegation]:
    """Those in force or still to come, the next to begin first."""
    row = models.Delegation
    query = select(row).where(row.ended_at.is_(None), row.until_on > work.today(work.law.first).isoformat())
    query = query.where(row.giver_id == giver_id) if giver_id else query
    return list(work.session.scalars(query.order_by(row.from_on, row.id)))


def colleagues(work: Work, account_id: int, agency: str) -> Sequence[models.Account]:
    """Who may stand in: the other active accounts of the agency, by name."""
    row = models.Account
    query = select(row).where(row.agency == agency, row.active.is_(True), row.id != account_id)
    return work.session.scalars(query.order_by(row.name)).all()


def _standing(work: Work, column: object, id: int) -> list[models.Delegation]:
    row = models.Delegation
    query = select(row).where(column == id, row.ended_at.is_(None)).order_by(row.id)  # type: ignore[arg-type]
    return list(work.session.scalars(query))


# Days


def _check_term(term: Term) -> None:
    if term.until is not None and term.until <= term.from_:
        raise Unfit("until", "before")
    if not term.document.strip():
        raise Unfit("document", "document")


def _overlaps(from_on: str, until_on: str | None, term: Term) -> bool:
    begins, ends = term.from_.isoformat(), term.until.isoformat() if term.until else None
    return (until_on is None or begins < until_on) and (ends is None or from_on < ends)


def _in_force(from_on: str, until_on: str | None, day: str) -> bool:
    return from_on <= day and (until_on is None or day < until_on)


def _values(work: Work, term: Term, by: int | None) -> dict[str, object]:
    return {
        "from_on": term.from_.isoformat(),
        "until_on": term.until.isoformat() if term.until else None,
        "document": term.document.strip(),
        "document_on": term.document_on.isoformat() if term.document_on else None,
        "entered_by": by,
        "entered_at": work.now,
    }
