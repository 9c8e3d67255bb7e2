"""Vietnamese sentences for the codes that the core returns, read from the *.vi.toml files of this folder."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent
_SHOWN = "shown"


class MissingSentence(KeyError):
    """A code without a sentence: a fault of ours, never of the reader."""


def sentence(table: str, code: str, /, **params: Any) -> str:
    """The sentence of `code` in `table`, with `{name}` places filled from `params`."""
    try:
        template = catalogue()[table][code]
    except KeyError:
        raise MissingSentence(f"[{table}] {code}: add the sentence to a file of webapp/words") from None
    return template.format(**params)


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """All tables of all files, read once; a code written twice is refused."""
    tables: dict[str, dict[str, str]] = {}
    for path in sorted([*_FOLDER.glob("*.vi.toml"), *_FOLDER.glob("vi.toml")]):
        for name, rows in tomllib.loads(path.read_text("utf-8")).items():
            known = tables.setdefault(name, {})
            if twice := sorted(known.keys() & rows.keys()):
                raise ValueError(f"{path.name}: [{name}] {twice[0]} is already in another file; keep one")
            known.update(rows)
    return tables


def step_text(code: str, params: Mapping[str, Any]) -> str:
    """One line of a clock's reckoning (`clocks.Step`) as a person reads it."""
    shown = {key: _shown(key, params[key]) for key in params}
    if "T" in params.get("to", "") and params["to"][:10] == params["from"][:10]:
        shown["to"] = _clock_text(datetime.fromisoformat(params["to"]))
    text = sentence("steps", _plural(code, params), **shown)
    return text[:1].upper() + text[1:]


def day_text(day: date) -> str:
    """The day with its weekday."""
    return sentence(_SHOWN, "day", weekday=sentence(_SHOWN, f"weekday_{day.weekday()}"), day=day)


def moment_text(at: datetime) -> str:
    """Clock time and day; seconds only where there are any."""
    return sentence(_SHOWN, "moment", clock=_clock_text(at), day=day_text(at.date()))


def duration_text(seconds: float) -> str:
    """Hours, minutes and seconds, leaving out those that are zero."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    parts = [("hours", hours), ("minutes", minutes), ("seconds", round(rest, 3))]
    shown = [sentence(_SHOWN, unit, count=f"{value:g}") for unit, value in parts if value]
    return " ".join(shown) or sentence(_SHOWN, "minutes", count="0")


def term_text(value: Fraction, unit: str) -> str:
    """An allowed time as the law writes it: two digits, a comma for parts."""
    number = f"{value.numerator:02d}" if value.denominator == 1 else f"{float(value):g}".replace(".", ",")
    return sentence(_SHOWN, f"term_{unit}", value=number)


def _clock_text(at: datetime) -> str:
    return f"{at:%H:%M:%S}" if at.second or at.microsecond else f"{at:%H:%M}"


def _plural(code: str, params: Mapping[str, Any]) -> str:
    single = "from" in params and params["from"] == params.get("to")
    return f"{code}_single" if single and f"{code}_single" in catalogue()["steps"] else code


def _shown(key: str, value: Any) -> Any:
    if key in {"seconds", "left"}:
        return duration_text(value)
    if key in {"at", "until", "from", "to", "day"}:
        return (
            moment_text(datetime.fromisoformat(value))
            if "T" in value
            else day_text(date.fromisoformat(value))
        )
    return value
