"""The public timeline: what was done, by which article, on time or late; what is overdue; what is to come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from webapp.core.regulation import Regulation
from webapp.doors import present
from webapp.doors.present import Vm, entry
from webapp.public.present import joined, seen, still_to_come
from webapp.regulations.installation import Installation
from webapp.store.models import PubClock, PubStep
from webapp.store.queries.public import PublicCase
from webapp.words import sentence

_JUDGED = ("on_time", "late")


def entries(law: Installation, found: PublicCase, now: datetime) -> list[Vm]:
    regulation = law.pinned(found.card.regulation, found.card.version)
    clocks = [seen(clock, now) for clock in found.clocks]
    return [
        *_done(law, regulation, found),
        *(_running(regulation, clock, now) for clock in clocks if clock.running),
        *(_to_come(regulation, id) for id in still_to_come(regulation, clocks)),
    ]


def _done(law: Installation, regulation: Regulation, found: PublicCase) -> list[Vm]:
    before: list[str | None] = [None, *(step.agency for step in found.steps)]
    rows = []
    for step, (earlier, agency) in zip(found.steps, pairwise(before), strict=True):
        met = [clock for clock in found.clocks if clock.ended_n == step.n and clock.standing in _JUDGED]
        who = present.agency_name(law.directory, agency) if agency != earlier else ""
        rows.append(_step(regulation, step, met, who))
    return rows


def _step(regulation: Regulation, step: PubStep, met: Sequence[PubClock], who: str) -> Vm:
    return entry(
        (regulation.move(step.move).public or "") if step.move else sentence("step", "transferred"),
        present.day_text(step.happened_on),
        when_iso=step.happened_on,
        article=step.cite,
        note=joined(
            who, *(_term(regulation, clock.clock, step.cite) for clock in met), *_said(regulation, step)
        ),
        standing=_standing(met),
    )


def _standing(met: Sequence[PubClock]) -> Vm | None:
    if not met:
        return None
    late = any(clock.standing == "late" for clock in met)
    return present.standing_chip("late" if late else "on_time")


def _term(regulation: Regulation, clock: str, said: str) -> str:
    """The term that a step met, with its article unless the step's own says it already."""
    row = regulation.clock(clock)
    return sentence(
        "public_case", "term" if row.cite == said else "term_by", term=present.term(row), cite=row.cite
    )


def _said(regulation: Regulation, step: PubStep) -> list[str]:
    """The ground or the rating that came with a step."""
    ground = regulation.ground(step.ground or "")
    rating = regulation.rating(step.rating or "")
    said = [sentence("public_case", "ground", ground=ground.label, cite=ground.cite)] if ground else []
    return [*said, rating.label] if rating else said


def _running(regulation: Regulation, clock: present.Seen, now: datetime) -> Vm:
    row = regulation.clock(clock.clock)
    if clock.paused_at:
        return present.paused_entry(row)
    late = now > clock.due_at
    chip = (
        present.chip(present.overdue_text(regulation, clock.due_at, now, hours=False), "late")
        if late
        else None
    )
    if clock.provisional and not late:
        chip = present.chip(sentence("standing", "provisional"))
    return entry(
        sentence("step", "breach", clock=row.label) if late else row.label,
        sentence("step", "due", due=present.due_text(regulation, clock.due_at, now, hours=False)),
        article=row.cite,
        note=sentence("step", "term", term=present.term(row)),
        standing=chip,
        future=True,
    )


def _to_come(regulation: Regulation, id: str) -> Vm:
    row = regulation.clock(id)
    return entry(row.label, sentence("step", "term", term=present.term(row)), article=row.cite, future=True)
