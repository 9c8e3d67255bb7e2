"""What in a text looks like a person: passages to clear before anybody may read it.

Phone numbers, e-mail addresses, licence plates and long numbers of a person are sure enough to refuse;
names and house numbers are guesses that a reader confirms. The words that announce them are arguments,
so that this module speaks no language.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

SURE: Final = frozenset({"phone", "email", "plate", "number"})


@dataclass(frozen=True, slots=True)
class Mark:
    """The passage text[start:end] looks like a `kind`: phone | email | plate | number | name | house."""

    start: int
    end: int
    kind: str

    @property
    def sure(self) -> bool:
        return self.kind in SURE


# A date is digits with separators too; it is never part of a number.
_DATE: Final = re.compile(r"(?<!\d)\d{1,2}([./-])\d{1,2}\1\d{4}(?!\d)")
_STROKED_D: Final = "\u0110\u0111"
_CAPITAL: Final = f"[A-Z{_STROKED_D[0]}]"
_SURE: Final = (
    ("email", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    # A trunk or country prefix, then 8 to 10 digits, however they are grouped.
    ("phone", re.compile(r"(?<![\d.,])\(?(?:\+?84|0)\)?(?:[ .\-()\u00a0]{0,2}\d){8,10}(?!\d)")),
    # 92A-123.45, 92-B1 123.45, 43C 1234; written small only without spaces.
    (
        "plate",
        re.compile(
            rf"(?<![\w.])\d{{2}}[ .-]?{_CAPITAL}{{1,2}}\d?[ .-]{{0,3}}(?:\d{{3}}\.?\d{{2}}|\d{{4}})(?!\d)"
            rf"|(?<![\w.])\d{{2}}-?[a-z{_STROKED_D[1]}]{{1,2}}\d?-?(?:\d{{3}}\.\d{{2}}|\d{{5}})(?!\d)"
        ),
    ),
    # Identity papers (9 or 12 digits, sometimes in groups), insurance and bank numbers.
    (
        "number",
        re.compile(
            r"(?<![\d.,])(?:\d{9,16}|\d{3} \d{3} \d{6}|\d{4} \d{4} \d{4}|\d{3} \d{3} \d{3})(?![\d.,]?\d)"
        ),
    ),
)
_WORD: Final = re.compile(r"[^\W\d_]+")
_NAME_WORDS: Final = 5


def find(text: str, honorifics: Iterable[str] = (), houses: Iterable[str] = ()) -> list[Mark]:
    """Every passage that looks like a person, in order, none inside another."""
    dates = [hit.span() for hit in _DATE.finditer(text)]
    found: list[Mark] = []
    for mark in (*_certain(text), *_houses(text, houses), *_names(text, honorifics)):
        if not any(_overlap(mark, span) for span in (*dates, *((m.start, m.end) for m in found))):
            found.append(mark)
    return sorted(found, key=lambda mark: mark.start)


def _certain(text: str) -> Iterator[Mark]:
    blanked = _DATE.sub(lambda hit: "#" * len(hit[0]), text)
    for kind, pattern in _SURE:
        for hit in pattern.finditer(blanked):
            yield Mark(hit.start(), hit.end(), kind)


def _houses(text: str, words: Iterable[str]) -> Iterator[Mark]:
    for word in words:
        for hit in re.finditer(rf"(?<!\w){re.escape(word)}\s+\d+[\w/]*", text, re.IGNORECASE):
            yield Mark(hit.start(), hit.end(), "house")


def _names(text: str, honorifics: Iterable[str]) -> Iterator[Mark]:
    """An honorific and the capitalised words that follow it on the same line."""
    for word in sorted(honorifics, key=len, reverse=True):
        for hit in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE):
            end = _capitalised(text, hit.end())
            if end:
                yield Mark(hit.start(), end, "name")


def _capitalised(text: str, at: int) -> int | None:
    """Where the run of capitalised words ends that starts one space behind `at`; None without a run."""
    end = None
    for _ in range(_NAME_WORDS):
        if text[at : at + 1] not in (" ", "\u00a0"):
            return end
        word = _WORD.match(text, at + 1)
        if word is None or not word[0][0].isupper():
            return end
        end = at = word.end()
    return end


def _overlap(mark: Mark, span: tuple[int, int]) -> bool:
    return mark.start < span[1] and span[0] < mark.end
