"""The report form as its template wants it: fields with labels, hints, articles and errors."""

from __future__ import annotations

from webapp.citizen import doubt, joining
from webapp.citizen import pictures as pictures_of
from webapp.citizen.door import error, field, option
from webapp.citizen.form import LIMITS, PLACES, TEXT_LIMIT, TRAP, Draft, Errors
from webapp.citizen.pictures import FIELD, Pictures
from webapp.core.regulation import Choice, Field, Regulation
from webapp.doors import house
from webapp.doors.present import Vm
from webapp.operations import photos as photos_of
from webapp.operations import recordings
from webapp.operations.intake import COMMUNE, EXACT
from webapp.regulations.directory import Area, Directory
from webapp.words import catalogue, sentence


def view(
    draft: Draft, regulation: Regulation, directory: Directory, pictures: Pictures | None = None,
    errors: Errors | None = None, refused: str = "", *, steps: bool = False, bare: bool = False,
) -> Vm:  # fmt: skip
    """The whole form. `refused` is said above it and belongs to no field."""
    errors = errors or {}
    # What came back from the server is mended on the one long page where it was written.
    steps = steps and not errors and not refused and not (pictures and pictures.kept)
    shown = {
        **_for_the_phone(steps),
        "steps": steps,
        "bare": bare,
        "action": "/gui",
        "secret": draft.secret,
        "stamp": "" if bare else doubt.known(draft.stamp),
        "trap": TRAP,
        "joins": draft.joins,
        "short": joining.named(draft) if draft.short else None,
        "again": joining.again(draft) if draft.joins else "",
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
    return shown if steps else _unspoken(shown)


def _unspoken(form: Vm) -> Vm:
    """Without steps nothing is said before the server has looked."""
    quiet = {"missing": "", "wrong": "", "short": ""}
    return {name: value | quiet if isinstance(value, dict) else value for name, value in form.items()}


def _for_the_phone(steps: bool) -> Vm:
    """What the scripts of the form say and keep to; nothing where there are no steps."""
    if not steps:
        return {}
    why = {code: text for code, text in catalogue()["phone_queue"].items() if code.startswith("why_")}
    return {
        "words": {**catalogue()["phone_form"], **why},
        "keeps_exif": "open",  # the one secrecy under which the picture's own facts may stay in it
        "photo_limit": photos_of.MAX_FILES,
        "photo_bytes": house().config.max_upload_bytes,
        "film_limit": recordings.MAX_FILMS,
        "film_bytes": recordings.MAX_BYTES,
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
        "helper_name": line("helper_name", "text", autocomplete="off") | {"plain": True},
        "helper_phone": line("helper_phone", "tel", autocomplete="off", inputmode="tel"),
        "helper_read": _field(draft, regulation, errors, "helper_read", "checkbox") | {"plain": True},
        "helped": any((draft.helper_name, draft.helper_phone, draft.helper_read)),
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

    place = next((row for row in regulation.fields if row.id == "place" and row.required), None)
    return {
        "place_missing": _missing(regulation, place) if place else "",
        "commune_groups": _groups(directory, draft.commune),
        "commune": choice("commune", "select", communes) | {"cite": None},  # it stands under the words
        "category": choice("category", "radio", categories) | {"plain": True},
        "visibility": choice("visibility", "radio", secrecies) | {"required": True},
        "place_shown": choice("place_shown", "radio", _precisions()) | {"plain": True},
    }


def _precisions() -> list[tuple[str, str, str]]:
    words = catalogue()["citizen_place_shown"]
    return [(id, words[id], words[f"{id}_hint"]) for id in (COMMUNE, EXACT)]


def _groups(directory: Directory, chosen: str) -> list[Vm]:
    """The communes by what they are, each with its centre and its old names for the phone."""
    groups: dict[str, list[Vm]] = {}
    for area in directory.areas:
        shown = option(area.id, area.name, selected=area.id == chosen)
        shown |= {"at": f"{area.lat:g} {area.lon:g}", "former": area.former}
        groups.setdefault(_kind(area), []).append(shown)
    return [{"label": label, "options": options} for label, options in groups.items()]


def _kind(area: Area) -> str:
    """The first word of a name says what it is, except where that takes two."""
    return " ".join(area.name.split()[: 2 if area.kind == "special_zone" else 1])


def _missing(regulation: Regulation, row: Field) -> str:
    return sentence("citizen_missing", row.id, cite=f"{regulation.id}, {row.cite}")


def _field(draft: Draft, regulation: Regulation, errors: Errors, name: str, type: str, **more: object) -> Vm:
    hints = catalogue()["citizen_hint"]
    row = next((row for row in regulation.fields if name in _names(row.id)), None)
    required = bool(row and row.required)
    # Commune or words: either will do, so neither is required and neither is called optional.
    either = len(_names(row.id)) > 1 if row else False
    asked = row if row and required and not either and not row.when else None
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
        missing=_missing(regulation, asked) if asked else "",
        wrong=sentence("citizen_wrong", name.removeprefix("helper_")) if name in _LOOKED_AT else "",
        short=sentence("citizen_wrong", "phone_short") if type == "tel" else "",
        **more,
    )


_LOOKED_AT = ("phone", "email", "helper_phone")


def _hint(choice: Choice) -> str:
    return sentence("citizen_form", "secrecy", hint=choice.hint.rstrip("."), cite=choice.cite)


def _names(id: str) -> tuple[str, ...]:
    return ("commune", "place") if id == "place" else (PLACES.get(id, ""),)


def _cite(regulation: Regulation, id: str) -> str:
    row = next((row for row in regulation.fields if row.id == id), None)
    return f"{regulation.id}, {row.cite}" if row else regulation.id
