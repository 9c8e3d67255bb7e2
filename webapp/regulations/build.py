"""From the tables of one regulation file to a `Regulation`; the references are checked in `checks`."""

from __future__ import annotations

import re
from datetime import date, time
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from webapp.core.calendar import Calendar, Sessions
from webapp.core.clocks import Counting, DayCounting, Term, Unit
from webapp.core.events import Kind, Scope
from webapp.core.regulation import (
    CONDITIONS,
    FACTS,
    WHEN_KEYS,
    Cap,
    Choice,
    Clock,
    Condition,
    Field,
    Ground,
    Interpretation,
    Limit,
    Move,
    Notice,
    Regulation,
    Reveal,
    Role,
    State,
)
from webapp.regulations.rows import (
    FLAG,
    NAMES,
    OPTIONAL,
    ROWS,
    SOME_NAMES,
    SOME_TABLE,
    STRING,
    TABLE,
    Key,
    Reader,
    choice,
    label,
)

SCOPES = tuple(scope.value for scope in Scope)
NUMBER = Key((int, float))

TABLES: dict[str, Key] = {
    "regulation": TABLE,
    "counting": TABLE,
    "publicity": TABLE,
    "rating": SOME_TABLE,
}
_LISTS = ("role", "state", "move", "clock", "ground", "notice", "field", "reveal")
_CHOICES = ("rating_option", "secrecy", "channel", "interpretation")
TABLES |= dict.fromkeys((*_LISTS, *_CHOICES), ROWS)

HEAD = {
    "id": STRING,
    "version": STRING,
    "title": STRING,
    "short_title": STRING,
    "issuer": STRING,
    "number": STRING,
    "status": choice("draft", "pilot", "in_force", "replaced"),
    "issued_on": Key((date,), needed=False),
    "effective_from": Key((date,)),
    "effective_to": Key((date,), needed=False),
    "kind": STRING,
}
COUNTING = {
    "calendar": STRING,
    "zone": STRING,
    "day_counting": choice("civil", "elapsed"),
    "calendar_day_roll": FLAG,
    "day_hours": NUMBER,
    "sessions": NAMES,
    "sessions_cite": STRING,
}
PUBLICITY = {
    "card": choice("from_submission", "from_reception", "from_distribution"),
    "process_of_confidential": choice("card", "none"),
}
TERM = {"value": Key((int, float, str)), "unit": choice(*(unit.value for unit in Unit))}
CONDITION = {"is": choice(*CONDITIONS), "cite": STRING}
CHOICE = {"id": STRING, "label": STRING, "cite": STRING, "hint": OPTIONAL}
ROLE = {
    "id": STRING,
    "label": STRING,
    "org": choice("coordinator", "agency", "overseer", "reporter", "system"),
    "cite": STRING,
}
STATE = {
    "id": STRING,
    "on": choice(*SCOPES),
    "label": STRING,
    "public": STRING,
    "final": FLAG,
    "void": FLAG,
    "pending": FLAG,
}
MOVE = {
    "id": STRING,
    "label": STRING,
    "hint": OPTIONAL,
    "on": choice(*SCOPES),
    "event": choice(*(kind.value for kind in Kind)),
    "from": NAMES,
    "to": OPTIONAL,
    "opens": OPTIONAL,
    "by": NAMES,
    "requires": SOME_NAMES,
    "optional": SOME_NAMES,
    "only_if": ROWS,
    "unless": ROWS,
    "when": SOME_TABLE,
    "max": SOME_TABLE,
    "extends": OPTIONAL,
    "cap": SOME_TABLE,
    "reopens": SOME_NAMES,
    "pauses": SOME_NAMES,
    "resumes": SOME_NAMES,
    "sets": SOME_TABLE,
    "checks_fields": FLAG,
    "answers": OPTIONAL,
    "public": OPTIONAL,
    "step": choice("main", "quiet", "danger", needed=False),
    "cite": STRING,
}
CLOCK = {
    "id": STRING,
    "label": STRING,
    "short": STRING,
    "on": choice(*SCOPES),
    "starts": NAMES,
    "meets": NAMES,
    "ends": SOME_NAMES,
    "term": TABLE,
    "counted_from": choice("start", "submitted", needed=False),
    "when": SOME_TABLE,
    "on_breach": OPTIONAL,
    "cite": STRING,
}
GROUND = {
    "id": STRING,
    "label": STRING,
    "for": NAMES,
    "cite": STRING,
    "guidance": OPTIONAL,
    "only_if": ROWS,
    "answer": choice("here", "elsewhere", needed=False),
}
NOTICE = {"on": STRING, "to": NAMES, "template": STRING, "cite": STRING}
FIELD = {"id": STRING, "required": Key((bool,)), "cite": STRING}
REVEAL = {"role": STRING, "purposes": NAMES, "cite": STRING}
INTERPRETATION = {"on": STRING, "chosen": STRING, "other": STRING, "why": STRING}


