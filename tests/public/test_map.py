"""The list on a map: a row for each commune by the filters of the address, and never an exact place."""

import json
import re
import tomllib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.cast import found_town
from webapp.app import create_app
from webapp.config import Config, ConfigError, Tiles
from webapp.operations.intake import Place
from webapp.store.models import PubCard
from webapp.store.queries import places
from webapp.store.queries.public import Wanted, Word

ROOT = Path(__file__).parents[2]
CASES = "/ban-do/phan-anh.json"
TAM_KY, BAN_THACH = "20341", "20335"


def asked(reader, query=""):
    return json.loads(reader.html(f"{CASES}{query}"))


def of(answer, area):
    row = next(row for row in answer["areas"] if row[0] == area)
    return dict(zip(("total", "overdue", "waiting", "late", "on_time"), row[4:], strict=True))


def test_each_commune_has_its_numbers_and_there_is_no_row_for_a_case(town, reader):
    for _ in range(3):
        town.to_published()
    town.to_agency()
    answer = asked(reader)
    assert of(answer, TAM_KY) == {"total": 4, "overdue": 0, "waiting": 1, "late": 0, "on_time": 3}
    assert of(answer, BAN_THACH)["total"] == 0
    assert (answer["total"], answer["unplaced"], answer["newest"]) == (4, 0, [])
    town.clock.forward(days=60)
    assert of(asked(reader), TAM_KY)["overdue"] == 1


def test_the_map_counts_what_the_list_counts(town, reader):
    town.to_published()
    town.to_agency()
    for query in (
        "",
        "?linh-vuc=giao-thong",
        "?linh-vuc=dien",
        "?noi=20341",
        "?noi=20335",
        "?han=answered",
        "?q=cong",
        "?q=zzz",
    ):
        said = re.search(r"(\d+) phản ánh, mới nhất trước", reader.html(f"/{query}"))
        assert asked(reader, query)["total"] == (int(said[1]) if said else 0), query


def test_one_commune_brings_its_newest_cases(town, reader):
    receipts = [town.to_published() for _ in range(6)]
    newest = asked(reader, f"?noi={TAM_KY}")["newest"]
    assert len(newest) == 5
    assert {row["code"] for row in newest} <= {receipt.number for receipt in receipts}
    assert newest[0]["url"] == f"/pa/{newest[0]['code']}"
    assert newest[0]["standing"] == "Đã trả lời, đúng hạn"


@pytest.mark.parametrize("secrecy", ["hide_name", "confidential", "open"])
def test_where_exactly_it_was_is_in_no_answer(town, reader, secrecy):
    place = Place("Nhà bà CANARYNHA", 15.571357, 108.479753, 12.0)
    town.to_agency(secrecy=secrecy, place=place)
    for query in ("", f"?noi={TAM_KY}", "?q=canarynha"):
        body = reader.html(CASES + query)
        assert (
            "571357" not in body
            and "479753" not in body
            and "15.5713" not in body
            and "CANARYNHA" not in body
        )
    centres = {(row.lat, row.lon) for row in town.house.law.directory.areas}
    assert {(row[2], row[3]) for row in asked(reader)["areas"]} <= centres


def test_what_the_list_does_not_show_is_not_on_the_map(town, reader):
    town.report()  # not received: no card yet
    assert asked(reader)["total"] == 0


def test_the_answer_is_the_same_bytes_and_is_not_sent_twice(town, reader, client):
    town.to_published()
    first = reader.get(CASES)
    assert first.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    again = client.get(CASES, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_it_is_counted_again_after_some_seconds(town, reader):
    assert asked(reader)["total"] == 0
    town.to_published()
    town.clock.forward(seconds=6)
    assert asked(reader)["total"] == 1


@pytest.mark.parametrize(
    "wanted", [Wanted(), Wanted(category="giao-thong"), Wanted(area=TAM_KY), Wanted(term="answered")]
)
def test_counting_is_asked_of_an_index_alone(town, wanted, monkeypatch):
    seen = []
    with town.house.store.public() as session:
        execute = session.execute
        monkeypatch.setattr(session, "execute", lambda query: seen.append(query) or execute(query))
        places.by_area(session, wanted, town.clock())
        compiled = seen[0].compile(session.get_bind(), compile_kwargs={"literal_binds": True})
        plan = (
            session.connection()
            .exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}".replace("pub.pub_", "pub_"))
            .all()
        )
    assert any("COVERING INDEX" in str(row) for row in plan), plan


