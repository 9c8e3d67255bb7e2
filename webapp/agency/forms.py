"""Forms of the desk: the shapes that components/forms.html draws, and the fields that a move asks for.

One field for each fact the regulation requires or accepts; what kind of field follows from the kind of fact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from webapp.agency import pictures
from webapp.agency.draft import Draft
from webapp.agency.sight import Sight
from webapp.core import dates
from webapp.core.events import Kind
from webapp.core.regulation import FACTS, Move
from webapp.core.text import fold
from webapp.core.workflow import Offer, grounds_for
from webapp.doors import papers, present
from webapp.doors.present import Vm
from webapp.operations import documents
from webapp.operations.documents import Titled
from webapp.operations.intake import COMMUNE, EXACT
from webapp.operations.photos import FORMATS, MAX_FILES, Kept
from webapp.regulations.directory import Agency, Area, Category, Dated, Directory
from webapp.words import catalogue, sentence

_BLANK = dict.fromkeys(
    ("hint", "value", "error", "autocomplete", "inputmode", "maxlength", "rows", "accept", "cite")
)
LONGEST = 10_000
_ROWS = {"result": 8, "edited": 8, "public_text": 7, "public_answer": 8}
ACCEPT = ",".join(f"image/{name.lower()}" for name in FORMATS)
PAPERS = ",".join([*documents.SUFFIXES, *documents.SUFFIXES.values()])


def field(name: str, type: str, label: str, **more: Any) -> Vm:
    return {"name": name, "type": type, "label": label, "options": [], "required": False, **_BLANK, **more}


def option(value: str, label: str, hint: str = "", selected: bool = False) -> Vm:
    return {"value": value, "label": label, "hint": hint, "selected": selected}


def form(action: str, submit: str, fields: list[Vm], **more: Any) -> Vm:
    blank = {"intro": "", "cite": "", "cancel_url": None, "cancel": ""}
    return {"action": action, "submit": submit, "fields": fields, **blank, **more}


def facts_of(move: Move) -> tuple[str, ...]:
    return (*move.requires, *move.optional)


def fields(sight: Sight, offer: Offer, draft: Draft) -> list[Vm]:
    """The fields of a move, filled with what was typed, else with what is known."""
    grounds = (
        grounds_for(sight.regulation, sight.state, offer.move, offer.target)
        if "ground" in facts_of(offer.move)
        else ()
    )
    further = dict.fromkeys(name for ground in grounds for name in ground.requires)
    # A confirmation comes last: it is about everything above it.
    names = sorted({**dict.fromkeys(facts_of(offer.move)), **further}, key=lambda name: FACTS[name] == "flag")
    if "public_where" in names and sight.public_place is None:
        names.remove("public_where")
    found = [_field(sight, offer, draft, name) for name in names]
    if offer.move.event is Kind.supplemented:
        found.append(_given(sight, offer, draft))
    return found


def _field(sight: Sight, offer: Offer, draft: Draft, name: str) -> Vm:
    make = _MAKERS.get(name) or _MAKERS[FACTS[name]]
    more = {
        "required": name in offer.move.requires,
        "error": draft.errors.get(name),
        **make(sight, offer, draft, name),
    }
    return field(name, more.pop("type"), label_of(name, offer.move.event), **more)


def label_of(name: str, kind: Kind) -> str:
    """What a fact is called at the desk; some are called otherwise in one kind of move."""
    words = catalogue()["desk_label"]
    return words.get(f"{name}_{kind}", words[name])


def known(sight: Sight, offer: Offer, name: str) -> str:
    """What a field begins with when nothing was typed yet."""
    state, first = sight.state, sight.submissions[0]
    assignment = state.assignment(offer.target) if name in ("edited", "public_answer") else None
    if name == "edited" and assignment:
        return sight.texts.get(assignment.result or 0, "")
    if name == "public_answer" and assignment:
        return sight.texts.get(assignment.approved or 0, "")
    if name == "public_text":
        return sight.report
    if name == "public_where":
        return sight.public_place.words if sight.public_place else ""
    if name == "category":
        return state.category or first.claimed_category or ""
    if name == "area":
        return state.area or first.claimed_area or ""
    if name == "agency":
        return _proposed(sight) or ""
    return ""


def _proposed(sight: Sight) -> str | None:
    state = sight.state
    return sight.work.law.directory.proposed_agency(state.category, state.area, sight.today)


# One maker for each kind of fact, and for the facts that need more than their kind


def _text(sight: Sight, offer: Offer, draft: Draft, name: str) -> Vm:
    value = draft.values.get(name, known(sight, offer, name))
    made = {"type": "textarea", "value": value, "rows": _ROWS.get(name, 4), "maxlength": LONGEST}
    if name == "guidance" and "ground" in offer.move.requires:
        # Left empty it is taken from the ground, so the browser must not insist.
        made |= {"hint": sentence("desk_move", "guidance_hint")}
    return made


def _select(sight: Sight, offer: Offer, draft: Draft, name: str) -> Vm:
    """What is in force, and what the case carries already, even if it is over."""
    directory, carried = sight.work.law.directory, known(sight, offer, name)
    chosen, day = draft.values.get(name, carried), sight.today
    every: Sequence[Category | Area] = directory.categories if name == "category" else directory.areas
    fits = directory.on(day, sight.regulation.kind)
    offered = {carried, *(row.id for row in fits.categories), *(row.id for row in fits.areas)}
    rows = [row for row in every if row.id in offered]
    if name == "area":
        rows.sort(key=lambda row: fold(row.name))
    options = [option(row.id, _dated(row, row.name, day), selected=row.id == chosen) for row in rows]
    return {"type": "select", "options": [option("", sentence("desk_move", "choose")), *options]}


def _agency(sight: Sight, offer: Offer, draft: Draft, name: str) -> Vm:
    """All agencies that do not hold the case already, the proposed one first."""
    chosen, proposed = draft.values.get(name, known(sight, offer, name)), _proposed(sight)
    holding = {assignment.agency for assignment in sight.state.open_assignments}
    directory = sight.work.law.directory
    rows = [row for row in directory.agencies_on(sight.today) if row.id not in holding]
    names = {row.id: _unit(directory, row) for row in sorted(rows, key=lambda row: fold(row.name))}
    names = {id: names.pop(id) for id in (proposed,) if id in names} | names
    if proposed in names:
        names[proposed] = sentence("desk_move", "proposed", name=names[proposed])
    options = [option(id, name, selected=id == chosen) for id, name in names.items()]
    return {"type": "select", "options": [option("", sentence("desk_move", "choose")), *options]}


def _dated(row: Dated, name: str, day: date) -> str:
    return sentence("directory", "over", name=name, day=row.until) if row.over(day) else name


def _unit(directory: Directory, row: Agency) -> str:
    """The name, with that of the agency it is a part of."""
    above = directory.agency(row.parent or "")
    return sentence("directory", "part_of", name=row.name, above=above.short) if above else row.name


def _ground(sight: Sight, offer: Offer, draft: Draft, name: str) -> Vm:
    options = []
    for row in grounds_for(sight.regulation, sight.state, offer.move, offer.target):
        code = "ground_guidance" if row.guidance and "guidance" in offer.move.requires else "ground_hint"
        hint = sentence("desk_move", code, article=row.cite, guidance=row.guidance)
        options.append(option(row.id, row.label, hint, selected=row.id == draft.values.get(name)))
    return {"type": "radio", "options": options}


def _rating(sight: Sight, offer: Offer, draft: Draft, name: str) -> Vm:
    chosen, rows = draft.values.get(name), sight.regulation.ratings
    return {
        "type": "radio",
        "options": [option(r.id, r.label, r.cite, selected=r.id == chosen) for r in rows],
    }


def _date(sight: Sight, offer: Offer, draft: Draft, name: str) -> Vm:
    if name == "promised_on":
        hint = sentence("desk_move", "promise_hint")
        return {"type": "date", "value": draft.values.get(name, ""), "hint": hint}
    running = dates.movable(sight.state, offer.move, offer.target)
    hint = sentence("desk_move", "due_hint_plain")
    if running:
        due = present.due_text(sight.regulation, running.due_at, sight.work.now)
        step = sight.regulation.clock(running.clock).label
        hint = sentence("desk_move", "due_hint", due=due, step=step[0].lower() + step[1:])
    return {"type": "date", "value": draft.values.get(name, ""), "hint": hint}


def _line(sight: Sight, offer: Offer, draft: Draft, name: str) -> Vm:
    return {"type": "text", "value": draft.values.get(name, ""), "maxlength": 120}


def _flag(sight: Sight, offer: Offer, draft: Draft, name: str) -> Vm:
    return {"type": "checkbox", "value": bool(draft.values.get(name))}


def _files(sight: Sight, offer: Offer, draft: Draft, name: str) -> Vm:
    hint = sentence("desk_move", "photos_hint", count=MAX_FILES)
    kept = [_kept(photo, number) for number, photo in enumerate(draft.kept, 1)]
    title = sentence("paper", "photos_kept_title")
    return {"type": "files", "accept": ACCEPT, "hint": hint, "kept": kept, "kept_title": title}


def _papers(sight: Sight, offer: Offer, draft: Draft, name: str) -> Vm:
    hint = sentence("paper", "hint", count=documents.MAX_FILES, size=documents.MAX_BYTES // 2**20)
    kept = [_kept_paper(paper) for paper in draft.kept_papers]
    title = sentence("paper", "kept_title")
    return {"type": "files", "accept": PAPERS, "hint": hint, "kept": kept, "kept_title": title}


def _kept_paper(paper: Titled) -> Vm:
    kept = paper.kept
    size = papers.size(kept.mime, kept.size)
    return {"id": kept.uid, "name": paper.title, "size": size, "title": paper.title}


def _kept(photo: Kept, number: int) -> Vm:
    name = sentence("desk_move", "kept_photo", number=number)
    return {"id": photo.uid, "name": name, "size": f"{photo.size / 1_000_000:.1f} MB".replace(".", ",")}


def _photos(sight: Sight, offer: Offer, draft: Draft, name: str) -> Vm:
    """Photos to publish, none ticked: a photo that nobody looked at must not be shown by default."""
    own = [p for p in pictures.ready(sight.photos) if p.assignment in (None, offer.target)]
    options = [
        {**pictures.picture(sight.regulation, photo, number), "selected": photo.id in draft.chosen}
        for number, photo in enumerate(own, 1)
    ]
    code = "photos_choose" if options else "photos_none"
    hint = " ".join((sentence("desk_move", code), pictures.missing(sight.photos))).strip()
    return {"type": "photos", "options": options, "hint": hint}


def _place_shown(sight: Sight, offer: Offer, draft: Draft, name: str) -> Vm:
    """How exactly everybody may read where it is: what the reporter allowed, or less."""
    widest = EXACT if sight.public_place else COMMUNE
    chosen = draft.values.get(name, widest) if sight.public_place else COMMUNE
    words = catalogue()["desk_place_shown"]
    rows = [id for id in (EXACT, COMMUNE) if id in (widest, COMMUNE)]
    options = [option(id, words[id], words[f"{id}_hint"], selected=id == chosen) for id in rows]
    return {"type": "radio", "options": options, "hint": words[f"allowed_{widest}"]}


def _given(sight: Sight, offer: Offer, draft: Draft) -> Vm:
    """What of the reporter's fields is now complete; the move that checks them will look there."""
    submission = sight.state.submission(offer.target)
    had = submission.given if submission else frozenset()
    options = []
    for row in sight.regulation.fields:
        if row.id not in had:
            name = sentence("field", row.id)
            options.append(option(row.id, name[0].upper() + name[1:], selected=row.id in draft.given))
    label, hint = sentence("desk_move", "given_label"), sentence("desk_move", "given_hint")
    return field("given", "checks" if options else "hidden", label, options=options, hint=hint)


_MAKERS: Mapping[str, Callable[[Sight, Offer, Draft, str], Vm]] = {
    "text": _text,
    "instant": _date,
    "flag": _flag,
    "number": _line,
    "same_as": _line,
    "category": _select,
    "area": _select,
    "agency": _agency,
    "ground": _ground,
    "rating": _rating,
    "after_photo": _files,
    "document": _papers,
    "public_photos": _photos,
    "place_shown": _place_shown,
}
