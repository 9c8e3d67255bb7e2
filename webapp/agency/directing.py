"""A direction that was asked for and has not come: said where people act, and never in their way.

No regulation stops an answer for it, and the term goes on meanwhile.
"""

from __future__ import annotations

from webapp.agency.sight import Sight
from webapp.core.events import Kind, Scope
from webapp.core.regulation import Move
from webapp.store.queries import agency as queries
from webapp.words import sentence


def notes(sight: Sight) -> list[str]:
    """One for every agency that waits for its leader's word."""
    return [_note(sight, no) for no in _waiting(sight)]


def before(sight: Sight, move: Move, target: int) -> list[str]:
    """The same at the form of a move that goes on without it."""
    goes_on = move.on is Scope.assignment and move.event is Kind.result_entered
    return [_note(sight, no) for no in _waiting(sight) if goes_on and no == target]


def _waiting(sight: Sight) -> list[int]:
    case_id = sight.file.row.id
    return sorted(no for _, no in queries.awaiting_direction(sight.work.session, [case_id]))


def _note(sight: Sight, no: int) -> str:
    asked = [
        event
        for event in sight.file.events
        if event.kind is Kind.direction_requested and (event.on, event.target) == (Scope.assignment, no)
    ][-1]
    agency = sight.agency(sight.state.assignments[no - 1].agency)
    said = sight.texts.get(asked.data.get("facts", {}).get("note", 0), "")
    return sentence("desk_case", "directing", agency=agency, article=asked.cite, text=said)
