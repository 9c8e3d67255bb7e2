"""Buttons of the case page: what the regulation lets this account do now, and what not, with the article."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Sequence
from typing import Any

from flask import url_for

from webapp.agency.sight import Sight
from webapp.core.events import Kind, Scope
from webapp.core.regulation import Move
from webapp.core.workflow import Offer, case_state
from webapp.core.workflow import offers as offers_of
from webapp.doors import present
from webapp.doors.present import Vm
from webapp.words import sentence


def offers(sight: Sight) -> Vm:
    """`offers`: buttons, and what a condition forbids; `later`: what the present step does not allow."""
    found = relevant(sight)
    rows = present.offer_rows(sight.regulation, found, lambda move, target: address(sight, move, target))
    twice = {id for id, count in Counter(offer.move.id for offer in found).items() if count > 1}
    for offer, row in zip(found, rows, strict=True):
        # Nobody approves what they have not before them: the page of the move shows it.
        row["post"] = row["post"] and offer.move.event is not Kind.approved
        row["main"] = row["main"] and _is_next(sight, offer)
        row["hidden"] = _hidden(sight) if row["post"] else {}
        row["label"] = label(sight, offer.move)
        if offer.move.id in twice:
            row["label"] = _to_whom(sight, offer, row["label"])
    pairs = zip(found, rows, strict=True)
    later = [row for offer, row in pairs if offer.refused and offer.refused.code == "state"]
    return {"offers": [row for row in rows if row not in later], "later": later}


def relevant(sight: Sight) -> list[Offer]:
    """The offers on what is still open (else on the last): closed assignments would only repeat refusals."""
    found = offers_of(sight.regulation, sight.state, sight.who.actor, sight.work.now)
    held = {a.no for a in sight.state.open_assignments or sight.state.assignments[-1:]}
    found = [o for o in found if o.refused is None or o.move.on is not Scope.assignment or o.target in held]
    return [offer for offer in found if not _about_what_never_began(sight, offer)]


def _about_what_never_began(sight: Sight, offer: Offer) -> bool:
    """Whether it would keep or end something of which this case had none: a promise that nobody gave."""
    wanted = {c.clock for c in offer.move.only_if if c.is_ == "running"}
    refused = offer.refused is not None and offer.refused.code == "not_running"
    return refused and wanted.isdisjoint(clock.clock for clock in sight.state.clocks)


def label(sight: Sight, move: Move) -> str:
    """The button's words: another agency beside those that have the case is not the same as passing it on."""
    return move.beside if move.beside and sight.state.open_assignments else move.label


def address(sight: Sight, move: Move, target: int) -> str:
    return url_for("agency.move", id=sight.file.row.id, move_id=move.id, target=target)


def _is_next(sight: Sight, offer: Offer) -> bool:
    """Whether a main move is what the case waits for: not one that is merely possible beside it, such as
    a second agency, and not one that stands in for the reporter."""
    move, regulation = offer.move, sight.regulation
    if offer.refused:
        return False
    if move.on is not Scope.case:
        standing: Sequence[str] = (_standing(sight, offer),)
    else:
        standing = (case_state(regulation, sight.state),)
    return all(state in move.from_ and not regulation.state(state).pending for state in standing)


def _standing(sight: Sight, offer: Offer) -> str:
    subjects: Sequence[Any] = (
        sight.state.assignments if offer.move.on is Scope.assignment else sight.state.submissions
    )
    state: str = subjects[offer.target - 1].state
    return state


def _hidden(sight: Sight) -> dict[str, str]:
    """What a form sent from the case page carries: its own token, and how much of the story it knew."""
    return {"once": secrets.token_hex(16), "n": str(sight.state.events)}


def _to_whom(sight: Sight, offer: Offer, label: str) -> str:
    """One move on several: at which agency, or about which of those who sent it."""
    if offer.move.on is Scope.assignment:
        agency = sight.agency(sight.state.assignments[offer.target - 1].agency)
        return sentence("desk_move", "target", move=label, agency=agency)
    return sentence("desk_move", "sender", move=label, number=offer.target)
