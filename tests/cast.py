"""One fixed cast and one small town for all tests: the same people, agencies and photos everywhere.

Hoa receives at the centre. Tu handles and Lan leads at the construction department; Binh and Minh do the same at
the industry department. Son oversees. Buoi reports a broken manhole.
"""

from __future__ import annotations

import atexit
import io
import secrets
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image
from sqlalchemy import select

from tests.postgres import copy_database, new_database, server_of
from webapp.config import Config
from webapp.core.workflow import Action, Actor
from webapp.operations import accounts, intake, moves, photos
from webapp.operations.house import House
from webapp.operations.intake import Place, Receipt, Report
from webapp.operations.moves import Given
from webapp.operations.people import Person
from webapp.store import models, record
from webapp.store.migrate import migrate
from webapp.store.record import CaseFile

PASSWORD = "mot cau de nho 2026"
MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # 08:00 in Tam Ky
TAM_KY = "20341"
MANHOLE = "Nắp cống vỡ trước cổng trường, trời tối rất nguy hiểm."

# username: name, agency, roles
STAFF = {
    "hoa": ("Trần Thị Hoa", "ioc", ["intake_officer"]),
    "tu": ("Lê Văn Tư", "so-xaydung", ["handler"]),
    "lan": ("Phạm Thị Lan", "so-xaydung", ["leader"]),
    "binh": ("Đỗ Văn Bình", "so-congthuong", ["handler"]),
    "minh": ("Hồ Thị Minh", "so-congthuong", ["leader"]),
    "son": ("Võ Văn Sơn", "ioc", ["overseer"]),
}
BUOI = Person("Nguyễn Thị Bưởi", "+84905123456", "buoi@example.vn")


@dataclass
class Clock:
    """A clock that stands still until a test moves it."""

    at: datetime = MONDAY

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **delta: float) -> datetime:
        self.at += timedelta(**delta)
        return self.at


@dataclass
class Town:
    """A house with its staff, and short ways to let a story happen in it."""

    house: House
    clock: Clock
    ids: dict[str, int] = field(default_factory=dict)

    def actor(self, who: str, submission: int | None = None) -> Actor:
        if who == "reporter":
            return Actor(frozenset({"reporter"}), submission=submission or 1)
        _, agency, roles = STAFF[who]
        return Actor(frozenset(roles), agency, self.ids[who])

    def report(self, **changes: Any) -> Receipt:
        """Buoi's report, stored; `changes` replace fields of it."""
        return self.house.write(self.clock(), lambda work: intake.submit(work, self.written(**changes)))

    def written(self, **changes: Any) -> Report:
        values: dict[str, Any] = {
            "secret": secrets.token_hex(16),
            "text": MANHOLE,
            "place": Place("Trước cổng trường tiểu học", 15.5736, 108.474, 12.0),
            "occurred_on": "2026-03-02",
            "person": BUOI,
            "secrecy": "hide_name",
            "undertaking": True,
            "category": "giao-thong",
            "area": TAM_KY,
        }
        return Report(**values | changes)

    def kept(self, data: bytes) -> photos.Kept:
        return photos.keep(self.house.vault, self.house.media, data, self.house.config.max_upload_bytes)

    def do(self, case_id: int, move: str, who: str, target: int = 1, **given: Any) -> CaseFile:
        """Let `who` make `move`; keywords are Given's (texts, tokens, photos, chosen_photos, due_on, checked)."""
        action = Action(
            move, 0 if move in ("distribute", "report_to_province", "conclude") else target, self.actor(who)
        )
        once, seen = given.pop("once", secrets.token_hex(8)), given.pop("seen", None)
        return self.house.write(
            self.clock(), lambda work: moves.make(work, case_id, action, Given(**given), once, seen)
        )

    def redraw(self) -> None:
        """What the worker does with photos that wait."""
        while True:
            photo = self.house.write(self.clock(), photos.next_pending)
            if photo is None:
                return
            copies = photos.redraw(photos.original_of(self.house.vault, self.house.media, photo))
            self.house.write(self.clock(), lambda work: photos.store_derivatives(work, photo.id, copies))  # noqa: B023

    def to_agency(self, agency: str = "so-xaydung", **changes: Any) -> Receipt:
        receipt = self.report(**changes)
        self.do(receipt.case_id, "receive", "hoa", tokens={"category": "giao-thong", "area": TAM_KY})
        self.do(receipt.case_id, "distribute", "hoa", tokens={"agency": agency})
        return receipt

    def to_approved(self, result: str = "Đã thay nắp cống mới.", **changes: Any) -> Receipt:
        receipt = self.to_agency(**changes)
        self.do(receipt.case_id, "accept", "tu")
        self.do(receipt.case_id, "enter_result", "tu", texts={"result": result})
        self.do(receipt.case_id, "approve", "lan")
        return receipt

    def to_published(self, **changes: Any) -> Receipt:
        receipt = self.to_approved(**changes)
        self.publish(receipt.case_id)
        return receipt

    def publish(self, case_id: int, photo_ids: Sequence[int] = ()) -> CaseFile:
        texts = {"public_text": MANHOLE, "public_answer": "Đã thay nắp cống mới."}
        return self.do(case_id, "publish", "tu", texts=texts, checked=True, chosen_photos=photo_ids)

    def file(self, case_id: int) -> CaseFile:
        with self.house.store.reader() as session:
            file = record.load(session, self.house.law, case_id)
        assert file is not None
        return file

    def notices(self) -> list[models.Notice]:
        with self.house.store.reader() as session:
            return list(
                session.scalars(select(models.Notice).order_by(models.Notice.created_at, models.Notice.id))
            )

    def differences(self) -> list[str]:
        with self.house.store.reader() as session:
            return list(record.differences(session, self.house.law))


