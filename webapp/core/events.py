"""What can have happened to a case: the closed list of event kinds, and what of each may be public.

An event is a past fact. It holds ids, tokens and instants, never a name or free text: texts live in
purgeable rows and the event only carries their ids.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

SCHEMA = 1


class Scope(StrEnum):
    """What a move, a clock or an event is about."""

    submission = "submission"
    assignment = "assignment"
    case = "case"


class Kind(StrEnum):
    """Every kind of event. A regulation's moves must lead to one of these."""

    submitted = "submitted"
    joined = "joined"
    received = "received"
    refused = "refused"
    supplement_requested = "supplement_requested"
    supplemented = "supplemented"
    distributed = "distributed"
    returned = "returned"
    accepted = "accepted"
    escalated = "escalated"
    direction_requested = "direction_requested"
    directed = "directed"
    track_changed = "track_changed"
    extended = "extended"
    paused = "paused"
    resumed = "resumed"
    result_entered = "result_entered"
    sent_back = "sent_back"
    approved = "approved"
    edited_and_approved = "edited_and_approved"
    published = "published"
    withheld = "withheld"
    withdrawn = "withdrawn"
    rated = "rated"
    clarification_asked = "clarification_asked"
    clarification_answered = "clarification_answered"
    rework_ordered = "rework_ordered"
    answered = "answered"
    completed = "completed"
    redirected = "redirected"
    verification_requested = "verification_requested"
    transferred = "transferred"
    concluded = "concluded"
    reported_to_province = "reported_to_province"
    reminded = "reminded"
    noted = "noted"
    data_shown = "data_shown"
    data_corrected = "data_corrected"
    data_restricted = "data_restricted"
    data_erased = "data_erased"
    hold_placed = "hold_placed"
    hold_lifted = "hold_lifted"
    clock_warned = "clock_warned"
    clock_breached = "clock_breached"
    clock_recomputed = "clock_recomputed"


@dataclass(frozen=True, slots=True)
class Event:
    """One past fact about a case.

    `target` is the number of the submission or assignment inside its case, 0 for the case itself.
    `at` is when it happened (UTC); when it was written down is the store's business.
    `data` is ready for JSON: instants are ISO 8601 texts, texts and media are ids.
    """

    kind: Kind
    on: Scope
    target: int
    at: datetime
    role: str
    agency: str | None
    account: int | None
    cite: str
    data: Mapping[str, Any] = field(default_factory=dict)
    schema: int = SCHEMA


def by_reorganisation(event: Event) -> bool:
    """Whether a case changed hands because its agency is over, by no move of a regulation."""
    return event.kind is Kind.transferred and "move" not in event.data


# What a stranger may learn from an event; everything else stays inside.
_PUBLIC_KEYS = ("move", "state", "agency", "former", "category", "area", "ground", "rating")
_PUBLIC_CLOCK_KEYS = ("no", "clock", "on", "target", "started_at", "due_at", "provisional")


def public_facts(event: Event) -> dict[str, Any]:
    """The canonical, person-free part of an event: ids of the law and the organisation, and instants."""
    facts: dict[str, Any] = {"kind": str(event.kind), "cite": event.cite}
    facts |= {key: event.data[key] for key in _PUBLIC_KEYS if event.data.get(key) is not None}
    clocks = event.data.get("clocks", {})
    if started := clocks.get("started"):
        facts["due"] = [{key: row[key] for key in _PUBLIC_CLOCK_KEYS} for row in started]
    return facts
