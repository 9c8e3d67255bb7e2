"""A regulation as rows: states, roles, moves, clocks, grounds, notices, with the article of each.

These are plain frozen values. Reading them from TOML and checking them is `webapp.regulations.load`;
interpreting them is `webapp.core.workflow`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from webapp.core.calendar import Sessions
from webapp.core.clocks import Counting, Term, Unit, near_until
from webapp.core.events import Kind, Scope
from webapp.core.papers import Letter, Periods, Records, Report

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
    "public_where": "text",
    "question": "text",
    "answer": "text",
    "supplement": "text",
    "comment": "text",
    "number": "text",
    "document": "media",
    "after_photo": "media",
    "public_photos": "media",
    "agency": "token",
    "category": "token",
    "area": "token",
    "ground": "token",
    "rating": "token",
    "same_as": "token",
    "place_shown": "token",
    "due_on": "instant",
    "promised_on": "instant",
    "known_at": "instant",
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
        "own_result",
        "no_contact",
        "dissatisfied",
        "leading",
        "late",
        "held",
        "paused",
        "breached",
        "running",
    }
)

# Of these the row names a clock.
ABOUT_A_CLOCK = frozenset({"breached", "running"})

# The closed list of purposes for which a sealed identity may be opened.
PURPOSES = frozenset({"contact_reporter", "verify_place", "competent_body", "data_subject"})

# What a row's `when` may speak about.
WHEN_KEYS = frozenset({"track", "category", "kind"})
THEN_KEYS = WHEN_KEYS | {"rating", "ground"}

When = Mapping[str, tuple[str, ...]]


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
    clock: str = ""  # which one, where the condition is about a clock


@dataclass(frozen=True, slots=True)
class Limit:
    count: int
    cite: str


@dataclass(frozen=True, slots=True)
class Cap:
    """No extended due date may lie beyond `term`, counted from `start` (submitted | opened | due)."""

    term: Term
    start: str
    cite: str


@dataclass(frozen=True, slots=True)
class Then:
    """What the regulation itself does right after a move: another move, by the system."""

    do: str
    cite: str
    when: When = field(default_factory=dict)
    agency: str | None = None


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
    evidence: tuple[str, ...] = ()  # where the category needs evidence, one of these must come with it
    only_if: tuple[Condition, ...] = ()
    unless: tuple[Condition, ...] = ()
    when: When = field(default_factory=dict)
    max: Limit | None = None
    extends: tuple[str, ...] = ()
    cap: Cap | None = None
    reopens: tuple[str, ...] = ()
    pauses: tuple[str, ...] = ()
    resumes: tuple[str, ...] = ()
    sets: Mapping[str, str] = field(default_factory=dict)
    checks_fields: bool = False
    answers: str | None = None  # the state that answered submissions take
    agency: str | None = None  # coordinator: the assignment this move opens is the coordinator's own
    then: tuple[Then, ...] = ()
    public: str | None = None
    hint: str = ""
    beside: str = ""  # the label where an agency has the case already and this one comes beside it
    step: str = ""  # groups buttons on a page: main | quiet | danger


@dataclass(frozen=True, slots=True)
class Reminder:
    """Told once, `before` (hours) the clock falls due."""

    before: Term
    cite: str


@dataclass(frozen=True, slots=True)
class Clock:
    """A legal term. Without `term` it is due when the move's fact `due_fact` says."""

    id: str
    label: str
    short: str
    on: Scope
    starts: tuple[str, ...]
    meets: tuple[str, ...]
    term: Term | None
    cite: str
    ends: tuple[str, ...] = ()
    counted_from: str = "start"  # start | submitted | opened | replaced | known
    when: When = field(default_factory=dict)
    on_breach: str | None = None
    due_fact: str | None = None
    holder: str = "staff"  # reporter: the reporter is waited for, and nobody is late by it
    reminders: tuple[Reminder, ...] = ()

    @property
    def unit(self) -> Unit:
        """What the term is written in; a promised day runs by the clock."""
        return self.term.unit if self.term else Unit.clock_hour


@dataclass(frozen=True, slots=True)
class Ground:
    id: str
    label: str
    for_: tuple[str, ...]
    cite: str
    guidance: str = ""
    only_if: tuple[Condition, ...] = ()
    requires: tuple[str, ...] = ()  # facts that must come with it
    answer: str = "here"  # here | elsewhere: a secret is not answered through this system, and is sealed


@dataclass(frozen=True, slots=True)
class Notice:
    """Who is told, by which letter, when a move was made or a clock falls or fell due."""

    on: str  # a move's id, soon:<clock> or breach:<clock>
    to: tuple[str, ...]
    template: str
    cite: str
    when: When = field(default_factory=dict)  # told only there


@dataclass(frozen=True, slots=True)
class Field:
    id: str
    required: bool
    cite: str
    when: When = field(default_factory=dict)  # required only there


@dataclass(frozen=True, slots=True)
class Choice:
    """A labelled option of the regulation: a secrecy, a kind of item."""

    id: str
    label: str
    cite: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Rating:
    """A rating in the regulation's own words; `dissatisfied` is the one that says so."""

    id: str
    label: str
    cite: str
    hint: str = ""
    dissatisfied: bool = False


@dataclass(frozen=True, slots=True)
class Channel:
    """A way in. `sessions` are its hours where it is not always open; `until` is exclusive."""

    id: str
    label: str
    cite: str
    hint: str = ""
    sessions: Sessions | None = None
    from_: date | None = None
    until: date | None = None

    def is_open(self, on: date) -> bool:
        """Whether the channel exists on that legal date."""
        return (self.from_ is None or self.from_ <= on) and (self.until is None or on < self.until)


@dataclass(frozen=True, slots=True)
class Reveal:
    """Which role may open a reporter's identity, for which purposes, by which article."""

    role: str
    purposes: tuple[str, ...]
    cite: str
    unless: When = field(default_factory=dict)  # an agency does not open who reports its own staff


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
    ratings: tuple[Rating, ...] = ()
    secrecies: tuple[Choice, ...] = ()
    channels: tuple[Channel, ...] = ()
    kinds: tuple[Choice, ...] = ()
    interpretations: tuple[Interpretation, ...] = ()
    reveals: tuple[Reveal, ...] = ()
    publicity: Mapping[str, str] = field(default_factory=dict)
    rating_cite: str = ""
    reports: tuple[Report, ...] = ()
    periods: Periods | None = None  # None: with the calendar
    letters: tuple[Letter, ...] = ()
    records: Records | None = None

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

    def near(self, clock: str, due_at: datetime, now: datetime) -> bool:
        """Whether the warning time before a due instant of this clock has begun."""
        return due_at <= near_until(self.clock(clock).term, self.counting, now)

    def reveals_for(self, purpose: str) -> tuple[Reveal, ...]:
        """Which roles may open an identity for this purpose, each with its article."""
        return tuple(row for row in self.reveals if purpose in row.purposes)

    def ground(self, id: str) -> Ground | None:
        return next((ground for ground in self.grounds if ground.id == id), None)

    def rating(self, id: str) -> Rating | None:
        return next((rating for rating in self.ratings if rating.id == id), None)
