"""A regulation as rows: states, roles, moves, clocks, grounds, notices, with the article of each.

These are plain frozen values. Reading them from TOML and checking them is `webapp.regulations.load`;
interpreting them is `webapp.core.workflow`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from zoneinfo import ZoneInfo

from webapp.core.clocks import Counting, Term
from webapp.core.events import Kind, Scope

# The closed list of facts that a move may require or accept, and what kind of value each is.
# "text" and "media" are ids of purgeable rows, "token" is an id from the directory or the regulation.
FACTS: Mapping[str, str] = {
    "reason": "text",
    "guidance": "text",
    "note": "text",
    "direction": "text",
    "result": "text",
    "edited": "text",
    "public_text": "text",
    "public_answer": "text",
    "question": "text",
    "answer": "text",
    "supplement": "text",
    "comment": "text",
    "document": "media",
    "after_photo": "media",
    "public_photos": "media",
    "agency": "token",
    "category": "token",
    "area": "token",
    "ground": "token",
    "rating": "token",
    "due_on": "instant",
    "checked": "flag",
}

# The closed list of conditions that `only_if` and `unless` may name; computed by the workflow.
CONDITIONS = frozenset(
    {
        "confidential",
        "hides_name",
        "question_open",
        "rated",
        "several_agencies",
        "answered_elsewhere",
        "published",
    }
)

# The closed list of purposes for which a sealed identity may be opened.
PURPOSES = frozenset({"contact_reporter", "verify_place", "competent_body", "data_subject"})

# What a row's `when` may speak about.
WHEN_KEYS = frozenset({"track", "category"})


@dataclass(frozen=True, slots=True)
class State:
    id: str
    on: Scope
    label: str
    public: str
    final: bool = False
    void: bool = False  # final without an answer: refused, returned
    pending: bool = False  # waits for the reporter, so nobody is late
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Role:
    id: str
    label: str
    org: str  # coordinator | agency | overseer | reporter | system
    cite: str


@dataclass(frozen=True, slots=True)
class Condition:
    is_: str
    cite: str


@dataclass(frozen=True, slots=True)
class Limit:
    count: int
    cite: str


@dataclass(frozen=True, slots=True)
class Cap:
    """No extended due date may lie beyond `term`, counted from `start` (submitted | opened)."""

    term: Term
    start: str
    cite: str


@dataclass(frozen=True, slots=True)
class Move:
    id: str
    label: str
    on: Scope
    event: Kind
    by: tuple[str, ...]
    cite: str
    from_: tuple[str, ...] = ()
    to: str | None = None
    opens: str | None = None  # state of the assignment this move opens
    requires: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    only_if: tuple[Condition, ...] = ()
    unless: tuple[Condition, ...] = ()
    when: Mapping[str, str] = field(default_factory=dict)
    max: Limit | None = None
    extends: str | None = None
    cap: Cap | None = None
    reopens: tuple[str, ...] = ()
    pauses: tuple[str, ...] = ()
    resumes: tuple[str, ...] = ()
    sets: Mapping[str, str] = field(default_factory=dict)
    checks_fields: bool = False
    answers: str | None = None  # the state that answered submissions take
    public: str | None = None
    hint: str = ""
    step: str = ""  # groups buttons on a page: main | quiet | danger


@dataclass(frozen=True, slots=True)
class Clock:
    id: str
    label: str
    short: str
    on: Scope
    starts: tuple[str, ...]
    meets: tuple[str, ...]
    term: Term
    cite: str
    ends: tuple[str, ...] = ()
    counted_from: str = "start"  # start | submitted
    when: Mapping[str, str] = field(default_factory=dict)
    on_breach: str | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    id: str
    label: str
    for_: tuple[str, ...]
    cite: str
    guidance: str = ""
    only_if: tuple[Condition, ...] = ()
    answer: str = "here"  # here | elsewhere: a secret is not answered through this system, and is sealed


@dataclass(frozen=True, slots=True)
class Notice:
    """Who is told, by which letter, when a move was made or a clock fell due."""

    on: str  # a move's id, or breach:<clock>
    to: tuple[str, ...]
    template: str
    cite: str


@dataclass(frozen=True, slots=True)
class Field:
    id: str
    required: bool
    cite: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A labelled option of the regulation: a rating, a secrecy, a channel."""

    id: str
    label: str
    cite: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Reveal:
    """Which role may open a reporter's identity, for which purposes, by which article."""

    role: str
    purposes: tuple[str, ...]
    cite: str


@dataclass(frozen=True, slots=True)
class Interpretation:
    on: str
    chosen: str
    other: str
    why: str


@dataclass(frozen=True)
class Regulation:
    """One version of one regulation. Dates are legal dates in `zone`; `effective_to` is exclusive."""

    id: str
    version: str
    title: str
    short_title: str
    issuer: str
    number: str
    status: str
    issued_on: date | None
    effective_from: date
    effective_to: date | None
    kind: str
    counting: Counting
    states: tuple[State, ...]
    roles: tuple[Role, ...]
    moves: tuple[Move, ...]
    clocks: tuple[Clock, ...]
    grounds: tuple[Ground, ...] = ()
    notices: tuple[Notice, ...] = ()
    fields: tuple[Field, ...] = ()
    ratings: tuple[Choice, ...] = ()
    secrecies: tuple[Choice, ...] = ()
    channels: tuple[Choice, ...] = ()
    interpretations: tuple[Interpretation, ...] = ()
    reveals: tuple[Reveal, ...] = ()
    publicity: Mapping[str, str] = field(default_factory=dict)
    rating_cite: str = ""

    @property
    def zone(self) -> ZoneInfo:
        zone = self.counting.zone
        assert isinstance(zone, ZoneInfo)
        return zone

    @property
    def takes_real_cases(self) -> bool:
        """A draft or an undated text runs in the demo only."""
        return self.status in {"pilot", "in_force"} and bool(self.number) and self.issued_on is not None

    @cached_property
    def _states(self) -> dict[str, State]:
        return {state.id: state for state in self.states}

    @cached_property
    def _moves(self) -> dict[str, Move]:
        return {move.id: move for move in self.moves}

    @cached_property
    def _clocks(self) -> dict[str, Clock]:
        return {clock.id: clock for clock in self.clocks}

    @cached_property
    def _roles(self) -> dict[str, Role]:
        return {role.id: role for role in self.roles}

    @cached_property
    def started_by(self) -> dict[str, tuple[Clock, ...]]:
        """The clocks that each move starts."""
        return {m.id: tuple(c for c in self.clocks if m.id in c.starts) for m in self.moves}

    def state(self, id: str) -> State:
        return self._states[id]

    def move(self, id: str) -> Move:
        return self._moves[id]

    def clock(self, id: str) -> Clock:
        return self._clocks[id]

    def role(self, id: str) -> Role:
        return self._roles[id]

    def reveals_for(self, purpose: str) -> tuple[Reveal, ...]:
        """Which roles may open an identity for this purpose, each with its article."""
        return tuple(row for row in self.reveals if purpose in row.purposes)

    def ground(self, id: str) -> Ground | None:
        return next((ground for ground in self.grounds if ground.id == id), None)

    def rating(self, id: str) -> Choice | None:
        return next((rating for rating in self.ratings if rating.id == id), None)
