"""Plain-text helpers: one form for storing what people wrote, one for finding it again."""

import re
import unicodedata
from typing import Final

# U+0111 and its capital have no decomposition, so no normal form turns them into a d.
_STROKES: Final = str.maketrans({"\u0111": "d", "\u0110": "d", "\u0142": "l", "\u00f8": "o"})
_LINE_BREAKS: Final = re.compile("\r\n|[\r\u0085\u2028\u2029\u000b\u000c]")
_JOINERS: Final = frozenset("\u200c\u200d")


def nfc(text: str) -> str:
    """The composed form: phones send the same letter composed or decomposed, and they must compare equal."""
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """ASCII, lower-case, without marks, words parted by single spaces; for searching, never for showing.

    Letters of other scripts have no ASCII form and become spaces. Folding twice changes nothing.
    """
    bare = "".join(_without_mark(symbol) for symbol in unicodedata.normalize("NFKD", text.casefold()))
    plain = unicodedata.normalize("NFKD", bare.translate(_STROKES)).lower()
    return " ".join("".join(symbol if "!" <= symbol <= "~" else " " for symbol in plain).split())


def clean_line(text: str) -> str:
    """One line: NFC, no control or direction-changing characters, single spaces, nothing at the ends."""
    return " ".join(clean_text(text).split())


def clean_text(text: str) -> str:
    """Lines as written: NFC, every line break a newline, tabs as spaces, no control characters.

    Removes what can break a database (NUL, lone surrogates) or lie about the order of what is read
    (bidirectional overrides). Spaces at the ends of lines and empty lines around the text go too.
    """
    broken = _LINE_BREAKS.sub("\n", text).replace("\t", " ")
    # Most texts hold nothing to remove, which is quick to see; NFC adds nothing that would have to go.
    plain = broken.replace("\n", "").isprintable()
    kept = nfc(broken if plain else "".join(s for s in broken if s == "\n" or not _is_control(s)))
    return "\n".join(line.rstrip() for line in kept.split("\n")).strip()


def _without_mark(symbol: str) -> str:
    return "" if unicodedata.category(symbol) in ("Mn", "Me", "Cf") else symbol


def _is_control(symbol: str) -> bool:
    # The joiners are format characters too, but emoji and some scripts are written with them.
    return unicodedata.category(symbol) in ("Cc", "Cf", "Cs") and symbol not in _JOINERS
