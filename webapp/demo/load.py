"""Loading the small demo: staff, citizens and their stories, through the same operations as everybody."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update

from webapp.demo.album import Album
from webapp.demo.cast import LogIn, Staff, add_accounts, log_ins
from webapp.demo.files import stories
from webapp.demo.play import Player, governing
from webapp.demo.when import Hours
from webapp.operations.house import House
from webapp.operations.work import Work
from webapp.store import models

__all__ = ["LogIn", "NotADemo", "load_small", "log_ins", "require_demo", "staff_of"]

STAMP = "demo"
LOADING = "loading"  # a key of `meta` while very many cases are being loaded
SEED = 2026


class NotADemo(Exception):
    """This database holds cases and was never stamped as a demo: nothing of it may be touched."""


def load_small(house: House, now: datetime) -> list[LogIn]:
    """Fill a new database with the demo; a loaded one only tells its log-ins. Raises NotADemo."""
    if house.write(now, prepare):
        told = sorted(stories(house.law.id), key=lambda story: _sent(house, story, now))
        album = Album(house)
        album.prepare(photo_names(told))
        player = Player(house, staff_of(house), album, now, random.Random(SEED))  # noqa: S311 - invented data
        for story in told:
            player.play(story)
        house.write(now, _letters_sent)
    return log_ins(house.law)


def photo_names(stories: list[dict[str, Any]]) -> list[str]:
    """Every photo the stories show."""
    return [name for story in stories for part in (story, *story["steps"]) for name in part.get("photos", ())]


def require_demo(work: Work) -> bool:
    """Stamp a database without cases; returns whether it has any. Raises NotADemo."""
    stamp = work.session.get(models.Meta, "stamp")
    has_cases = bool(
        work.session.scalar(select(func.count()).select_from(select(models.Case.id).limit(1).subquery()))
    )
    if has_cases and (stamp is None or stamp.value != STAMP):
        raise NotADemo(
            "this database holds cases that are not a demo: use another HOIDAP_DATA or DATABASE_URL"
        )
    if stamp is None:
        work.session.add(models.Meta(key="stamp", value=STAMP))
    else:
        stamp.value = STAMP
    return has_cases


def staff_of(house: House) -> Staff:
    with house.store.reader() as session:
        ids = {row.username: row.id for row in session.scalars(select(models.Account))}
    return Staff(ids, house.law.id)


def prepare(work: Work) -> bool:
    """Stamp and staff; False when the database holds a demo already. Raises NotADemo."""
    has_cases = require_demo(work)
    if work.session.get(models.Meta, LOADING):
        raise NotADemo("loading was broken off here: run `flask demo load --reset`")
    if work.session.scalar(select(models.Account.id).limit(1)) is None:
        add_accounts(work)
    return not has_cases


def _letters_sent(work: Work) -> None:
    """Letters of the past were sent in the past; only those of the last minutes still wait."""
    notice = models.Notice
    waiting = (notice.created_at < work.now - timedelta(minutes=5), notice.parked_at.is_(None))
    work.session.execute(update(notice).where(*waiting).values(sent_at=notice.created_at, attempts=1))


def _sent(house: House, story: dict[str, object], now: datetime) -> datetime:
    return Hours(governing(house, story).counting).moment(str(story["sent"]), now)
