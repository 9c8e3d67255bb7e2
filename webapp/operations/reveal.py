"""Opening a sealed identity: for a purpose the regulation knows, by whom it names, written down each time.

The person it concerns sees every opening. Where a competent body cites the secrecy of an investigation, an
overseer may let them see it only later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select

from webapp.core.regulation import Reveal
from webapp.core.timing import facts_of, fits
from webapp.core.workflow import Actor, Refused
from webapp.operations import people, restricted, texts
from webapp.operations.people import Person
from webapp.operations.work import Gone, Refusal, Work
from webapp.store import models, record
from webapp.store.access import Access, access
from webapp.store.record import CaseFile

FIELDS = people.SEALED
COMPETENT_BODY = "competent_body"
OVERSEER = "overseer"
# Who asked, by which paper: what must be known before a sender is named to another body.
NEEDED = {COMPETENT_BODY: ("requester", "basis")}


@dataclass(frozen=True, slots=True)
class Why:
    """Why an identity is opened, in staff's words; `delay` is the id of an overseer's leave."""

    reason: str
    requester: str = ""
    basis: str = ""
    delay: int | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """One opening as the person it concerns may see it; `reason` is empty once it was purged."""

    at: datetime
    role: str
    agency: str | None
    account: int
    name: str  # of the member of staff
    purpose: str
    cite: str
    fields: tuple[str, ...]
    reason: str
    delayed_until: datetime | None
    under: tuple[str, str]  # the regulation and version whose role that is


def reveal(
    work: Work,
    case_id: int,
    submission_no: int,
    actor: Actor,
    purpose: str,
    why: Why,
    fields: Sequence[str] = FIELDS,
) -> Person:
    """Who sent this, as far as `fields` say, and a row in the ledger in the same transaction.

    Raises Gone for a case that is not the actor's, Refusal where role, purpose or reason do not suffice
    or the person was erased.
    """
    file = _file(work, case_id, submission_no, actor)
    row = _right(file, actor, purpose)
    _unrestricted(work, file, submission_no, purpose, row.cite)
    _reasons(row, purpose, why)
    delay = _delay(work, file, submission_no, actor, purpose, why)
    person = _opened(work, file, submission_no, row)
    _write(work, file, submission_no, actor, row, purpose, why, delay, fields)
    return Person(**{field: getattr(person, field) for field in FIELDS if field in fields})


def allow_delay(
    work: Work, case_id: int, submission_no: int, actor: Actor, until: datetime, reason: str
) -> int:
    """An overseer's leave to tell the person only after `until`; give its id to `reveal` in `Why`."""
    file = _file(work, case_id, submission_no, actor)
    role = _role_of(file, actor, OVERSEER)
    if role is None:
        overseers = [row.id for row in file.regulation.roles if row.org == OVERSEER]
        raise Refusal(Refused("role", {"roles": overseers}))
    if until <= work.now or not reason.strip():
        raise Refusal(Refused("reveal_delay"))
    assert actor.account is not None
    row = models.RevealDelay(
        case_id=case_id,
        submission=submission_no,
        until=until,
        reason_id=_sealed(work, file, actor, reason),
        role=role,
        approved_by=actor.account,
        approved_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    return row.id


def reveals_of(work: Work, case_id: int, no: int, *, also_delayed: bool = False) -> list[Opened]:
    """Every opening of this person's identity, oldest first; those still delayed only for an overseer."""
    who = models.Reveal.submission == no
    return _read(work, case_id, who, also_delayed=also_delayed).get(no, [])


def reveals_in(work: Work, case_id: int, *, also_delayed: bool = False) -> dict[int, list[Opened]]:
    """The same for everybody of the case, by the number of their report, in as many queries as for one."""
    return _read(work, case_id, also_delayed=also_delayed)


def _read(
    work: Work, case_id: int, *which: ColumnElement[bool], also_delayed: bool
) -> dict[int, list[Opened]]:
    row = models.Reveal
    query = select(row).where(row.case_id == case_id, *which).order_by(row.id)
    if not also_delayed:
        query = query.where(or_(row.delayed_until.is_(None), row.delayed_until <= work.now))
    rows = list(work.session.scalars(query))
    case = work.session.get(models.Case, case_id)
    if case is None:
        return {}
    said = texts.read(work, case, [one.reason_id for one in rows])
    account = models.Account
    who = select(account.id, account.name).where(account.id.in_({one.account_id for one in rows}))
    names = {one.id: one.name for one in work.session.execute(who)} if rows else {}
    under = (case.regulation, case.version)
    found: dict[int, list[Opened]] = {}
    for one in rows:
        opened = _shown(one, names[one.account_id], said.get(one.reason_id, ""), under)
        found.setdefault(one.submission, []).append(opened)
    return found


def rights(file: CaseFile, actor: Actor) -> dict[str, Reveal]:
    """The purposes for which this actor may open identities of the case, each with the row that says so."""
    found = {}
    for purpose in dict.fromkeys(purpose for row in file.regulation.reveals for purpose in row.purposes):
        try:
            found[purpose] = _right(file, actor, purpose)
        except Refusal:
            continue
    return found


def refused(file: CaseFile, actor: Actor, *, erased: bool) -> Refused | None:
    """Why this actor may open a person's identity for no purpose at all; None where they may."""
    if erased:
        return Refused("person_erased")
    if rights(file, actor):
        return None
    rows = file.regulation.reveals
    if not rows:
        return Refused("reveal_purpose")
    return Refused("role", {"roles": list(dict.fromkeys(row.role for row in rows))}, rows[0].cite)


def leaves(work: Work, case_id: int, no: int, actor: Actor) -> list[models.RevealDelay]:
    """The leaves of overseers that this actor may use now: to tell the person only later."""
    row = models.RevealDelay
    query = select(row).where(row.case_id == case_id, row.submission == no, row.until > work.now)
    return list(work.session.scalars(query.where(row.approved_by != actor.account).order_by(row.id)))


def _shown(row: models.Reveal, name: str, reason: str, under: tuple[str, str]) -> Opened:
    return Opened(
        row.revealed_at,
        row.role,
        row.agency,
        row.account_id,
        name,
        row.purpose,
        row.cite,
        tuple(row.fields),
        reason,
        row.delayed_until,
        under,
    )


def _file(work: Work, case_id: int, no: int, actor: Actor) -> CaseFile:
    """The case, for staff whose matrix cell for identities, or whose oversight, leads to it."""
    file = record.load(work.session, work.law, case_id)
    known = file is not None and 0 < no <= len(file.state.submissions)
    if file is None or not known or actor.account is None or not concerns(file, actor):
        raise Gone(case_id)
    return file


def concerns(file: CaseFile, actor: Actor) -> bool:
    """Whether the case is this member of staff's: held by their agency, not merely once sent there."""
    orgs = {file.regulation.role(id).org for id in actor.roles if _has(file, id)}
    if orgs & {"coordinator", OVERSEER}:
        return True
    held = [a for a in file.state.assignments if not file.regulation.state(a.state).void]
    return "agency" in orgs and any(a.agency == actor.agency for a in held)


def _has(file: CaseFile, role: str) -> bool:
    return any(row.id == role for row in file.regulation.roles)


def _role_of(file: CaseFile, actor: Actor, org: str) -> str | None:
    return next((row.id for row in file.regulation.roles if row.org == org and row.id in actor.roles), None)


def _right(file: CaseFile, actor: Actor, purpose: str) -> Reveal:
    about = facts_of(file.state)
    every = file.regulation.reveals_for(purpose)
    rows = [row for row in every if not (row.unless and fits(row.unless, about))]
    if not rows:
        raise Refusal(Refused("reveal_purpose", {}, every[0].cite if every else ""))
    row = next((row for row in rows if row.role in actor.roles), None)
    if row is None:
        raise Refusal(Refused("role", {"roles": [row.role for row in rows]}, rows[0].cite))
    # Two locks: the province's rows say who, the matrix says which kind of office may at all.
    audience = {"agency": "agency_own"}.get(org := file.regulation.role(row.role).org, org)
    if access("identity", audience) is not Access.reveal:
        raise Refusal(Refused("reveal_purpose", {}, row.cite))
    return row


# What a restriction leaves: the person's own requests, and what another law demands.
_DESPITE = frozenset({"data_subject", COMPETENT_BODY})


def _unrestricted(work: Work, file: CaseFile, no: int, purpose: str, cite: str) -> None:
    if purpose not in _DESPITE and restricted.since(work, file.row.id, no):
        raise Refusal(Refused("reveal_restricted", {}, cite))


def _reasons(row: Reveal, purpose: str, why: Why) -> None:
    for name in ("reason", *NEEDED.get(purpose, ())):
        if not getattr(why, name).strip():
            raise Refusal(Refused(f"reveal_{name}", {}, row.cite))


def _delay(
    work: Work, file: CaseFile, no: int, actor: Actor, purpose: str, why: Why
) -> models.RevealDelay | None:
    """The leave that was named, if it is for this person, still runs, and was given by somebody else."""
    if why.delay is None:
        return None
    row = work.session.get(models.RevealDelay, why.delay)
    fits = row is not None and (row.case_id, row.submission) == (file.row.id, no) and row.until > work.now
    if row is None or not fits or row.approved_by == actor.account or purpose != COMPETENT_BODY:
        raise Refusal(Refused("reveal_delay"))
    return row


def _opened(work: Work, file: CaseFile, no: int, row: Reveal) -> Person:
    submission = people.of_submission(work, file.row.id, no)
    if people.erased(work, submission.identity_id):
        raise Refusal(Refused("person_erased", {}, row.cite))
    return people.reveal(work, submission.identity_id)


def _write(
    work: Work,
    file: CaseFile,
    no: int,
    actor: Actor,
    right: Reveal,
    purpose: str,
    why: Why,
    delay: models.RevealDelay | None,
    fields: Sequence[str],
) -> None:
    said = {name: _sealed(work, file, actor, getattr(why, name)) for name in NEEDED.get(purpose, ())}
    work.session.add(
        models.Reveal(
            case_id=file.row.id,
            submission=no,
            account_id=actor.account,
            role=right.role,
            agency=actor.agency,
            purpose=purpose,
            cite=right.cite,
            fields=[field for field in FIELDS if field in fields],
            reason_id=_sealed(work, file, actor, why.reason),
            requester_id=said.get("requester"),
            basis_id=said.get("basis"),
            delay_id=delay and delay.id,
            delayed_until=delay and delay.until,
            revealed_at=work.now,
        )
    )
    work.session.flush()


def _sealed(work: Work, file: CaseFile, actor: Actor, body: str) -> int:
    # Always sealed: a reason easily names the person it is about.
    return texts.add(work, file.row, "reveal", body, sealed=True, account=actor.account)
