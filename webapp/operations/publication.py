"""The public copy of a case: written when it is published, deleted when it is withdrawn."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import partial

from sqlalchemy import delete, select, update

from webapp.core import marks
from webapp.core.events import Event
from webapp.core.workflow import Refused
from webapp.operations import people, photos, public_place, restricted, texts
from webapp.operations.work import Refusal, Work
from webapp.store import models
from webapp.store.record import CaseFile
from webapp.store.session import after_commit
from webapp.words import sentence

TITLE_LENGTH = 90
GREETING_LENGTH = 40  # a longer sentence says more than good day
WIDTH = 1280


def publish(work: Work, file: CaseFile, event: Event) -> None:
    """Write the cleared texts and the chosen photos into the public tables. Raises Refusal when a text
    still holds a number or an address of a person."""
    facts = event.data["facts"]
    found = texts.read(work, file.row, (facts["public_text"], facts["public_answer"]))
    where = public_place.columns(work, file, event)
    _cleared([*found.values(), where["place"] or ""], event.cite)
    _forget(work, file.row.code, event.target)
    report = found[facts["public_text"]]
    work.session.add(
        models.PubContent(
            code=file.row.code,
            no=event.target,
            agency=file.state.assignments[event.target - 1].agency,
            report=report,
            answer=found[facts["public_answer"]],
            reporter=_shown_name(work, file),
            **where,
            published_on=work.today(file.regulation).isoformat(),
        )
    )
    first = _publish_photos(work, file, event.target, facts.get("public_photos", ()))
    _retitle(work, file.row.code, title_of(report), first)


def withdraw(work: Work, file: CaseFile, event: Event) -> None:
    """Delete what was published, if anything was, and leave the ground and the day.

    On a ground that is not answered through this system every text of the case is sealed as well.
    """
    code = file.row.code
    ground = file.regulation.ground(event.data.get("ground", ""))
    if ground and ground.answer == "elsewhere":
        texts.seal_all(work, file.row)
    tombstone = {
        "report": None,
        "answer": None,
        "reporter": None,
        **public_place.NOTHING,
        "withdrawn_on": work.today(file.regulation).isoformat(),
        "ground": event.data.get("ground"),
    }
    content = models.PubContent
    work.session.execute(
        update(content).where(content.code == code, content.no == event.target).values(tombstone)
    )
    _forget_photos(work, code, event.target)
    left = work.session.scalars(
        select(content).where(content.code == code, content.report.is_not(None)).order_by(content.no)
    ).first()
    _retitle(work, code, title_of(left.report) if left and left.report else None, None)


def _cleared(found: Iterable[str], cite: str) -> None:
    passages = [text[m.start : m.end] for text in found for m in marks.find(text, (), ()) if m.sure]
    if passages:
        raise Refusal(Refused("personal_marks", {"passages": "; ".join(passages)}, cite))


def title_of(report: str) -> str:
    """The first sentence or line of a report that is more than a greeting, cut at a word."""
    said = [part.strip().rstrip(".") for line in report.strip().splitlines() for part in line.split(". ")]
    said = [part for part in said if part]
    first = next((part for part in said if not _greets(part)), said[0] if said else "")
    if len(first) <= TITLE_LENGTH:
        return first
    return first[:TITLE_LENGTH].rsplit(" ", 1)[0] + "…"


def _greets(text: str) -> bool:
    # With their marks: without them a greeting is also a dish.
    starts = (start.strip() for start in sentence("title", "greetings").split(","))
    said = re.sub(r"\W+", " ", text.casefold()) + " "
    return len(text) <= GREETING_LENGTH and any(said.startswith(f"{start} ") for start in starts)


def _forget(work: Work, code: str, no: int) -> None:
    content = models.PubContent
    work.session.execute(delete(content).where(content.code == code, content.no == no))
    _forget_photos(work, code, no)


def _forget_photos(work: Work, code: str, no: int) -> None:
    """Delete the rows, and after the commit every file that no row names any more."""
    photo = models.PubPhoto
    of_this = (photo.code == code, photo.no == no)
    names = set(work.session.scalars(select(photo.name).where(*of_this)))
    work.session.execute(delete(photo).where(*of_this))
    still = set(work.session.scalars(select(photo.name).where(photo.name.in_(names))))
    for name in names - still:
        after_commit(work.session, partial(work.public_media.forget, name))


def _retitle(work: Work, code: str, title: str | None, photo: str | None) -> None:
    card = models.PubCard
    work.session.execute(
        update(card).where(card.code == code).values(**models.PubCard.titled(title), photo=photo)
    )


def _shown_name(work: Work, file: CaseFile) -> str | None:
    """The reporter's name only where the first reporter chose to show it."""
    if file.state.submissions[0].secrecy != "open":
        return None
    row = people.of_submission(work, file.row.id, 1)
    if people.erased(work, row.identity_id) or restricted.since(work, file.row.id, 1):
        return None
    return people.reveal(work, row.identity_id).name or None


def _publish_photos(work: Work, file: CaseFile, no: int, ids: Sequence[int]) -> str | None:
    """Copy the chosen redrawn photos, unsealed, to the public folder; returns the first name."""
    query = select(models.Photo).where(models.Photo.id.in_(ids)).order_by(models.Photo.id)
    names = []
    for position, photo in enumerate(work.session.scalars(query).all()):
        best = min(photo.derivatives, key=lambda row: abs(row["width"] - WIDTH))
        names.append(work.public_media.put(photos.shown(work, photo, WIDTH), suffix=".jpg"))
        row = models.PubPhoto(
            code=file.row.code,
            no=no,
            position=position,
            name=names[-1],
            side="after" if photo.assignment else "before",
            width=best["width"],
            height=best["height"],
        )
        work.session.add(row)
    work.session.flush()
    return names[0] if names else None
