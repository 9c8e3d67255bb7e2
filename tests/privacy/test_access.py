"""Every cell of the access matrix is tried at the real doors, page by page, with words that occur nowhere else.

A cell is `read` when a viewer finds the canary on any page or file they can reach, `reveal` when only the
recorded opening gives it to them, `none` otherwise. Neither more nor less than the matrix says may be found.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from tests.browse import Browser
from tests.cast import Town, found_town, photo
from webapp.app import create_app
from webapp.core.regulation import PURPOSES
from webapp.operations import photos, reveal
from webapp.operations.intake import Place
from webapp.operations.people import Person
from webapp.operations.reveal import Why
from webapp.operations.work import Gone, Refusal
from webapp.store import access, models
from webapp.store.access import AUDIENCES, GROUPS, Access

SENDER = Person("Mai Canaryname", "+84977000111", "canarymail@example.vn")
CANARIES = {
    "identity": ["Canaryname", "977000111", "977 000 111", "canarymail"],
    "place_exact": ["canaryplace", "15.57361", "15,57361"],
    "report_text": ["canaryreport"],
    "confidential_text": ["canarysecret"],
    "staff_notes": ["canarynote"],
    "result_draft": ["canarydraft"],
    "published": ["canarypublic"],
}
STAFF = {"coordinator": "hoa", "agency_own": "tu", "agency_other": "binh", "overseer": "son"}
MATRIX = Path(access.__file__).with_name("access.toml")
LINK = re.compile(r'(?:href|src|action)="([^"]+)"')


@dataclass
class Scene:
    """A town where something of every group happened, and a browser for every kind of viewer."""

    town: Town
    cases: dict[str, int]
    codes: dict[str, str]
    numbers: list[str]
    bytes_of: dict[str, bytes]
    browsers: dict[str, list[FlaskClient]] = field(default_factory=dict)
    seen: dict[str, bytes] = field(default_factory=dict)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    town = found_town(tmp_path_factory.mktemp("access") / "data")
    made = story(town)
    app = create_app(town.house.config, town.clock)
    for audience in AUDIENCES:
        made.browsers[audience] = browsers(app, made, audience)
    yield made
    town.house.close()


def story(town: Town) -> Scene:
    place = Place("canaryplace cạnh giếng", 15.57361, 108.474, 9.0)
    common = {"person": SENDER, "place": place}
    working = town.to_agency(
        text="canaryreport nắp cống", photos=[town.kept(photo(camera="CANARYCAM"))], **common
    )
    town.redraw()
    town.do(working.case_id, "accept", "tu")
    town.do(working.case_id, "ask_direction", "tu", texts={"note": "canarynote xin ý kiến"})
    town.do(working.case_id, "enter_result", "tu", texts={"result": "canarydraft đã làm"})
    sealed = town.to_agency(text="canarysecret", secrecy="confidential", **common)
    shown = town.to_approved(**common)
    words = {"public_text": "canarypublic nắp cống", "public_answer": "canarypublic đã thay"}
    town.do(shown.case_id, "publish", "tu", texts=words, checked=True)
    stranger = town.report(text="Chuyện khác")
    receipts = {"working": working, "sealed": sealed, "shown": shown, "stranger": stranger}
    return Scene(
        town,
        {name: receipt.case_id for name, receipt in receipts.items()},
        {name: receipt.code for name, receipt in receipts.items()},
        [receipt.number for receipt in receipts.values()],
        photo_bytes(town, working.case_id),
    )


def photo_bytes(town: Town, case_id: int) -> dict[str, bytes]:
    with town.house.reading(town.clock()) as work:
        (row,) = photos.of_case(work, case_id)
        return {"shown_photo": photos.shown(work, row, 1280), "original_photo": b"CANARYCAM"}


def browsers(app, made: Scene, audience: str) -> list[FlaskClient]:
    if audience in STAFF:
        return [Browser(app).log_in(STAFF[audience]).client]
    codes = {"reporter_own": ["working", "sealed", "shown"], "reporter_other": ["stranger"]}.get(audience)
    if codes is None:
        return [app.test_client()]
    opened = []
    for name in codes:
        browser = Browser(app).go("/theo-doi").fill("Mã bí mật", made.codes[name]).press("Xem phản ánh")
        opened.append(browser.client)
    return opened


def everything(made: Scene, audience: str) -> bytes:
    """All that a viewer can fetch: pages, their links of our own, and addresses guessed from what others see."""
    if audience not in made.seen:
        made.seen[audience] = b"\0".join(crawl(made, client) for client in made.browsers[audience])
    return made.seen[audience]


def crawl(made: Scene, client: FlaskClient) -> bytes:
    waiting = ["/", "/theo-doi/cua-toi", "/co-quan/", *[f"/pa/{number}" for number in made.numbers]]
    waiting += [f"/co-quan/vu/{id}" for id in made.cases.values()]
    for photo_id in picture_ids(made):
        waiting += [f"/theo-doi/cua-toi/anh/{photo_id}", f"/theo-doi/cua-toi/anh/{photo_id}?rong=1280"]
        waiting += [f"/co-quan/vu/{id}/anh/{photo_id}?w=1280" for id in made.cases.values()]
    done: set[str] = set()
    found = []
    while waiting and len(done) < 400:
        url = waiting.pop(0)
        if url in done or "/static/" in url or "dang-xuat" in url:
            continue
        done.add(url)
        response = client.get(url)
        if response.status_code == 200:
            found.append(response.data)
            if response.mimetype == "text/html":
                waiting += [u for u in map(unescape, LINK.findall(response.text)) if u.startswith("/")]
    return b"\0".join(found)


def picture_ids(made: Scene) -> list[int]:
    with made.town.house.store.reader() as session:
        return list(session.scalars(select(models.Photo.id)))


def found(made: Scene, group: str, audience: str) -> Access:
    data = everything(made, audience)
    canaries = [made.bytes_of[group]] if group in made.bytes_of else [c.encode() for c in CANARIES[group]]
    if any(canary in data for canary in canaries):
        return Access.read
    if group == "identity" and opens(made, audience):
        return Access.reveal
    return Access.none


def opens(made: Scene, audience: str) -> bool:
    """Whether any purpose at all opens the identity to this kind of viewer."""
    who = STAFF.get(audience, "reporter")
    town, case_id = made.town, made.cases["working"]
    actor, why = town.actor(who), Why("thử", requester="thử", basis="thử")
    for purpose in sorted(PURPOSES):
        try:
            opened = town.house.write(
                town.clock(),
                lambda work: reveal.reveal(work, case_id, 1, actor, purpose, why),  # noqa: B023
            )
        except (Refusal, Gone):
            continue
        assert opened == SENDER
        return True
    return False


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize("group", GROUPS)
def test_the_doors_give_what_the_matrix_says(scene: Scene, group: str, audience: str):
    assert found(scene, group, audience) is access.access(group, audience)


def test_every_canary_is_findable_somewhere(scene: Scene):
    """Else a `none` would prove nothing. Identities are findable by opening, originals in their sealed file."""
    data = b"".join(everything(scene, audience) for audience in AUDIENCES)
    readable = set(GROUPS) - {"identity", "original_photo"}
    assert {g for g in readable if any(c.encode() in data for c in CANARIES.get(g, []))} == readable - {
        "shown_photo"
    }
    assert scene.bytes_of["shown_photo"] in data
    assert b"CANARYCAM" in photo(camera="CANARYCAM")


def test_what_an_agency_gave_back_no_longer_opens_the_person_to_it(scene: Scene):
    town = scene.town
    case_id = town.to_agency(person=SENDER).case_id
    town.do(case_id, "return", "tu", texts={"reason": "Không thuộc phạm vi"})
    with pytest.raises(Gone):
        town.house.write(
            town.clock(),
            lambda work: reveal.reveal(work, case_id, 1, town.actor("tu"), "contact_reporter", Why("thử")),
        )
    assert scene.browsers["agency_own"][0].get(f"/co-quan/vu/{case_id}").status_code == 404


@pytest.mark.parametrize(
    "model", [models.Identity, models.Submission, models.Text, models.Photo, models.Reveal]
)
def test_the_public_door_cannot_even_ask(scene: Scene, model: type):
    with scene.town.house.store.public() as session, pytest.raises(DBAPIError):
        session.execute(select(model)).all()


# The file itself


def loaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, change: Callable[[str], str]) -> None:
    (tmp_path / "access.toml").write_text(change(MATRIX.read_text("utf-8")), "utf-8")
    monkeypatch.setattr(access, "__file__", str(tmp_path / "access.py"))
    access.matrix.__wrapped__()


def test_a_group_or_a_viewer_left_out_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    with pytest.raises(ValueError, match="groups differ"):
        loaded(monkeypatch, tmp_path, lambda text: text.replace("[published]", "[publishd]"))
    with pytest.raises(ValueError, match="overseer"):
        loaded(monkeypatch, tmp_path, lambda text: text.replace('overseer = "none"', ""))
    with pytest.raises(ValueError, match="peek"):
        loaded(monkeypatch, tmp_path, lambda text: text.replace('"reveal"', '"peek"'))


def test_no_regulation_gives_what_the_matrix_does_not(scene: Scene):
    """A [[reveal]] row for an office whose cell is `none` would be a promise the program breaks."""
    law = scene.town.house.law
    for regulation in law.versions:
        for row in regulation.reveals:
            org = regulation.role(row.role).org
            audience = "agency_own" if org == "agency" else org
            assert access.access("identity", audience) is Access.reveal, (regulation.id, row.role)


def test_the_matrix_is_plain_data():
    rows = tomllib.loads(MATRIX.read_text("utf-8"))
    assert list(rows) == list(GROUPS) and len(access.matrix()) == len(GROUPS) * len(AUDIENCES)
