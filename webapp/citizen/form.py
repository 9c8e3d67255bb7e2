"""The report form: what was typed, what the regulation still asks for, and the report it makes."""

from __future__ import annotations

import math
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

from email_validator import EmailNotValidError, validate_email
from werkzeug.datastructures import MultiDict

from webapp.citizen.pictures import FIELD, SECRET, Pictures
from webapp.core.regulation import Regulation
from webapp.core.text import clean_line, clean_text
from webapp.core.timing import fits
from webapp.doors.present import day_text
from webapp.operations import people
from webapp.operations.intake import COMMUNE, EXACT, Place, Report
from webapp.operations.people import Person
from webapp.regulations.directory import Directory
from webapp.words import sentence

TEXT_LIMIT = 5000
TRAP = "tieu_de"  # a field that only machines see
LIMITS = {
    "place": 300,
    "reporter_name": 120,
    "phone": 40,
    "email": 254,
    "address": 300,
    "happened": 10,
    "helper_name": 120,
    "helper_phone": 40,
    "joins": 20,
}

# The regulation's names of what a reporter gives, and the field of the page where it is given.
PLACES = {
    "text": "text",
    "place": "commune",
    "occurred": "happened",
    "photo": FIELD,
    "name": "reporter_name",
    "phone": "phone",
    "email": "email",
    "address": "address",
    "undertaking": "undertaking",
}
Errors = dict[str, str]


@dataclass(frozen=True)
class Draft:
    """The form as it was typed, cleaned of what cannot be stored; nothing is judged yet."""

    secret: str
    known_secret: bool = True
    text: str = ""
    commune: str = ""
    place: str = ""
    lat: str = ""
    lon: str = ""
    accuracy: str = ""
    happened: str = ""
    category: str = ""
    reporter_name: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    visibility: str = ""
    place_shown: str = COMMUNE
    undertaking: str = ""
    helper_name: str = ""
    helper_phone: str = ""
    helper_read: str = ""
    stamp: str = ""
    joins: str = ""  # the number of the case that they met too
    short: str = ""  # the form that asks only what joining a case needs
    trap: bool = False


def fresh(regulation: Regulation, directory: Directory, today: date) -> Draft:
    """An empty form: today, the most careful secrecy, and the category that asks nothing of anybody."""
    open_to_all = [row.id for row in directory.categories if not row.agency and not row.agency_by]
    return Draft(
        secret=secrets.token_hex(16),
        happened=today.isoformat(),
        category=open_to_all[0] if open_to_all else "",
        visibility=regulation.secrecies[0].id if regulation.secrecies else "",
    )


def typed(form: MultiDict[str, str]) -> Draft:
    """What the browser sent. A form without a proper secret gets a new one and is shown again."""
    secret = form.get("secret", "")
    known = bool(SECRET.fullmatch(secret))
    lines = ("commune", "place", "lat", "lon", "accuracy", "happened", "category", "reporter_name", "phone",
             "email", "address", "visibility", "place_shown", "undertaking",
             "helper_name", "helper_phone", "helper_read", "joins", "short")  # fmt: skip
    values = {name: clean_line(form.get(name, ""))[: LIMITS.get(name, 100)] for name in lines}
    if values["place_shown"] != EXACT:  # phones that keep an older form do not ask
        values["place_shown"] = COMMUNE
    return Draft(
        secret if known else secrets.token_hex(16),
        known,
        clean_text(form.get("text", "")),
        **values,
        stamp=form.get("stamp", "")[:64],
        trap=bool(form.get(TRAP)),
    )


def faults(
    draft: Draft,
    pictures: Pictures,
    regulation: Regulation,
    directory: Directory,
    today: date,
    *,
    waited: bool = False,
) -> Errors:
    """Every fault at once, by field and in the order of the page. A report that `waited` on a phone keeps a
    number that is too short: nobody is there to mend it."""
    found = dict(_wrong(draft, regulation, directory, today))
    if waited:
        kept = ("phone", "helper_phone")
        found = {
            n: t for n, t in found.items() if n not in kept or not people.normal_phone(getattr(draft, n))
        }
    if pictures.problems:
        found[FIELD] = " ".join(pictures.problems)
    for row in regulation.fields:
        name = PLACES.get(row.id)
        here = fits(row.when, {"category": draft.category or None, "track": None, "kind": None})
        if name and row.required and here and name not in found and not _given(row.id, draft, pictures):
            found[name] = sentence("citizen_missing", row.id, cite=f"{regulation.id}, {row.cite}")
    return {name: found[name] for name in _ORDER if name in found}


