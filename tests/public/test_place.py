"""Where exactly it was: in the public rows only by its reporter's choice and its publisher's, and gone again."""

from __future__ import annotations

import json
import secrets
import struct
from dataclasses import replace

import pytest
from sqlalchemy import select

from tests.browse import Browser
from tests.cast import BUOI, TAM_KY, Town, photo
from tests.citizen.conftest import NAME, SEND, fill
from tests.phone import Phone, inside
from webapp.core.workflow import Refused
from webapp.operations import erasure, intake, public_place, scrubbing
from webapp.operations.intake import COMMUNE, EXACT, Place
from webapp.operations.verify import verify
from webapp.operations.work import Conflict, Refusal
from webapp.store import models
from webapp.store.queries import places
from webapp.store.queries.places import Frame
from webapp.store.queries.public import Wanted

CASES = "/ban-do/phan-anh.json"
HERE = Place("Canaryplace trước cổng chợ", 15.571357, 108.479753, 12.0)
ROUNDED = (15.5714, 108.4798)
SEEN = ("canaryplace", "15.5714", "108.4798", "15,5714", "108,4798", "15.57135", "108.47975")


def published(town: Town, shown: str = EXACT, chosen: str = EXACT, words: str = HERE.words, **changes):
    values = {"place": HERE, "place_shown": shown, "secrecy": "open"} | changes
    receipt = town.to_approved(**values)
    publish(town, receipt.case_id, chosen, words)
    return receipt


def publish(town: Town, case_id: int, chosen: str = EXACT, words: str = HERE.words):
    texts = {"public_text": "Nắp cống vỡ.", "public_answer": "Đã thay.", "public_where": words}
    return town.do(case_id, "publish", "tu", texts=texts, tokens={"place_shown": chosen}, checked=True)


def content(town: Town) -> models.PubContent:
    with town.house.store.public() as session:
        return session.scalars(select(models.PubContent)).one()


def everything(town: Town, reader, receipt, status: int = 200) -> str:
    """All public bytes about a case: pages, answers for the map, and the rows themselves."""
    town.clock.forward(seconds=6)
    told = [
        reader.html(url)
        for url in ("/", CASES, f"{CASES}?noi={TAM_KY}", f"{CASES}?khung=3100,21600,3200,21700")
    ]
    told.append(reader.html(f"/pa/{receipt.number}", status))
    with town.house.store.public() as session:
        for mapper in models.PubCard.registry.mappers:
            if mapper.class_.__tablename__.startswith("pub_"):
                rows = session.execute(select(mapper.local_table)).all()
                told += [str(row) for row in rows]
    return "\n".join(told).lower()


def nothing_seen(town: Town, reader, receipt, status: int = 200) -> None:
    told = everything(town, reader, receipt, status)
    assert [one for one in SEEN if one in told] == []


# Published


def test_it_is_public_once_both_allow_it_and_not_a_metre_more_exact(any_town: Town):
    receipt = any_town.to_approved(place=HERE, place_shown=EXACT)
    with any_town.house.store.public() as session:
        assert session.scalars(select(models.PubContent)).all() == []
    publish(any_town, receipt.case_id)
    row = content(any_town)
    assert (row.lat, row.lon, row.place) == (*ROUNDED, HERE.words)
    assert any_town.differences() == []
    assert verify(any_town.house, any_town.clock()).problems == []


def test_the_case_leads_to_its_place_on_the_map_and_the_map_has_it(town: Town, reader):
    receipt = published(town)
    page = reader.html(f"/pa/{receipt.number}")
    assert f'href="/#ban-do=15.5714,108.4798,16,{receipt.number}"' in page
    assert "Canaryplace trước cổng chợ" in page and "15,5714; 108,4798" in page and "108.4797" not in page
    points = json.loads(reader.html(CASES))["points"]
    assert points == [[receipt.number, *ROUNDED, "on_time", "Nắp cống vỡ"]]


def test_before_it_is_published_nobody_knows_where(town: Town, reader):
    nothing_seen(town, reader, town.to_approved(place=HERE, place_shown=EXACT, secrecy="open"))


# Not more than was allowed


@pytest.mark.parametrize("secrecy", ["hide_name", "open"])
def test_only_the_commune_is_public_where_the_reporter_said_so(town: Town, reader, secrecy):
    """And said so is whoever was not asked: it is what a report without the answer means."""
    nothing_seen(town, reader, published(town, shown=COMMUNE, secrecy=secrecy))