def build(reader: Reader, raw: dict[str, Any], calendars: dict[str, Calendar]) -> Regulation | None:
    """The regulation in `raw`, or None when a row could not be read; problems are in `reader`."""
    usable = reader.row("file", raw, TABLES) and reader.row("[regulation]", raw["regulation"], HEAD)
    usable = usable and reader.row("[publicity]", raw["publicity"], PUBLICITY)
    counting = _counting(reader, raw["counting"], calendars) if usable else None
    if counting is None:
        return None
    head, before = raw["regulation"], len(reader.problems)
    parts = _parts(reader, raw, counting)
    if len(reader.problems) > before:
        return None
    return Regulation(
        **{key: head[key] for key in HEAD if key in head and key not in ("issued_on", "effective_to")},
        issued_on=head.get("issued_on"),
        effective_to=head.get("effective_to"),
        counting=counting,
        publicity=raw["publicity"],
        rating_cite=raw.get("rating", {}).get("cite", ""),
        **parts,
    )


def _parts(reader: Reader, raw: dict[str, Any], counting: Counting) -> dict[str, Any]:
    tables = {
        "role": ROLE,
        "state": STATE,
        "move": MOVE,
        "clock": CLOCK,
        "ground": GROUND,
        "notice": NOTICE,
        "field": FIELD,
        "rating_option": CHOICE,
        "secrecy": CHOICE,
        "channel": CHOICE,
        "interpretation": INTERPRETATION,
        "reveal": REVEAL,
    }
    rows = {name: reader.rows(raw, name, keys) for name, keys in tables.items()}
    for name in tables.keys() - {"notice", "interpretation", "reveal"}:
        reader.unique(name, rows[name])
    elapsed = counting.day_counting is DayCounting.elapsed
    return {
        "roles": tuple(Role(**row) for row in rows["role"]),
        "states": tuple(_state(row, rank) for rank, row in enumerate(rows["state"])),
        "moves": tuple(
            filter(None, (_move(reader, n, row, elapsed) for n, row in enumerate(rows["move"], 1)))
        ),
        "clocks": tuple(filter(None, (_clock(reader, row, elapsed) for row in rows["clock"]))),
        "grounds": tuple(_ground(reader, row) for row in rows["ground"]),
        "notices": tuple(Notice(**row | {"to": tuple(row["to"])}) for row in rows["notice"]),
        "fields": tuple(Field(**row) for row in rows["field"]),
        "ratings": tuple(Choice(**row) for row in rows["rating_option"]),
        "secrecies": tuple(Choice(**row) for row in rows["secrecy"]),
        "channels": tuple(Choice(**row) for row in rows["channel"]),
        "interpretations": tuple(Interpretation(**row) for row in rows["interpretation"]),
        "reveals": tuple(Reveal(**row | {"purposes": tuple(row["purposes"])}) for row in rows["reveal"]),
    }


def _counting(reader: Reader, raw: dict[str, Any], calendars: dict[str, Calendar]) -> Counting | None:
    if not reader.row("[counting]", raw, COUNTING):
        return None
    calendar = calendars.get(raw["calendar"])
    if calendar is None:
        reader.problem("[counting]", f"no calendar '{raw['calendar']}'", f"use one of {', '.join(calendars)}")
        return None
    sessions = sessions_of(reader, "[counting]", raw["sessions"], raw["sessions_cite"])
    if sessions is None:
        return None
    return Counting(
        calendar=calendar,
        sessions=sessions,
        day_counting=DayCounting(raw["day_counting"]),
        calendar_day_roll=raw.get("calendar_day_roll", True),
        zone=ZoneInfo(raw["zone"]),
        day_hours=Fraction(str(raw["day_hours"])),
    )


def sessions_of(reader: Reader, where: str, raw: list[list[str]], cite: str) -> Sessions | None:
    """Office sessions in order: each opens before it closes and after the one before it closed."""
    spans: list[tuple[time, time]] = []
    for pair in raw:
        span = [_clock_time(text) for text in pair] if len(pair) == 2 else []
        if len(span) != 2 or None in span or span[0] >= span[1] or (spans and spans[-1][1] > span[0]):  # type: ignore[operator]
            reader.problem(
                where, f"session {pair} is not in order", 'write ["07:00", "11:30"], early to late'
            )
            return None
        spans.append((span[0], span[1]))  # type: ignore[arg-type]
    return Sessions(tuple(spans), cite)


