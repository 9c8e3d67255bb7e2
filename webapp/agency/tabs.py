"""The groups of a desk's list, derived from the moves of the regulations: nothing here knows a state."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from webapp.agency.guard import Staff
from webapp.core.events import Kind, Scope
from webapp.core.regulation import Move, Regulation
from webapp.regulations.installation import Installation
from webapp.store.queries.agency import States, Tab

TODO, APPROVE, RUNNING, DONE, ALL = "can-lam", "cho-duyet", "dang-xu-ly", "da-xong", "tat-ca"
DOUBTED = "nghi-tu-dong"
_BY_PROGRESS = (Tab(RUNNING, every=True, closed=False), Tab(DONE, every=True, closed=True))
APPROVALS = frozenset({Kind.approved, Kind.edited_and_approved})


def everywhere(law: Installation, who: Staff) -> bool:
    return any(who.sees_all(regulation) for regulation in law.own.values())


def tabs(law: Installation, who: Staff) -> list[Tab]:
    """The groups this account works with, the first one being where the day begins."""
    regulations = list(law.own.values())
    if everywhere(law, who):
        first = _center(regulations, who)
        some = [first] if first.states or first.submissions or first.asked else []
        doubted = replace(first, code=DOUBTED, doubted=True)
        some = [replace(one, doubted=False) for one in some] + ([doubted] if first.states else [])
        return [*some, *_BY_PROGRESS, Tab(ALL, every=True)]
    directing = _states(regulations, who, _directing)
    todo = Tab(TODO, _states(regulations, who, _main_here), directing=directing, closed=False)
    approve = Tab(APPROVE, _states(regulations, who, _approving), closed=False)
    some = [todo, approve] if approve.states else [todo]
    return [*some, *_BY_PROGRESS]


def _center(regulations: Iterable[Regulation], who: Staff) -> Tab:
    """What waits for the centre: cases by their own state, submissions that joined later, open questions."""
    asked = frozenset(r.id for r in regulations if any(_about_a_question(m) for m in mine(r, who)))
    return Tab(
        TODO, _states(regulations, who, _main_unheld), _states(regulations, who, _main_on_submission), asked
    )


def mine(regulation: Regulation, who: Staff) -> list[Move]:
    """The moves on existing cases that this account's roles know."""
    return [move for move in regulation.moves if move.from_ and not who.roles.isdisjoint(move.by)]


def _states(regulations: Iterable[Regulation], who: Staff, wanted: Callable[[Move], bool]) -> States:
    """Where the wanted moves of this account start, by regulation; never where the reporter is waited for."""
    found = {
        regulation.id: frozenset(
            state
            for move in mine(regulation, who)
            if wanted(move)
            for state in move.from_
            if not regulation.state(state).pending
        )
        for regulation in regulations
    }
    return {regulation: states for regulation, states in found.items() if states}


def _main(move: Move) -> bool:
    return move.step == "main" and not move.only_if


def _main_here(move: Move) -> bool:
    return _main(move) and move.on is Scope.assignment


def _main_unheld(move: Move) -> bool:
    return _main(move) and move.on is not Scope.assignment


def _main_on_submission(move: Move) -> bool:
    return _main(move) and move.on is Scope.submission


def _approving(move: Move) -> bool:
    return _main_here(move) and move.event in APPROVALS


def _directing(move: Move) -> bool:
    return move.on is Scope.assignment and move.event is Kind.directed


def _about_a_question(move: Move) -> bool:
    return any(condition.is_ == "question_open" for condition in move.only_if)
