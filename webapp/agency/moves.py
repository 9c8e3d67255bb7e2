"""One page for every move of every regulation: what it asks for comes from the regulation's row."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from webapp.agency import access, clearing, directing, forms, offers, results, story
from webapp.agency import draft as drafts
from webapp.agency.door import blueprint
from webapp.agency.draft import Draft
from webapp.agency.guard import staff
from webapp.agency.sight import Sight
from webapp.core.events import Kind
from webapp.core.regulation import Move, Regulation
from webapp.core.workflow import Action, Offer, Refused
from webapp.core.workflow import offers as offers_of
from webapp.doors import house, now, parts, present
from webapp.doors.present import Vm
from webapp.operations import moves, photos
from webapp.operations.intake import COMMUNE
from webapp.operations.work import Gone, Refusal, Work
from webapp.store import models
from webapp.store.media import MediaDown
from webapp.store.record import CaseFile
from webapp.words import sentence

# Refusals of what was typed; the others are about where the case stands.
_TYPED = {
    "missing_fact": "",
    "unknown_token": "",
    "not_in_force": "",
    "unknown_ground": "ground",
    "unknown_rating": "rating",
    "not_later": "due_on",
    "beyond_cap": "due_on",
    "promised_past": "promised_on",
    "not_same_person": "same_as",
}


@blueprint.get("/vu/<int:id>/<move_id>")
def move(id: int, move_id: str) -> Any:
    with house().reading(now()) as work:
        sight = Sight(work, access.open_case(work, staff(), id), staff())
        offer = _offer(sight, move_id)
        if offer.refused:
            return _page(sight, offer, None, refused=offer.refused), 409
        return _page(sight, offer, Draft(n=sight.state.events))


@blueprint.post("/vu/<int:id>/<move_id>")
def make_move(id: int, move_id: str) -> Any:
    """Do it, or show the same page with the reason and everything that was typed."""
    with house().reading(now()) as work:
        sight = Sight(work, access.open_case(work, staff(), id), staff())
        used = _case_of_token(work)
        if used == id:
            flash(sentence("desk_move", "again"), "plain")
            return redirect(sight.url, 303)
        offer = _offer(sight, move_id)
        draft = drafts.read(house(), work, request.form, request.files)
        if used is not None:
            draft.once = drafts.new_token()
        if offer.refused is None:
            _check(sight, offer, draft)
    if offer.refused or draft.errors:
        return _not_done(sight.file, offer, draft, offer.refused)
    action = Action(move_id, offer.target, staff().actor)
    try:
        file = house().write(now(), lambda work: _make(work, sight.file, action, draft))
    except Refusal as refusal:
        return _not_done(sight.file, offer, draft, refusal.refused)
    except MediaDown:  # publishing puts photos where the public finds them
        draft.stop("public_photos")
        return _not_done(sight.file, offer, draft, None)
    flash(_success(replace(sight, file=file), offer, offers.label(sight, offer.move)))
    return redirect(_next(file, sight), 303)


def _next(file: CaseFile, sight: Sight) -> str:
    """Back to the case, or to the list when the case has left this desk."""
    with house().reading(now()) as work:
        return sight.url if access.concerns(work, staff(), file.row) else url_for("agency.queue")


def _make(work: Work, file: CaseFile, action: Action, draft: Draft) -> CaseFile:
    given = draft.as_given(file.regulation.move(action.move), file.regulation.zone)
    after = moves.make(work, file.row.id, action, given, draft.once, draft.n)
    photos.drop_uploads(work, draft.once)
    return after


def _offer(sight: Sight, move_id: str) -> Offer:
    """What the regulation says to this move on that target. Raises Gone unless it is this account's move."""
    every = offers_of(sight.regulation, sight.state, sight.who.actor, sight.work.now)
    fits = [offer for offer in every if offer.move.id == move_id]
    target = request.args.get("target", "")
    if target:
        fits = [offer for offer in fits if str(offer.target) == target]
    if not fits:
        raise Gone(move_id)
    return next((offer for offer in fits if offer.refused is None), fits[-1])


