"""Meeting the same thing as somebody else: one more submission on their case, with its own code and rating.

Only a case that everybody may see and that nobody was answered in yet takes more people. What cannot be
joined becomes a case of its own: no report is lost because somebody else was quicker or more secret.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from sqlalchemy import select

from webapp.core.events import Event, Kind
from webapp.core.regulation import Move, Regulation
from webapp.core.workflow import Action, Actor, Refused, decide
from webapp.operations import intake, photos, recount
from webapp.operations.intake import Ready, Report, Taken
from webapp.operations.work import Gone, Refusal, Work, open_key
from webapp.store import models, projection, record
from webapp.store.record import CaseFile


def send(work: Work, made: Ready) -> Taken:
    """Take a report in: on the case that it joins while that can be, else as one of its own.

    Raises Conflict, or Refusal with the article.
    """
    if made.report.joins:
        with suppress(Gone, Refusal):
            return join(work, made, made.report.joins)
    return intake.take(work, made)


def join(work: Work, made: Ready, number: str) -> Taken:
    """Add a report to the case with this number; the same secret gives the same receipt again.

    Raises Gone where there is no such case, or none that a stranger may join: nobody can tell these apart.
    Raises Conflict, or Refusal with the article.
    """
    before = intake.again(work, made)
    if before:
        return before
    file = _open_case(work, number)
    # Secrecy and doubt are a whole case's: neither may come over somebody else's.
    if file is None or made.report.secrecy == "confidential" or made.report.doubt:
        raise Gone(number)
    intake.usable(work, file.regulation)
    taken, left = photos.within_quota(work, made.report.person.phone, made.report.photos)
    file = recount.brought_up(work, file)
    events = _events(work, file, replace(made.report, photos=taken))
    after = record.append(work.session, file, events, work.now)
    return intake.stored(work, after, events, made, open_key(work, file.row.content_key_id), (taken, left))


def _open_case(work: Work, number: str) -> CaseFile | None:
    """The case, held for this transaction, if it takes more people."""
    id = work.session.scalar(select(models.Case.id).where(models.Case.code == number))
    file = record.load(work.session, work.law, id, lock=True) if id else None
    return file if file and _takes_more(file) else None


def _takes_more(file: CaseFile) -> bool:
    state = file.state
    secret = any(sent.secrecy == "confidential" for sent in state.submissions)
    told = any(sent.answered_at for sent in state.submissions)
    over = file.row.closed_at is not None
    shown = projection.visible(file.regulation, state)
    return shown and not (secret or told or over) and joining(file.regulation) is not None


def joining(regulation: Regulation) -> Move | None:
    """The move by which a reporter meets what somebody else sent; None where there is none."""
    return next((move for move in regulation.moves if move.event is Kind.joined), None)


def _events(work: Work, file: CaseFile, report: Report) -> list[Event]:
    move = joining(file.regulation)
    assert move is not None
    no = len(file.state.submissions) + 1
    facts = {"channel": report.channel, "secrecy": report.secrecy, "given": intake.given(report)}
    by = Actor(frozenset({"reporter"}), submission=no)
    events = decide(file.regulation, file.state, Action(move.id, 0, by), facts, work.now)
    if isinstance(events, Refused):
        raise Refusal(events)
    return events
