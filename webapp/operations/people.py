"""Reporters: sealed under a key of their own; found again only by a keyed index."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field

import phonenumbers
from sqlalchemy import select

from webapp.core.text import clean_line
from webapp.operations import scrubbing
from webapp.operations.work import FreshKey, Work, fresh_key, keep_key, open_key
from webapp.store import inserts, models
from webapp.store.sealing import Vault

_TABLE = "identity"
REGION = "VN"
_MOBILE = re.compile(r"0[35789][0-9]{8}")
_COUNTRY, _LANDLINE, _USUAL = 84, 10, 9  # digits after the zero, or after the country
_TOO_SHORT = (
    phonenumbers.NumberParseException.TOO_SHORT_NSN,
    phonenumbers.NumberParseException.TOO_SHORT_AFTER_IDD,
)
SEALED = ("name", "phone", "email", "address")


@dataclass(frozen=True, slots=True)
class Person:
    """Who reports, as they wrote it. `phone` is E.164 once it went through `normal_phone`.

    Hidden from reprs, so that no traceback or log line carries a person.
    """

    name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    address: str = field(default="", repr=False)


def normal_phone(text: str) -> str | None:
    """The number in E.164, read as Vietnamese where no country is given; None when it cannot be one."""
    if _MOBILE.fullmatch(text):  # as nearly everybody writes theirs: the library would say the same, later
        return f"+84{text[1:]}"
    try:
        number = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def phone_fault(text: str) -> str:
    """What is wrong with a number that somebody types now, as a name for its sentence; empty when nothing is.

    `normal_phone` takes every number that can be one, for what was written before and waits on a phone; here
    a number of this country is also as long as its kind is. A mobile range newer than the library is right.
    """
    try:
        number = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException as fault:
        return "phone_short" if fault.error_type in _TOO_SHORT else "phone"
    national = phonenumbers.national_significant_number(number)
    if number.country_code != _COUNTRY:
        reason = phonenumbers.is_possible_number_with_reason(number)
        short = reason == phonenumbers.ValidationResult.TOO_SHORT
        wrong = not phonenumbers.is_possible_number(number)
    else:
        short = len(national) < (_LANDLINE if national.startswith("2") else _USUAL)
        wrong = not _MOBILE.fullmatch(f"0{national}")
        if phonenumbers.is_valid_number(number):
            return ""
    return "phone_short" if short else "phone" if wrong else ""


def spoken(phone: str) -> str:
    """A number as it is read aloud here: 0912 345 678; another country's in full."""
    try:
        number = phonenumbers.parse(phone, REGION)
    except phonenumbers.NumberParseException:
        return phone
    own = phonenumbers.region_code_for_number(number) == REGION
    form = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(number, form.NATIONAL if own else form.INTERNATIONAL)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A person sealed under a key of their own, as their row will have it."""

    key: FreshKey
    values: inserts.Values


def seal(vault: Vault, person: Person) -> Sealed:
    """Seal who sent it under a fresh key; needs no database."""
    fresh, uid = fresh_key(vault, "identity"), secrets.token_hex(16)
    values: inserts.Values = {"uid": uid}
    for name in SEALED:
        value = clean_line(getattr(person, name))
        values[name] = vault.seal(fresh.key, value.encode(), _TABLE, uid, name) if value else None
    return Sealed(fresh, {**values, **_indexes(vault, person)})


def keep(work: Work, sealed: Sealed) -> int:
    """Keep a sealed person and return the row's id."""
    return inserts.add(work.session, models.Identity, {"key_id": keep_key(work, sealed.key), **sealed.values})


def erased(work: Work, identity_id: int) -> bool:
    return work.session.get_one(models.Identity, identity_id).erased_at is not None


def erased_among(work: Work, identity_ids: Collection[int]) -> set[int]:
    """Which of these are erased."""
    row = models.Identity
    query = select(row.id).where(row.id.in_(identity_ids), row.erased_at.is_not(None))
    return set(work.session.scalars(query))


def reveal(work: Work, identity_id: int) -> Person:
    """Open the seal. Raises Unsealable when the person was erased. Callers record why they did it."""
    row = work.session.get_one(models.Identity, identity_id)
    key = open_key(work, row.key_id)

    def opened(name: str) -> str:
        sealed = getattr(row, name)
        return work.vault.open(key, sealed, _TABLE, row.uid, name).decode() if sealed else ""

    return Person(**{name: opened(name) for name in SEALED})


def change(work: Work, identity_id: int, person: Person) -> None:
    """Seal other values under the same key: the person is the same, and so is what can erase them."""
    row = work.session.get_one(models.Identity, identity_id)
    key = open_key(work, row.key_id)
    for name in SEALED:
        value = clean_line(getattr(person, name))
        sealed = work.vault.seal(key, value.encode(), _TABLE, row.uid, name) if value else None
        setattr(row, name, sealed)
    for name, index in _indexes(work.vault, person).items():
        setattr(row, name, index)
    scrubbing.mark(work)


def _indexes(vault: Vault, person: Person) -> dict[str, str | None]:
    """What finds the same person again, without saying who it is."""
    return {
        "phone_index": vault.blind_index("phone", person.phone) if person.phone else None,
        "email_index": vault.blind_index("email", person.email.casefold()) if person.email else None,
    }


def helper_of(work: Work, row: models.Submission) -> Person | None:
    """Who sent this report for somebody. Callers record why they look."""
    if row.helper_id is None or erased(work, row.helper_id):
        return None
    return reveal(work, row.helper_id)


def of_submission(work: Work, case_id: int, no: int) -> models.Submission:
    query = select(models.Submission).where(models.Submission.case_id == case_id, models.Submission.no == no)
    return work.session.scalars(query).one()