def test_both_databases_count_alike(any_town):
    any_town.to_published()
    any_town.to_agency()
    with any_town.house.store.public() as session:
        for wanted in (
            Wanted(),
            Wanted(category="giao-thong"),
            Wanted(words=(Word("cong"),)),
        ):
            found = places.by_area(session, wanted, any_town.clock())
            assert all(place.area == TAM_KY for place in found)
        whole = places.by_area(session, Wanted(), any_town.clock())
        running = session.scalars(select(PubCard.due_at).where(PubCard.due_at.is_not(None))).one()
        day, terms = timedelta(days=1), ((any_town.house.law.versions[0].id, "1", "verification"),)
        for until, total in ((running - day, []), (running, [1])):
            near = Wanted(term="soon", near=((until, terms),))
            assert [place.total for place in places.by_area(session, near, any_town.clock())] == total
    assert [(place.total, place.waiting, place.on_time) for place in whole] == [(2, 1, 1)]


# The archipelagos


def test_the_shipped_map_names_the_sea_and_both_archipelagos():
    drawn = (ROOT / "static/map/vietnam.js").read_text("utf-8")
    country = json.loads(drawn[drawn.index("default ") + 8 :].rstrip().rstrip(";"))
    labels = {row[0]: (row[1], row[2]) for row in country["labels"]}
    assert set(labels) == {
        "Biển Đông",
        "Quần đảo Hoàng Sa (TP. Đà Nẵng)",
        "Quần đảo Trường Sa (tỉnh Khánh Hòa)",
    }
    assert labels["Quần đảo Hoàng Sa (TP. Đà Nẵng)"] == (16.568, 112.135)
    assert labels["Quần đảo Trường Sa (tỉnh Khánh Hòa)"] == (9.71, 114.45)
    assert (len(country["merged"]), len(country["old"])) == (34, 63)
    about = tomllib.loads((ROOT / "scripts/basemap.toml").read_text("utf-8"))
    assert country["islands"] == [point for group in about["islands"].values() for point in group]


@pytest.mark.parametrize(
    ("place", "name"), [("da-nang-merged", "Đặc khu Hoàng Sa"), ("khanh-hoa", "Đặc khu Trường Sa")]
)
def test_both_archipelagos_can_be_chosen_in_the_form_and_in_the_filter(tmp_path, place, name):
    town = found_town(tmp_path / "data", place=place)
    client = create_app(town.house.config, town.clock).test_client()
    assert re.search(
        rf"<optgroup label=\"Đặc khu\">.*>{name}</option>", client.get("/gui").get_data(as_text=True)
    )
    assert f">{name}</option>" in client.get("/").get_data(as_text=True)
    town.house.close()


# Pictures of another server, by setting


def test_no_host_but_ours_may_give_pictures_unless_the_operator_names_one(town, reader):
    town.to_published()
    policy = reader.get("/").headers["Content-Security-Policy"]
    assert "img-src 'self' blob: data:;" in policy
    assert "data-tiles" not in reader.html("/")
    tiles = Tiles(url="https://tiles.example.vn/{z}/{x}/{y}.png", credit="© Nguồn bản đồ")
    client = create_app(replace(town.house.config, tiles=tiles), town.clock).test_client()
    answer = client.get("/")
    assert "img-src 'self' https://tiles.example.vn blob: data:;" in answer.headers["Content-Security-Policy"]
    assert (
        'data-tiles="https://tiles.example.vn/{z}/{x}/{y}.png" data-credit="© Nguồn bản đồ"'
        in answer.get_data(as_text=True)
    )


@pytest.mark.parametrize(
    ("url", "credit", "fault"),
    [
        ("https://tiles.example.vn/{z}/{x}/{y}.png", "", "TILE_ATTRIBUTION"),
        ("http://tiles.example.vn/{z}/{x}/{y}.png", "x", "https://"),
        ("https://tiles.example.vn/map.png", "x", "{z}/{x}/{y}"),
        ("https://{s}.tiles.example.vn/{z}/{x}/{y}.png", "x", "one plain host"),
        ("https://a:b@tiles.example.vn/{z}/{x}/{y}.png", "x", "one plain host"),
        ("https://tiles.example.vn;script-src */{z}/{x}/{y}", "x", "cannot be read"),
    ],
)
def test_a_server_of_pictures_is_named_plainly(url, credit, fault):
    with pytest.raises(ConfigError, match=re.escape(fault)):
        Config.from_environment({"TILE_URL": url, "TILE_ATTRIBUTION": credit})


def test_a_server_of_pictures_on_this_machine_needs_no_tls():
    config = Config.from_environment(
        {"TILE_URL": "http://127.0.0.1:9/{z}/{x}/{y}.png", "TILE_ATTRIBUTION": "x"}
    )
    assert config.tiles.origin == "http://127.0.0.1:9"
