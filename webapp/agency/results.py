"""What the agencies answered: the officer's text, the leader's, and what changed between them."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from webapp.agency.sight import Sight
from webapp.core.events import Event, Kind
from webapp.core.state import Assignment
from webapp.doors import present
from webapp.doors.present import Vm
from webapp.words import sentence

_PIECES = re.compile(r"\s+|[^\s\w]|\w+")


def results(sight: Sight) -> list[Vm]:
    """One for every assignment that has a result."""
    return [_result(sight, assignment) for assignment in sight.state.assignments if assignment.result]


def _result(sight: Sight, assignment: Assignment) -> Vm:
    officer = sight.texts.get(assignment.result or 0, "")
    edited = assignment.approved if assignment.approved != assignment.result else None
    leader = sight.texts.get(edited or 0, "")
    return {
        "title": sentence("desk_case", "result_at", agency=sight.agency(assignment.agency)),
        "text": leader or officer or sentence("desk_case", "text_gone"),
        "by": _by(sight, assignment, edited),
        "changes": changes(officer, leader) if leader and officer else [],
        "officer": officer if leader else "",
    }


def _by(sight: Sight, assignment: Assignment, edited: int | None) -> str:
    said = []
    for event in sight.file.events:
        if event.target != assignment.no or event.account is None:
            continue
        if event.kind is Kind.result_entered and _fact(event, "result") == assignment.result:
            said.append(_line(sight, event, "result_by"))
        if event.kind is Kind.edited_and_approved and _fact(event, "edited") == edited:
            said.append(_line(sight, event, "edited_by"))
    return " · ".join(said)


def _line(sight: Sight, event: Event, code: str) -> str:
    name = sight.names.get(event.account or 0, "")
    return f"{sentence('desk_case', code, name=name)} {present.moment_text(sight.regulation, event.at)}"


def _fact(event: Event, name: str) -> int | None:
    found: int | None = event.data.get("facts", {}).get(name)
    return found


def changes(before: str, after: str) -> list[Vm]:
    """The text after, with what was taken out and put in: [{kind: same|out|in, text}]."""
    old, new = _PIECES.findall(before), _PIECES.findall(after)
    pieces: list[Vm] = []
    for operation, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if operation == "equal":
            pieces.append({"kind": "same", "text": "".join(old[a:b])})
            continue
        if a < b:
            pieces.append({"kind": "out", "text": "".join(old[a:b])})
        if c < d:
            pieces.append({"kind": "in", "text": "".join(new[c:d])})
    return pieces
