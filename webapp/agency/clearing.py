"""Before anybody may read it: what in the public texts looks like a person.

Numbers, addresses and plates are refused; what only may be a name is shown, and whoever publishes confirms
having seen exactly those passages.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from functools import cache

from webapp.core import marks
from webapp.core.marks import Mark
from webapp.words import sentence

PUBLIC = ("public_text", "public_answer", "public_where")


@cache
def _words(table: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in sentence("marks", table).split(","))


def find(text: str) -> list[Mark]:
    return marks.find(text, _words("honorifics"), _words("houses"))


def sure(text: str) -> list[str]:
    """Passages that may not be published."""
    return [_passage(text, mark) for mark in find(text) if mark.sure]


def guesses(texts: Iterable[str]) -> list[str]:
    """Passages that a person must judge, each once."""
    found = [_passage(text, mark) for text in texts for mark in find(text) if not mark.sure]
    return list(dict.fromkeys(found))


def _passage(text: str, mark: Mark) -> str:
    return sentence("mark", "passage", passage=text[mark.start : mark.end], kind=sentence("mark", mark.kind))


def tokens(passages: Iterable[str]) -> list[str]:
    """Names of passages for a hidden field: which ones the page had shown."""
    return [hashlib.sha256(passage.encode()).hexdigest()[:12] for passage in passages]


def errors(values: Mapping[str, str], facts: Iterable[str], seen: frozenset[str]) -> dict[str, str]:
    """Why these texts cannot be published as they are, by field."""
    texts = {name: values.get(name, "") for name in facts if name in PUBLIC}
    found = {}
    for name, text in texts.items():
        passages = sure(text)
        if passages:
            found[name] = sentence("desk_move", "sure_mark", passages="; ".join(passages))
    if not seen.issuperset(tokens(guesses(texts.values()))):
        found["checked"] = sentence("desk_move", "names_unseen")
    return found
