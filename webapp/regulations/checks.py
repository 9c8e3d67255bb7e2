"""What must hold between the rows of a regulation before it may govern a case."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from webapp.core.events import Scope
from webapp.core.regulation import PURPOSES, Regulation
from webapp.regulations.rows import Reader, label


def check(reader: Reader, regulation: Regulation) -> None:
    """All cross-row checks; what is wrong is kept in `reader`."""
    _references(reader, regulation)
    if reader.problems:
        return  # the walks below need sound references
    _reachable(reader, regulation)
    _ways_out(reader, regulation)
    _clocks_can_end(reader, regulation)
    _by_the_system(reader, regulation)
    _labels(reader, regulation)
    _reveals(reader, regulation)
    _validity(reader, regulation)


def _references(reader: Reader, regulation: Regulation) -> None:
    states = {state.id: state.on for state in regulation.states}
    moves = {move.id for move in regulation.moves}
    clocks = {clock.id for clock in regulation.clocks}
    roles = {role.id for role in regulation.roles}
    for move in regulation.moves:
        where = f"[[move]] {move.id}"
        _known(reader, where, "state", move.from_, states)
        _known(reader, where, "state", filter(None, (move.to, move.opens, move.answers)), states)
        _known(reader, where, "role", move.by, roles)
        _known(reader, where, "move", (then.do for then in move.then), moves)
        conditions = (*move.only_if, *move.unless)
        _known(reader, where, "clock", (c.clock for c in conditions if c.clock), clocks)
        timed = (*move.reopens, *move.pauses, *move.resumes, *move.extends)
        _known(reader, where, "clock", timed, clocks)
        wrong = [s for s in (*move.from_, *filter(None, [move.to])) if states.get(s, move.on) is not move.on]
        for state in wrong if move.on is not Scope.case else ():
            reader.problem(
                where, f"'{state}' is not a state of a {move.on}", "name a state of the same scope"
            )
    for clock in regulation.clocks:
        named = (*clock.starts, *clock.meets, *clock.ends, *filter(None, [clock.on_breach]))
        _known(reader, f"[[clock]] {clock.id}", "move", named, moves)
    for ground in regulation.grounds:
        _known(reader, f"[[ground]] {ground.id}", "move", ground.for_, moves)
        _known(
            reader, f"[[ground]] {ground.id}", "clock", (c.clock for c in ground.only_if if c.clock), clocks
        )
    for notice in regulation.notices:
        where = f"[[notice]] {notice.on}"
        before, _, clock_id = notice.on.partition(":")
        if before in ("breach", "soon"):
            _known(reader, where, "clock", [clock_id], clocks)
        else:
            _known(reader, where, "move", [notice.on], moves)
        _known(reader, where, "role", notice.to, roles)
    for report in regulation.reports:
        _known(reader, f"[[report]] {report.id}", "role", [report.by], roles)


def _reveals(reader: Reader, regulation: Regulation) -> None:
    """Only staff open an identity, each role once for a purpose, so that one article answers for it."""
    staff = {role.id for role in regulation.roles if role.org in ("coordinator", "agency", "overseer")}
    seen: set[tuple[str, str]] = set()
    for number, row in enumerate(regulation.reveals, 1):
        where = label("reveal", number, {"id": row.role})
        _known(reader, where, "role of staff", [row.role], staff)
        _known(reader, where, "purpose", row.purposes, PURPOSES)
        if not row.purposes:
            reader.problem(where, "'purposes' is empty", f"name some of {', '.join(sorted(PURPOSES))}")
        for pair in ((row.role, purpose) for purpose in row.purposes):
            if pair in seen:
                reader.problem(where, f"the purpose '{pair[1]}' stands twice", "name it in one row of a role")
            seen.add(pair)


def _known(reader: Reader, where: str, what: str, names: Iterable[str], known: Iterable[str]) -> None:
    for name in names:
        if name not in known:
            reader.problem(where, f"no {what} '{name}'", f"use one of {', '.join(sorted(known))}")


def _reachable(reader: Reader, regulation: Regulation) -> None:
    moves = regulation.moves
    seen = {m.to for m in moves if not m.from_ and m.to} | {m.opens for m in moves if m.opens}
    seen |= {m.answers for m in moves if m.answers}
    grew = True
    while grew:
        ways = {m.to for m in moves if m.to and not seen.isdisjoint(m.from_)}
        grew = not ways <= seen
        seen |= ways
    for state in regulation.states:
        if state.id not in seen:
            reader.problem(
                f"[[state]] {state.id}", "no move leads here", "add a move to it, or remove the state"
            )


def _ways_out(reader: Reader, regulation: Regulation) -> None:
    left = {state for m in regulation.moves for state in m.from_ if m.to or m.opens}
    answered = any(m.answers for m in regulation.moves)
    for state in regulation.states:
        stuck = not state.final and state.id not in left
        if stuck and not (state.on is Scope.submission and answered and not state.void):
            reader.problem(
                f"[[state]] {state.id}", "no move leads out of here", "add one, or mark it final = true"
            )


def _clocks_can_end(reader: Reader, regulation: Regulation) -> None:
    for clock in regulation.clocks:
        where = f"[[clock]] {clock.id}"
        if not clock.starts or not clock.meets:
            reader.problem(where, "'starts' or 'meets' is empty", "name the moves that start and meet it")
        for name in (*clock.starts, *clock.meets, *clock.ends):
            move = regulation.move(name)
            if clock.on is Scope.assignment and move.on is not Scope.assignment and not move.opens:
                reader.problem(
                    where,
                    f"move '{name}' is on a {move.on}",
                    "use a move on the assignment, or one that opens it",
                )


def _by_the_system(reader: Reader, regulation: Regulation) -> None:
    """What follows by itself is a move that the system may make, and never leads back to itself."""
    followers = {move.id: {then.do for then in move.then} for move in regulation.moves}
    by_itself = {name for names in followers.values() for name in names}
    by_itself |= {clock.on_breach for clock in regulation.clocks if clock.on_breach}
    for name in sorted(by_itself):
        where, move = f"[[move]] {name}", regulation.move(name)
        if not any(regulation.role(role).org == "system" for role in move.by):
            reader.problem(where, "the system makes it but may not", "add the system's role to 'by'")
        if name in _after(name, followers):
            reader.problem(where, "it follows from itself", "break the circle of [[move.then]]")


def _after(name: str, followers: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    ahead = set(followers[name])
    while ahead:
        one = ahead.pop()
        if one not in found:
            found.add(one)
            ahead |= followers[one]
    return found


def _labels(reader: Reader, regulation: Regulation) -> None:
    seen: set[str] = set()
    for option in regulation.ratings:
        name = unicodedata.normalize("NFC", option.label).strip().casefold()
        if name in seen:
            reader.problem(
                f"[[rating_option]] {option.id}", "the label stands twice", "use the law's own labels"
            )
        seen.add(name)
    if regulation.ratings and not regulation.rating_cite:
        reader.problem("[rating]", "'cite' is missing", "give the article that sets the labels")


def _validity(reader: Reader, regulation: Regulation) -> None:
    if regulation.effective_to and regulation.effective_to <= regulation.effective_from:
        reader.problem("[regulation]", "it ends before it begins", "let effective_to be after effective_from")
    if regulation.status == "replaced" and not regulation.effective_to:
        reader.problem("[regulation]", "it is replaced but has no end", "add effective_to")
