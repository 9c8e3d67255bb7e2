"""The page of one's own report, as its template wants it."""

from __future__ import annotations

from webapp.citizen import acts, arriving, data_page, pictures, status, timeline
from webapp.citizen.acts import MINE, Act
from webapp.citizen.answers import Answer, answers, day_of
from webapp.citizen.answers import view as answer_view
from webapp.citizen.present import own_clocks
from webapp.citizen.scene import Scene
from webapp.core.events import Kind
from webapp.core.holding import holder_of, holding
from webapp.core.workflow import Offer
from webapp.doors import present
from webapp.doors.present import Vm
from webapp.operations import erasure, intake, personal, photos, restricted
from webapp.operations.publication import title_of
from webapp.operations.reveal import Opened, reveals_of
from webapp.store import models
from webapp.words import sentence

THUMB, FULL = 480, 1280  # pixels; the copy nearest to it is sent
# A right that is used up is worth a word; a move whose time has not come is not.
_WORTH_SAYING = frozenset({"limit"})


def view(scene: Scene, act: Act | None = None) -> Vm:
    """Everything on the page. `act` is a form that came back with faults."""
    found = answers(scene)
    forms = {
        kind: _form(scene, kind, act) for kind in (Kind.supplemented, Kind.rated, Kind.clarification_asked)
    }
    drawn = bool(act and forms.get(act.move.event))
    return {
        "title": title_of(scene.texts.get(scene.row.text_id, "")).rstrip(".") or scene.file.row.code,
        "number": scene.file.row.code,
        "chips": status.chips(scene),
        "meta": sentence("citizen_mine", "sent_on", day=day_of(scene, scene.own.submitted_at)),
        "errors": acts.summary(act),
        "unsent": acts.unsent(act, drawn),
        "status": status.status(scene, found),
        "supplement": _supplement(scene, forms[Kind.supplemented], act),
        "ribbon": _ribbon(scene),
        "answers": [answer_view(scene, answer) for answer in found],
        **_photos(scene, found),
        "rating": _rating(scene, forms[Kind.rated], act),
        "ask": _ask(scene, forms[Kind.clarification_asked], act),
        "text": scene.texts.get(scene.row.text_id, ""),
        "facts": _facts(scene),
        "timeline": timeline.entries(scene),
        "identity": _identity(scene),
        "data": data_page.link(scene),
        "number_label": _number_label(scene),
        "close_url": "/theo-doi/dong",
    }


def _number_label(scene: Scene) -> str:
    is_request = personal.request_of(scene.work, scene.file.row.id) is not None
    return sentence("citizen_data", "number" if is_request else "report_number")


def _form(scene: Scene, kind: Kind, act: Act | None) -> Vm | None:
    offer = scene.allowed(kind)
    return acts.form(scene, offer.move, act) if offer else None


def _supplement(scene: Scene, form: Vm | None, act: Act | None) -> Vm | None:
    if form is None:
        return None
    asked = scene.last(Kind.supplement_requested)
    coordinator = scene.directory.coordinator_under(scene.regulation.id).short
    mine = act if act and act.move.event is Kind.supplemented else None
    return {
        "title": sentence("citizen_mine", "supplement_title", coordinator=coordinator),
        "text": scene.text(asked, "reason") if asked else "",
        "form": form,
        "photos": pictures.view(mine.pictures if mine else None),
    }


def _rating(scene: Scene, form: Vm | None, act: Act | None) -> Vm | None:
    given = scene.regulation.rating(scene.own.rating or "")
    if form is None and given is None:
        return _right_used_up(scene, Kind.rated)
    note = ""
    if given and scene.own.rated_at:
        note = sentence("citizen_mine", "rated_on", day=day_of(scene, scene.own.rated_at)) if form else ""
    if form:
        rule = scene.regulation.rating_cite or form["cite"]
        form = form | {"cite": sentence("citizen_mine", "rating_cite", cite=f"{scene.regulation.id}, {rule}")}
    return {
        "title": sentence("citizen_mine", "rating_title"),
        "form": form,
        "given": given.label if given else "",
        "note": note,
        "change": sentence("citizen_mine", "rating_change"),
        "open": bool(act and act.move.event is Kind.rated),
        "used_up": "",
    }


def _ask(scene: Scene, form: Vm | None, act: Act | None) -> Vm | None:
    if form is None:
        return _right_used_up(scene, Kind.clarification_asked)
    offer = scene.offers[Kind.clarification_asked]
    shown = bool(act and act.move.event is Kind.clarification_asked)
    return {"title": offer.move.label, "form": form, "open": shown, "used_up": ""}


def _right_used_up(scene: Scene, kind: Kind) -> Vm | None:
    """One line with the article where a right was there and is used up; else nothing at all."""
    offer: Offer | None = scene.offers.get(kind)
    if offer is None or offer.refused is None or offer.refused.code not in _WORTH_SAYING:
        return None
    reason = present.refusal_text(scene.regulation, offer.refused)
    text = sentence("citizen_move", "impossible_cite", reason=reason, cite=offer.refused.cite)
    return {"title": offer.move.label, "form": None, "given": "", "note": "", "open": False, "used_up": text}


