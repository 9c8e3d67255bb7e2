"""The timeline of the desk: every event, who did it, what they wrote, and how it stood with the clock."""

from __future__ import annotations

from collections.abc import Iterator

from webapp.agency.sight import Sight
from webapp.core.events import Event, Kind, Scope, by_reorganisation
from webapp.core.regulation import FACTS
from webapp.core.state import instant
from webapp.doors import present
from webapp.doors.present import Vm
from webapp.operations import holds
from webapp.words import sentence

# Drawn in full elsewhere on the page.
_ELSEWHERE = frozenset({"public_text", "public_answer", "public_where"})


def timeline(sight: Sight) -> list[Vm]:
    shown = {a.result for a in sight.state.assignments} | {a.approved for a in sight.state.assignments}
    return [_entry(sight, event, shown) for event in sight.file.events]


def _entry(sight: Sight, event: Event, shown: set[int | None]) -> Vm:
    regulation = sight.regulation
    move = regulation.move(event.data["move"]) if event.data.get("move") else None
    return present.entry(
        title(sight, event),
        present.moment_text(regulation, event.at),
        when_iso=present.local(regulation, event.at).isoformat(timespec="minutes"),
        article=event.cite or holds.ground(sight.work, event),
        note=" · ".join(_notes(sight, event)),
        standing=_standing(sight, event),
        body="\n".join(_said(sight, event, shown)),
        staff=bool(move and not move.public),
    )


def title(sight: Sight, event: Event) -> str:
    if event.kind is Kind.clock_breached:
        return sentence("step", "breach", clock=sight.regulation.clock(event.data["clock"]).label)
    if event.kind is Kind.clock_warned:
        return sentence("step", "warned", clock=sight.regulation.clock(event.data["clock"]).label.lower())
    if event.kind is Kind.clock_recomputed:
        return sentence("step", "recomputed")
    if "move" not in event.data:  # by no move of a regulation
        return sentence("step", str(event.kind))
    move = sight.regulation.move(event.data["move"])
    beside = event.data.get("opened", {}).get("leading") is False
    return move.beside if move.beside and beside else move.label


def actor(sight: Sight, event: Event) -> str:
    """Who did it: the name of an account, else the role."""
    name = sight.names.get(event.account or 0)
    return name or sight.regulation.role(event.role).label


def _notes(sight: Sight, event: Event) -> Iterator[str]:
    regulation, data = sight.regulation, event.data
    role = regulation.role(event.role).label
    name = sight.names.get(event.account or 0)
    giver = sight.names.get(data.get("behalf") or 0)
    if name:
        by, who = ("by_for", {"name": name, "giver": giver}) if giver else ("by", {"name": name})
        yield sentence("desk_step", by, role=role[0].lower() + role[1:], **who)
    elif event.data.get("move"):
        yield role
    if data.get("opened"):
        yield sentence("desk_step", "to_agency", agency=sight.agency(data["opened"]["agency"]))
    elif by_reorganisation(event):
        yield sentence(
            "desk_step", "handed", former=sight.agency(data["former"]), agency=sight.agency(data["agency"])
        )
    elif event.on is Scope.assignment and (len(sight.state.assignments) > 1 or _changed_hands(sight, event)):
        yield sight.agency(sight.state.assignments[event.target - 1].held_by(event.at))
    ground = regulation.ground(data.get("ground", ""))
    if ground:
        yield sentence("desk_step", "ground", label=ground.label, article=ground.cite)
    rating = regulation.rating(data.get("rating", ""))
    if rating:
        yield sentence("desk_step", "rating", label=rating.label)
    for row in data.get("clocks", {}).get("moved", ()):
        due, was = (present.due_text(regulation, instant(row[key])) for key in ("due_at", "was"))
        yield sentence("desk_step", "new_due", due=due, was=was)


def _changed_hands(sight: Sight, event: Event) -> bool:
    return bool(sight.state.assignments[event.target - 1].earlier)


def _standing(sight: Sight, event: Event) -> Vm | None:
    """The first clock that this event met: in time or late."""
    if event.kind is Kind.clock_breached:
        return present.standing_chip("late")
    for no in event.data.get("clocks", {}).get("met", ()):
        clock = sight.state.clock(no)
        return present.standing_chip("on_time" if event.at <= clock.due_at else "late")
    return None


def _said(sight: Sight, event: Event, shown: set[int | None]) -> Iterator[str]:
    facts = event.data.get("facts", {})
    wanted = [name for name in facts if FACTS.get(name) == "text" and name not in _ELSEWHERE]
    for name in wanted:
        if facts[name] in shown:
            continue
        text = sight.texts.get(facts[name]) or sentence("desk_case", "text_gone")
        if len(wanted) > 1:
            text = sentence("desk_step", "said", fact=sentence("desk_label", name), text=text)
        yield text
