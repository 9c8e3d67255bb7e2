"""What the sender of a report may still do: the forms of those moves, and what comes back in them."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flask import request

from webapp.citizen import pictures as pictures_of
from webapp.citizen.door import capital, error, option
from webapp.citizen.door import field as form_field
from webapp.citizen.form import TEXT_LIMIT
from webapp.citizen.pictures import FIELD, SECRET, Pictures
from webapp.citizen.scene import MINE as MINE  # the address of the page these forms stand on
from webapp.citizen.scene import Scene
from webapp.core.events import Kind
from webapp.core.regulation import FACTS, Move, Regulation
from webapp.core.text import clean_line, clean_text
from webapp.doors.present import Vm
from webapp.operations.moves import Given
from webapp.store.columns import canonical_json
from webapp.words import catalogue, sentence

WITH_PHOTOS = frozenset({Kind.supplemented})


@dataclass(frozen=True)
class Act:
    """One move as it came back from its form: what was written, and what is wrong with it."""

    move: Move
    nonce: str
    values: Mapping[str, str]
    pictures: Pictures
    errors: Mapping[str, str] = field(default_factory=dict)
    refused: str = ""

    @property
    def once(self) -> str:
        """The token of this effect: the form's own and what was written, so that a second tap is the same
        act and another text from the same page is another."""
        words = {name: value for name, value in self.values.items() if value}
        return hashlib.sha256(canonical_json([self.nonce, self.move.id, words]).encode()).hexdigest()[:32]

    def given(self, texts: Mapping[str, str], tokens: Mapping[str, str], *, photos: bool) -> Given:
        return Given(texts=texts, tokens=tokens, fields=("photo",) if photos else ())


def facts_of(move: Move) -> list[str]:
    return [*move.requires, *move.optional]


def typed(regulation: Regulation, move: Move) -> Act:
    """What the browser sent for this move, with every fault named."""
    nonce = request.form.get("once", "")
    nonce = nonce if SECRET.fullmatch(nonce) else secrets.token_hex(16)
    values = {name: _clean(name, request.form.get(name, "")) for name in facts_of(move)}
    brought = pictures_of.receive(nonce) if move.event in WITH_PHOTOS else Pictures((), (), {})
    errors = {name: text for name in facts_of(move) if (text := _fault(regulation, move, name, values[name]))}
    if brought.stopped:
        brought = replace(brought, problems=[*brought.problems, sentence("busy", "media")])
    if brought.problems:
        errors[FIELD] = " ".join(brought.problems)
    return Act(move, nonce, values, brought, errors)


def _clean(name: str, value: str) -> str:
    return clean_text(value) if FACTS[name] == "text" else clean_line(value)


def _fault(regulation: Regulation, move: Move, name: str, value: str) -> str:
    if len(value) > TEXT_LIMIT:
        return sentence("citizen_wrong", "text_long", length=len(value), limit=TEXT_LIMIT)
    if value or name not in move.requires:
        return ""
    known = catalogue()["citizen_fact_missing"]
    return known.get(name) or sentence("citizen_fact_missing", "other", fact=sentence("fact", name))


def sorted_facts(act: Act) -> tuple[dict[str, str], dict[str, str]]:
    """Texts and tokens apart, as operations want them."""
    texts = {name: value for name, value in act.values.items() if FACTS[name] == "text"}
    return texts, {name: value for name, value in act.values.items() if name not in texts}


# The forms


def form(scene: Scene, move: Move, act: Act | None) -> Vm:
    """The form of one move; `act` is what was typed into it before, when it came back."""
    again = act if act and act.move.id == move.id else None
    nonce = again.nonce if again else secrets.token_hex(16)
    fields = [form_field("once", "hidden", "", value=nonce)]
    fields += [_field(scene, move, name, again) for name in facts_of(move)]
    return {
        "action": f"{MINE}/{move.id}",
        "fields": fields,
        "submit": _words("citizen_move", f"submit_{move.event}", move.label),
        "cite": f"{scene.regulation.id}, {move.cite}",
        "intro": "",
        "cancel_url": None,
        "cancel": "",
    }


def _field(scene: Scene, move: Move, name: str, act: Act | None) -> Vm:
    more: dict[str, Any] = {
        "required": name in move.requires,
        "value": act.values.get(name, "") if act else "",
        "error": act.errors.get(name) if act else None,
    }
    label = _words("citizen_fact", name, capital(sentence("fact", name)))
    if name == "rating":
        chosen = more["value"] or scene.own.rating
        more["options"] = [
            option(r.id, r.label, r.hint, selected=r.id == chosen) for r in scene.regulation.ratings
        ]
        return form_field(name, "radio", label, **more)
    return form_field(name, "textarea", label, rows=4, maxlength=TEXT_LIMIT, **more)


def summary(act: Act | None) -> list[Vm]:
    """The errors of a form that came back, as the error summary wants them."""
    if act is None:
        return []
    rows = [error("", act.refused)] if act.refused else []
    for name, text in act.errors.items():
        rows += [error(name, said) for said in (act.pictures.problems if name == FIELD else [text])]
    return rows


def unsent(act: Act | None, drawn: bool) -> list[str]:
    """What was written into a form that the page no longer offers: it is shown, so that nothing is lost."""
    if act is None or drawn:
        return []
    return [value for name, value in act.values.items() if value and FACTS[name] == "text"]


def done(move: Move) -> str:
    return _words("citizen_move", f"done_{move.event}", move.label)


def _words(table: str, code: str, otherwise: str) -> str:
    return catalogue()[table].get(code, otherwise)
