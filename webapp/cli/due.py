"""`flask due`: when a term ends, and how that was counted. Of a database only the days off are read."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, Protocol

import click

from webapp import words
from webapp.cli import means
from webapp.config import Config
from webapp.core.calendar import BeyondCalendar, Sessions
from webapp.core.clocks import Counting, Step, Unit, due
from webapp.core.regulation import Clock, Regulation
from webapp.operations.house import House

_BY_OFFICE_TIME = (Unit.working_hour, Unit.working_day)


class Rules(Protocol):
    """What the command needs of an installation."""

    @property
    def regulations(self) -> Mapping[str, Regulation]: ...


class CannotAnswer(click.ClickException):
    """Something asked for does not exist or cannot be read; the message says what to write instead."""

    exit_code = 2

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(words.sentence("due_command", code, **params))


def explain(regulation: Regulation, clock_id: str, start: datetime) -> dict[str, Any]:
    """The due instant of one clock from an aware `start`, ready for JSON, with a sentence for each step."""
    clock = _clock(regulation, clock_id)
    counting = regulation.counting
    assert clock.term is not None
    try:
        result = due(clock.term, start, counting)
    except BeyondCalendar as beyond:
        raise _beyond(counting, beyond.day) from beyond
    return {
        "regulation": regulation.id,
        "clock": clock.id,
        "label": clock.label,
        "due": result.at.astimezone(counting.zone).isoformat(),
        "provisional": result.provisional,
        "cite": clock.cite,
        "calendar": counting.calendar.version,
        "steps": [*_preamble(regulation, clock), *map(_told, result.steps)],
    }


def answer(rules: Rules, regulation_id: str, clock_id: str, start: str) -> dict[str, Any]:
    """`explain` for words as typed; raises CannotAnswer."""
    known = rules.regulations
    if regulation_id not in known:
        raise CannotAnswer("unknown_regulation", given=regulation_id, known=", ".join(sorted(known)))
    regulation = known[regulation_id]
    clock_id = _clock(regulation, clock_id).id
    return explain(regulation, clock_id, read_start(start, regulation.counting))


def answer_lines(rules: Rules, lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """One answer or one {"line", "error"} for each line that is not empty."""
    for line in filter(None, map(str.strip, lines)):
        try:
            yield answer(rules, *_three(line))
        except CannotAnswer as refusal:
            yield {"line": line, "error": refusal.message}


def read_start(text: str, counting: Counting) -> datetime:
    """An aware instant; without an offset it is local time of the regulation's zone."""
    if _is_date_alone(text):
        raise CannotAnswer("no_time", given=text)
    try:
        start = datetime.fromisoformat(text)
        aware = start if start.utcoffset() is not None else start.replace(tzinfo=counting.zone)
        return aware.astimezone(counting.zone)
    except (ValueError, OverflowError) as error:
        raise CannotAnswer("bad_start", given=text) from error


@click.command("due")
@click.argument("regulation", required=False)
@click.argument("clock", required=False)
@click.argument("start", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--batch", is_flag=True, help="Read lines REGULATION CLOCK START from standard input.")
@click.pass_context
def due_command(
    ctx: click.Context,
    regulation: str | None,
    clock: str | None,
    start: str | None,
    as_json: bool,
    batch: bool,
) -> None:
    """Say when the term CLOCK of REGULATION ends if it starts at START (ISO 8601), and how it is counted."""
    if batch:
        if regulation is not None:
            raise click.UsageError("--batch reads its questions from standard input, not from arguments.")
        ctx.exit(_print_batch(_installed(), sys.stdin))
    if regulation is None or clock is None or start is None:
        raise click.UsageError("Give REGULATION CLOCK START, or --batch.")
    told = answer(_installed(), regulation, clock, start)
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else as_text(told))


def as_text(told: Mapping[str, Any]) -> str:
    """The instant on its own line, then the steps."""
    lines = [told["due"], *(step["text"] for step in told["steps"])]
    if told["provisional"]:
        lines.append(words.sentence("due_command", "provisional"))
    return "\n".join(lines)


def _installed() -> Rules:
    house = House(Config.from_environment(), means.clock)
    try:
        return house.law
    finally:
        house.close()


def _print_batch(rules: Rules, lines: Iterable[str]) -> int:
    failed = False
    for told in answer_lines(rules, lines):
        failed = failed or "error" in told
        click.echo(json.dumps(told, ensure_ascii=False))
    return int(failed)


def _clock(regulation: Regulation, clock_id: str) -> Clock:
    for clock in regulation.clocks:
        if clock.id == clock_id and clock.term:
            return clock
    known = ", ".join(clock.id for clock in regulation.clocks if clock.term)
    raise CannotAnswer("unknown_clock", regulation=regulation.id, given=clock_id, known=known)


def _preamble(regulation: Regulation, clock: Clock) -> Iterator[dict[str, Any]]:
    assert clock.term is not None
    term = words.term_text(clock.term.value, clock.term.unit)
    params = {"regulation": regulation.id, "label": clock.label, "term": term, "cite": clock.cite}
    yield _line("term", params)
    if clock.term.unit in _BY_OFFICE_TIME:
        sessions = regulation.counting.sessions
        yield _line("sessions", {"sessions": _hours(sessions), "cite": sessions.cite})


def _line(code: str, params: dict[str, Any]) -> dict[str, Any]:
    text = words.sentence("due_command", code, **params)
    return {"code": code, "text": text, **params}


def _told(step: Step) -> dict[str, Any]:
    return {"code": step.code, "text": words.step_text(step.code, step.params), **step.params}


def _hours(sessions: Sessions) -> str:
    return ", ".join(f"{opening:%H:%M}\u2013{close:%H:%M}" for opening, close in sessions.spans)


def _beyond(counting: Counting, day: date) -> CannotAnswer:
    calendar = counting.calendar
    first, last, missing = (f"{each:%d/%m/%Y}" for each in (calendar.first, calendar.last, day))
    return CannotAnswer("beyond_calendar", calendar=calendar.id, first=first, last=last, day=missing)


def _three(line: str) -> list[str]:
    parts = line.split(maxsplit=2)
    if len(parts) != 3:
        raise CannotAnswer("bad_line")
    return parts


def _is_date_alone(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
