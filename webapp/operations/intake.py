"""Taking a report in. The same secret gives the same receipt; with other content it is a conflict."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, select

from webapp.core.events import Event
from webapp.core.regulation import Regulation
from webapp.core.secret_code import ALPHABET
from webapp.core.timing import facts_of, fits
from webapp.core.workflow import Action, Actor, Refused, decide
from webapp.operations import expected, notices, people, photos, texts
from webapp.operations.expected import Promise
from webapp.operations.people import Person
from webapp.operations.work import Conflict, FreshKey, Refusal, Work, fresh_key, keep_key, open_key
from webapp.regulations.installation import Installation
from webapp.store import inserts, models, record
from webapp.store.columns import canonical_json
from webapp.store.prepared import Prepared
from webapp.store.record import CaseFile, Opening
from webapp.store.sealing import Vault, same

CODE_SYMBOLS = 6
DEMO = "demo"
EXACT, COMMUNE = "exact", "commune"  # how exactly everybody may read where it is


@dataclass(frozen=True)
class Place:
    """Where it is: in words, and the position as the phone gave it (degrees WGS 84, metres)."""

    words: str = ""
    lat: float | None = None
    lon: float | None = None
    accuracy: float | None = None


@dataclass(frozen=True)
class Report:
    """One report as it came in. `secret` is the phone's 128-bit secret in hex; `occurred_on` a legal date."""

    secret: str = field(repr=False)
    text: str
    place: Place
    occurred_on: str
    person: Person
    secrecy: str
    undertaking: bool
    place_shown: str = COMMUNE
    channel: str = "web"
    matter: str | None = None  # which sort of the installation's map; whichever takes the channel when None
    kind: str | None = None  # of item, where the regulation knows several
    category: str | None = None
    area: str | None = None
    photos: Sequence[photos.Kept] = field(default=())
    expected: Sequence[Promise] = field(default=())  # files that its phone sends after it
    known_at: datetime | None = None  # since when staff know of it, where the regulation counts from there
    helper: Person | None = None  # who sends it for somebody
    doubt: str = ""  # codes of why a machine may have sent it
    written_at: datetime | None = None  # by the phone's own clock
    joins: str = ""  # the number of the case that its sender met too


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the citizen is told: the public number and the secret code that opens the report."""

    case_id: int
    no: int
    number: str
    code: str = field(repr=False)
    again: bool = False
    not_taken: Sequence[photos.NotTaken] = ()  # photos beyond what one report or one day may bring


@dataclass(frozen=True, slots=True)
class Taken:
    """A report that is in: its receipt, its row's id, its case, and how many photos it has."""

    receipt: Receipt
    submission_id: int
    file: CaseFile
    photos: int


@dataclass(frozen=True, slots=True)
class Foreseen:
    """How the case begins, by the law and at the instant it was looked up for; by others it is made anew."""

    law: Installation
    at: datetime
    opening: Opening


@dataclass(frozen=True, slots=True)
class Ready:
    """A report with all that can be made before anybody waits for the writer: keyed values and seals."""

    report: Report
    mac: str
    code: str = field(repr=False)
    code_mac: str
    digest: str
    symbols: str  # of the public number, unless another case has it
    key: FreshKey  # of the case's content
    person: people.Sealed
    helper: people.Sealed | None
    foreseen: Foreseen | None


def ready(vault: Vault, report: Report, law: Installation | None = None, at: datetime | None = None) -> Ready:
    """Make a report of a reporter's ready to be taken; needs no database. With the law and the instant it
    will be taken by, the case's beginning is made ready too."""
    code = vault.code_for(report.secret)
    return Ready(
        report,
        vault.receipt_mac(report.secret),
        code,
        vault.code_mac(code),
        _keyed(vault, report),
        _symbols(),
        fresh_key(vault, "content"),
        people.seal(vault, report.person),
        people.seal(vault, report.helper) if report.helper else None,
        _foreseen(law, report, at) if law and at else None,
    )


def _foreseen(law: Installation, report: Report, at: datetime) -> Foreseen | None:
    """None: there will be a refusal, if it was not taken before; that is said in its own transaction."""
    regulation = _governing(law, report, at.astimezone(law.first.zone).date())
    if regulation is None:
        return None
    try:
        return Foreseen(law, at, Opening.of(regulation, _events(law, regulation, report, _REPORTER, at)))
    except Refusal:
        return None


def submit(work: Work, report: Report, by: Actor | None = None) -> Receipt:
    """As `take`, for who needs the receipt alone."""
    return take(work, ready(work.vault, report), by).receipt