def found_town(data: Path, database_url: str | None = None, place: str = "") -> Town:
    """A migrated, demo-stamped house in `data` with the cast's accounts; `place` is another installation."""
    # Founding takes a second, copying what was founded once takes none.
    founded = _founded(place, server_of(database_url) if database_url else None)
    shutil.copytree(founded.data, data, dirs_exist_ok=True)
    if database_url and founded.database_url:
        copy_database(founded.database_url, database_url)
    return replace(_open(data, database_url, place), ids=dict(founded.ids))


@dataclass(frozen=True)
class _Founded:
    """A founded house at rest."""

    data: Path
    database_url: str | None
    ids: dict[str, int]


@cache
def _founded(place: str, server_url: str | None) -> _Founded:
    """Made once for each test process, installation and database server."""
    folder = Path(tempfile.mkdtemp(prefix="hoidap-town-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    url = new_database(server_url, f"founded_{secrets.token_hex(8)}") if server_url else None
    town = _open(folder / "data", url, place)
    migrate(town.house.store)
    town.house.keys  # noqa: B018  made now, so that the copies have them
    town.house.write(town.clock(), lambda work: _settle(work, town))
    town.house.close()
    return _Founded(folder / "data", url, town.ids)


def _open(data: Path, database_url: str | None, place: str) -> Town:
    environ = {"HOIDAP_DATA": str(data), "SECURE_COOKIES": "off", "DEMO": "on", "RATE_LIMITS": "off"}
    if database_url:
        environ["DATABASE_URL"] = database_url
    if place:
        environ["INSTALLATION"] = place
    clock = Clock()
    return Town(House(Config.from_environment(environ), clock), clock)


def _settle(work: Any, town: Town) -> None:
    work.session.add(models.Meta(key="stamp", value="demo"))
    cheap = accounts._HASHER
    accounts._HASHER = QUICK_HASHER
    try:
        for username, (name, agency, roles) in STAFF.items():
            town.ids[username] = accounts.add(work, username, PASSWORD, name, agency, roles).id
    finally:
        accounts._HASHER = cheap


QUICK_HASHER = accounts.PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)


def photo(
    width: int = 640, height: int = 480, *, kind: str = "JPEG", gps: bool = True, camera: str = "CANARY-CAM"
) -> bytes:
    """A small real photo with a camera name, and a position, in its EXIF."""
    image = Image.new("RGB", (width, height), (120, 140, 150))
    image.paste((40, 40, 40), (width // 3, height // 3, width // 2, height // 2))
    exif = Image.Exif()
    exif[0x010F] = camera
    if gps:
        exif.get_ifd(0x8825).update({1: "N", 2: (15.0, 34.0, 25.0), 3: "E", 4: (108.0, 28.0, 26.0)})
    out = io.BytesIO()
    image.save(out, kind, exif=exif)
    return out.getvalue()
