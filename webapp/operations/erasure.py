"""Erasing a person: the key that sealed them is destroyed, and what was in clear goes with it.

The record the law keeps stays: events, clocks, counts and the case's own texts. Only ids and the ground are
written down, so that whoever restores an older backup can erase the same people again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy import delete, select, update

from webapp.core.events import Event, Scope
from webapp.core.regulation import FACTS
from webapp.operations import expected, holds, people, scrubbing, texts
from webapp.operations.mentions import Mentions
from webapp.operations.people import Person
from webapp.operations.work import Gone, Work
from webapp.store import models, record
from webapp.store.record import CaseFile
from webapp.store.session import after_commit
from webapp.words import sentence

# The closed list of grounds; their sentences are in words/privacy.vi.toml.
GROUNDS = ("data_subject", "retention_ended", "court_order", "collected_by_mistake")
_PUBLISHED = ("public_text", "public_answer", "public_where")


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did; `mentions` counts kept texts in which the person's name or number still stands."""

    id: int
    case_id: int
    submission: int
    mentions: int


def erase_person(
    work: Work, submission_id: int, ground: str, by: int | None, *, purge_text: bool = False
) -> Erased:
    """Erase who sent this report, and in every request about it, for who asked is the same person; `by` is
    the account, None for the operator at the machine.

    Asked again, it does the same again, e.g. to purge the texts too. Raises Gone, Refusal while a legal hold
    stands on any of these cases, ValueError for a ground that is not in GROUNDS.
    """
    if ground not in GROUNDS:
        raise ValueError(f"{ground!r} is not a ground: use one of {', '.join(GROUNDS)}")
    row = work.session.get(models.Submission, submission_id)
    if row is None:
        raise Gone(submission_id)
    asked = [request.case_id for request in requests_about(work, row.id)]
    for case_id in (row.case_id, *asked):
        holds.refuse_held(work, case_id)
    done = _erase(work, row, ground, by, purge_text)
    others = (people.of_submission(work, case_id, 1) for case_id in asked)
    more = [_erase(work, other, ground, by, purge_text).mentions for other in others]
    return replace(done, mentions=done.mentions + sum(more))


def requests_about(work: Work, submission_id: int) -> list[models.DataRequest]:
    """What was asked about this report, oldest first."""
    row = models.DataRequest
    query = select(row).where(row.about_id == submission_id).order_by(row.case_id)
    return list(work.session.scalars(query))


def _erase(work: Work, row: models.Submission, ground: str, by: int | None, purge_text: bool) -> Erased:
    file = record.load(work.session, work.law, row.case_id, lock=True)
    assert file is not None
    person = Person() if people.erased(work, row.identity_id) else people.reveal(work, row.identity_id)
    if purge_text:
        _purge(work, texts_of(work, file, row))
        row.place = None
    _purge(work, _reasons(work, file, row.no))
    _clear_public(work, file, row.no, Mentions(person))
    files = [*_forget_originals(work, row), *_drop_uploads(work, row)]
    files += expected.forget(work, row.case_id, row.no)
    _forget(work, row)
    entry = models.Erasure(
        case_id=file.row.id,
        submission=row.no,
        identity_id=row.identity_id,
        ground=ground,
        texts_purged=purge_text,
        account_id=by,
        erased_at=work.now,
    )
    work.session.add(entry)
    work.session.flush()
    scrubbing.mark(work)
    after_commit(work.session, partial(_delete, work, files))
    return Erased(entry.id, file.row.id, row.no, _left(work, file, Mentions(person)))


def hide(work: Work, file: CaseFile, row: models.Submission) -> None:
    """Take the person out of what everybody may read, and keep them: a restriction, not an erasure."""
    if not people.erased(work, row.identity_id):
        _clear_public(work, file, row.no, Mentions(people.reveal(work, row.identity_id)))


