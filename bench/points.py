"""What pins cost: the published places of a part of the map, among a million.

    python -m bench.points [--cards 1000000] [--folder /on/the/disk/in/question]

One JSON line a figure, the best of three.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from pathlib import Path

from sqlalchemy import create_engine, insert
from sqlalchemy.orm import Session

from bench.places import NOW, cards
from webapp.store.models import PubCard, PubContent
from webapp.store.queries import places
from webapp.store.queries.places import Frame
from webapp.store.queries.public import Wanted, Word

CITY, STREET = Frame(15.3, 108.0, 15.8, 108.5), Frame(15.55, 108.45, 15.555, 108.455)
ASKED = {
    "a city": (Wanted(), CITY),
    "a street": (Wanted(), STREET),
    "a city, one category": (Wanted(category="dien"), CITY),
    "a city, a rare word": (Wanted(words=(Word("so 999 "),)), CITY),
    "few: the newest": (Wanted(), None),
}


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--cards", type=int, default=1_000_000)
    words.add_argument("--folder", default=None)
    given = words.parse_args()
    draw = random.Random(2)
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        engine = create_engine(f"sqlite:///{Path(folder) / 'cards.db'}")
        engine = engine.execution_options(schema_translate_map={"pub": None})
        for model in (PubCard, PubContent):
            model.__table__.create(engine)
        with engine.begin() as connection:
            rows = list(cards(given.cards))
            connection.execute(insert(PubCard.__table__), rows)
            shown = [
                {"code": row["code"], "no": 1, "agency": "x", "published_on": "2026-01-01",
                 "lat": round(draw.uniform(14.9, 16.2), 4), "lon": round(draw.uniform(107.2, 108.7), 4)}
                for row in rows
            ]  # fmt: skip
            connection.execute(insert(PubContent.__table__), shown)
        with Session(engine) as session:
            for name, (wanted, frame) in ASKED.items():
                took = []
                for _ in range(3):
                    begun = time.perf_counter()
                    found, more = places.points(session, wanted, NOW, frame)
                    took.append(time.perf_counter() - begun)
                row = {"figure": f"pins, {name}", "value": round(min(took) * 1000, 1), "unit": "ms"}
                print(json.dumps({**row, "points": len(found), "more": more}), flush=True)


if __name__ == "__main__":
    main()
