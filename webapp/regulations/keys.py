"""Every table and key that a regulation file may have; docs/regulation-format.md explains them."""

from __future__ import annotations

from datetime import date

from webapp.core.clocks import Unit
from webapp.core.events import Kind, Scope
from webapp.core.regulation import CONDITIONS
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
    choice,
)

SCOPES = tuple(scope.value for scope in Scope)
NUMBER = Key((int, float))
DAY = Key((date,), needed=False)

TABLES: dict[str, Key] = {
    "regulation": TABLE,
    "counting": TABLE,
    "publicity": TABLE,
    "rating": SOME_TABLE,
    "records": SOME_TABLE,
    "report_periods": SOME_TABLE,
    "total": SOME_TABLE,
}
_LISTS = ("role", "state", "move", "clock", "ground", "notice", "field", "reveal", "report", "letter")
_CHOICES = ("rating_option", "secrecy", "channel", "kind", "interpretation")
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
    "card": choice("from_submission", "from_reception", "from_distribution", "never"),
    "process_of_confidential": choice("card", "none"),
}
TERM = {"value": Key((int, float, str)), "unit": choice(*(unit.value for unit in Unit))}
CONDITION = {"is": choice(*CONDITIONS), "clock": OPTIONAL, "cite": STRING}
CHOICE = {"id": STRING, "label": STRING, "cite": STRING, "hint": OPTIONAL}
RATING = CHOICE | {"dissatisfied": FLAG}
CHANNEL = CHOICE | {"sessions": SOME_NAMES, "from": DAY, "until": DAY}
THEN = {"do": STRING, "when": SOME_TABLE, "agency": OPTIONAL, "cite": STRING}
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
    "beside": OPTIONAL,
    "by": NAMES,
    "requires": SOME_NAMES,
    "optional": SOME_NAMES,
    "evidence": SOME_NAMES,
    "only_if": ROWS,
    "unless": ROWS,
    "when": SOME_TABLE,
    "max": SOME_TABLE,
    "extends": SOME_NAMES,
    "cap": SOME_TABLE,
    "reopens": SOME_NAMES,
    "pauses": SOME_NAMES,
    "resumes": SOME_NAMES,
    "sets": SOME_TABLE,
    "checks_fields": FLAG,
    "answers": OPTIONAL,
    "agency": choice("coordinator", needed=False),
    "then": ROWS,
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
    "term": SOME_TABLE,
    "due_fact": choice("promised_on", needed=False),
    "holder": choice("staff", "reporter", needed=False),
    "counted_from": choice("start", "submitted", "opened", "replaced", "known", needed=False),
    "when": SOME_TABLE,
    "on_breach": OPTIONAL,
    "remind": ROWS,
    "cite": STRING,
}
GROUND = {
    "id": STRING,
    "label": STRING,
    "for": NAMES,
    "cite": STRING,
    "guidance": OPTIONAL,
    "only_if": ROWS,
    "requires": SOME_NAMES,
    "answer": choice("here", "elsewhere", needed=False),
}
NOTICE = {"on": STRING, "to": NAMES, "template": STRING, "when": SOME_TABLE, "cite": STRING}
FIELD = {"id": STRING, "required": Key((bool,)), "when": SOME_TABLE, "cite": STRING}
REVEAL = {"role": STRING, "purposes": NAMES, "unless": SOME_TABLE, "cite": STRING}
CONTENTS = ("results", "overdue", "backlog", "difficulties", "satisfaction", "explanation")
PERIODS = ("week", "month", "quarter", "half_year", "nine_months", "year")
REPORT = {
    "id": STRING,
    "label": STRING,
    "period": choice(*PERIODS),
    "to": STRING,
    "contents": NAMES,
    "by": STRING,
    "cite": STRING,
}
LETTER = {
    "id": STRING,
    "label": STRING,
    "numbered": Key((bool,)),
    "subject": OPTIONAL,
    "greeting": STRING,
    "opening": OPTIONAL,
    "closing": STRING,
    "cite": STRING,
}
RETENTION = {"value": Key((int,)), "unit": choice("year")}
RECORDS = {"retention": SOME_TABLE, "disclaimer": OPTIONAL, "cite": STRING}
REPORT_PERIODS = {
    "boundary": choice("calendar", "day_of_month"),
    "start_day": Key((int,), needed=False),
    "time_of_day": OPTIONAL,
    "cite": STRING,
}
TOTAL = {"term": TABLE, "of": NAMES, "cite": STRING}
INTERPRETATION = {"on": STRING, "chosen": STRING, "other": STRING, "why": STRING}