_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ORDER = ("secret", "text", FIELD, "commune", "place", "happened", "category", "reporter_name", "phone",
          "email", "address", "helper_name", "helper_phone", "helper_read", "visibility",
          "undertaking")  # fmt: skip


def _given(id: str, draft: Draft, pictures: Pictures) -> bool:
    if id == "place":
        return bool(draft.commune or draft.place or position(draft))
    if id == "photo":
        return bool(pictures.kept or pictures.promised)
    return bool(getattr(draft, PLACES[id]))


def _wrong(
    draft: Draft, regulation: Regulation, directory: Directory, today: date
) -> Iterator[tuple[str, str]]:
    if not draft.known_secret:
        yield "secret", sentence("citizen_wrong", "secret")
    if len(draft.text) > TEXT_LIMIT:
        yield "text", sentence("citizen_wrong", "text_long", length=len(draft.text), limit=TEXT_LIMIT)
    yield from _wrong_day(draft, today)
    if draft.phone and (fault := people.phone_fault(draft.phone)):
        yield "phone", sentence("citizen_wrong", fault)
    if draft.email and not normal_email(draft.email):
        yield "email", sentence("citizen_wrong", "email")
    yield from _wrong_helper(draft)
    choices: Mapping[str, bool] = {
        "commune": not draft.commune or directory.area(draft.commune) is not None,
        "category": not draft.category or directory.category(draft.category) is not None,
        "visibility": any(choice.id == draft.visibility for choice in regulation.secrecies),
    }
    yield from ((name, sentence("citizen_wrong", name)) for name, known in choices.items() if not known)


def _wrong_helper(draft: Draft) -> Iterator[tuple[str, str]]:
    """Somebody who helps says who they are, and that the reporter heard what they vouch for."""
    if not (draft.helper_name or draft.helper_phone or draft.helper_read):
        return
    if not draft.helper_name:
        yield "helper_name", sentence("citizen_helper", "no_name")
    if draft.helper_phone and (fault := people.phone_fault(draft.helper_phone)):
        yield "helper_phone", sentence("citizen_wrong", fault)
    if not draft.helper_read:
        yield "helper_read", sentence("citizen_helper", "not_read")


def _wrong_day(draft: Draft, today: date) -> Iterator[tuple[str, str]]:
    day = day_of(draft.happened)
    if draft.happened and day is None:
        yield "happened", sentence("citizen_wrong", "occurred_unreadable", example=day_text(today))
    elif day and day > today:
        yield "happened", sentence("citizen_wrong", "occurred_future", today=day_text(today))


# From what was typed to what is meant


def day_of(text: str) -> date | None:
    """A day as date inputs send it, or as people without one write it."""
    if _ISO_DAY.fullmatch(text):
        with suppress(ValueError):
            return date.fromisoformat(text)
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a legal date has no zone
        except ValueError:
            continue
    return None


def normal_email(text: str) -> str | None:
    """The address in its usual form; nobody is asked over the network whether it exists."""
    try:
        return str(validate_email(text, check_deliverability=False).normalized)
    except EmailNotValidError:
        return None


def position(draft: Draft) -> tuple[float, float] | None:
    lat, lon = number(draft.lat, 90), number(draft.lon, 180)
    return None if lat is None or lon is None else (lat, lon)


def number(text: str, most: float) -> float | None:
    if not re.fullmatch(r"-?\d{1,7}(\.\d{1,12})?", text, re.ASCII):
        return None
    value = float(text)
    return value if math.isfinite(value) and abs(value) <= most else None


def report(draft: Draft, pictures: Pictures) -> Report:
    """The report of a form without faults."""
    lat, lon = position(draft) or (None, None)
    accuracy = number(draft.accuracy, 1_000_000) if lat is not None else None
    day = day_of(draft.happened)
    return Report(
        secret=draft.secret,
        text=draft.text,
        place=Place(draft.place, lat, lon, accuracy),
        occurred_on=day.isoformat() if day else "",
        person=Person(
            draft.reporter_name,
            people.normal_phone(draft.phone) or "",
            normal_email(draft.email) or "",
            draft.address,
        ),
        secrecy=draft.visibility,
        place_shown=COMMUNE if draft.visibility == "confidential" else draft.place_shown,
        undertaking=bool(draft.undertaking),
        category=draft.category or None,
        area=draft.commune or None,
        photos=pictures.kept,
        joins=draft.joins.upper(),
        helper=Person(draft.helper_name, people.normal_phone(draft.helper_phone) or "")
        if draft.helper_name
        else None,
    )