def test_a_confidential_case_shows_no_place_whatever_was_ticked(town: Town, reader):
    receipt = town.to_approved(place=HERE, place_shown=EXACT, secrecy="confidential")
    with town.house.reading(town.clock()) as work:
        assert public_place.allowed(work, town.file(receipt.case_id)) is None
    nothing_seen(town, reader, receipt)


@pytest.mark.parametrize("chosen", [COMMUNE, ""])
def test_the_publisher_may_show_less_and_saying_nothing_is_less(town: Town, reader, chosen):
    nothing_seen(town, reader, published(town, chosen=chosen))


def test_the_publisher_may_leave_out_the_words(town: Town):
    published(town, words="")
    assert (content(town).lat, content(town).place) == (ROUNDED[0], None)


@pytest.mark.parametrize("when", ["claimed", "judged"])
def test_health_is_never_shown_more_exactly_than_its_commune(town: Town, reader, when):
    receipt = town.report(
        place=HERE, place_shown=EXACT, category="suc-khoe" if when == "claimed" else "giao-thong"
    )
    judged = "suc-khoe" if when == "judged" else "giao-thong"
    town.do(receipt.case_id, "receive", "hoa", tokens={"category": judged, "area": TAM_KY})
    town.do(receipt.case_id, "distribute", "hoa", tokens={"agency": "so-xaydung"})
    town.do(receipt.case_id, "accept", "tu")
    town.do(receipt.case_id, "enter_result", "tu", texts={"result": "Xong."})
    town.do(receipt.case_id, "approve", "lan")
    publish(town, receipt.case_id)
    nothing_seen(town, reader, receipt)


def test_a_position_that_is_not_sure_is_no_pin(town: Town):
    published(town, place=replace(HERE, accuracy=900.0))
    assert (content(town).lat, content(town).place) == (None, HERE.words)


def test_the_position_in_a_photo_is_never_published(town: Town, reader):
    place = Place("Gần chợ")
    receipt = town.to_approved(place=place, place_shown=EXACT, photos=[town.kept(photo(gps=True))])
    town.redraw()
    publish(town, receipt.case_id, words="Gần chợ")
    assert (content(town).lat, content(town).lon) == (None, None)
    assert json.loads(reader.html(CASES))["points"] == []


def test_words_with_a_number_of_a_person_are_refused(town: Town):
    receipt = town.to_approved(place=HERE, place_shown=EXACT)
    with pytest.raises(Refusal) as refusal:
        publish(town, receipt.case_id, words="Gọi 0905 123 456 để được chỉ chỗ")
    assert isinstance(refusal.value.refused, Refused) and refusal.value.refused.code == "personal_marks"


def test_a_choice_nobody_knows_is_refused(town: Town):
    receipt = town.to_approved(place=HERE, place_shown=EXACT)
    with pytest.raises(Refusal):
        publish(town, receipt.case_id, "everything")


# And gone again


def packed(town: Town) -> list[str]:
    """Where the rounded degrees still stand in the files of a SQLite database, as it writes numbers."""
    found = []
    for path in town.house.config.data.glob("hoidap.db*"):
        data = path.read_bytes()
        found += [f"{value} in {path.name}" for value in ROUNDED if struct.pack(">d", value) in data]
    return found


def test_withdrawn_it_is_nowhere_public(town: Town, reader):
    receipt = published(town)
    assert packed(town)
    town.do(receipt.case_id, "withdraw", "lan", tokens={"ground": "personal_data"}, texts={"reason": "x"})
    assert (content(town).place, content(town).lat, content(town).lon) == (None, None, None)
    nothing_seen(town, reader, receipt, 410)
    assert town.differences() == []


def test_erased_it_is_in_no_byte_of_the_database(town: Town, reader):
    receipt = published(town)
    town.house.write(town.clock(), lambda work: erasure.erase_person(work, 1, "data_subject", None))
    nothing_seen(town, reader, receipt)
    scrubbing.Scrubber().when_due(town.house)
    assert packed(town) == []
    with town.house.reading(town.clock()) as work:
        assert public_place.allowed(work, town.file(receipt.case_id)) is None


def test_restricted_it_is_hidden(town: Town, reader):
    receipt = published(town)

    def hide(work):
        file = town.file(receipt.case_id)
        erasure.hide(work, file, work.session.get_one(models.Submission, 1))

    town.house.write(town.clock(), hide)
    nothing_seen(town, reader, receipt)


def test_a_case_that_turns_out_to_be_about_health_loses_its_pin(town: Town, reader):
    receipt = published(town)

    def judged_anew(work):
        file = town.file(receipt.case_id)
        public_place.keep_to_commune(work, replace(file, state=replace(file.state, category="suc-khoe")))

    town.house.write(town.clock(), judged_anew)
    nothing_seen(town, reader, receipt)


