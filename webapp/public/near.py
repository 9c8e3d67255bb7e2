"""What was reported around a place already, for whoever is about to report it: few lines, and how many.

It reads public rows alone. Where a place was published exactly, it is told, and the phone works out how far
it is: the position of whoever asks never comes here.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from flask import Response, request

from webapp.doors import house, near, now
from webapp.doors.present import Vm
from webapp.public import kept
from webapp.public.present import item
from webapp.regulations.installation import Installation
from webapp.store.models import PubCard, PubClock
from webapp.store.queries import near as queries
from webapp.store.queries import public
from webapp.store.queries.near import Around
from webapp.words import catalogue, sentence

KEPT = timedelta(seconds=5)


def show() -> Response:
    """Looked up again at most every `KEPT`, however many people are about to report."""
    law, at = house().law, now()
    area = law.directory.area(request.args.get("noi", ""))
    category = law.directory.category(request.args.get("linh-vuc", ""))
    asked = near.around(law, area.id if area else "", category.id if category else None, at)

    def draw() -> kept.Drawn:
        body = json.dumps(_answer(law, asked, at), ensure_ascii=False, separators=(",", ":"))
        return body, 200, at + KEPT

    return kept.drawn(f"near {asked.area} {asked.category}", law, at, draw, "application/json")


def _answer(law: Installation, asked: Around, at: datetime) -> Vm:
    if not asked.area:
        return {"cases": [], "times": "", "words": {}}
    with house().store.public() as session:
        first = queries.cards(session, asked)
        places = queries.placed(session, asked, [card.code for card in first])
        more = queries.named(session, places.keys() - {card.code for card in first})
        cards = [card for card in (*first, *more) if asked.category or card.title]
        clocks = public.clocks(session, [card.code for card in cards])
        lines = [_line(law, card, clocks[card.code], at) | _where(places.get(card.code)) for card in cards]
        count = queries.count(session, asked) if asked.category else 0
    said = sentence("public_near", "times", count=count, nth=count + 1) if count else ""
    return {"cases": lines, "most": queries.MOST, "times": said, "words": catalogue()["phone_near"]}


def _where(place: tuple[float, float] | None) -> Vm:
    return {"at": place} if place else {}


def _line(law: Installation, card: PubCard, clocks: list[PubClock], at: datetime) -> Vm:
    shown = item(law, card, clocks, at)
    standing = ", ".join(chip["label"] for chip in shown["chips"])
    about = {name: shown[name] for name in ("url", "number", "title", "meta")}
    return {
        **about,
        "standing": standing,
        "met": met(card),
        "told": bool(card.title),
        "joins": near.takes_more(law, card),
    }


def met(card: PubCard) -> str:
    """How many people met it: a number and nobody's name."""
    return sentence("public_near", "met", count=card.joined + 1) if card.joined else ""
