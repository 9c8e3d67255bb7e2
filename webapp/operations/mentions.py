"""Where a person's name, number or address stands in a text, however it was spaced."""

from __future__ import annotations

import re
import unicodedata

from webapp.operations.people import Person

_GAP = r"[\s.\-]*"
_COUNTRY = "+84"


class Mentions:
    """Finds one person in texts; somebody without name and number is found nowhere."""

    def __init__(self, person: Person) -> None:
        patterns = [*_name(person.name), *_phone(person.phone), *_email(person.email)]
        patterns += _words(person.address)
        self._pattern = re.compile("|".join(patterns)) if patterns else None

    def __contains__(self, text: object) -> bool:
        return isinstance(text, str) and self._pattern is not None and bool(self._pattern.search(_nfc(text)))

    def taken_out(self, text: str | None, instead: str) -> str | None:
        """The text with `instead` wherever the person stood; the very same text when they did not."""
        if text is None or text not in self or self._pattern is None:
            return text
        return self._pattern.sub(instead, _nfc(text))


def _words(text: str) -> list[str]:
    """A line as it was written, however its words are spaced."""
    return [r"\s+".join(map(re.escape, _nfc(text).split()))] if text.strip() else []


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _name(name: str) -> list[str]:
    words = _nfc(name).split()
    if not words:
        return []
    # One word alone may be a common noun unless it is written as a name.
    flag = "(?i:" if len(words) > 1 else "(?:"
    return [rf"{flag}(?<!\w)" + r"\s+".join(map(re.escape, words)) + r"(?!\w))"]


def _phone(phone: str) -> list[str]:
    if not phone:
        return []
    digits = re.sub(r"\D", "", phone.removeprefix(_COUNTRY))
    country = rf"(?:\+?84{_GAP}|0)" if phone.startswith(_COUNTRY) else r"\+?"
    return [rf"(?<!\d){country}{_GAP}" + _GAP.join(digits) + r"(?!\d)"] if digits else []


def _email(email: str) -> list[str]:
    return [rf"(?i:{re.escape(email)})"] if email else []
