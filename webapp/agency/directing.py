"""A direction that was asked for and has not come: said where people act, and never in their way.

No regulation stops an answer for it, and the term goes on meanwhile.
"""

from __future__ import annotations

from webapp.agency.sight import Sight
from webapp.core.events import Kind, Scope
from webapp.core.regulation import Move
from webapp.doors import present
from webapp.store.queries import agency as queries
from webapp.words import sentence


def notes(sight: Sight) -> list[str]:
    """One for every agency that waits for its leader's word."""
    return [_note(sight, no) for no in _waiting(sight)]


def orders(sight: Sight) -> list[str]:
    """What was ordered from above, as long as somebody has the case."""
    regulation, said = sight.regulation, []
    for event in sight.file.events if sight.state.open_assignments else ():
        text = sight.texts.get(event.data.get("facts", {}).get("direction", 0), "")
        if text and event.kind is Kind.directed and regulation.role(event.role).org != "agency":
            move = regulation.move(event.data["move"])
            at = present.moment_text(regulation, event.at)
            title = move.public or move.label
            said.append(sentence("desk_case", "ordered", title=title, at=at, article=event.cite, text=text))
    return said


def before(sight: Sight, move: Move, target: int) -> list[str]:
    """The same at the form of a move that gives it or goes on without it, and what the sender asked where
    that is answered or passed on."""
    about = move.on is Scope.assignment and move.event in (Kind.result_entered, Kind.directed)
    found = [_note(sight, no) for no in _waiting(sight) if about and no == target]
    if move.event is Kind.clarification_answered:
        found += question(sight, target)
    return found + question(sight) if move.event is Kind.rework_ordered else found


def question(sight: Sight, submission: int = 0) -> list[str]:
    """What each sender asked last and nobody answered yet; 0: of all of them."""
    waiting = [s.no for s in sight.state.submissions if s.question_open and submission in (0, s.no)]
    asked = {e.target: e for e in sight.file.events if e.kind is Kind.clarification_asked}
    ids = [asked[no].data.get("facts", {}).get("question", 0) for no in waiting if no in asked]
    return [sentence("desk_case", "question", text=sight.texts.get(id, "")) for id in ids]


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
