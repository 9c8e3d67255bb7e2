"""What the map costs: counting a million cards by commune, for each kind of filter.

    python -m bench.places [--cards 1000000] [--folder /on/the/disk/in/question]

One JSON line a figure, the best of three.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, insert
from sqlalchemy.orm import Session

from webapp.store.models import PubCard
from webapp.store.queries import places
from webapp.store.queries.public import Wanted, Word

NOW = datetime(2026, 11, 22, 5, tzinfo=UTC)
AREAS = [str(20300 + n) for n in range(94)]
CATEGORIES = ["dien", "du-lich", "giao-thong", "khac", "moi-truong", "nuoc", "xay-dung", "y-te"]
ASKED = {
    "all": Wanted(),
    "category": Wanted(category="dien"),
    "area": Wanted(area="20310"),
    "late": Wanted(term="late"),
    "answered": Wanted(term="answered"),
    "common word": Wanted(words=(Word("truong"),)),
    "rare word": Wanted(words=(Word("so 999 "),)),
}


def cards(count: int) -> Iterator[dict[str, Any]]:
    """Cards of a year; the last fortieth is still open."""
    draw = random.Random(1)
    for n in range(count):
        open_, day = n >= count - count // 40, f"2026-{1 + n % 12:02}-{1 + n % 28:02}"
        yield {
            "code": f"QN-{n:07}", "regulation": "QN20", "version": "1", "state": "x", "content": "public",
            "category": draw.choice(CATEGORIES), "area": draw.choice(AREAS), "agency": "so-xaydung",
            "submitted_on": day, "due_at": NOW + timedelta(days=draw.randint(-20, 8)) if open_ else None,
            "due_clock": None, "answered_on": None if open_ else day, "late": draw.random() < 0.1,
            "ground": None, "rating": None, "photo": None,
            **PubCard.titled(f"Nap cong vo truoc cong truong so {n} duong Hung Vuong"),
        }  # fmt: skip


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--cards", type=int, default=1_000_000)
    words.add_argument("--folder", default=None)
    given = words.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        engine = create_engine(f"sqlite:///{Path(folder) / 'cards.db'}")
        engine = engine.execution_options(schema_translate_map={"pub": None})
        PubCard.__table__.create(engine)
        with engine.begin() as connection:
            connection.execute(insert(PubCard.__table__), list(cards(given.cards)))
        with Session(engine) as session:
            for name, wanted in ASKED.items():
                tell(session, name, wanted)


def tell(session: Session, name: str, wanted: Wanted) -> None:
    took = []
    for _ in range(3):
        begun = time.perf_counter()
        found = places.by_area(session, wanted, NOW)
        took.append(time.perf_counter() - begun)
    row = {"figure": f"map, {name}", "value": round(min(took) * 1000, 1), "unit": "ms", "places": len(found)}
    print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