def take(work: Work, made: Ready, by: Actor | None = None) -> Taken:
    """Store a report durably and start its clocks; `by` is the member of staff who enters it for somebody.

    Raises Conflict, or Refusal with the article.
    """
    report = made.report
    number, known = _fresh_number(work, made.mac, made.symbols)
    if known is not None:
        return _again(work, work.session.get_one(models.Submission, known), report)
    regulation = governing(work, report)
    _check_in_force(work, regulation, report)
    taken, left = photos.within_quota(work, report.person.phone, report.photos)
    if by or left or not made.foreseen or (made.foreseen.law, made.foreseen.at) != (work.law, work.now):
        events = _events(work.law, regulation, replace(report, photos=taken), by or _REPORTER, work.now)
        opening = Opening.of(regulation, events)
    else:
        opening = made.foreseen.opening
    file = record.begin(work.session, opening, work.now, code=number, key_id=keep_key(work, made.key))
    return stored(work, file, file.events, made, made.key.key, (taken, left))


def stored(
    work: Work,
    file: CaseFile,
    events: Sequence[Event],
    made: Ready,
    key: bytes,
    brought: tuple[Sequence[photos.Kept], Sequence[photos.NotTaken]],
) -> Taken:
    """Keep what came with the last submission of `file`, which `events` made; `key`: of the content."""
    report, no, (taken, left) = made.report, len(file.state.submissions), brought
    submission_id = _submission(work, file.row, no, made, key)
    photos.attach(work, file.row.id, taken, submission=no)
    expected.expect(work, file.row, no, made.person.values["phone_index"], report.expected)
    photos.drop_uploads(work, report.secret)
    notices.queue(work, file, events)
    receipt = Receipt(file.row.id, no, file.row.code, made.code, not_taken=left)
    return Taken(receipt, submission_id, file, len(taken))


def again(work: Work, made: Ready) -> Taken | None:
    """What sending it gave before, if it came before. Raises Conflict when it had another content."""
    known = work.session.scalar(select(_Sent).where(models.Submission.secret_mac == made.mac))
    return _again(work, known, made.report) if known else None


def _check_in_force(work: Work, regulation: Regulation, report: Report) -> None:
    """Raises Refusal for a category or an area that is over or has not begun, whoever sends the form."""
    directory, day = work.law.directory, work.today(regulation)
    rows = {"category": directory.category(report.category or ""), "area": directory.area(report.area or "")}
    for name, row in rows.items():
        if row is not None and not row.in_force(day):
            raise Refusal(Refused("not_in_force", {"fact": name}, ""))


def is_known(work: Work, secret: str) -> bool:
    """Whether a report was already made under this secret."""
    mac = work.vault.receipt_mac(secret)
    return (
        work.session.scalar(select(models.Submission.id).where(models.Submission.secret_mac == mac))
        is not None
    )


def governing(work: Work, report: Report) -> Regulation:
    """The regulation in force for this place, channel and day. Raises Refusal when there is none."""
    today = work.today(work.law.first)
    regulation = _governing(work.law, report, today)
    if regulation is None:
        raise Refusal(Refused("no_regulation", {"channel": report.channel}, ""))
    return usable(work, regulation)


def _governing(law: Installation, report: Report, day: date) -> Regulation | None:
    return law.governing(report.area, report.channel, day, report.matter)


def usable(work: Work, regulation: Regulation) -> Regulation:
    """Raises Refusal for a regulation that takes no real cases, unless all here is for show."""
    if not regulation.takes_real_cases and not _is_demo(work):
        raise Refusal(Refused("undated_regulation", {"regulation": regulation.id}, ""))
    return regulation


def _is_demo(work: Work) -> bool:
    return bool(_STAMP.run(work.session, {"key": "stamp"}).fetchone() == (DEMO,))


_Sent = models.Submission
_STAMP = Prepared(select(models.Meta.value).where(models.Meta.key == bindparam("key")))
_KNOWN = Prepared(
    select(
        select(_Sent.id).where(_Sent.secret_mac == bindparam("mac")).scalar_subquery(),
        select(models.Case.id).where(models.Case.code == bindparam("code")).scalar_subquery(),
    )
)


def _again(work: Work, known: models.Submission, report: Report) -> Taken:
    report = replace(report, photos=photos.as_sent(work, known.case_id, report.photos))
    if not same(known.digest, _keyed(work.vault, report)):
        raise Conflict
    file = record.load(work.session, work.law, known.case_id)
    assert file is not None
    expected.brought(work, known.case_id, known.no, report.photos)
    person = work.session.get_one(models.Identity, known.identity_id)
    expected.expect(work, file.row, known.no, person.phone_index, report.expected)
    code = work.vault.code_for(report.secret)
    receipt = Receipt(known.case_id, known.no, file.row.code, code, again=True)
    stored = sum(photo.submission == known.no for photo in photos.of_case(work, known.case_id))
    return Taken(receipt, known.id, file, stored)


def _keyed(vault: Vault, report: Report) -> str:
    # A plain hash over a name and a number is as good as the name to whoever can guess it.
    return vault.blind_index("report", digest(report))


