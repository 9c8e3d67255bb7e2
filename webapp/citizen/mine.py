"""One's own report: reading it, and the moves its sender may make."""

from __future__ import annotations

from dataclasses import replace

from flask import Response, abort, flash, redirect, request
from werkzeug.wrappers import Response as Answer

from webapp.citizen import acts, mine_page, pictures
from webapp.citizen.acts import MINE, Act
from webapp.citizen.answers import answers
from webapp.citizen.door import blueprint, page, said, take_back, token
from webapp.citizen.scene import Scene, actor, open_scene
from webapp.core.regulation import Move
from webapp.core.workflow import Action
from webapp.doors import house, now, present
from webapp.doors.download import attachment, picture
from webapp.doors.guards import forget
from webapp.operations import citizens, documents, moves, photos
from webapp.operations.citizens import SESSION_HOURS
from webapp.operations.photos import NotTaken
from webapp.operations.work import Gone, Refusal, Work
from webapp.store import models
from webapp.store.sealing import Unsealable
from webapp.words import sentence


@blueprint.get(MINE)
def mine() -> Answer:
    try:
        with house().reading(now()) as work:
            return _page(open_scene(work, token()))
    except Gone:
        return _ask_for_code()


@blueprint.get(f"{MINE}/anh/<int:id>")
def photo(id: int) -> Response:
    """A redrawn copy of a photo this person may see. Everything else is not found."""
    width = request.args.get("rong", mine_page.FULL, int)
    with house().reading(now()) as work:
        scene = open_scene(work, token())
        row = next((row for row in mine_page.visible(scene) if row.id == id), None)
        if row is None:
            raise Gone(id)
        try:
            return picture(photos.shown(work, row, width))
        except LookupError:
            raise Gone(id) from None


@blueprint.get(f"{MINE}/van-ban/<int:id>")
def document(id: int) -> Response:
    """A document that came with an answer to this person, as a file to be saved."""
    with house().reading(now()) as work:
        scene = open_scene(work, token())
        if all(id not in answer.documents for answer in answers(scene)):
            raise Gone(id)
        try:
            return attachment(documents.download(work, scene.file.row, id))
        except (Unsealable, FileNotFoundError):
            raise Gone(id) from None


@blueprint.post(f"{MINE}/<move>")
def act(move: str) -> Answer:
    """Make a move, or give the page back with the reason and with what was typed."""
    try:
        with house().reading(now()) as work:
            scene = open_scene(work, token())
            typed = acts.typed(scene.regulation, _reporters(scene, move))
    except Gone:
        return _ask_for_code()
    if typed.errors:
        return _again(replace(typed, pictures=pictures.remember(typed.nonce, typed.pictures)))
    try:
        left = house().write(now(), lambda work: _make(work, typed))
    except Refusal as refusal:
        reason = present.refusal_text(scene.regulation, refusal.refused)
        words = said("citizen_move", "impossible", refusal.refused, reason)
        brought = pictures.remember(typed.nonce, typed.pictures)
        return _again(replace(typed, pictures=brought, refused=words))
    flash(acts.done(typed.move))
    for line in pictures.left_out(left, typed.pictures):
        flash(line, "soon")
    return redirect(MINE, 303)


@blueprint.post("/theo-doi/dong")
def close() -> Answer:
    """Shut the page on this device: the row and the cookie go."""
    response = redirect("/theo-doi", 303)
    try:
        session = token()
    except Gone:
        return response
    house().write(now(), lambda work: citizens.close_session(work, session))
    flash(sentence("citizen_follow", "closed"))
    forget(response)
    return take_back(response)


def _reporters(scene: Scene, id: str) -> Move:
    """A move of this regulation that reporters may know of; else there is no such page."""
    role = actor(scene.own.no).roles
    found = next((row for row in scene.regulation.moves if row.id == id and row.from_), None)
    if found is None or role.isdisjoint(found.by):
        abort(404)
    return found


def _make(work: Work, typed: Act) -> list[NotTaken]:
    """Make the move; returns the photos that were too many for one report or one day."""
    scene = open_scene(work, token())
    action = Action(typed.move.id, scene.own.no, actor(scene.own.no))
    fresh = work.session.get(models.Once, typed.once) is None
    case_id = scene.file.row.id
    taken, left = photos.within_quota_of(work, scene.row, typed.pictures.kept)
    given = typed.given(*acts.sorted_facts(typed), photos=bool(taken))
    moves.make(work, case_id, action, given, typed.once)
    if not fresh:
        return []
    photos.attach(work, case_id, taken, submission=scene.own.no)
    photos.drop_uploads(work, typed.nonce)
    return left


def _again(typed: Act) -> Answer:
    with house().reading(now()) as work:
        return _page(open_scene(work, token()), typed)


def _page(scene: Scene, typed: Act | None = None) -> Response:
    status = 200 if typed is None else 409 if typed.refused else 503 if typed.pictures.stopped else 422
    return page("citizen/mine.html", "follow", status, mine=mine_page.view(scene, typed))


def _ask_for_code() -> Answer:
    """No report is open here: whose session ran out is told so, a stranger is only asked for a code."""
    response = redirect("/theo-doi", 303)
    try:
        token()
    except Gone:
        return response
    flash(sentence("citizen_follow", "expired", hours=SESSION_HOURS))
    return take_back(response)
