"""One public case: its steps with their articles, its terms judged now, and what was cleared to be shown."""

from __future__ import annotations

from datetime import date, datetime

from flask import Response, abort, url_for
from sqlalchemy.orm import Session

from webapp.core.events import Kind
from webapp.core.regulation import Regulation
from webapp.doors import house, near, now, present
from webapp.doors.present import Vm, chip
from webapp.doors.spot import position_text
from webapp.public import kept, timeline
from webapp.public.kept import Drawn
from webapp.public.near import met
from webapp.public.present import (
    current,
    holder,
    joined,
    meta,
    page,
    paused,
    ribbon,
    seen,
    standing,
    title_of,
)
from webapp.regulations.installation import Applies, Installation
from webapp.store.models import PubCard, PubContent, PubPhoto
from webapp.store.queries import public as queries
from webapp.store.queries.public import PublicCase
from webapp.words import sentence

CLOSE = 16  # the zoom at which the map shows one place


def show(code: str) -> Response:
    code, at = code.upper(), now()
    with house().store.public() as session:
        rows = queries.raw(session, code)
        law = house().law
        return kept.drawn(code, (rows, law), at, lambda: _draw(session, law, code, at))


def _draw(session: Session, law: Installation, code: str, at: datetime) -> Drawn:
    found = queries.case(session, code)
    if found is None:
        abort(404)
    regulation = law.pinned(found.card.regulation, found.card.version)
    dues = [clock.due_at for clock in found.clocks if clock.ended_n is None and not clock.paused_at]
    until = kept.next_change(regulation, [*dues, *filter(None, [found.card.due_at])], at)
    if found.tombstone:
        text = page("public/withdrawn.html", withdrawn=_withdrawn(law, found, found.tombstone, at))
        return text, 410, until
    return page("public/case.html", case=_case(law, found, at)), 200, until


def _case(law: Installation, found: PublicCase, at: datetime) -> Vm:
    card, regulation = found.card, law.pinned(found.card.regulation, found.card.version)
    clocks = [seen(clock, at) for clock in found.clocks]
    answers = [_answer(law, regulation, found, content) for content in found.shown]
    return {
        "title": title_of(law.directory, card),
        "number": card.code,
        "chips": _chips(law, regulation, found, at),
        "meta": joined(meta(law.directory, card), *(_who(content) for content in found.shown[:1])),
        "card_only": None if found.shown else _card_only(regulation, found),
        "text": (found.shown[0].report or "") if found.shown else "",
        "text_note": sentence("public_case", "text_note", cite=_cite_of(regulation, found, Kind.published)),
        "place": next(filter(None, map(_place, found.shown)), None),
        "ribbon": ribbon(regulation, card, clocks, at),
        "answer": answers[0] if answers else None,
        "more_answers": answers[1:],
        "no_answer": _no_answer(law, regulation, found, at),
        "rating": _rating(regulation, card),
        "timeline": timeline.entries(law, found, at),
        "why": _why(law, regulation, card),
        "rules_url": url_for("public.rules", id=regulation.id),
        "met": met(card),
        "join_url": f"/gui?cung={card.code}" if near.takes_more(law, card) else None,
        **_photos(found),
    }


def _chips(law: Installation, regulation: Regulation, found: PublicCase, at: datetime) -> list[Vm]:
    card = found.card
    chips = [standing(regulation, card, found.clocks, at)]
    running = current(found.clocks)
    if running and running.provisional:
        chips.append(chip(sentence("standing", "provisional")))
    if running or paused(found.clocks):
        chips.append(present.state_chip(regulation, card.state, desk=False))
    return chips


def _who(content: PubContent) -> str:
    if content.reporter:
        return sentence("public_case", "sender", name=content.reporter)
    return sentence("public_case", "nameless")


def _place(content: PubContent) -> Vm | None:
    """Where exactly, as its reporter and its publisher allowed it."""
    if content.lat is None or content.lon is None:
        return {"words": content.place, "position": "", "url": ""} if content.place else None
    spot = f"{content.lat:.4f},{content.lon:.4f},{CLOSE},{content.code}"
    position = position_text(content.lat, content.lon)
    return {
        "words": content.place or "",
        "position": position,
        "url": url_for("public.home", _anchor=f"ban-do={spot}"),
    }


def _card_only(regulation: Regulation, found: PublicCase) -> Vm:
    """Why there is only a card. Before an answer a confidential case looks like any other, but
    that nobody can join it (docs/adr/0007-personal-data.md)."""
    reason = sentence("public_case", "not_cleared")
    if found.answered_privately:
        last = next((step.ground for step in reversed(found.steps) if step.ground), "")
        ground = regulation.ground(last or "")
        why = sentence("public_case", "ground", ground=ground.label, cite=ground.cite) if ground else ""
        reason = sentence("public_case", "private_answer", ground=why)
    text = f"{reason} {sentence('public_case', 'card_stays')}"
    return {"title": sentence("public_case", "card_only"), "text": text}


