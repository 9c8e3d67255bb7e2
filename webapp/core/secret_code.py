"""The secret code a citizen writes down: 23 data symbols and 2 check symbols.

The two check symbols are a Reed-Solomon code over GF(32) with the roots 1 and alpha. Its distance is 3: any
two wrong symbols are detected, and a single wrong symbol is located, so a page can say *which* group
of five to look at. Because 1 is a root, the first syndrome is the sum of all symbols, which no swap
changes: two swapped symbols can never be mistaken for one wrong symbol.

Nothing here corrects a code: a guess that opens somebody else's report is worse than a question.
"""

import unicodedata
from dataclasses import dataclass, field
from typing import Final, Literal

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
DATA_SYMBOLS: Final = 23
SYMBOLS: Final = 25
GROUP: Final = 5
GROUPS: Final = SYMBOLS // GROUP
DATA_BITS: Final = DATA_SYMBOLS * 5

_VALUE: Final = {symbol: value for value, symbol in enumerate(ALPHABET)}
_LOOK_ALIKES: Final = str.maketrans("OIL", "011")
_SEPARATORS: Final = frozenset("_.,:;/|\u2212\u00ad\u200b\u200c\u200d\u2060\ufeff")


@dataclass(frozen=True, slots=True)
class Ok:
    """A whole code, in its printed form; hidden from reprs, for it opens a report."""

    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Bad:
    """Why a code cannot be right, and the group (1 to 5) to look at when that is known."""

    code: Literal["length", "symbol", "checksum"]
    group: int | None


def encode(bits: bytes) -> str:
    """The printed code of the first 115 bits of `bits`. ValueError when there are fewer."""
    if len(bits) * 8 < DATA_BITS:
        raise ValueError(f"a secret code needs {DATA_BITS} bits, got {len(bits) * 8}")
    number = int.from_bytes(bits, "big") >> (len(bits) * 8 - DATA_BITS)
    data = [(number >> (5 * place)) & 31 for place in reversed(range(DATA_SYMBOLS))]
    return printed("".join(ALPHABET[value] for value in data + _check_symbols(data)))


def printed(symbols: str) -> str:
    """Symbols in groups of five joined by dashes, the way the code is shown and read aloud."""
    return "-".join(symbols[start : start + GROUP] for start in range(0, len(symbols), GROUP))


def normalise(text: str) -> str:
    """What was typed without separators, upper-case, O as 0 and I or L as 1. It may still be wrong."""
    return "".join(_pieces(text))


def check(text: str) -> Ok | Bad:
    """Whether `text` can be a code, before any request is made with it."""
    pieces = _pieces(text)
    symbols = "".join(pieces)
    return _wrong_symbol(pieces) or _wrong_length(pieces) or _wrong_checksum(symbols) or Ok(printed(symbols))


def _pieces(text: str) -> list[str]:
    # NFKC first: phone keyboards offer full-width digits and letters.
    plain = unicodedata.normalize("NFKC", text).upper()
    spaced = "".join(" " if _separates(symbol) else symbol for symbol in plain)
    return spaced.translate(_LOOK_ALIKES).split()


def _separates(symbol: str) -> bool:
    return symbol.isspace() or symbol in _SEPARATORS or unicodedata.category(symbol) == "Pd"


def _wrong_symbol(pieces: list[str]) -> Bad | None:
    for group, piece in enumerate(_groups(pieces), start=1):
        if any(symbol not in _VALUE for symbol in piece):
            return Bad("symbol", group if group <= GROUPS else None)
    return None


def _wrong_length(pieces: list[str]) -> Bad | None:
    if sum(map(len, pieces)) == SYMBOLS:
        return None
    groups = _groups(pieces)
    for number, group in enumerate(groups[:GROUPS], start=1):
        if len(group) != GROUP:
            return Bad("length", number)
    return Bad("length", len(groups) + 1 if len(groups) < GROUPS else None)


def _groups(pieces: list[str]) -> list[str]:
    """The groups as the person typed them, or counted off by five when they typed none."""
    symbols = "".join(pieces)
    if len(pieces) > 1 and len(symbols) != SYMBOLS:
        return pieces
    return [symbols[start : start + GROUP] for start in range(0, len(symbols), GROUP)]


def _wrong_checksum(symbols: str) -> Bad | None:
    total, weighted = _syndromes([_VALUE[symbol] for symbol in symbols])
    if total == 0 and weighted == 0:
        return None
    return Bad("checksum", _group_of_single_error(total, weighted))


# --- arithmetic in GF(32), x^5 + x^2 + 1 --------------------------------------------------------


def _powers() -> tuple[int, ...]:
    powers, value = [], 1
    for _ in range(31):
        powers.append(value)
        value <<= 1
        if value & 32:
            value ^= 0b100101
    return tuple(powers)


_POWER: Final = _powers()
_LOG: Final = {value: exponent for exponent, value in enumerate(_POWER)}
_ALPHA: Final = _POWER[1]


def _times(left: int, right: int) -> int:
    return _POWER[(_LOG[left] + _LOG[right]) % 31] if left and right else 0


def _syndromes(values: list[int]) -> tuple[int, int]:
    """The code word as a polynomial (first symbol highest) evaluated at 1 and at alpha."""
    total = weighted = 0
    for value in values:
        total ^= value
        weighted = _times(weighted, _ALPHA) ^ value
    return total, weighted


def _check_symbols(data: list[int]) -> list[int]:
    # Solve x + y = total and alpha*x + y = weighted for the two last coefficients.
    total, weighted = _syndromes([*data, 0, 0])
    first = _times(total ^ weighted, _POWER[-_LOG[1 ^ _ALPHA] % 31])
    return [first, first ^ total]


def _group_of_single_error(total: int, weighted: int) -> int | None:
    """With error e at power p, total = e and weighted = e * alpha^p; any other pair is no single error."""
    if not total or not weighted:
        return None
    power = (_LOG[weighted] - _LOG[total]) % 31
    return (SYMBOLS - 1 - power) // GROUP + 1 if power < SYMBOLS else None
