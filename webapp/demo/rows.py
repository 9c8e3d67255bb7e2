"""The rows of one invented case, exactly as the live path would have written them, ready for a bulk insert.

Instants are texts that both databases read, JSON is encoded, so that the writer only copies.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any

from webapp.core.events import Event, Kind, public_facts
from webapp.core.state import fold
from webapp.demo.life import Life, Written
from webapp.operations import intake, notices
from webapp.operations.intake import Report
from webapp.operations.publication import title_of
from webapp.operations.work import Work
from webapp.regulations.installation import Installation
from webapp.store import models, projection
from webapp.store.columns import PUB_SCHEMA
from webapp.store.counts import Cell
from webapp.store.record import CaseFile
from webapp.store.sealing import Vault

Table = tuple[list[str], list[tuple[Any, ...]]]  # column names, rows
NOTICES_KEPT = timedelta(days=14)  # older letters were sent long ago; a province would have cleared them

# The same bytes as `columns.canonical_json`, without looking for keys that we know to be texts.
_json = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


@lru_cache(maxsize=256)
def instant(value: datetime) -> str:
    """As `columns.utc_text`, for instants that are UTC already. The same few stand in many rows of a case."""
    return value.isoformat(timespec="microseconds")[:-6] + "Z"


@dataclass(frozen=True, slots=True)
class Numbers:
    """The ids one case takes: of itself and of its rows."""

    case: int
    content_key: int
    identity_key: int
    identity: int
    submission: int
    code: str
    shift: int = 0  # what is added to the text ids of the history


@dataclass
class Batch:
    """Rows of many cases by table, and the counts they add."""

    law: Installation
    vault: Vault
    now: datetime
    tables: dict[str, Table] = field(default_factory=dict)
    counts: dict[Cell, list[int]] = field(default_factory=dict)

    def add(self, life: Life, tellers: Sequence[tuple[Report, Numbers]]) -> None:
        """All rows of one finished history, once for each who tells it.

        Tellers are citizens with cases of their own that went the same way at the same instants; what
        the core made of the history is then computed once. Their text ids lie `shift` apart.
        """
        outcome = _Outcome(life)
        for report, numbers in tellers:
            content_key, wrapped = self.vault.new_data_key("content")
            opened = instant(life.case.opened_at)
            self._put("data_key", _KEY, (numbers.content_key, "content", wrapped, opened))
            self._identity(life, report, numbers)
            self._case(life, outcome, numbers)
            self._texts(life, report, numbers, content_key)
            self._submission(report, numbers, content_key, life.texts[0].id + numbers.shift)
            self._events(outcome, numbers)
            self._projections(life, outcome, report, numbers)
            self._published(life, report, numbers)
            if life.at > self.now - NOTICES_KEPT:
                self._notices(life, numbers)

    def _put(self, table: str, columns: list[str], row: tuple[Any, ...]) -> None:
        found = self.tables.get(table)
        if found is None:
            self.tables[table] = (columns, [row])
        else:
            found[1].append(row)

    def _identity(self, life: Life, report: Report, numbers: Numbers) -> None:
        vault, person = self.vault, report.person
        key, wrapped = vault.new_data_key("identity")
        self._put("data_key", _KEY, (numbers.identity_key, "identity", wrapped, instant(life.case.opened_at)))
        uid = secrets.token_hex(16)
        name = vault.seal(key, person.name.encode(), "identity", uid, "name")
        phone = vault.seal(key, person.phone.encode(), "identity", uid, "phone")
        email = vault.seal(key, person.email.encode(), "identity", uid, "email") if person.email else None
        indexes = (
            vault.blind_index("phone", person.phone),
            vault.blind_index("email", person.email.casefold()) if person.email else None,
        )
        head = (numbers.identity, uid, numbers.identity_key)
        self._put("identity", _IDENTITY, (*head, name, phone, email, *indexes))

    def _case(self, life: Life, outcome: _Outcome, numbers: Numbers) -> None:
        case, opened = life.case, instant(life.case.opened_at)
        head = (numbers.case, numbers.code, case.regulation, case.version, opened, numbers.content_key)
        self._put("cases", [*_CASE, *outcome.case_names], (*head, *outcome.case_values))

    def _texts(self, life: Life, report: Report, numbers: Numbers, key: bytes) -> None:
        rows = self.tables.setdefault("text", (_TEXT, []))[1]
        for text in life.texts:
            uid, body, sealed = secrets.token_hex(16), _body(text, report), None
            if life.sealed:
                sealed = self.vault.seal(key, body.encode(), "text", uid, "body")
            shown = None if life.sealed else body
            id = text.id + numbers.shift
            rows.append((id, numbers.case, text.kind, uid, shown, sealed, text.account, instant(text.at)))

    def _submission(self, report: Report, numbers: Numbers, key: bytes, text_id: int) -> None:
        vault, place = self.vault, report.place
        values = {"words": place.words, "lat": place.lat, "lon": place.lon, "accuracy": place.accuracy}
        where = f"{numbers.code}/1"
        sealed = vault.seal(key, json.dumps(values).encode(), "submission", where, "place")
        row = (
            *(numbers.submission, numbers.case, 1, vault.receipt_mac(report.secret)),
            vault.code_mac(vault.code_for(report.secret)),
            vault.blind_index("report", intake.digest(report)),
            *(text_id, numbers.identity, sealed, report.occurred_on, report.category, report.area),
        )
        self._put("submission", _SUBMISSION, row)

    def _events(self, outcome: _Outcome, numbers: Numbers) -> None:
        rows = self.tables.setdefault("case_event", (_EVENT, []))[1]
        for before, data, after in outcome.events:
            told = data if isinstance(data, str) else _json(_shifted(data, numbers.shift))
            rows.append((numbers.case, *before, told, *after))

    def _projections(self, life: Life, outcome: _Outcome, report: Report, numbers: Numbers) -> None:
        for table, columns, of_public, rest, values in outcome.rows:
            first = numbers.code if of_public else numbers.case
            if table == _CARD:
                values = (*values, *models.PubCard.titled(_title(life, report)).values())
            self._put(table, columns, (first, *rest, *values))
        if outcome.counted:
            cell = self.counts.setdefault(outcome.counted[0], [0, 0, 0])
            for index, number in enumerate(outcome.counted[1]):
                cell[index] += number

    def _published(self, life: Life, report: Report, numbers: Numbers) -> None:
        """What the public reads now: the last publication of each assignment, or the stone it left."""
        found: dict[int, tuple[Any, ...]] = {}
        texts = {row.id: _body(row, report) for row in life.texts}
        for event in life.events:
            if event.kind not in (Kind.published, Kind.withheld, Kind.withdrawn):
                continue
            day = life.town.hours.local(event.at).date().isoformat()
            if event.kind is Kind.published:
                facts = event.data["facts"]
                name = report.person.name if report.secrecy == "open" else None
                agency = life.case.assignments[event.target - 1].agency
                shown = (texts[facts["public_text"]], texts[facts["public_answer"]], name)
                found[event.target] = (numbers.code, event.target, agency, *shown, day, None, None)
            elif event.target in found:
                kept = found[event.target]
                found[event.target] = (*kept[:3], None, None, None, kept[6], day, event.data.get("ground"))
        for row in found.values():
            self._put("pub.pub_content", _CONTENT, row)

    def _notices(self, life: Life, numbers: Numbers) -> None:
        """The letters of recent events, sent when they were due: nobody gets mail from a demo's past."""
        since = self.now - NOTICES_KEPT
        row = models.Case(id=numbers.case, code=numbers.code)
        for n, (event, recorded) in enumerate(zip(life.events, life.recorded, strict=True), 1):
            if recorded <= since:
                continue
            work = Work(None, self.law, self.vault, None, None, recorded)  # type: ignore[arg-type]
            for notice in notices.rows(work, _file(row, life, n), [event]):
                self._put("outbox", [*notice, "sent_at"], (*_letter(notice), instant(notice["not_before"])))


