"""The history of one invented case: decided and evolved by the core, in memory, up to the present."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from webapp.core.events import Event
from webapp.core.regulation import Regulation
from webapp.core.state import Case, evolve
from webapp.core.workflow import Action, Actor, Refused, breach, decide
from webapp.demo.when import Hours
from webapp.demo.words import Words

_RECORDED_AFTER = timedelta(seconds=40)


class NotYet(Exception):
    """The next step of a history lies in the future: the case is open today."""


@dataclass(frozen=True)
class Town:
    """What all histories of one batch share."""

    regulation: Regulation
    hours: Hours
    chance: random.Random
    words: Words
    now: datetime
    actors: Mapping[tuple[str, str], Actor]  # by role and agency
    coordinator: str


@dataclass(slots=True)
class Written:
    """One text of the case, as its row will hold it."""

    id: int
    kind: str
    body: str
    account: int | None
    at: datetime


@dataclass
class Life:
    """One case growing event by event. Text ids are taken from `next_text` on."""

    town: Town
    at: datetime
    category: str
    area: str
    secrecy: str
    next_text: int
    state: Case | None = None
    events: list[Event] = field(default_factory=list)
    recorded: list[datetime] = field(default_factory=list)
    texts: list[Written] = field(default_factory=list)

    @property
    def case(self) -> Case:
        assert self.state is not None
        return self.state

    @property
    def sealed(self) -> bool:
        return self.secrecy == "confidential"

    def wait(self, minutes: float) -> None:
        """Let office time pass. Raises NotYet, with what fell due till now recorded."""
        self.until(self.town.hours.later(self.at, minutes))

    def until(self, at: datetime) -> None:
        at = max(at, self.at) + timedelta(microseconds=int(self.town.chance.random() * 50_000_000))
        if at >= self.town.now:
            self.stop()
        self._fall_due(at)
        self.at = at

    def stop(self) -> None:
        """Nothing more happens till the present. Always raises NotYet."""
        self._fall_due(self.town.now)
        raise NotYet

    def text(self, kind: str, body: str, account: int | None = None) -> int:
        row = Written(self.next_text, kind, body, account, self.at)
        self.next_text += 1
        self.texts.append(row)
        return row.id

    def make(self, move: str, target: int, actor: Actor, facts: Mapping[str, Any]) -> None:
        """One move, now. A refusal by the core is a mistake of the plan and raises."""
        answer = decide(self.town.regulation, self.state, Action(move, target, actor), facts, self.at)
        if isinstance(answer, Refused):
            raise AssertionError(f"{move} on {target}: {answer.code} ({answer.cite})")
        for event in answer:
            self._append(event, self.at)

    def _append(self, event: Event, recorded: datetime) -> None:
        self.state = evolve(self.state, event)
        self.events.append(event)
        self.recorded.append(recorded)

    def _fall_due(self, until: datetime) -> None:
        """What the worker would have recorded before `until`, in the order of the due instants."""
        if self.state is None:
            return
        running = (clock for clock in self.state.clocks if clock.running and not clock.breached_at)
        late = [clock for clock in running if clock.due_at + _RECORDED_AFTER < until]
        for clock in sorted(late, key=lambda c: c.due_at):
            # A clock that was met late and reopened fell due before what happened last.
            recorded = max(clock.due_at + _RECORDED_AFTER, self.at)
            for event in breach(self.town.regulation, self.case, clock.no, recorded):
                self._append(event, recorded)