def _ribbon(scene: Scene) -> Vm:
    clocks = [
        present.seen(scene.regulation, clock, scene.now, holder_of(scene.state, clock))
        for clock in own_clocks(scene.state, scene.own.no)
    ]
    return present.ribbon(scene.regulation, clocks, scene.now, sentence("ribbon", "title"), _ended(scene))


def _ended(scene: Scene) -> str:
    if scene.regulation.state(scene.own.state).pending:
        return sentence("citizen_mine", "ribbon_waiting")
    if scene.own.answered_at:
        return sentence("citizen_mine", "ribbon_answered", day=day_of(scene, scene.own.answered_at))
    return sentence("citizen_mine", "ribbon_ended")


# What was sent


def _facts(scene: Scene) -> list[Vm]:
    directory, state, row = scene.directory, scene.state, scene.row
    area = present.area_name(directory, state.area or row.claimed_area)
    regulation = scene.regulation
    holders = holding(regulation, state)
    agencies = dict.fromkeys(present.agency_name(directory, a.agency) for a in holders)
    rows = {
        "place": _place(intake.open_place(scene.work, scene.file.row, row).words, area),
        "happened": present.day_text(row.occurred_on) if row.occurred_on else "",
        "category": present.category_name(directory, state.category or row.claimed_category),
        "agency": ", ".join(agencies),
        "regulation": f"{regulation.short_title} ({regulation.id})",
    }
    return [
        {"label": sentence("citizen_mine", name), "value": value} for name, value in rows.items() if value
    ]


def _place(words: str, area: str) -> str:
    if words and area:
        return sentence("citizen_mine", "place_both", words=words, area=area[:1].lower() + area[1:])
    return words or area


def _photos(scene: Scene, found: list[Answer]) -> Vm:
    """The sender's photos and those of the answers; only copies redrawn from pixels are shown."""
    rows = visible(scene)
    own = [photo for photo in rows if photo.submission == scene.own.no]
    wait = sum(photo.status == "pending" for photo in own)
    failed = sum(photo.status == "failed" for photo in own)
    counts = {"photos_pending": wait, "photos_failed": failed}
    agencies = {id: answer.agency for answer in found for id in answer.photos}
    after = [photo for photo in rows if photo.id in agencies and photo.status == "ready"]
    said = [sentence("citizen_mine", code, count=n) for code, n in counts.items() if n]
    return {
        "pending": "\n".join([*arriving.lines(scene.work, scene.row), *said]),
        "photos": [_photo(scene, n, p) for n, p in enumerate((p for p in own if p.status == "ready"), 1)],
        "after": [_photo(scene, n, p, agencies[p.id]) for n, p in enumerate(after, 1)],
    }


def visible(scene: Scene) -> list[models.Photo]:
    """The photos this person may see: their own, and those that came with an answer."""
    answered = {id for answer in answers(scene) for id in answer.photos}
    rows = photos.of_case(scene.work, scene.file.row.id)
    return [photo for photo in rows if photo.submission == scene.own.no or photo.id in answered]


def _photo(scene: Scene, number: int, photo: models.Photo, agency: str = "") -> Vm:
    name = present.agency_name(scene.directory, agency)
    alt = sentence("citizen_mine", "after_alt" if agency else "photo_alt", number=number, agency=name)
    size = min(photo.derivatives, key=lambda row: abs(row["width"] - THUMB))
    url = f"{MINE}/anh/{photo.id}"
    return {
        "src": f"{url}?rong={THUMB}",
        "full": url,
        "alt": alt,
        "caption": day_of(scene, photo.created_at),
        "width": size["width"],
        "height": size["height"],
    }


def _identity(scene: Scene) -> Vm:
    case_id, no = scene.file.row.id, scene.own.no
    opened = [_opening(scene, row) for row in reveals_of(scene.work, case_id, no)]
    gone = erasure.erased(scene.work, case_id, no)
    if gone:
        ground, day = sentence("erasure_ground", gone.ground), day_of(scene, gone.erased_at)
        title = sentence("citizen_identity", "erased_title")
        text = sentence("citizen_identity", "erased", day=day, ground=ground[:1].lower() + ground[1:])
        return {"title": title, "text": text, "opened": opened}
    if since := restricted.since(scene.work, case_id, no):
        text = sentence("citizen_data", "restricted", day=day_of(scene, since))
        return {"title": sentence("citizen_mine", "identity_title"), "text": text, "opened": opened}
    text = "identity_open" if scene.own.secrecy == "open" else "identity_text"
    title = sentence("citizen_mine", "identity_title")
    return {"title": title, "text": sentence("citizen_mine", text), "opened": opened}


def _opening(scene: Scene, row: Opened) -> Vm:
    """Who opened the seal, when and what for: office, role and name, for it was done to this person."""
    purpose, label = sentence("reveal_purpose", row.purpose), scene.regulation.role(row.role).label
    agency, role = present.agency_name(scene.directory, row.agency), label[:1].lower() + label[1:]
    return {
        "who": sentence("citizen_identity", "who", agency=agency, role=role, name=row.name),
        "when": present.moment_text(scene.regulation, row.at),
        "why": sentence("citizen_mine", "opened_why", purpose=purpose, reason=row.reason)
        if row.reason
        else purpose,
    }
