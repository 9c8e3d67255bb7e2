"""The terms of a case as steps of a way: which belong to the present round, and how many are done.

Every page counts here: the sender's, the public one, the desk's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from webapp.core.events import Kind
from webapp.core.regulation import Move, Regulation
from webapp.words import sentence


@dataclass(frozen=True, slots=True)
class Seen:
    """One clock as a page needs it, whichever door it comes from."""

    clock: str
    started_at: datetime
    due_at: datetime
    provisional: bool
    standing: str  # on_time | late | running | ended, as recorded
    used: float | None = None
    running: bool = False
    paused_at: datetime | None = None  # of a running one: nothing is counted, and nobody is late
    who: str = ""  # the agency that had it; none: the centre

    @property
    def met(self) -> bool:
        """Whether what it is about was done, in time or late."""
        return not self.running and self.standing != "ended"

    @property
    def counted(self) -> bool:
        """Whether it runs and its time passes."""
        return self.running and self.paused_at is None


def this_round(regulation: Regulation, clocks: Sequence[Seen]) -> list[Seen]:
    """Without the later terms of an earlier round: after a return or a rework they are still to come.

    An agency that went its way to the end and is not asked again has done its steps."""
    order = {row.id: number for number, row in enumerate(regulation.clocks)}
    running = [c for c in clocks if c.running and regulation.clock(c.clock).holder == "staff"]
    if not running:
        return list(clocks)
    first = min(running, key=lambda clock: order[clock.clock])
    through = _through(regulation, clocks) - {clock.who for clock in running}
    return [
        clock
        for clock in clocks
        if clock.running
        or order[clock.clock] < order[first.clock]
        or clock.started_at >= first.started_at
        or clock.who in through
    ]


def _through(regulation: Regulation, clocks: Sequence[Seen]) -> set[str]:
    """The agencies that met the last term of the main course."""
    ahead = expected(regulation, {clock.clock for clock in clocks})
    last = [row.id for row in regulation.clocks if row.id in ahead][-1:]
    return {clock.who for clock in clocks if clock.who and clock.clock in last and clock.met}


def foremost(clocks: Sequence[Seen]) -> dict[str, Seen]:
    """The clock that stands for each step: where one agency is done and another is not, that of the other.

    Of several that run the one due first; else the latest."""
    found: dict[str, Seen] = {}
    for clock in clocks:
        before = found.get(clock.clock)
        if before is None or not before.running or (clock.running and clock.due_at < before.due_at):
            found[clock.clock] = clock
    return found


def used_text(regulation: Regulation, clocks: Sequence[Seen]) -> str:
    """A term of this kind of item that was had is a step of the way; one of a side track is not, nor one that
    the reporter is waited for. What was stopped is not done."""
    latest = foremost(this_round(regulation, clocks))
    own = (row for row in regulation.clocks if row.id in latest and row.holder == "staff")
    rows = [row for row in own if row.when.keys() <= {"kind"}]
    had = {row.id for row in rows if not (row.when and latest[row.id].standing == "ended")}
    steps = had | expected(regulation, {clock.clock for clock in clocks})
    done = sum(1 for id in steps if id in latest and latest[id].met)
    return sentence("ribbon", "summary", done=done, steps=len(steps))


def expected(regulation: Regulation, started: Iterable[str]) -> frozenset[str]:
    """The terms that a case comes to by its main course, on the track of the terms that it has had.

    Not what may never come: a rework, another report that joins, what only a delay brings, a promise.
    """
    rows = (regulation.clock(id) for id in started)
    tracks = [row.when["track"] for row in rows if "track" in row.when]
    about = {"track": tracks[-1][0] if tracks else "normal"}
    course = {move.id for move in regulation.moves if _is_course(move, about)}
    return frozenset(
        row.id
        for row in regulation.clocks
        if not row.when and not row.due_fact and row.holder == "staff" and not course.isdisjoint(row.starts)
    )


def _is_course(move: Move, about: Mapping[str, str]) -> bool:
    """Whether a case that goes its way comes to this move: the one that opens it, or one in the main line."""
    if not move.from_:
        return move.event is Kind.submitted
    by_people = set(move.by) - {"system"}
    main = move.step == "main" and bool(by_people) and move.event is not Kind.rework_ordered
    return main and all(about[key] in values for key, values in move.when.items() if key in about)
