"""From the tables of one regulation file to a `Regulation`; the references are checked in `checks`."""

from __future__ import annotations

import re
from datetime import time
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from webapp.core.calendar import Calendar, Sessions
from webapp.core.clocks import Counting, DayCounting, Term, Unit
from webapp.core.events import Kind, Scope
from webapp.core.regulation import (
    ABOUT_A_CLOCK,
    FACTS,
    THEN_KEYS,
    WHEN_KEYS,
    Cap,
    Channel,
    Choice,
    Clock,
    Condition,
    Field,
    Ground,
    Interpretation,
    Limit,
    Move,
    Notice,
    Rating,
    Regulation,
    Reminder,
    Reveal,
    Role,
    State,
    Then,
    When,
)
from webapp.regulations import keys, papers
from webapp.regulations.rows import STRING, TABLE, Key, Reader, choice, label


def build(reader: Reader, raw: dict[str, Any], calendars: dict[str, Calendar]) -> Regulation | None:
    """The regulation in `raw`, or None when a row could not be read; problems are in `reader`."""
    usable = reader.row("file", raw, keys.TABLES) and reader.row("[regulation]", raw["regulation"], keys.HEAD)
    usable = usable and reader.row("[publicity]", raw["publicity"], keys.PUBLICITY)
    counting = _counting(reader, raw["counting"], calendars) if usable else None
    if counting is None:
        return None
    head, before = raw["regulation"], len(reader.problems)
    parts = _parts(reader, raw, counting) | papers.read(reader, raw)
    if len(reader.problems) > before:
        return None
    if "total" in raw:
        _total(reader, raw["total"], counting, parts["clocks"])
    return Regulation(
        **{key: head[key] for key in keys.HEAD if key in head and key not in ("issued_on", "effective_to")},
        issued_on=head.get("issued_on"),
        effective_to=head.get("effective_to"),
        counting=counting,
        publicity=raw["publicity"],
        rating_cite=raw.get("rating", {}).get("cite", ""),
        **parts,
    )


def _parts(reader: Reader, raw: dict[str, Any], counting: Counting) -> dict[str, Any]:
    tables = {
        "role": keys.ROLE,
        "state": keys.STATE,
        "move": keys.MOVE,
        "clock": keys.CLOCK,
        "ground": keys.GROUND,
        "notice": keys.NOTICE,
        "field": keys.FIELD,
        "rating_option": keys.RATING,
        "secrecy": keys.CHOICE,
        "channel": keys.CHANNEL,
        "kind": keys.CHOICE,
        "interpretation": keys.INTERPRETATION,
        "reveal": keys.REVEAL,
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
        "notices": tuple(_notice(reader, row) for row in rows["notice"]),
        "fields": tuple(_field(reader, row) for row in rows["field"]),
        "ratings": tuple(Rating(**row) for row in rows["rating_option"]),
        "secrecies": tuple(Choice(**row) for row in rows["secrecy"]),
        "channels": tuple(_channel(reader, row) for row in rows["channel"]),
        "kinds": tuple(Choice(**row) for row in rows["kind"]),
        "interpretations": tuple(Interpretation(**row) for row in rows["interpretation"]),
        "reveals": tuple(_reveal(reader, row) for row in rows["reveal"]),
    }


def _total(reader: Reader, raw: dict[str, Any], counting: Counting, clocks: tuple[Clock, ...]) -> None:
    """What the text says its stages add up to, in one unit."""
    if not reader.row("[total]", raw, keys.TOTAL):
        return
    total = term_of(reader, "[total]", raw["term"], counting.day_counting is DayCounting.elapsed)
    terms = [clock.term for clock in clocks if clock.id in raw["of"] and clock.term]
    if len(terms) != len(raw["of"]) or total is None or {term.unit for term in terms} != {total.unit}:
        reader.problem("[total]", "'of' does not name clocks of that unit", "name the clocks that add up")
    elif sum(term.value for term in terms) != total.value:
        found = sum(term.value for term in terms)
        reader.problem(
            "[total]", f"the stages add up to {found}, not {total.value}", "mend a term or the total"
        )


def _counting(reader: Reader, raw: dict[str, Any], calendars: dict[str, Calendar]) -> Counting | None:
    if not reader.row("[counting]", raw, keys.COUNTING):
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
    if not reader.row(f"{where} term", raw, keys.TERM):
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
        _facts(reader, f"[[ground]] {row['id']}", row.get("requires", ())),
        row.get("answer", "here"),
    )


def _facts(reader: Reader, where: str, names: Any) -> tuple[str, ...]:
    for fact in names:
        if fact not in FACTS:
            reader.problem(where, f"unknown fact '{fact}'", f"use one of {', '.join(sorted(FACTS))}")
    return tuple(names)


def _field(reader: Reader, row: dict[str, Any]) -> Field:
    return Field(**row | {"when": _when(reader, f"[[field]] {row['id']}", row.get("when", {}))})