# As it is sent


def kept(town: Town) -> list[str]:
    with town.house.store.reader() as session:
        return list(session.scalars(select(models.Submission.place_shown)))


@pytest.mark.parametrize(
    ("visibility", "told", "shown"),
    [("open", EXACT, EXACT), ("hide_name", EXACT, EXACT), ("confidential", EXACT, COMMUNE),
     ("open", "", COMMUNE), ("open", "anything", COMMUNE)],
)  # fmt: skip
def test_a_phone_sends_the_choice_and_an_old_one_does_not(app, town: Town, visibility, told, shown):
    fields = {"visibility": visibility} | ({"place_shown": told} if told else {})
    assert Phone(inside(app), fields=fields).report().status == 200
    assert kept(town) == [shown]


def test_the_form_without_scripts_asks_and_proposes_the_commune(app, town: Town):
    browser = Browser(app).go("/gui")
    assert browser.sees("Nơi hiện cho mọi người", "Chỉ tên xã, phường", "ai cũng thấy chỗ này trên bản đồ")
    fill(browser).press(SEND)
    other = fill(Browser(app).go("/gui"), **{"Họ và tên": ""}).press(SEND, 422, place_shown=EXACT)
    fill(other, **{"Họ và tên": NAME}).press(SEND)
    assert kept(town) == [COMMUNE, EXACT]


def test_what_was_sent_before_keeps_its_digest(town: Town):
    report = town.written()
    assert intake.digest(report) == intake.digest(replace(report, place_shown=COMMUNE))
    assert intake.digest(report) != intake.digest(replace(report, place_shown=EXACT))
    once = replace(report, secret=secrets.token_hex(16))
    town.house.write(town.clock(), lambda work: intake.submit(work, once))
    with pytest.raises(Conflict):
        other = replace(once, place_shown=EXACT)
        town.house.write(town.clock(), lambda work: intake.submit(work, other))


def test_the_desk_sees_what_was_allowed_and_cannot_widen_it(app, town: Town):
    wide = town.to_approved(place=HERE, place_shown=EXACT)
    narrow = town.to_approved(place=HERE, place_shown=COMMUNE, person=BUOI)
    tu = Browser(app).log_in("tu")
    tu.go(f"/co-quan/vu/{wide.case_id}/publish")
    assert tu.sees("Người gửi cho hiện đúng chỗ", HERE.words)
    tu.go(f"/co-quan/vu/{narrow.case_id}/publish")
    assert tu.sees("Ở đây không mở rộng được") and not tu.sees(HERE.words)
    tu.tick("Tôi đã đọc lại").press("Công khai", place_shown=EXACT, public_where="Canaryplace")
    assert (content(town).lat, content(town).place) == (None, None)
    tu.go(f"/co-quan/vu/{wide.case_id}/publish").tick("Tôi đã đọc lại").press("Công khai")
    with town.house.store.public() as session:
        assert sorted(row.lat or 0 for row in session.scalars(select(models.PubContent))) == [0, ROUNDED[0]]


# The map's answer


def test_a_frame_has_its_points_and_a_bad_one_is_no_frame(town: Town, reader):
    receipt = published(town)

    def codes(frame: str) -> list[str]:
        return [row[0] for row in json.loads(reader.html(f"{CASES}?khung={frame}"))["points"]]

    assert codes("3114,21695,3115,21696") == [receipt.number]
    assert codes("3115,21695,3116,21696") == []
    for bad in ("x", "0,0,5000,5000", "3115,21695,3114,21696", "1,2,3", "3114,21695,3115,21696,1"):
        assert "areas" in json.loads(reader.html(f"{CASES}?khung={bad}")), bad


def test_points_keep_to_the_filters_and_to_their_bound(town: Town, monkeypatch):
    published(town)
    published(town)
    frame = Frame(15.5, 108.4, 15.6, 108.5)
    monkeypatch.setattr(places, "POINTS", 1)
    with town.house.store.public() as session:
        found, more = places.points(session, Wanted(), town.clock(), frame)
        assert (len(found), more) == (1, True)
        assert places.points(session, Wanted(category="dien"), town.clock(), frame) == ([], False)


def test_points_are_asked_of_an_index(town: Town):
    with town.house.store.public() as session:
        plan = session.connection().exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT code, lat, lon FROM pub_content WHERE lat IS NOT NULL"
            " AND lat BETWEEN 15.5 AND 15.6 AND lon BETWEEN 108.4 AND 108.5 LIMIT 3000"
        )
        assert "COVERING INDEX ix_pub_content_point" in str(plan.all())
