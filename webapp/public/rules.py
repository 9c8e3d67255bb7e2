"""The rules in force as everybody may read them: drawn from the same rows that decide."""

from __future__ import annotations

from collections.abc import Iterable

from flask import abort, url_for

from webapp.core.regulation import Channel, Choice, Clock, Ground, Move, Rating, Regulation
from webapp.doors import house, present
from webapp.doors.present import Vm
from webapp.public import due
from webapp.public.present import page
from webapp.regulations.installation import Applies, Installation
from webapp.words import sentence


def show(id: str) -> str:
    regulation = house().law.regulations.get(id.upper())
    if regulation is None:
        abort(404)
    return page("public/rules.html", rules=_rules(regulation))


def listed() -> str:
    """Which rules hold here, for which channels, from when and why: the rows of the installation's map."""
    law = house().law
    rules = [_listed(law, regulation) for regulation in due.in_force_here(law)]
    return page("public/rules_list.html", rules={"items": rules, "name": law.name})


def _listed(law: Installation, regulation: Regulation) -> Vm:
    return {
        "title": regulation.short_title,
        "url": url_for("public.rules", id=regulation.id),
        "full_title": regulation.title,
        "trial": "" if regulation.takes_real_cases else sentence("public_rules", "trial"),
        "rows": [_applies(regulation, row) for row in law.rows if row.regulation == regulation.id],
    }


def _applies(regulation: Regulation, row: Applies) -> Vm:
    channels = [channel.label for channel in regulation.channels if channel.id in row.channels]
    code, until = ("applies_until", row.until) if row.until else ("applies_from", row.from_)
    return {
        "channels": sentence("public_rules", "applies", channels=", ".join(channels)) if channels else "",
        "when": sentence(
            "public_rules", code, day=present.day_text(row.from_), until=present.day_text(until)
        ),
        "why": row.why,
        "article": row.cite,
    }


def _steps(regulation: Regulation) -> list[Vm]:
    """The way of a report: its beginning, then each state in order with what may be done from there on,
    and last what follows an end."""
    steps: dict[str, list[Move]] = {"": [row for row in regulation.moves if not row.from_]}
    told: set[str] = set()
    for state in sorted(regulation.states, key=lambda state: state.final):
        here = [row for row in regulation.moves if state.id in row.from_ and row.id not in told]
        told |= {row.id for row in here}
        steps[state.label] = [*steps.get(state.label, ()), *here]
    begin = sentence("public_rules", "first_step")
    return [
        {"title": title or begin, "moves": [_move(regulation, row) for row in moves]}
        for title, moves in steps.items()
        if moves
    ]


def _rules(regulation: Regulation) -> Vm:
    return {
        "title": regulation.short_title,
        "full_title": regulation.title,
        "facts": _facts(regulation),
        "trial": "" if regulation.takes_real_cases else sentence("public_why", "trial"),
        "steps": _steps(regulation),
        "clocks": [_clock(regulation, row) for row in regulation.clocks],
        "grounds": [_ground(regulation, row) for row in regulation.grounds],
        "fields": [_field(row.id, row.required, row.cite) for row in regulation.fields],
        "ratings": [_choice(row) for row in regulation.ratings],
        "secrecies": [_choice(row) for row in regulation.secrecies],
        "channels": [_choice(row) for row in regulation.channels],
        "roles": [{"label": row.label, "article": row.cite} for row in regulation.roles],
        "readings": regulation.interpretations,
    }


def _facts(regulation: Regulation) -> list[Vm]:
    counting = regulation.counting
    hours = ", ".join(
        sentence("public_rules", "hours_span", start=f"{start:%H:%M}", end=f"{end:%H:%M}")
        for start, end in counting.sessions.spans
    )
    facts = {
        "issuer": regulation.issuer,
        "number": regulation.number or sentence("public_rules", "no_number"),
        "since": present.day_text(regulation.effective_from),
        "version": f"{regulation.id}, {regulation.version}",
        "hours": f"{hours} ({counting.sessions.cite})",
    }
    return [{"label": sentence("public_rules", code), "value": value} for code, value in facts.items()]


def _move(regulation: Regulation, row: Move) -> Vm:
    who = ", ".join(regulation.role(role).label for role in row.by)
    return {"label": row.label, "who": who, "article": row.cite}


def _clock(regulation: Regulation, row: Clock) -> Vm:
    return {
        "label": row.label,
        "term": present.term(row),
        "try_url": due.address(regulation, row),
        "starts": _labels(regulation, row.starts),
        "meets": _labels(regulation, row.meets),
        "article": row.cite,
    }


def _ground(regulation: Regulation, row: Ground) -> Vm:
    moves = _labels(regulation, row.for_)
    return {"label": row.label, "moves": moves, "article": row.cite, "guidance": row.guidance}


def _field(id: str, required: bool, cite: str) -> Vm:
    label = sentence("field", id)
    needed = sentence("public_rules", "needed" if required else "not_needed")
    return {"label": label[0].upper() + label[1:], "needed": needed, "article": cite}


def _choice(row: Choice | Rating | Channel) -> Vm:
    return {"label": row.label, "hint": row.hint, "article": row.cite}


def _labels(regulation: Regulation, ids: Iterable[str]) -> str:
    """The labels of moves, those that are called alike said once."""
    return "; ".join(dict.fromkeys(regulation.move(id).label for id in ids))
