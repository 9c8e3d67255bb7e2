"""The list on a map: how many cases each commune has, by the filters of the address.

The answer has a row for each commune, never one for each case; with one commune asked for come its newest
cases. Where exactly a case lies is in the public rows only where its reporter and its publisher allowed it:
of those come the points when there are few cases, or those of the part that is looked at (`khung`).
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any

from flask import Response, render_template, request

from webapp.doors import house, now
from webapp.doors.present import Vm
from webapp.public import kept
from webapp.public.home import Asked, read, wanted_of
from webapp.public.present import item, title_of
from webapp.regulations.installation import Installation
from webapp.store.queries import places
from webapp.store.queries import public as queries
from webapp.store.queries.places import Frame, Place, Point
from webapp.words import catalogue

MOST = 500  # places in an answer
NEWEST = 5
KEPT = timedelta(seconds=5)
GRID = 200  # parts of a degree, some 550 m: frames come in whole ones, so that neighbours ask alike
WIDEST = 0.6  # degrees
_FRAME = re.compile(r"-?[0-9]{1,5}(,-?[0-9]{1,5}){3}", re.ASCII)


def frame() -> str:
    """The box a map stands in, with its words."""
    return render_template("public/map_frame.html", words=catalogue()["map"])


def cases() -> Response:
    """Counted again at most every `KEPT`, however many people look."""
    asked, at = read(request.args, house().law.directory), now()
    frame = _frame(request.args.get("khung", ""))

    def draw() -> kept.Drawn:
        answer = _inside(asked, frame, at) if frame else _answer(asked, at)
        body = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
        return body, 200, at + KEPT

    return kept.drawn(f"map {asked.values} {frame}", house().law, at, draw, "application/json")


def _answer(asked: Asked, at: datetime) -> Vm:
    law = house().law
    directory = law.directory
    wanted = wanted_of(asked, law, at)
    with house().store.public() as session:
        found = places.by_area(session, wanted, at)
        cards = queries.page(session, wanted, at, offset=0, limit=NEWEST) if wanted.area else []
        clocks = queries.clocks(session, [card.code for card in cards])
        newest = [_line(item(law, card, clocks[card.code], at)) for card in cards]
        total = sum(place.total for place in found)
        few = places.points(session, wanted, at, None)[0] if total <= places.POINTS else []
        points = [_point(law, point, at) for point in few]
    known = {place.area: place for place in found if directory.area(place.area)}
    day = at.astimezone(law.first.zone).date()
    areas = [area for area in directory.areas if area.id in known or area.in_force(day)]
    return {
        "areas": [
            [area.id, area.name, area.lat, area.lon, *_numbers(known.get(area.id))] for area in areas[:MOST]
        ],
        "total": total,
        "unplaced": total - sum(place.total for place in known.values()),
        "cut": bool(wanted.words) and total >= places.MOST,
        "newest": newest,
        "points": points,
        "more": total > places.POINTS,
    }


def _inside(asked: Asked, frame: Frame, at: datetime) -> Vm:
    law = house().law
    with house().store.public() as session:
        found, more = places.points(session, wanted_of(asked, law, at), at, frame)
        return {"points": [_point(law, point, at) for point in found], "more": more}


def _point(law: Installation, point: Point, at: datetime) -> list[Any]:
    card = point.card
    return [card.code, point.lat, point.lon, point.standing(at), title_of(law.directory, card)]


def _frame(text: str) -> Frame | None:
    """South, west, north, east in whole parts of the grid; None for what is none, or too wide."""
    if not _FRAME.fullmatch(text):
        return None
    south, west, north, east = (float(part) / GRID for part in text.split(","))
    wide = not (0 < north - south <= WIDEST and 0 < east - west <= WIDEST)
    return None if wide else Frame(south, west, north, east)


def _numbers(place: Place | None) -> list[int]:
    return [place.total, place.overdue, place.waiting, place.late, place.on_time] if place else [0] * 5


def _line(shown: Vm) -> Vm:
    """What a mark on the map says of a case: the same words as in the list."""
    standing = ", ".join(chip["label"] for chip in shown["chips"])
    return {"url": shown["url"], "code": shown["number"], "title": shown["title"], "standing": standing}