class _Outcome:
    """What the core made of a history, as far as it is the same for all who tell it."""

    def __init__(self, life: Life) -> None:
        regulation, case = life.town.regulation, life.case
        columns = projection.case_columns(regulation, case)
        self.case_names, self.case_values = list(columns), _plain(columns)
        found = projection.rows_of(0, case) | projection.public_rows(regulation, "", case, life.events)
        self.rows = [_row_parts(table, key, values) for (table, key), values in found.items()]
        self.counted = projection.count_of(regulation, case)
        told = zip(life.events, life.recorded, strict=True)
        self.events = [_event_parts(n, event, recorded) for n, (event, recorded) in enumerate(told, 1)]


def _row_parts(
    table: str, key: tuple[Any, ...], values: Mapping[str, Any]
) -> tuple[str, list[str], bool, tuple[Any, ...], Sequence[Any]]:
    """Table, columns, whether the case's public number leads the key (else its id), and what follows it."""
    columns = [*_keys(table), *_names(values), *(models.PubCard.titled(None) if table == _CARD else [])]
    return table, columns, table.startswith(PUB_SCHEMA), key[1:], _plain(values)


def _event_parts(n: int, event: Event, recorded: datetime) -> tuple[tuple[Any, ...], Any, tuple[Any, ...]]:
    """The columns before `data`, the data (encoded, unless it holds text ids), and the columns behind it."""
    before = (
        *(n, event.kind.value, event.on.value, event.target, instant(event.at), instant(recorded)),
        *(event.role, event.agency, event.account, event.cite),
    )
    data = event.data if "facts" in event.data else _json(event.data)
    return before, data, (_json(public_facts(event)), event.schema)