def _photos(found: PublicCase) -> Vm:
    sent = sentence("public_case", "sent_on", day=present.day_text(found.card.submitted_on))
    days = {content.no: content.published_on for content in found.shown}
    sides: dict[str, list[Vm]] = {"before": [], "after": []}
    for row in found.photos:
        caption = sent
        if row.side == "after" and row.no in days:
            caption = sentence("public_case", "shown_on", day=present.day_text(days[row.no]))
        sides[row.side].append(_photo(row, caption, len(sides[row.side]) + 1))
    return {**sides, "after_missing": sentence("public_case", "after_missing")}


def _photo(row: PubPhoto, caption: str, number: int) -> Vm:
    address = url_for("public.photo", name=row.name)
    alt = sentence("public_case", f"alt_{row.side}", number=number)
    size = {"width": row.width, "height": row.height}
    return {"src": address, "full": address, "alt": alt, "caption": caption, **size}


def _answer(law: Installation, regulation: Regulation, found: PublicCase, content: PubContent) -> Vm:
    """The answer in the form of the regulations: greeting, opening, result, thanks."""
    agency = present.agency_name(law.directory, content.agency)
    day = present.day_text(content.published_on)
    cite = _cite_of(regulation, found, Kind.published)
    # By keyword, for one of the names is also a state's, and no page may look as if it knew states.
    return dict(  # noqa: C408
        agency=agency,
        greeting=sentence("public_answer", "greeting"),
        opening=sentence("public_answer", "opening", agency=agency),
        body=[part for part in (content.answer or "").split("\n\n") if part.strip()],
        closing=sentence("public_answer", "closing"),
        signoff=sentence("public_answer", "signoff"),
        files=[],
        published=sentence("public_answer", "shown_on", day=day, regulation=regulation.id, cite=cite),
    )


def _cite_of(regulation: Regulation, found: PublicCase, kind: Kind) -> str:
    """The article of the last step of that kind, as it was recorded."""
    moves = (step for step in reversed(found.steps) if step.move)
    return next((step.cite for step in moves if regulation.move(step.move).event is kind), "")


def _no_answer(law: Installation, regulation: Regulation, found: PublicCase, at: datetime) -> str:
    """Said only where somebody is late."""
    clock = current(found.clocks)
    if clock is None or at <= clock.due_at:
        return ""
    due = present.due_text(regulation, clock.due_at, at, hours=False)
    return sentence("public_case", "no_answer", agency=holder(law, regulation, clock), due=due)


def _rating(regulation: Regulation, card: PubCard) -> Vm | None:
    row = regulation.rating(card.rating or "")
    return {"label": row.label, "article": row.cite} if row else None


def _why(law: Installation, regulation: Regulation, card: PubCard) -> Vm:
    """Which row of the installation's map sent this case under this regulation."""
    row = _row(law, regulation, card)
    steps = [
        sentence("public_why", "place", area=present.area_name(law.directory, card.area)),
        sentence("public_why", "day", day=present.day_text(card.submitted_on)),
        sentence("public_why", "regulation", id=regulation.id, version=card.version, title=regulation.title),
    ]
    if not regulation.takes_real_cases:
        steps.append(sentence("public_why", "trial"))
    return {"text": f"{row.why}." if row else "", "steps": steps, "article": row.cite if row else ""}


def _row(law: Installation, regulation: Regulation, card: PubCard) -> Applies | None:
    area = law.directory.area(card.area or "")
    day = date.fromisoformat(card.submitted_on)
    rows = [row for row in law.applies if row.regulation == regulation.id]
    fits = (
        row
        for row in rows
        if (area is None or row.area == area.group)
        and row.from_ <= day
        and (row.until is None or day < row.until)
    )
    return next(fits, rows[0] if rows else None)


def _withdrawn(law: Installation, found: PublicCase, stone: PubContent, at: datetime) -> Vm:
    card, regulation = found.card, law.pinned(found.card.regulation, found.card.version)
    ground = regulation.ground(stone.ground or "")
    return {
        "title": sentence("public_withdrawn", "title"),
        "number": card.code,
        "on": present.day_text(stone.withdrawn_on or ""),
        "ground": ground.label if ground else sentence("public_withdrawn", "no_ground"),
        "article": ground.cite if ground else _cite_of(regulation, found, Kind.withdrawn),
        "meta": meta(law.directory, card),
        "text": sentence("public_withdrawn", "text"),
        "timeline": timeline.entries(law, found, at),
    }