def digest(report: Report) -> str:
    """What makes two sendings the same report. Photos count by content, not by their order of arrival, and
    a promised one as if it were here: a form may bring what a phone announced, and the other way round."""
    promised = [one.mark for one in report.expected]
    values: dict[str, Any] = {
        "text": report.text,
        "place": [report.place.words, report.place.lat, report.place.lon],
        "occurred_on": report.occurred_on,
        "person": [getattr(report.person, name) for name in people.SEALED],
        "secrecy": report.secrecy,
        "category": report.category,
        "area": report.area,
        "photos": sorted([*(photo.mark or photo.sha256 for photo in report.photos), *promised]),
    }
    if report.place_shown != COMMUNE:  # what was sent before anybody could choose keeps its digest
        values["place_shown"] = report.place_shown
    if report.helper:
        values["helper"] = [report.helper.name, report.helper.phone]
    if report.joins:
        values["joins"] = report.joins
    return hashlib.sha256(canonical_json(values).encode()).hexdigest()


def _fresh_number(work: Work, mac: str, symbols: str) -> tuple[str, int | None]:
    """A public number that no case has; and the submission that came with this secret before, if any."""
    while True:
        code = f"{work.law.code_prefix}-{symbols}"
        known, case = _KNOWN.run(work.session, {"mac": mac, "code": code}).fetchone()
        if case is None:
            return code, known
        symbols = _symbols()


def _symbols() -> str:
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in secrets.token_bytes(CODE_SYMBOLS))


def _submission(work: Work, case: models.Case, no: int, made: Ready, key: bytes) -> int:
    report = made.report
    sealed = report.secrecy == "confidential"
    values = {
        "case_id": case.id,
        "no": no,
        "secret_mac": made.mac,
        "code_mac": made.code_mac,
        "digest": made.digest,
        "text_id": texts.add(work, case, "report", report.text, sealed=sealed),
        "identity_id": people.keep(work, made.person),
        "helper_id": people.keep(work, made.helper) if made.helper else None,
        "place": seal_place(work, case, no, report.place, key),
        "place_shown": report.place_shown,
        "occurred_on": report.occurred_on,
        "claimed_category": report.category,
        "claimed_area": report.area,
        "written_at": report.written_at,
        "doubt": report.doubt or None,
        "same_as": report.joins if report.joins != case.code else None,
    }
    return inserts.add(work.session, models.Submission, values)


def seal_place(work: Work, case: models.Case, no: int, place: Place, key: bytes) -> bytes:
    """`key`: the case's content key."""
    values = {"words": place.words, "lat": place.lat, "lon": place.lon, "accuracy": place.accuracy}
    return work.vault.seal(key, json.dumps(values).encode(), "submission", f"{case.code}/{no}", "place")


def open_place(work: Work, case: models.Case, row: models.Submission, key: bytes | None = None) -> Place:
    """Where the report says it is; `key` is the case's, if it was opened before. Raises Unsealable once it is
    destroyed."""
    if row.place is None:
        return Place()
    key = key or open_key(work, case.content_key_id)
    opened = work.vault.open(key, row.place, "submission", f"{case.code}/{row.no}", "place")
    return Place(**json.loads(opened))


_REPORTER = Actor(frozenset({"reporter"}), submission=1)


def _events(
    law: Installation, regulation: Regulation, report: Report, by: Actor, at: datetime
) -> list[Event]:
    facts = {
        "channel": report.channel,
        "secrecy": report.secrecy,
        "given": given(report),
        "track": _track(law, report),
        "kind": report.kind,
        "regulation": regulation.id,
        "version": regulation.version,
        "known_at": report.known_at,
    }
    begins = [move for move in regulation.moves if not move.from_ and move.event == "submitted"]
    about = facts_of(None, facts)
    opening = next((move.id for move in begins if fits(move.when, about)), begins[0].id)
    events = decide(regulation, None, Action(opening, 0, by), facts, at)
    if isinstance(events, Refused):
        raise Refusal(events)
    return events


def _track(law: Installation, report: Report) -> str | None:
    """The track that its category sends a report on at once: a fire does not wait to be sorted."""
    row = law.directory.category(report.category or "")
    return getattr(row, "track", None)


def given(report: Report) -> list[str]:
    """Which of the regulation's fields this report brings."""
    present = {
        "text": report.text.strip(),
        "place": report.area or report.place.words.strip() or report.place.lat is not None,
        "occurred": report.occurred_on,
        "photo": report.photos
        or any(one.kind == expected.PHOTO and not one.wrong for one in report.expected),
        "name": report.person.name.strip(),
        "phone": report.person.phone,
        "email": report.person.email,
        "address": report.person.address.strip(),
        "undertaking": report.undertaking,
    }
    return sorted(name for name, value in present.items() if value)
