"""What people ask about their own data: a case of its own, tied to the report it is about, and what is done.

The regulation says who may and by when; here is what the acts do. A breach is written down here too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import select

from webapp.core.events import Event, Kind
from webapp.core.regulation import Move, Regulation
from webapp.core.workflow import Actor, Refused
from webapp.operations import erasure, holds, intake, people, retention, reveal
from webapp.operations.intake import Place, Report, Taken
from webapp.operations.people import Person
from webapp.operations.reveal import Opened
from webapp.operations.work import Gone, Refusal, Work
from webapp.regulations.installation import PERSONAL_DATA
from webapp.store import models, record
from webapp.store.record import CaseFile

SECRECY, DESK = "confidential", "desk"
GROUND = "data_subject"


@dataclass(frozen=True)
class Wish:
    """What somebody asks for: the kind, why, and how it should read where something is to be corrected."""

    secret: str
    kind: str
    reason: str = ""
    person: Person = field(default_factory=Person)


@dataclass(frozen=True)
class Held:
    """Everything that is kept about a sender, as they may see it. `person` is None once erased."""

    file: CaseFile
    no: int
    person: Person | None
    opened: list[Opened]
    published: list[models.PubContent]
    photos: int


def governing(work: Work) -> Regulation | None:
    """The regulation that governs these requests here and today."""
    return work.law.governing(None, DESK, work.today(work.law.first), PERSONAL_DATA)


def law_of(work: Work) -> Regulation:
    """As `governing`. Raises Gone where there is none."""
    regulation = governing(work)
    if regulation is None:
        raise Gone(PERSONAL_DATA)
    return regulation


def act_for(regulation: Regulation, kind: str) -> Kind | None:
    """What is done at the end of a request of that kind; None for what nobody may ask for."""
    acts = (move for move in regulation.moves if move.event in _EFFECTS)
    return next((move.event for move in acts if kind in move.when.get("kind", ())), None)


# Asking


def ask(work: Work, about: models.Submission, wish: Wish) -> Taken:
    """A case for this wish, tied to the report it is about. Raises Conflict, or Refusal with the article."""
    regulation = law_of(work)
    record.load(work.session, work.law, about.case_id, lock=True)  # two at once would both find nothing
    if not intake.is_known(work, wish.secret):
        _refuse_twice(work, about, wish.kind)
    taken = intake.take(work, intake.ready(work.vault, _report(work, regulation, about, wish)))
    if not taken.receipt.again:
        row = models.DataRequest(case_id=taken.receipt.case_id, about_id=about.id, kind=wish.kind)
        work.session.add(row)
        work.session.flush()
    return taken


def _report(work: Work, regulation: Regulation, about: models.Submission, wish: Wish) -> Report:
    label = next((row.label for row in regulation.kinds if row.id == wish.kind), "")
    text = "\n\n".join(part for part in (label, wish.reason) if part)
    return _bare(wish.secret, text, wish.kind, _requester(work, regulation, about, wish))


def _bare(secret: str, text: str, kind: str, person: Person) -> Report:
    return Report(secret, text, Place(), "", person, SECRECY, False, matter=PERSONAL_DATA, kind=kind)


def _requester(work: Work, regulation: Regulation, about: models.Submission, wish: Wish) -> Person:
    """Whom to answer: as the report has them, with what they ask to be corrected. Nobody is kept a second
    time who asks to be erased, and what was erased does not come back this way."""
    if act_for(regulation, wish.kind) is Kind.data_erased or people.erased(work, about.identity_id):
        return Person()
    known = people.reveal(work, about.identity_id)
    return replace(known, **{name: new for name in people.SEALED if (new := getattr(wish.person, name))})


def _refuse_twice(work: Work, about: models.Submission, kind: str) -> None:
    for row in erasure.requests_about(work, about.id):
        case = work.session.get_one(models.Case, row.case_id)
        if row.kind == kind and case.closed_at is None:
            raise Refusal(Refused("data_asked_already", {"number": case.code}))


def request_of(work: Work, case_id: int) -> models.DataRequest | None:
    """What this case asks, if it is such a request."""
    return work.session.get(models.DataRequest, case_id)


def about(work: Work, request: models.DataRequest) -> tuple[models.Submission, CaseFile]:
    """The report a request is about, and its case."""
    row = work.session.get_one(models.Submission, request.about_id)
    file = record.load(work.session, work.law, row.case_id)
    assert file is not None
    return row, file


# What the acts do


def carry_out(work: Work, file: CaseFile, event: Event) -> None:
    """Do to the report's data what the event of the request says. Raises Refusal while the law forbids it."""
    request = request_of(work, file.row.id)
    if request is None:
        raise Gone(file.row.id)
    _EFFECTS[event.kind](work, request, event)
    request.carried_out_at = work.now
    work.session.flush()


