"""What the agencies answered: the officer's text, the leader's, and what changed between them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from flask import url_for

from webapp.agency import clearing, pictures
from webapp.agency.sight import Sight
from webapp.core.events import Event, Kind, Scope
from webapp.core.state import Assignment
from webapp.doors import papers, present
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
        "files": _files(sight, assignment),
        "made_public": _made_public(sight, assignment, leader or officer),
    }


def approved(sight: Sight, event: Kind, target: int) -> Vm | None:
    """What a leader puts a name to: pictures, documents, and the text where it is taken as it stands."""
    if event not in (Kind.approved, Kind.edited_and_approved):
        return None
    assignment = sight.state.assignment(target)
    if assignment is None or not assignment.result:
        return None
    text = sight.texts.get(assignment.result) or sentence("desk_case", "text_gone")
    passages = "; ".join(clearing.sure(text))
    photos = [photo for photo in sight.photos if photo.assignment in (None, 0, target)]
    return {
        "title": sentence("desk_case", "result_at", agency=sight.agency(assignment.agency)),
        "said": sight.report,
        "text": text if event is Kind.approved else "",
        "marks": sentence("desk_case", "approved_marks", passages=passages) if passages else "",
        "by": _by(sight, assignment, None),
        "photos": pictures.pictures(sight.regulation, photos, after=False),
        "after": pictures.pictures(sight.regulation, photos, after=True),
        "missing": pictures.missing(photos),
        "files": _files(sight, assignment),
    }


def _files(sight: Sight, assignment: Assignment) -> list[Vm]:
    """Every document this agency attached, those of earlier results too."""
    events = (event for event in sight.file.events if event.on is Scope.assignment)
    ids = [id for event in events if event.target == assignment.no for id in _facts(event, "document")]
    case = sight.file.row
    return papers.files(
        sight.work, case, ids, lambda id: url_for("agency.document", id=case.id, document_id=id)
    )


def _made_public(sight: Sight, assignment: Assignment, approved: str) -> list[Vm]:
    """What was published, where it is not word for word what was approved or reported."""
    kinds = (event for event in reversed(sight.file.events) if event.kind is Kind.published)
    event = next((event for event in kinds if event.target == assignment.no), None)
    if event is None:
        return []
    both = (("public_answer", approved, "leader"), ("public_text", sight.report, "sender"))
    return list(_differing(sight, event, both))


def _differing(sight: Sight, event: Event, both: tuple[tuple[str, str, str], ...]) -> Iterator[Vm]:
    for name, before, code in both:
        after = sight.texts.get(_fact(event, name) or 0, "")
        if after and before and after.strip() != before.strip():
            title = sentence("desk_case", f"published_{name}")
            label = sentence("desk_case", f"published_from_{code}")
            yield {
                "title": title,
                "text": after,
                "changes": changes(before, after),
                "label": label,
                "before": before,
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


def _facts(event: Event, name: str) -> list[int]:
    return list(event.data.get("facts", {}).get(name, ()))


def changes(before: str, after: str) -> list[Vm]:
    """The text after, with what was taken out and put in: [{kind: same|out|in, text}].

    Changes with only a space between them are drawn as one: words struck and written alternately read badly.
    """
    old, new = _PIECES.findall(before), _PIECES.findall(after)
    blocks: list[tuple[str, str, str]] = []  # equal text, or what went out and what came in
    for operation, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        out, put = "".join(old[a:b]), "".join(new[c:d])
        _append(blocks, (out, "", "") if operation == "equal" else ("", out, put))
    pieces = ({"kind": k, "text": t} for block in blocks for k, t in zip(_KINDS, block, strict=True))
    return [piece for piece in pieces if piece["text"]]


_KINDS = ("same", "out", "in")


def _append(blocks: list[tuple[str, str, str]], block: tuple[str, str, str]) -> None:
    """Add a block; a change that follows another change over mere white space joins it."""
    bridged = len(blocks) > 1 and blocks[-1][0].isspace() and not blocks[-2][0]
    if block[0] or not bridged:
        blocks.append(block)
        return
    (space, _, _), (_, out, put) = blocks.pop(), blocks.pop()
    blocks.append(("", out + space + block[1], put + space + block[2]))
