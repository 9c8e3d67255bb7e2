"""The list on a map: how many cases each commune has, by the filters of the address.

The public rows hold a commune and never the exact place, so neither can this. The answer has a row for each
commune, never one for each case; with one commune asked for come its newest cases.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from flask import Response, render_template, request

from webapp.doors import house, now
from webapp.doors.present import Vm
from webapp.doors.squeeze import squeezable
from webapp.public import kept
from webapp.public.home import Asked, read, wanted_of
from webapp.public.present import item
from webapp.store.queries import places
from webapp.store.queries import public as queries
from webapp.store.queries.places import Place
from webapp.words import catalogue

MOST = 500  # places in an answer
NEWEST = 5
KEPT = timedelta(seconds=5)


def frame() -> str:
    """The box a map stands in, with its words."""
    squeezable()
    return render_template("public/map_frame.html", words=catalogue()["map"])


def cases() -> Response:
    """Counted again at most every `KEPT`, however many people look."""
    asked, at = read(request.args, house().law.directory), now()

    def draw() -> kept.Drawn:
        body = json.dumps(_answer(asked, at), ensure_ascii=False, separators=(",", ":"))
        return body, 200, at + KEPT

    squeezable()  # what it says is chosen by the request and repeats nothing of it
    return kept.drawn(f"map {asked.values}", house().law, at, draw, "application/json")


def _answer(asked: Asked, at: datetime) -> Vm:
    law = house().law
    directory = law.directory
    wanted = wanted_of(asked, directory)
    with house().store.public() as session:
        found = places.by_area(session, wanted, at)
        cards = queries.page(session, wanted, at, offset=0, limit=NEWEST) if wanted.area else []
        clocks = queries.clocks(session, [card.code for card in cards])
        newest = [_line(item(law, card, clocks[card.code], at)) for card in cards]
    known = {place.area: place for place in found if directory.area(place.area)}
    day = at.astimezone(law.first.zone).date()
    areas = [area for area in directory.areas if area.id in known or area.in_force(day)]
    total = sum(place.total for place in found)
    return {
        "areas": [
            [area.id, area.name, area.lat, area.lon, *_numbers(known.get(area.id))] for area in areas[:MOST]
        ],
        "total": total,
        "unplaced": total - sum(place.total for place in known.values()),
        "cut": bool(wanted.words) and total >= places.MOST,
        "newest": newest,
    }


def _numbers(place: Place | None) -> list[int]:
    return [place.total, place.overdue, place.waiting, place.late, place.on_time] if place else [0] * 5


def _line(shown: Vm) -> Vm:
    """What a mark on the map says of a case: the same words as in the list."""
    standing = ", ".join(chip["label"] for chip in shown["chips"])
    return {"url": shown["url"], "code": shown["number"], "title": shown["title"], "standing": standing}
