"""The tables about paper: letters, reports, their periods, records."""

from __future__ import annotations

from datetime import time
from typing import Any

from webapp.core.papers import Letter, Periods, Records, Report
from webapp.regulations import keys
from webapp.regulations.rows import Reader


def read(reader: Reader, raw: dict[str, Any]) -> dict[str, Any]:
    """What a regulation asks to be written; problems are in `reader`."""
    reports = reader.rows(raw, "report", keys.REPORT)
    letters = reader.rows(raw, "letter", keys.LETTER)
    for name, rows in (("report", reports), ("letter", letters)):
        reader.unique(name, rows)
    for row in reports:
        for content in row["contents"]:
            if content not in keys.CONTENTS:
                mend = f"use one of {', '.join(keys.CONTENTS)}"
                reader.problem(f"[[report]] {row['id']}", f"no content '{content}'", mend)
    return {
        "reports": tuple(Report(**row | {"contents": tuple(row["contents"])}) for row in reports),
        "letters": tuple(Letter(**row) for row in letters),
        "periods": _periods(reader, raw["report_periods"]) if "report_periods" in raw else None,
        "records": _records(reader, raw["records"]) if "records" in raw else None,
    }


def _periods(reader: Reader, raw: dict[str, Any]) -> Periods | None:
    if not reader.row("[report_periods]", raw, keys.REPORT_PERIODS):
        return None
    day, text = raw.get("start_day", 1), raw.get("time_of_day", "00:00")
    if not 1 <= day <= 28:
        reader.problem("[report_periods]", f"start_day is {day}", "use 1 to 28, which every month has")
    at = reader.built("[report_periods]", lambda: time.fromisoformat(text), 'write "00:00"')
    return Periods(raw["boundary"], day, at or time(0), raw["cite"])


def _records(reader: Reader, raw: dict[str, Any]) -> Records | None:
    if not reader.row("[records]", raw, keys.RECORDS):
        return None
    kept = raw.get("retention")
    if kept is not None and not reader.row("[records] retention", kept, keys.RETENTION):
        return None
    return Records(raw["cite"], kept["value"] if kept else None, raw.get("disclaimer", ""))
