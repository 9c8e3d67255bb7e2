"""What must be sealed is sealed: somebody who carries the data folder away, but not the keys, reads none of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cast import Town, photo
from webapp.core.regulation import PURPOSES
from webapp.operations import erasure, photos
from webapp.operations.intake import Place
from webapp.operations.people import Person
from webapp.words import sentence

SENDER = Person("Mai Canaryname", "+84977000111", "canarymail@example.vn")
PLACE = Place("canaryplace cạnh giếng", 15.573611, 108.474222, 9.0)
PERSONAL = ["Canaryname", "977000111", "canarymail", "canaryplace", "15.573611", "108.474222"]


def stolen(town: Town) -> dict[Path, bytes]:
    folder = town.house.config.data
    town.house.store.scrub()
    files = (path for path in folder.rglob("*") if path.is_file() and path.parent.name != "keys")
    return {path: path.read_bytes() for path in files}


def found_in(files: dict[Path, bytes], *traces: str | bytes) -> list[str]:
    wanted = [trace.encode() if isinstance(trace, str) else trace for trace in traces]
    return [
        f"{path.name}: {trace[:40]!r}" for path, data in files.items() for trace in wanted if trace in data
    ]


@pytest.mark.parametrize("secrecy", ["open", "hide_name", "confidential"])
def test_person_and_exact_place_are_sealed_whatever_was_chosen(town: Town, secrecy: str):
    town.to_agency(person=SENDER, place=PLACE, secrecy=secrecy)
    assert found_in(stolen(town), *PERSONAL) == []


def test_every_text_of_a_confidential_case_is_sealed_also_those_of_staff(town: Town):
    words = {"text": "canaryreport"}
    receipt = town.to_agency(person=SENDER, secrecy="confidential", **words)
    town.do(receipt.case_id, "accept", "tu")
    town.do(receipt.case_id, "ask_direction", "tu", texts={"note": "canarynote"})
    town.do(receipt.case_id, "direct", "lan", texts={"direction": "canarydirection"})
    town.do(receipt.case_id, "enter_result", "tu", texts={"result": "canaryresult"})
    traces = ["canaryreport", "canarynote", "canarydirection", "canaryresult"]
    assert found_in(stolen(town), *traces) == []
    town.report(text="canaryclear")
    assert found_in(stolen(town), "canaryclear"), "the search would have found them"


def test_originals_and_redrawn_copies_are_sealed(town: Town):
    picture = photo(camera="CANARY-CAM")
    receipt = town.to_agency(photos=[town.kept(picture)], secrecy="open")
    town.redraw()
    with town.house.reading(town.clock()) as work:
        (row,) = photos.of_case(work, receipt.case_id)
        copies = [photos.shown(work, row, width) for width in (480, 1280)]
    assert copies[0].startswith(b"\xff\xd8")
    files = stolen(town)
    assert found_in(files, "CANARY-CAM", picture[200:260], *(copy[200:260] for copy in copies)) == []
    assert not any(data.startswith(b"\xff\xd8") for data in files.values())


def test_equal_reports_leave_no_equal_values_to_compare(town: Town):
    """A digest made without a key would let a thief try names against it."""
    report = town.written(person=SENDER, place=PLACE)
    from webapp.operations import intake

    town.house.write(town.clock(), lambda work: intake.submit(work, report))
    assert found_in(stolen(town), intake.digest(report)) == []


def test_every_purpose_and_ground_has_its_words():
    assert all(sentence("reveal_purpose", purpose) for purpose in PURPOSES)
    assert all(sentence("erasure_ground", ground) for ground in erasure.GROUNDS)
    codes = ("purpose", "reason", "requester", "basis", "delay")
    assert all(sentence("refused", f"reveal_{code}") for code in codes)
    assert sentence("refused", "legal_hold", document="Số 1") and sentence("refused", "person_erased")
