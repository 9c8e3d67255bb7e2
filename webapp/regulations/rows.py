"""Reading TOML rows strictly: every key is known, every needed key is there, every problem names its row."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a data file: where (file, row), what, and how to mend it."""

    file: str
    row: str
    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.file}: {self.row}: {self.what}. Mend: {self.mend}"


class DataError(Exception):
    """A data file was refused; `problems` says all that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a row: whether it is needed, its Python types, and what it may be."""

    types: tuple[type, ...] = (str,)
    needed: bool = True
    one_of: frozenset[str] | None = None


STRING = Key()
OPTIONAL = Key(needed=False)
FLAG = Key((bool,), needed=False)
NAMES = Key((list,))
SOME_NAMES = Key((list,), needed=False)
TABLE = Key((dict,))
SOME_TABLE = Key((dict,), needed=False)
ROWS = Key((list,), needed=False)


def choice(*values: str, needed: bool = True) -> Key:
    return Key((str,), needed, frozenset(values))


class Reader:
    """Collects the problems of one file while its rows are read."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def problem(self, row: str, what: str, mend: str) -> None:
        self.problems.append(Problem(self.file, row, what, mend))

    def row(self, where: str, raw: Mapping[str, Any], keys: Mapping[str, Key]) -> bool:
        """Whether the row can be used; what is wrong with it is kept."""
        before = len(self.problems)
        for name in raw.keys() - keys.keys():
            self.problem(where, f"unknown key '{name}'", f"use one of {', '.join(sorted(keys))}")
        for name, key in keys.items():
            if name not in raw:
                if key.needed:
                    mend = "give the article this row rests on" if name == "cite" else f"add {name} = ..."
                    self.problem(where, f"'{name}' is missing", mend)
            else:
                self._value(where, name, raw[name], key)
        return len(self.problems) == before

    def _value(self, where: str, name: str, value: Any, key: Key) -> None:
        is_flag = isinstance(value, bool)
        if not isinstance(value, key.types) or (is_flag and bool not in key.types):
            wanted = " or ".join(kind.__name__ for kind in key.types)
            self.problem(where, f"'{name}' is a {type(value).__name__}", f"write a {wanted}")
        elif key.one_of is not None and value not in key.one_of:
            self.problem(where, f"'{name}' is '{value}'", f"use one of {', '.join(sorted(key.one_of))}")
        elif name == "cite" and not str(value).strip():
            self.problem(where, "'cite' is empty", "give the article this row rests on")

    def rows(self, document: Mapping[str, Any], table: str, keys: Mapping[str, Key]) -> list[dict[str, Any]]:
        """The usable rows of `[[table]]`, each named in problems by its id or its number."""
        found = []
        for number, raw in enumerate(document.get(table, ()), 1):
            if self.row(label(table, number, raw), raw, keys):
                found.append(raw)
        return found

    def built(self, where: str, build: Callable[[], Any], mend: str) -> Any:
        try:
            return build()
        except (ValueError, KeyError) as error:
            self.problem(where, str(error), mend)
            return None

    def unique(self, table: str, rows: Iterable[Mapping[str, Any]], key: str = "id") -> None:
        seen = set()
        for row in rows:
            if row[key] in seen:
                self.problem(f"[[{table}]] {row[key]}", f"the {key} stands twice", "give each row its own")
            seen.add(row[key])

    def finish(self) -> None:
        if self.problems:
            raise DataError(self.problems)


def label(table: str, number: int, raw: Mapping[str, Any]) -> str:
    name = raw.get("id") or raw.get("on") or f"row {number}"
    return f"[[{table}]] {name}"


def read_toml(path: Path) -> dict[str, Any]:
    """The parsed file; DataError names the file and the line when it is not TOML."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError([Problem(path.name, "file", str(error), "mend the TOML at that place")]) from error
