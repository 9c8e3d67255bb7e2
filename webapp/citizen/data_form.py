"""The form about one's own data: what was typed, and every fault in it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace

from flask import request

from webapp.citizen.form import normal_email
from webapp.citizen.pictures import SECRET
from webapp.core.events import Kind
from webapp.core.regulation import Regulation
from webapp.core.text import clean_line, clean_text
from webapp.operations import people, personal
from webapp.operations.people import Person
from webapp.operations.personal import Wish
from webapp.words import sentence

REASON_LIMIT = 2000
LONGEST = {"name": 120, "phone": 40, "email": 254, "address": 300}


@dataclass(frozen=True)
class Typed:
    """The form as it came back; `refused` is said above it and belongs to no field."""

    secret: str = field(default_factory=lambda: secrets.token_hex(16))
    kind: str = ""
    reason: str = ""
    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    refused: str = ""

    def wish(self) -> Wish:
        phone = people.normal_phone(self.values["phone"]) or ""
        return Wish(self.secret, self.kind, self.reason, Person(**{**self.values, "phone": phone}))


def read(regulation: Regulation) -> Typed:
    """What the browser sent, judged."""
    sent = request.form
    values = {name: clean_line(sent.get(name, ""))[: LONGEST[name]] for name in people.SEALED}
    typed = Typed(kind=sent.get("kind", ""), reason=clean_text(sent.get("reason", "")), values=values)
    if SECRET.fullmatch(secret := sent.get("secret", "")):
        typed = replace(typed, secret=secret)
    return replace(typed, errors=_faults(regulation, typed))


def _faults(regulation: Regulation, typed: Typed) -> dict[str, str]:
    errors, values = {}, typed.values
    act = personal.act_for(regulation, typed.kind)
    if act is None:
        errors["kind"] = sentence("citizen_data", "kind_missing")
    if act is Kind.data_corrected and not any(values.values()):
        errors["name"] = sentence("citizen_data", "nothing_new")
    if values["phone"] and (fault := people.phone_fault(values["phone"])):
        errors["phone"] = sentence("citizen_wrong", fault)
    if values["email"] and normal_email(values["email"]) is None:
        errors["email"] = sentence("citizen_data", "email_wrong")
    if (length := len(typed.reason)) > REASON_LIMIT:
        errors["reason"] = sentence("citizen_data", "reason_long", length=length, limit=REASON_LIMIT)
    return errors