def _clock_time(text: Any) -> time | None:
    match = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", str(text))
    return time(int(match[1]), int(match[2])) if match else None


def term_of(reader: Reader, where: str, raw: dict[str, Any], elapsed: bool) -> Term | None:
    """A term; a part of a day needs elapsed counting, as a civil day cannot be cut."""
    if not reader.row(f"{where} term", raw, TERM):
        return None
    value, unit = (
        reader.built(where, lambda: Fraction(str(raw["value"])), "write a number"),
        Unit(raw["unit"]),
    )
    if value is None or value <= 0:
        reader.problem(where, f"the term is {raw['value']}", "write a number above zero")
        return None
    if value.denominator != 1 and not elapsed:
        mend = 'write whole units, or set day_counting = "elapsed"'
        reader.problem(where, f"a term of {raw['value']} {unit}s", mend)
        return None
    return Term(value, unit)


def _state(row: dict[str, Any], rank: int) -> State:
    return State(**row | {"on": Scope(row["on"]), "rank": rank})


def _ground(reader: Reader, row: dict[str, Any]) -> Ground:
    return Ground(
        row["id"],
        row["label"],
        tuple(row["for"]),
        row["cite"],
        row.get("guidance", ""),
        _conditions(reader, f"[[ground]] {row['id']}", row.get("only_if", ())),
        row.get("answer", "here"),
    )


_MOVE_PLAIN = ("to", "opens", "extends", "checks_fields", "answers", "public", "hint", "step")
_MOVE_LISTS = ("requires", "optional", "reopens", "pauses", "resumes")


def _move(reader: Reader, number: int, row: dict[str, Any], elapsed: bool) -> Move | None:
    where, before = label("move", number, row), len(reader.problems)
    for fact in (*row.get("requires", ()), *row.get("optional", ())):
        if fact not in FACTS:
            reader.problem(where, f"unknown fact '{fact}'", f"use one of {', '.join(sorted(FACTS))}")
    conditions: dict[str, Any] = {
        key: _conditions(reader, where, row.get(key, ())) for key in ("only_if", "unless")
    }
    _when(reader, where, row.get("when", {}))
    limit = row.get("max")
    if limit is not None:
        reader.row(f"{where} max", limit, {"count": Key((int,)), "cite": STRING})
    cap = _cap(reader, where, row["cap"], elapsed) if "cap" in row else None
    if len(reader.problems) > before:
        return None
    lists: dict[str, Any] = {key: tuple(row[key]) for key in _MOVE_LISTS if key in row}
    return Move(
        id=row["id"],
        label=row["label"],
        on=Scope(row["on"]),
        event=Kind(row["event"]),
        by=tuple(row["by"]),
        from_=tuple(row["from"]),
        cite=row["cite"],
        when=row.get("when", {}),
        sets=row.get("sets", {}),
        max=Limit(**limit) if limit else None,
        cap=cap,
        **conditions,
        **{key: row[key] for key in _MOVE_PLAIN if key in row},
        **lists,
    )


def _cap(reader: Reader, where: str, raw: dict[str, Any], elapsed: bool) -> Cap | None:
    if not reader.row(
        f"{where} cap", raw, {"term": TABLE, "start": choice("submitted", "opened"), "cite": STRING}
    ):
        return None
    term = term_of(reader, f"{where} cap", raw["term"], elapsed)
    return Cap(term, raw["start"], raw["cite"]) if term else None


def _conditions(reader: Reader, where: str, rows: Any) -> tuple[Condition, ...]:
    return tuple(
        Condition(row["is"], row["cite"]) for row in rows if reader.row(f"{where} condition", row, CONDITION)
    )


def _when(reader: Reader, where: str, raw: dict[str, Any]) -> None:
    for key in raw.keys() - WHEN_KEYS:
        reader.problem(where, f"'when' speaks of '{key}'", f"use one of {', '.join(sorted(WHEN_KEYS))}")


def _clock(reader: Reader, row: dict[str, Any], elapsed: bool) -> Clock | None:
    where = f"[[clock]] {row['id']}"
    _when(reader, where, row.get("when", {}))
    term = term_of(reader, where, row["term"], elapsed)
    if term is None:
        return None
    lists: dict[str, Any] = {key: tuple(row.get(key, ())) for key in ("starts", "meets", "ends")}
    plain = {key: row[key] for key in ("counted_from", "when", "on_breach") if key in row}
    return Clock(
        id=row["id"],
        label=row["label"],
        short=row["short"],
        on=Scope(row["on"]),
        term=term,
        cite=row["cite"],
        **lists,
        **plain,
    )
