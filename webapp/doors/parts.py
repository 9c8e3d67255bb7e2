"""A case that several agencies have: each by its name with its own state, wherever the whole is shown."""

from __future__ import annotations

from collections.abc import Iterable

from webapp.core.holding import holder_of, parts
from webapp.core.regulation import Regulation
from webapp.core.state import Assignment, Case, Clock
from webapp.doors import present
from webapp.doors.present import Vm
from webapp.regulations.directory import Directory
from webapp.words import sentence


def chips(
    regulation: Regulation, directory: Directory, assignments: Iterable[Assignment], *, desk: bool
) -> list[Vm]:
    """One for every agency, the leading one first; none where one state tells it all."""
    found = []
    for part in parts(regulation, assignments):
        chip = present.state_chip(regulation, part.state, desk=desk)
        agency, state = present.agency_name(directory, part.agency), chip["label"]
        label = sentence("shown", "part", agency=agency, state=state[0].lower() + state[1:])
        found.append(present.chip(label, chip["tone"]))
    return found


def text(
    regulation: Regulation, directory: Directory, assignments: Iterable[Assignment], *, desk: bool
) -> str:
    return "; ".join(chip["label"] for chip in chips(regulation, directory, assignments, desk=desk))


def step(regulation: Regulation, directory: Directory, state: Case, clock: Clock) -> str:
    """What is waited for, with whose it is where several agencies have the case."""
    label = regulation.clock(clock.clock).label
    agency = present.agency_name(directory, holder_of(state, clock))
    several = agency and parts(regulation, state.assignments)
    return sentence("shown", "step_at", step=label, agency=agency) if several else label