def correct(work: Work, row: models.Submission, person: Person) -> None:
    """Keep other values of the person, and take those that were wrong out of what everybody may read."""
    file = record.load(work.session, work.law, row.case_id, lock=True)
    assert file is not None
    old = people.reveal(work, row.identity_id)
    people.change(work, row.identity_id, person)
    same = {name: "" for name in people.SEALED if getattr(old, name) == getattr(person, name)}
    _clear_public(work, file, row.no, Mentions(replace(old, **same)), person.name or None)


def submission_of(work: Work, number: str, no: int) -> models.Submission:
    """The report of that number inside the case of that public number. Raises Gone."""
    case = work.session.scalar(select(models.Case).where(models.Case.code == number.strip().upper()))
    query = select(models.Submission).where(models.Submission.no == no)
    row = work.session.scalar(query.where(models.Submission.case_id == case.id)) if case else None
    if row is None:
        raise Gone(number)
    return row


def _forget(work: Work, row: models.Submission) -> None:
    """The identity with its key and indexes, the sessions, and what could prove authorship."""
    for identity_id in filter(None, (row.identity_id, row.helper_id)):
        erase_identity(work, identity_id)
    # The digest was made of name and number too: who guesses them could confirm the guess.
    row.digest = ""
    session = models.CitizenSession
    work.session.execute(delete(session).where(session.submission_id == row.id))
    _stop_letters(work, row)


def erase_identity(work: Work, identity_id: int) -> None:
    """A person's sealed row, its key and its indexes."""
    identity = work.session.get_one(models.Identity, identity_id)
    key = work.session.get_one(models.DataKey, identity.key_id)
    key.wrapped, key.destroyed_at = None, key.destroyed_at or work.now
    for column in (*people.SEALED, "phone_index", "email_index"):
        setattr(identity, column, None)
    identity.erased_at = identity.erased_at or work.now


def _stop_letters(work: Work, row: models.Submission) -> None:
    letter = models.Notice
    waiting = letter.sent_at.is_(None) & letter.parked_at.is_(None)
    own = (letter.case_id == row.case_id) & (letter.submission == row.no)
    work.session.execute(update(letter).where(own, waiting).values(parked_at=work.now, error="erased"))


def _forget_originals(work: Work, row: models.Submission) -> list[str]:
    """Destroy the originals' keys and traces; the redrawn copies stay. Returns the files to delete."""
    photo = models.Photo
    files = []
    query = select(photo).where(photo.case_id == row.case_id, photo.submission == row.no)
    for found in work.session.scalars(query):
        found.mark = ""
        if found.original:
            files.append(found.original)
            # Whoever holds the phone's photo could prove by its hash who sent it.
            found.original, found.wrapped, found.sha256 = None, None, _hash_of_copy(found)
        if found.status == "pending":
            found.status = "failed"  # nothing is left to redraw it from
    return files


def _hash_of_copy(photo: models.Photo) -> str:
    return str(photo.derivatives[-1].get("sha256", "")) if photo.derivatives else ""


def _drop_uploads(work: Work, row: models.Submission) -> list[str]:
    """Drafts were kept under the same phone's secret as the report."""
    upload = models.Upload
    found = list(work.session.scalars(select(upload).where(upload.draft_mac == row.secret_mac)))
    for draft in found:
        work.session.delete(draft)
    return [draft.original for draft in found]


def _delete(work: Work, files: Iterable[str]) -> None:
    for name in files:
        work.media.forget(name)


# Texts


def texts_of(work: Work, file: CaseFile, row: models.Submission) -> set[int]:
    """The texts this person wrote, or that were written to them alone."""
    own = [event for event in file.events if event.on is Scope.submission and event.target == row.no]
    return {row.text_id, *(id for event in own for id in _texts(event))}


def _texts(event: Event) -> Iterable[int]:
    facts = event.data.get("facts", {})
    return (value for name, value in facts.items() if FACTS.get(name) == "text")


