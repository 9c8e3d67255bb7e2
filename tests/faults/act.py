"""One operation on a data folder, in a process of its own that may be killed: `python -m tests.faults.act`.

It prints "begun" when everything is prepared and "done" once the operation was acknowledged.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from tests.cast import MANHOLE, STAFF, Clock, Town, photo
from webapp.cli.worker import tick
from webapp.config import Config
from webapp.operations import erasure
from webapp.operations.house import House
from webapp.store import models

CASES = {"distribute": 1, "publish": 2, "erase": 3, "tick": 4}  # as test_crash_points prepares them


def open_town(data: Path, url: str = "") -> Town:
    environ = {"HOIDAP_DATA": str(data), "DEMO": "on", "SECURE_COOKIES": "off", "RATE_LIMITS": "off"}
    environ |= {"MIN_FREE_BYTES": "0"} | ({"DATABASE_URL": url} if url else {})
    clock = Clock()
    town = Town(House(Config.from_environment(environ), clock), clock)
    with town.house.store.reader() as session:
        known = {row.username: row.id for row in session.scalars(select(models.Account))}
    town.ids = {name: known[name] for name in STAFF}
    return town


def submit(town: Town) -> None:
    town.report(secret="ab" * 16, photos=[town.kept(photo(64, 48))])


def distribute(town: Town) -> None:
    town.do(CASES["distribute"], "distribute", "hoa", tokens={"agency": "so-xaydung"}, once="act")


def publish(town: Town) -> None:
    with town.house.store.reader() as session:
        ids = list(session.scalars(select(models.Photo.id).where(models.Photo.case_id == CASES["publish"])))
    texts = {"public_text": MANHOLE, "public_answer": "Đã thay nắp cống mới."}
    town.do(CASES["publish"], "publish", "tu", texts=texts, checked=True, chosen_photos=ids, once="act")


def erase(town: Town) -> None:
    query = select(models.Submission.id).where(models.Submission.case_id == CASES["erase"])

    def do(work) -> None:
        erasure.erase_person(work, work.session.scalars(query).one(), "data_subject", None)

    town.house.write(town.clock(), do)


def run_tick(town: Town) -> None:
    town.clock.at += timedelta(days=5)
    tick(town.house)


ACTS = {"submit": submit, "distribute": distribute, "publish": publish, "erase": erase, "tick": run_tick}


if __name__ == "__main__":
    town = open_town(Path(sys.argv[2]))
    with town.house.reading(town.clock()):
        assert town.house.vault
    print("begun", flush=True)
    ACTS[sys.argv[1]](town)
    print("done", flush=True)
    town.house.close()