def _shifted(data: Mapping[str, Any], shift: int) -> dict[str, Any]:
    return {**data, "facts": {name: id + shift for name, id in data["facts"].items()}}


def _body(text: Written, report: Report) -> str:
    """Each teller has words of their own; what the staff wrote is the same."""
    return report.text if text.kind in ("report", "public_text") else text.body


def _file(row: models.Case, life: Life, n: int) -> CaseFile:
    events = tuple(life.events[:n])
    return CaseFile(row, life.town.regulation, events, fold(events))


def _letter(notice: Mapping[str, Any]) -> Sequence[Any]:
    return _plain({**notice, "params": _json(notice["params"]), "attempts": 1})


def _title(life: Life, report: Report) -> str | None:
    """The card's title: of what stands published, if anything does."""
    for event in reversed(life.events):
        if event.kind in (Kind.withdrawn, Kind.withheld):
            return None
        if event.kind is Kind.published:
            return title_of(report.text)
    return None


def _plain(values: Mapping[str, Any]) -> Sequence[Any]:
    return [instant(value) if type(value) is datetime else value for value in values.values()]


@cache
def _keys(table: str) -> list[str]:
    return [column.name for column in models.Case.metadata.tables[table].primary_key]


def _names(values: Mapping[str, Any]) -> list[str]:
    return ["scope" if name == "on" else name for name in values]


_CARD = f"{PUB_SCHEMA}.pub_card"
_KEY = ["id", "purpose", "wrapped", "created_at"]
_IDENTITY = ["id", "uid", "key_id", "name", "phone", "email", "phone_index", "email_index"]
_CASE = ["id", "code", "regulation", "version", "opened_at", "content_key_id"]
_TEXT = ["id", "case_id", "kind", "uid", "body", "sealed", "account_id", "created_at"]
_SUBMISSION = [
    *("id", "case_id", "no", "secret_mac", "code_mac", "digest", "text_id", "identity_id", "place"),
    *("occurred_on", "claimed_category", "claimed_area"),
]
_EVENT = [
    *("case_id", "n", "kind", "scope", "target", "occurred_at", "recorded_at", "role", "agency"),
    *("account_id", "cite", "data", "public_facts", "schema_version"),
]
_CONTENT = ["code", "no", "agency", "report", "answer", "reporter", "published_on", "withdrawn_on", "ground"]
