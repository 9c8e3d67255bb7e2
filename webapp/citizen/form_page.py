"""The report form as its template wants it: fields with labels, hints, articles and errors."""

from __future__ import annotations

from webapp.citizen import pictures as pictures_of
from webapp.citizen.door import error, field, option
from webapp.citizen.form import LIMITS, PLACES, TEXT_LIMIT, Draft, Errors
from webapp.citizen.pictures import FIELD, Pictures
from webapp.core.regulation import Choice, Regulation
from webapp.doors.present import Vm
from webapp.regulations.directory import Directory
from webapp.words import catalogue, sentence


def view(
    draft: Draft, regulation: Regulation, directory: Directory, pictures: Pictures | None = None,
    errors: Errors | None = None, refused: str = "",
) -> Vm:  # fmt: skip
    """The whole form. `refused` is said above it and belongs to no field."""
    errors = errors or {}
    return {
        "action": "/gui",
        "secret": draft.secret,
        "lat": draft.lat,
        "lon": draft.lon,
        "accuracy": draft.accuracy,
        "errors": ([error("", refused)] if refused else []) + _summary(errors, pictures),
        "photos": pictures_of.view(pictures),
        "identity_note": sentence("citizen_form", "identity_note"),
        **_written(draft, regulation, errors),
        **_chosen(draft, regulation, directory, errors),
        "undertaking_cite": sentence(
            "citizen_form", "undertaking_cite", cite=_cite(regulation, "undertaking")
        ),
    }


def _summary(errors: Errors, pictures: Pictures | None) -> list[Vm]:
    """The errors once more, in the order of the page; a fault of the form itself has no field to jump to."""
    rows = []
    for name, text in errors.items():
        each = pictures.problems if name == FIELD and pictures and pictures.problems else [text]
        rows += [error("" if name == "secret" else name, said) for said in each]
    return rows


def _written(draft: Draft, regulation: Regulation, errors: Errors) -> Vm:
    def line(name: str, type: str, **more: object) -> Vm:
        return _field(draft, regulation, errors, name, type, maxlength=LIMITS.get(name), **more)

    asks_address = any(row.id == "address" for row in regulation.fields)
    return {
        "text": _field(draft, regulation, errors, "text", "textarea", rows=5, maxlength=TEXT_LIMIT),
        "place": line("place", "text", autocomplete="off"),
        "happened": line("happened", "date") | {"maxlength": None},
        "name": line("reporter_name", "text", autocomplete="name"),
        "phone": line("phone", "tel", autocomplete="tel", inputmode="tel"),
        "email": line("email", "email", autocomplete="email"),
        "address": line("address", "text", autocomplete="street-address") if asks_address else None,
        "undertaking": _field(draft, regulation, errors, "undertaking", "checkbox") | {"cite": None},
    }


def _chosen(draft: Draft, regulation: Regulation, directory: Directory, errors: Errors) -> Vm:
    communes = [("", sentence("citizen_form", "commune_none"), "")]
    communes += [(area.id, area.name, "") for area in directory.areas]
    categories = [(row.id, row.name, row.hint) for row in directory.categories]
    secrecies = [(row.id, row.label, _hint(row)) for row in regulation.secrecies]

    def choice(name: str, type: str, rows: list[tuple[str, str, str]]) -> Vm:
        chosen = getattr(draft, name)
        options = [option(id, label, hint, selected=id == chosen) for id, label, hint in rows]
        return _field(draft, regulation, errors, name, type, options=options)

    return {
        "commune": choice("commune", "select", communes) | {"cite": None},  # it stands under the words
        "category": choice("category", "radio", categories) | {"plain": True},
        "visibility": choice("visibility", "radio", secrecies) | {"required": True},
    }


def _field(draft: Draft, regulation: Regulation, errors: Errors, name: str, type: str, **more: object) -> Vm:
    hints = catalogue()["citizen_hint"]
    row = next((row for row in regulation.fields if name in _names(row.id)), None)
    required = bool(row and row.required)
    # Commune or words: either will do, so neither is required and neither is called optional.
    either = len(_names(row.id)) > 1 if row else False
    return field(
        name,
        type,
        sentence("citizen_label", name),
        hint=hints.get(name),
        value=getattr(draft, name),
        error=errors.get(name),
        cite=f"{regulation.id}, {row.cite}" if row else None,
        required=required and not either,
        plain=required and either,
        **more,
    )


def _hint(choice: Choice) -> str:
    return sentence("citizen_form", "secrecy", hint=choice.hint.rstrip("."), cite=choice.cite)


def _names(id: str) -> tuple[str, ...]:
    return ("commune", "place") if id == "place" else (PLACES.get(id, ""),)


def _cite(regulation: Regulation, id: str) -> str:
    row = next((row for row in regulation.fields if row.id == id), None)
    return f"{regulation.id}, {row.cite}" if row else regulation.id
