"""What becomes of letters to reporters: where they go, and who was called because they went nowhere."""

from __future__ import annotations

from webapp.operations import people
from webapp.operations.people import Person
from webapp.operations.work import Gone, Work
from webapp.store import models
from webapp.store.queries import notices

TOLD, NO_ANSWER = "told", "no_answer"
OUTCOMES = (TOLD, NO_ANSWER)


def addressee(work: Work, case_id: int, no: int) -> Person | None:
    """Whom a letter of this submission goes to; None when the person was erased.

    Without an entry in the ledger of openings: nobody reads it, and the letter's row says that it went.
    """
    identity = people.of_submission(work, case_id, no).identity_id
    return None if people.erased(work, identity) else people.reveal(work, identity)


def record_call(work: Work, id: str, account: int, outcome: str) -> models.Notice:
    """Somebody called because this letter reached nobody. Told, it leaves the list; the same press again
    changes nothing. Raises Gone for any other letter."""
    if outcome not in OUTCOMES:
        raise Gone("outcome")
    row = work.session.get(models.Notice, id, with_for_update=True)
    if row is not None and row.error == notices.TOLD:
        return row
    if row is None or not notices.is_to_call(work.session, id):
        raise Gone("letter")
    call = {"account": account, "at": work.now.isoformat(), "outcome": outcome}
    row.params = {**row.params, "calls": [*row.params.get("calls", ()), call]}
    if outcome == TOLD:
        row.error, row.sent_at, row.parked_at = notices.TOLD, row.sent_at or work.now, None
    return row