def _notice(reader: Reader, row: dict[str, Any]) -> Notice:
    when = _when(reader, f"[[notice]] {row['on']}", row.get("when", {}))
    return Notice(row["on"], tuple(row["to"]), row["template"], row["cite"], when)


def _reveal(reader: Reader, row: dict[str, Any]) -> Reveal:
    unless = _when(reader, f"[[reveal]] {row['role']}", row.get("unless", {}))
    return Reveal(row["role"], tuple(row["purposes"]), row["cite"], unless)


def _channel(reader: Reader, row: dict[str, Any]) -> Channel:
    sessions = None
    if "sessions" in row:
        sessions = sessions_of(reader, f"[[channel]] {row['id']}", row["sessions"], row["cite"])
    plain = (row["id"], row["label"], row["cite"], row.get("hint", ""))
    return Channel(*plain, sessions, row.get("from"), row.get("until"))


_MOVE_PLAIN = ("to", "opens", "checks_fields", "answers", "agency", "public", "hint", "beside", "step")
_MOVE_LISTS = ("requires", "optional", "evidence", "extends", "reopens", "pauses", "resumes")


def _move(reader: Reader, number: int, row: dict[str, Any], elapsed: bool) -> Move | None:
    where, before = label("move", number, row), len(reader.problems)
    _facts(reader, where, (*row.get("requires", ()), *row.get("optional", ()), *row.get("evidence", ())))
    conditions: dict[str, Any] = {
        key: _conditions(reader, where, row.get(key, ())) for key in ("only_if", "unless")
    }
    when, then = _when(reader, where, row.get("when", {})), _thens(reader, where, row.get("then", ()))
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
        when=when,
        then=then,
        sets=row.get("sets", {}),
        max=Limit(**limit) if limit else None,
        cap=cap,
        **conditions,
        **{key: row[key] for key in _MOVE_PLAIN if key in row},
        **lists,
    )


def _cap(reader: Reader, where: str, raw: dict[str, Any], elapsed: bool) -> Cap | None:
    if not reader.row(
        f"{where} cap", raw, {"term": TABLE, "start": choice("submitted", "opened", "due"), "cite": STRING}
    ):
        return None
    term = term_of(reader, f"{where} cap", raw["term"], elapsed)
    return Cap(term, raw["start"], raw["cite"]) if term else None


def _conditions(reader: Reader, where: str, rows: Any) -> tuple[Condition, ...]:
    found = []
    for row in rows:
        if reader.row(f"{where} condition", row, keys.CONDITION):
            if (row["is"] in ABOUT_A_CLOCK) is not ("clock" in row):
                reader.problem(where, f"'{row['is']}' and 'clock' do not fit", "name the clock it is about")
            found.append(Condition(row["is"], row["cite"], row.get("clock", "")))
    return tuple(found)


def _when(reader: Reader, where: str, raw: dict[str, Any], known: frozenset[str] = WHEN_KEYS) -> When:
    for key in raw.keys() - known:
        reader.problem(where, f"'when' speaks of '{key}'", f"use one of {', '.join(sorted(known))}")
    return {key: (value,) if isinstance(value, str) else tuple(value) for key, value in raw.items()}


def _thens(reader: Reader, where: str, rows: Any) -> tuple[Then, ...]:
    return tuple(
        Then(row["do"], row["cite"], _when(reader, where, row.get("when", {}), THEN_KEYS), row.get("agency"))
        for row in rows
        if reader.row(f"{where} then", row, keys.THEN)
    )


def _reminders(reader: Reader, where: str, rows: Any) -> tuple[Reminder, ...]:
    found = []
    for row in rows:
        term = None
        if reader.row(f"{where} remind", row, {"before": TABLE, "cite": STRING}):
            term = term_of(reader, f"{where} remind", row["before"], elapsed=True)
        if term and term.unit not in (Unit.working_hour, Unit.clock_hour):
            reader.problem(where, f"a reminder {term.unit}s ahead", "write working_hour or clock_hour")
        elif term:
            found.append(Reminder(term, row["cite"]))
    return tuple(sorted(found, key=lambda reminder: -reminder.before.value))


def _clock(reader: Reader, row: dict[str, Any], elapsed: bool) -> Clock | None:
    where = f"[[clock]] {row['id']}"
    if ("term" in row) is ("due_fact" in row):
        reader.problem(where, "it has both or neither of 'term' and 'due_fact'", "give it one of them")
        return None
    term = term_of(reader, where, row["term"], elapsed) if "term" in row else None
    if "term" in row and term is None:
        return None
    lists: dict[str, Any] = {key: tuple(row.get(key, ())) for key in ("starts", "meets", "ends")}
    plain = {key: row[key] for key in ("counted_from", "on_breach", "due_fact", "holder") if key in row}
    return Clock(
        id=row["id"],
        label=row["label"],
        short=row["short"],
        on=Scope(row["on"]),
        term=term,
        cite=row["cite"],
        when=_when(reader, where, row.get("when", {})),
        reminders=_reminders(reader, where, row.get("remind", ())),
        **lists,
        **plain,
    )
