"""What happened to a report, in the regulation's public words, with what was said to its sender."""

from __future__ import annotations

from datetime import datetime

from webapp.citizen.present import coming
from webapp.citizen.scene import SAID, Scene
from webapp.core.events import Event, Kind, Scope, by_reorganisation
from webapp.core.state import Clock
from webapp.doors import present
from webapp.doors.present import Vm
from webapp.words import sentence


def entries(scene: Scene) -> list[Vm]:
    """The steps done, oldest first, then those to come while somebody still has to do something."""
    done = [entry for event in scene.events if (entry := _entry(scene, event))]
    shown = scene.regulation.state(scene.own.state)
    if shown.void or (shown.final and not scene.state.open_assignments):
        return done
    return [*done, *coming(scene.regulation, scene.state, scene.own.no, scene.now)]


def _entry(scene: Scene, event: Event) -> Vm | None:
    title = _title(scene, event)
    if not title:
        return None
    met = [scene.state.clock(no) for no in event.data.get("clocks", {}).get("met", ())]
    return present.entry(
        title,
        present.moment_text(scene.regulation, event.at),
        when_iso=present.local(scene.regulation, event.at).isoformat(timespec="minutes"),
        article=event.cite,
        note=_note(scene, event, met),
        standing=_standing(event, met),
        body=_body(scene, event),
    )


def _title(scene: Scene, event: Event) -> str:
    """The public words of the move; a breach and a recount have words of their own. Nothing: not shown."""
    if event.kind is Kind.clock_breached:
        clock = scene.state.clock(event.data["clocks"]["breached"][0])
        if clock.on is Scope.submission and clock.target != scene.own.no:
            return ""
        return sentence("step", "breach", clock=scene.regulation.clock(clock.clock).label.lower())
    if event.kind is Kind.clock_recomputed:
        return sentence("step", "recomputed")
    if by_reorganisation(event):
        agency = present.agency_name(scene.directory, event.data["agency"])
        return sentence("citizen_mine", "agency_step", title=sentence("step", "transferred"), agency=agency)
    move = event.data.get("move")
    known = scene.regulation.move(move) if move else None
    # To everybody it is a number; to whoever did it, the first step.
    title = known and (known.public or (known.label if event.kind is Kind.joined else None))
    agency = _agency(scene, event)
    if title and agency:
        return sentence("citizen_mine", "agency_step", title=title, agency=agency)
    return title or ""


def _agency(scene: Scene, event: Event) -> str:
    """Named where a case goes to an agency, and wherever several agencies work on it."""
    if opened := event.data.get("opened"):
        return present.agency_name(scene.directory, opened["agency"])
    if event.on is Scope.assignment and len(scene.state.assignments) > 1:
        return present.agency_name(scene.directory, _held(scene, event))
    return ""


def _held(scene: Scene, event: Event) -> str:
    return scene.state.assignments[event.target - 1].held_by(event.at)


def _note(scene: Scene, event: Event, met: list[Clock]) -> str:
    cites: dict[str, list[str]] = {}
    for row in (scene.regulation.clock(clock.clock) for clock in met):
        cites.setdefault(present.term(row), []).append(row.cite)
    notes = [
        sentence("citizen_mine", "term", term=term, cite=", ".join(dict.fromkeys(articles)))
        for term, articles in cites.items()
    ]
    if ground := scene.regulation.ground(event.data.get("ground", "")):
        notes.append(sentence("citizen_status", "void_cite", ground=ground.label, cite=ground.cite))
    if rating := scene.regulation.rating(event.data.get("rating", "")):
        notes.append(rating.label)
    return " · ".join(notes)


def _standing(event: Event, met: list[Clock]) -> Vm | None:
    if event.kind is Kind.clock_breached:
        return present.standing_chip("late")
    if not met:
        return None
    late = any(event.at > clock.due_at for clock in met)
    return present.standing_chip("late" if late else "on_time")


def _body(scene: Scene, event: Event) -> str:
    said = [scene.text(event, fact) for fact in SAID.get(event.kind, ())]
    moved = event.data.get("clocks", {}).get("moved", ())
    for row in moved:
        due = present.due_text(scene.regulation, datetime.fromisoformat(row["due_at"]))
        said.append(sentence("citizen_mine", "new_due", due=due))
    return "\n\n".join(text for text in said if text)
