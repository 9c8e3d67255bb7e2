"""The receipt, and the steps of a case in words: what was done, and what comes by when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from webapp.core.regulation import Regulation
from webapp.core.state import Case, Clock, Submission
from webapp.core.workflow import holds
from webapp.doors import present
from webapp.doors.present import Vm
from webapp.operations.intake import Receipt
from webapp.store.record import CaseFile
from webapp.words import moment_text, sentence


def receipt_page(file: CaseFile, receipt: Receipt, now: datetime, photos: int, url: str) -> Vm:
    """What the citizen is told at once: it is here, this opens it, this comes next."""
    regulation, state = file.regulation, file.state
    submission = state.submissions[receipt.no - 1]
    at = moment_text(present.local(regulation, submission.submitted_at).replace(second=0, microsecond=0))
    running = running_clocks(regulation, state, receipt.no)
    code = "text_joined" if receipt.no > 1 else "text_photos" if photos else "text"
    return {
        "text": sentence("citizen_sent", code, at=at, count=photos),
        "pending": private(regulation, state, submission),
        "number": receipt.number,
        "code": receipt.code,
        "code_groups": receipt.code.split("-"),
        "file_name": sentence("citizen_sent", "file_name", number=receipt.number),
        "file_text": sentence("citizen_sent", "file", number=receipt.number, code=receipt.code, url=url),
        "next": coming(regulation, state, receipt.no, now),
        "mine_url": "/theo-doi/cua-toi",
        "cite": present.clock_cite(regulation, present.seen(regulation, running[0], now))
        if running
        else None,
    }


def own_clocks(state: Case, no: int) -> list[Clock]:
    """The clocks that concern this submission: its own, and those of the case and its agencies."""
    return [clock for clock in state.clocks if clock.on != "submission" or clock.target == no]


def running_clocks(regulation: Regulation, state: Case, no: int) -> list[Clock]:
    """Clocks that run now, the next due first; the same due keeps the order of the regulation."""
    order = {row.id: place for place, row in enumerate(regulation.clocks)}
    running = [clock for clock in own_clocks(state, no) if clock.running and not clock.stands_still]
    return sorted(running, key=lambda clock: (clock.due_at, order[clock.clock]))


def paused_clocks(state: Case, no: int) -> list[Clock]:
    """Clocks that stand still until their pause is over."""
    return [clock for clock in own_clocks(state, no) if clock.stands_still]


def coming(regulation: Regulation, state: Case, no: int, now: datetime) -> list[Vm]:
    """What is to come: running clocks with their due dates, then the steps that have not begun."""
    running = [_running(regulation, clock, now) for clock in running_clocks(regulation, state, no)]
    paused = [present.paused_entry(regulation.clock(clock.clock)) for clock in paused_clocks(state, no)]
    return [*running, *paused, *present.next_entries(regulation, state)]


def _running(regulation: Regulation, clock: Clock, now: datetime) -> Vm:
    row = regulation.clock(clock.clock)
    due = sentence("step", "due", due=present.due_text(regulation, clock.due_at, now))
    late = present.due_chip(regulation, clock, now) if now > clock.due_at else None
    note = sentence("step", "term", term=present.term(row))
    return present.entry(row.label, due, note=note, article=row.cite, future=True, standing=late)


def next_step(
    regulation: Regulation, clocks: Sequence[Clock], now: datetime, step: str, *, joined: bool = False
) -> tuple[str, bool]:
    """One sentence on the clock that counts now, and whether it is late; `step` is how that one is called. To
    whoever joined it is said of the matter that they met too: it was waited for before them."""
    if not clocks:
        return "", False
    clock, late = clocks[0], now > clocks[0].due_at
    if late:
        due = present.due_text(regulation, clock.due_at)
        overdue = present.overdue_text(regulation, clock.due_at, now)
        code = "next_late_joined" if joined else "next_late"
        return sentence("citizen_status", code, step=step, due=due, overdue=_lower(overdue)), True
    due = present.due_text(regulation, clock.due_at, now)
    return sentence("citizen_status", "next", step=step, due=due), False


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def private(regulation: Regulation, state: Case, own: Submission) -> str:
    """Steps of a regulation speak of publishing; who asked for secrecy is told that it holds."""
    choice = next((row for row in regulation.secrecies if row.id == own.secrecy), None)
    if choice is None or not holds("confidential", state, own):
        return ""
    return sentence("citizen_status", "private", cite=choice.cite)