def _case_of_token(work: Work) -> int | None:
    """The case in which this very form was already taken: the second tap of an impatient thumb."""
    row = work.session.get(models.Once, request.form.get("once", ""))
    return row.case_id if row else None


def _check(sight: Sight, offer: Offer, draft: Draft) -> None:
    """What can be said of the form before the regulation is asked: every missing fact at once."""
    values, names = dict(draft.values), forms.facts_of(offer.move)
    ground = sight.regulation.ground(values.get("ground", ""))
    if ground and "guidance" in names and not values.get("guidance", "").strip():
        values["guidance"] = ground.guidance
    draft.values = values
    drafts.known_fields(draft, {row.id for row in sight.regulation.fields})
    draft.errors |= clearing.errors(values, names, draft.seen)
    for name in offer.move.requires:
        if name not in draft.errors and not _present(draft, name):
            draft.errors[name] = sentence("desk_move", "missing", fact=sentence("fact", name))
    if "checked" in draft.errors:
        values.pop("checked", None)


def _present(draft: Draft, name: str) -> bool:
    if name == "after_photo":
        return bool(draft.kept or draft.new)
    if name == "document":
        return bool(draft.kept_papers or draft.new_papers)
    if name == "public_photos":
        return bool(draft.chosen)
    return bool(draft.values.get(name, "").strip())


# Answers


def _success(after: Sight, offer: Offer, label: str) -> str:
    """What happened, and what is due next: of one's own part, where others have the case too."""
    regulation = after.regulation
    if label != offer.move.label:
        label = sentence("desk_move", "beside_done", move=label, agencies=_holders(after.file))
    running = [clock for clock in after.clocks if clock.running and not clock.stands_still]
    if not running:
        return sentence("desk_move", "done", move=label)
    first = min(running, key=lambda clock: clock.due_at)
    whole = after.own is None
    step = parts.step(regulation, house().law.directory, after.state, first) if whole else ""
    step = step or regulation.clock(first.clock).label
    due = present.due_text(regulation, first.due_at, now())
    return sentence("desk_move", "done_due", move=label, step=step[0].lower() + step[1:], due=due)


def _holders(file: CaseFile) -> str:
    directory = house().law.directory
    return ", ".join(present.agency_name(directory, a.agency) for a in file.state.open_assignments)


def _not_done(file: CaseFile, offer: Offer, draft: Draft, refused: Refused | None) -> tuple[str, int]:
    """The same page again, drawn from the case as it is now."""
    drafts.keep_files(house(), now(), draft)
    if refused and refused.code in _TYPED:
        name = _TYPED[refused.code] or refused.params["fact"]
        draft.errors.setdefault(name, _because(file.regulation, refused))
        refused = None
    with house().reading(now()) as work:
        sight = Sight(work, access.open_case(work, staff(), file.row.id), staff())
        return _page(sight, offer, draft, refused=refused), 409 if refused else 503 if draft.stopped else 422


def _because(regulation: Regulation, refused: Refused) -> str:
    reason = present.refusal_text(regulation, refused)
    if not refused.cite:
        return sentence("desk_move", "not_now_plain", reason=reason)
    return sentence("desk_move", "not_now", reason=reason, article=refused.cite)


def _page(sight: Sight, offer: Offer, draft: Draft | None, *, refused: Refused | None = None) -> str:
    row = offer.move
    page = {
        "title": offers.label(sight, row),
        "case_title": sight.title,
        "case_url": sight.url,
        "number": sight.file.row.code,
        "lead": row.hint,
        "cite": present.cite(f"{sight.regulation.id}, {row.cite}"),
        "errors": [{"field": name, "text": text} for name, text in (draft.errors if draft else {}).items()],
        "why_not": _because(sight.regulation, refused) if refused else "",
        "conflict": _conflict(sight, draft) if refused and draft else None,
        "warnings": _before(sight, offer),
        "subject": results.approved(sight, offer.move.event, offer.target),
        "form": None,
    }
    if draft and (forms.facts_of(row) or not refused):
        page |= _form(sight, offer, draft)
    return render_template("agency/move.html", move=page)