def _show(work: Work, request: models.DataRequest, event: Event) -> None:
    """The page that the requester's code opens is there from now on."""


def _correct(work: Work, request: models.DataRequest, event: Event) -> None:
    row = work.session.get_one(models.Submission, request.about_id)
    if not people.erased(work, row.identity_id):
        own = people.of_submission(work, request.case_id, 1)
        erasure.correct(work, row, people.reveal(work, own.identity_id))


def _restrict(work: Work, request: models.DataRequest, event: Event) -> None:
    row, file = about(work, request)
    erasure.hide(work, file, row)


def _erase(work: Work, request: models.DataRequest, event: Event) -> None:
    row = work.session.get_one(models.Submission, request.about_id)
    retention.refuse_kept(work, row.case_id)
    erasure.erase_person(work, row.id, GROUND, event.account)


_EFFECTS: Mapping[Kind, Callable[[Work, models.DataRequest, Event], None]] = {
    Kind.data_shown: _show,
    Kind.data_corrected: _correct,
    Kind.data_restricted: _restrict,
    Kind.data_erased: _erase,
}
ACTS = frozenset(_EFFECTS)


def obstacle(work: Work, file: CaseFile) -> Refused | None:
    """Why what this request asks for may not be done yet; None where nothing stands against it."""
    request = request_of(work, file.row.id)
    if request is None or act_for(file.regulation, request.kind) is not Kind.data_erased:
        return None
    row = work.session.get_one(models.Submission, request.about_id)
    try:
        for case_id in (row.case_id, *(one.case_id for one in erasure.requests_about(work, row.id))):
            holds.refuse_held(work, case_id)
        retention.refuse_kept(work, row.case_id)
    except Refusal as refusal:
        return refusal.refused
    return None


def _opened(work: Work, case_id: int, row: models.Submission) -> list[Opened]:
    """Who opened the seal of the report, and that of the requests about it."""
    found = reveal.reveals_of(work, case_id, row.no)
    for request in erasure.requests_about(work, row.id):
        found += reveal.reveals_of(work, request.case_id, 1)
    return sorted(found, key=lambda one: one.at)


def is_shown(file: CaseFile) -> bool:
    """Whether a request to see what is kept was granted."""
    return any(event.kind is Kind.data_shown for event in file.events)


def held(work: Work, case_id: int) -> Held:
    """What is kept about the sender of the report that this request asked to see. Raises Gone before it was
    granted, and for what is no such request."""
    request, file = request_of(work, case_id), record.load(work.session, work.law, case_id)
    if request is None or file is None or not is_shown(file):
        raise Gone(case_id)
    row, reported = about(work, request)
    person = None if people.erased(work, row.identity_id) else people.reveal(work, row.identity_id)
    content, photo = models.PubContent, models.Photo
    shown = select(content).where(content.code == reported.row.code).order_by(content.no)
    sent = select(photo.id).where(photo.case_id == reported.row.id, photo.submission == row.no)
    return Held(
        reported,
        row.no,
        person,
        _opened(work, reported.row.id, row),
        list(work.session.scalars(shown)),
        len(work.session.scalars(sent).all()),
    )


# Breaches


def breach_move(regulation: Regulation) -> Move | None:
    """The move that begins with when something became known; the way a breach is written down."""
    return next((move for move in regulation.moves if not move.from_ and "known_at" in move.requires), None)


def record_breach(work: Work, secret: str, text: str, known_at: datetime, by: Actor) -> Taken:
    """Write down a breach; its term runs from `known_at`. Raises Refusal, also for a time to come."""
    move = breach_move(law_of(work))
    if move is None:
        raise Gone(PERSONAL_DATA)
    report = replace(_bare(secret, text, move.when["kind"][0], Person()), channel=DESK, known_at=known_at)
    return intake.take(work, intake.ready(work.vault, report), by)
