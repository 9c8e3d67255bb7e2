"""The first thing the page says: where the report is, what comes next, and what is asked of its sender.

It is told from the flags and labels of the regulation and from what the core offers; no state is named.
"""

from __future__ import annotations

from webapp.citizen.answers import Answer
from webapp.citizen.present import next_step, paused_clocks, private, running_clocks
from webapp.citizen.scene import Scene
from webapp.core.events import Kind
from webapp.core.regulation import State
from webapp.core.workflow import case_state
from webapp.doors import parts, present
from webapp.doors.present import Vm
from webapp.words import sentence


def shown_state(scene: Scene) -> State:
    """The submission's own state while the case says nothing about it; else that of the case."""
    own = scene.regulation.state(scene.own.state)
    if own.void or own.pending or not scene.state.assignments:
        return own
    return scene.regulation.state(case_state(scene.regulation, scene.state))


def chips(scene: Scene) -> list[Vm]:
    one = present.state_chip(scene.regulation, shown_state(scene).id, desk=False)
    rows = _by_agency(scene) or [one]
    clocks = running_clocks(scene.regulation, scene.state, scene.own.no)
    if clocks:
        rows.append(present.due_chip(scene.regulation, clocks[0], scene.now))
    elif paused_clocks(scene.state, scene.own.no):
        rows.append(present.chip(sentence("standing", "paused")))
    secrecy = next((row for row in scene.regulation.secrecies if row.id == scene.own.secrecy), None)
    return [*rows, present.chip(secrecy.label)] if secrecy else rows


def _by_agency(scene: Scene) -> list[Vm]:
    """Where several agencies have it, each by its name."""
    own = scene.regulation.state(scene.own.state)
    if own.void or own.pending:
        return []
    return parts.chips(scene.regulation, scene.directory, scene.state.assignments, desk=False)


def status(scene: Scene, answers: list[Answer]) -> Vm:
    own = scene.regulation.state(scene.own.state)
    if scene.allowed(Kind.supplemented):
        return _supplement(scene)
    if own.void:
        return _void(scene, own)
    if answers and not scene.state.open_assignments:
        return _answered(scene, answers)
    return _under_way(scene, bool(answers))


def _said(code: str, text: str, article: str = "", tone: str = "", url: str = "", **params: str) -> Vm:
    action = sentence("citizen_status", f"{code}_action") if url else ""
    title = sentence("citizen_status", code, **params)
    return {"title": title, "text": text, "article": article, "tone": tone, "url": url, "action": action}


def _coordinator(scene: Scene) -> str:
    return scene.directory.coordinator_under(scene.regulation.id).short


def _supplement(scene: Scene) -> Vm:
    asked = scene.last(Kind.supplement_requested)
    text = sentence("citizen_status", "supplement_text")
    article = asked.cite if asked else ""
    return _said("supplement", text, article, "soon", coordinator=_coordinator(scene))


def _void(scene: Scene, own: State) -> Vm:
    event = scene.last(Kind.refused)
    if event is None:
        return _said("void", "", tone="plain", label=own.public)
    reason = sentence("citizen_status", "void_text", reason=scene.text(event, "reason"))
    ground = scene.regulation.ground(event.data.get("ground", ""))
    article = (
        sentence("citizen_status", "void_cite", ground=ground.label, cite=ground.cite)
        if ground
        else event.cite
    )
    text = "\n\n".join(part for part in (reason, scene.text(event, "guidance")) if part)
    return _said("void", text, article, "plain", label=own.public)


def _answered(scene: Scene, answers: list[Answer]) -> Vm:
    if scene.own.question_open:
        asked = scene.last(Kind.clarification_asked)
        text = sentence("citizen_status", "asked_text", coordinator=_coordinator(scene))
        if not running_clocks(scene.regulation, scene.state, scene.own.no):
            text = f"{text} {sentence('citizen_status', 'asked_no_term')}"
        return _said("asked", text, asked.cite if asked else "", coordinator=_coordinator(scene))
    replied = scene.last(Kind.clarification_answered)
    after = max(answers[-1].given.at, scene.own.rated_at or answers[-1].given.at)
    if replied and replied.at >= after:
        return _said("replied", scene.text(replied, "answer"), replied.cite, coordinator=_coordinator(scene))
    if rating := scene.regulation.rating(scene.own.rating or ""):
        return _said("rated", sentence("citizen_status", "rated_text", label=rating.label), rating.cite, "ok")
    names = ", ".join(present.agency_name(scene.directory, answer.agency) for answer in answers)
    offer = scene.allowed(Kind.rated)
    text = sentence("citizen_status", "reply_text" if offer else "reply_plain")
    return _said("reply", text, answers[-1].given.cite, "ok", "#danh-gia" if offer else "", agency=names)


def _under_way(scene: Scene, answered_before: bool) -> Vm:
    clocks = running_clocks(scene.regulation, scene.state, scene.own.no)
    step = parts.step(scene.regulation, scene.directory, scene.state, clocks[0]) if clocks else ""
    following, late = next_step(scene.regulation, clocks, scene.now, step, joined=scene.own.no > 1)
    holders = [present.agency_name(scene.directory, a.agency) for a in scene.state.open_assignments]
    held = sentence("citizen_status", "held", agency=", ".join(holders)) if holders else ""
    article = scene.regulation.clock(clocks[0].clock).cite if clocks else ""
    tone = "late" if late else ""
    if answered_before and holders:
        text = "\n".join(part for part in (following, sentence("citizen_status", "again_text")) if part)
        return _said("again", text, article, tone, agency=", ".join(holders))
    text = " ".join(part for part in (held, following or sentence("citizen_status", "waiting")) if part)
    title = "; ".join(chip["label"] for chip in _by_agency(scene)) or shown_state(scene).public
    text = "\n".join(part for part in (text, private(scene.regulation, scene.state, scene.own)) if part)
    return {"title": title, "text": text, "article": article, "tone": tone, "url": "", "action": ""}