def _form(sight: Sight, offer: Offer, draft: Draft) -> Vm:
    fields = forms.fields(sight, offer, draft)
    guesses = clearing.guesses(str(f["value"]) for f in fields if f["name"] in clearing.PUBLIC)
    hidden = {"once": draft.once, "n": str(draft.n if draft.n is not None else sight.state.events)}
    if any(f["name"] in clearing.PUBLIC for f in fields):
        hidden["seen"] = " ".join(clearing.tokens(guesses))
    action = url_for("agency.make_move", id=sight.file.row.id, move_id=offer.move.id, target=offer.target)
    cancel = {"cancel_url": sight.url, "cancel": sentence("desk_move", "back")}
    form = forms.form(action, offers.label(sight, offer.move), fields, hidden=hidden, **cancel)
    return {"form": form, "warnings": [*_before(sight, offer), *_marked(fields, guesses, draft)]}


def _before(sight: Sight, offer: Offer) -> list[Vm]:
    """What must be known before this is done."""
    waiting = [*directing.before(sight, offer.move, offer.target), *_only_the_commune(sight, offer.move)]
    return [
        *_beside(sight, offer.move),
        *({"title": "", "text": text, "tone": "plain"} for text in waiting),
    ]


def _only_the_commune(sight: Sight, move: Move) -> list[str]:
    """Said where words are made public: whoever wants the place unsaid wants it unsaid in the words too."""
    narrow = any(row.place_shown == COMMUNE for row in sight.submissions)
    asked = narrow and not set(clearing.PUBLIC).isdisjoint(forms.facts_of(move))
    return [sentence("desk_place_shown", "clear_words")] if asked else []


def _beside(sight: Sight, move: Move) -> list[Vm]:
    """Said before it is done: those who have the case keep it, and how it would be passed on instead."""
    if offers.label(sight, move) == move.label:
        return []
    standing = {assignment.state for assignment in sight.state.open_assignments}
    returns = (m for m in sight.regulation.moves if m.event is Kind.returned)
    back = next((m for m in returns if not standing.isdisjoint(m.from_)), None)
    said = [sentence("desk_move", "beside", agencies=_holders(sight.file))]
    if back:
        said.append(sentence("desk_move", "beside_instead", article=back.cite))
    return [{"title": "", "text": " ".join(said), "tone": "plain"}]


def _marked(fields: list[Vm], guesses: list[str], draft: Draft) -> list[Vm]:
    """What must go, said before anybody presses the button, and what must be judged."""
    texts = [
        str(f["value"]) for f in fields if f["name"] in clearing.PUBLIC and f["name"] not in draft.errors
    ]
    sure = list(dict.fromkeys(passage for text in texts for passage in clearing.sure(text)))
    found = (("sure", sure), ("names", guesses))
    return [_notice(code, passages) for code, passages in found if passages]


def _notice(code: str, passages: list[str]) -> Vm:
    text = sentence("desk_move", f"{code}_text", passages="\n".join(passages))
    return {"title": sentence("desk_move", f"{code}_title"), "text": text, "tone": "plain"}


def _conflict(sight: Sight, draft: Draft) -> Vm | None:
    """Who did what meanwhile, when the page that was sent had seen less than there is now."""
    if draft.n is None or draft.n >= sight.state.events:
        return None
    last = sight.file.events[-1]
    at = present.local(sight.regulation, last.at)
    name, move, time = story.actor(sight, last), story.title(sight, last), f"{at.hour}:{at:%M}"
    text = sentence("desk_move", "conflict", name=name, move=move, time=time)
    return {"text": text, "url": sight.url + "#line-h", "action": sentence("desk_move", "conflict_link")}