def _reasons(work: Work, file: CaseFile, no: int) -> set[int]:
    """Why the identity was opened or its opening kept quiet: words about the person, so they go along."""
    found: set[int | None] = set()
    opened, delay = models.Reveal, models.RevealDelay
    query = select(opened.reason_id, opened.requester_id, opened.basis_id)
    for ids in work.session.execute(query.where(opened.case_id == file.row.id, opened.submission == no)):
        found.update(ids)
    found.update(
        work.session.scalars(
            select(delay.reason_id).where(delay.case_id == file.row.id, delay.submission == no)
        )
    )
    return {id for id in found if id}


def _purge(work: Work, ids: Iterable[int]) -> None:
    for text in work.session.scalars(select(models.Text).where(models.Text.id.in_(sorted(ids)))):
        text.body, text.sealed, text.purged_at = None, None, text.purged_at or work.now


def _clear_public(work: Work, file: CaseFile, no: int, mentions: Mentions, name: str | None = None) -> None:
    """Take the person out of what everybody may read, and out of its drafts at the desk; `name` stands where
    a name was shown."""
    content, card, text = models.PubContent, models.PubCard, models.Text
    gone = sentence("privacy", "removed")
    for shown in work.session.scalars(select(content).where(content.code == file.row.code)):
        # Publication shows name and place of the first reporter and of no other.
        if no == 1 and shown.reporter:
            shown.reporter = name
        if no == 1 and name is None:
            shown.place, shown.lat, shown.lon = None, None, None
        shown.place = mentions.taken_out(shown.place, gone)
        shown.report = mentions.taken_out(shown.report, gone)
        shown.answer = mentions.taken_out(shown.answer, gone)
    shown_card = work.session.get(card, file.row.code)
    if shown_card is not None:
        for name, value in models.PubCard.titled(mentions.taken_out(shown_card.title, gone)).items():
            setattr(shown_card, name, value)
    drafts = select(text).where(text.case_id == file.row.id, text.kind.in_(_PUBLISHED))
    for draft in work.session.scalars(drafts):
        draft.body = mentions.taken_out(draft.body, gone)


def _left(work: Work, file: CaseFile, mentions: Mentions) -> int:
    """In how many kept texts of the case the person still stands, so that somebody looks at them."""
    ids = work.session.scalars(select(models.Text.id).where(models.Text.case_id == file.row.id))
    return sum(body in mentions for body in texts.read(work, file.row, ids).values())


def erased(work: Work, case_id: int, no: int) -> models.Erasure | None:
    """When and on which ground this person was erased first; None while they are not."""
    row = models.Erasure
    query = select(row).where(row.case_id == case_id, row.submission == no).order_by(row.id)
    return work.session.scalars(query.limit(1)).first()


def erased_in(work: Work, case_id: int) -> dict[int, models.Erasure]:
    """The same for everybody of the case who is, by the number of their report."""
    row = models.Erasure
    query = select(row).where(row.case_id == case_id).order_by(row.id.desc())
    return {found.submission: found for found in work.session.scalars(query)}


# After a restore


def erased_since(work: Work, last_id: int = 0) -> list[models.Erasure]:
    """The erasure list, oldest first, for those who keep it beside the backups."""
    row = models.Erasure
    return list(work.session.scalars(select(row).where(row.id > last_id).order_by(row.id)))


def erase_again(work: Work, entries: Iterable[tuple[int, int, str, bool]]) -> int:
    """Do what the list says once more: (case, submission, ground, texts purged). Returns how many were due.

    Holds do not stop it, for they did not when it was done; entries of unknown cases are from later times.
    """
    done = 0
    for case_id, no, ground, purged in entries:
        at = (models.Submission.case_id == case_id, models.Submission.no == no)
        row = work.session.scalar(select(models.Submission).where(*at))
        if row is not None and not (people.erased(work, row.identity_id) and purged <= _purged(work, row)):
            _erase(work, row, ground, None, purged)
            done += 1
    return done


def _purged(work: Work, row: models.Submission) -> bool:
    entry = models.Erasure
    query = select(entry.id).where(entry.identity_id == row.identity_id, entry.texts_purged)
    return work.session.scalars(query.limit(1)).first() is not None
