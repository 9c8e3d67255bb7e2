"""The directory goes out to a sheet and comes in again: first what it would mean, then whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.cast import Town
from webapp.cli.directory import directory_group
from webapp.core import shapes
from webapp.operations import organisation
from webapp.regulations.directory_file import KEYS, rows_of
from webapp.regulations.directory_own import csv_rows, read_rows, to_csv, to_toml
from webapp.regulations.load import load_installation

ENDING = """id;until;successor;cite
so-xaydung;01/07/2027;so-nnmt;Quyết định 12/2027
"""
OFFICIAL = Path(__file__).parents[3] / "shared" / "data" / "communes" / "da-nang.geojson"


@pytest.fixture
def command(town: Town, monkeypatch):
    """`command("import", file)`: what the operator reads."""
    monkeypatch.setenv("HOIDAP_DATA", str(town.house.config.data))

    def run(*words: object, code: int = 0) -> str:
        done = CliRunner().invoke(directory_group, [str(word) for word in words])
        assert done.exit_code == code, done.output
        return done.output

    return run


def sheet(tmp_path: Path, text: str, name: str = "agency.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return path


def own_rows(town: Town) -> Path:
    return town.house.config.directory_folder / "quang-nam.toml"


def law_after(town: Town):
    return load_installation(own=town.house.config.directory_folder)


def test_a_dry_run_says_what_would_be_different_and_what_hangs_on_it(town: Town, command, tmp_path: Path):
    town.to_agency()
    said = command("import", sheet(tmp_path, ENDING))
    assert "KẾT THÚC  đơn vị so-xaydung “Sở Xây dựng”: hết hiệu lực từ (trống) → 01/07/2027" in said
    assert "1 phản ánh đang mở ở đây, sẽ chuyển sang Sở Nông nghiệp và Môi trường, giữ nguyên hạn" in said
    assert "2 tài khoản" in said
    assert "0 mới, 0 đổi, 1 kết thúc" in said and "Chưa ghi gì" in said
    assert not own_rows(town).exists()


def test_applying_writes_only_what_differs_and_keeps_a_record(town: Town, command, tmp_path: Path):
    rows = ENDING + "so-yte;;;\n"
    said = command("import", sheet(tmp_path, rows), "--apply", "--document", "Quyết định 12/2027")
    assert "khởi động lại" in said
    assert own_rows(town).read_text("utf-8") == (
        '[[agency]]\nid = "so-xaydung"\nuntil = 2027-07-01\nsuccessor = "so-nnmt"\ncite = "Quyết định 12/2027"\n'
    )
    record = json.loads((own_rows(town).parent / organisation.RECORD).read_text("utf-8"))
    assert record["document"] == "Quyết định 12/2027" and record["file"] == "agency.csv"
    assert record["changes"][0]["keys"]["until"] == [None, "2027-07-01"]
    found = law_after(town).directory.agency("so-xaydung")
    assert found and found.successor == "so-nnmt"
    assert "Không có gì khác" in command("import", sheet(tmp_path, rows), "--apply")


def test_a_value_of_ones_own_can_be_taken_back_a_shipped_one_cannot(town: Town, command, tmp_path: Path):
    command("import", sheet(tmp_path, ENDING), "--apply")
    said = command("import", sheet(tmp_path, "id,until,successor,cite\nso-xaydung,-,-,-\n"), "--apply")
    assert "01/07/2027 → (trống)" in said
    assert own_rows(town).read_text("utf-8") == ""
    said = command("import", sheet(tmp_path, "id,name\nso-xaydung,-\n"), code=1)
    assert "shipped and cannot be taken back" in said


BAD = [
    ("id,until\nso-yte,mai\n", "line 2: 'until' is 'mai'"),
    ("id,colour\nso-yte,red\n", "unknown key 'colour'"),
    ("name\nSở Y tế\n", "'id' is missing"),
    ("id,kind\nso-yte,planet\n", "'kind' is 'planet'"),
    ("id,name,short\nso-moi,Sở mới,Sở mới\nso-moi,Sở mới,Sở mới\n", "the id stands twice"),
    ("id,name\nso-moi,Sở mới\n", "'short' is missing"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "what"), BAD, ids=[what for _, what in BAD])
def test_a_sheet_with_a_fault_changes_nothing_and_names_the_row(town: Town, command, tmp_path, text, what):
    assert what in command("import", sheet(tmp_path, text), "--apply", code=1)
    assert not own_rows(town).exists()


def test_an_area_that_no_regulation_governs_is_refused(town: Town, command, tmp_path: Path):
    area = "id,name,group,lat,lon\n99999,Xã Mới,noi-khac,15.5,108.4\n"
    assert "no regulation governs group 'noi-khac'" in command(
        "import", sheet(tmp_path, area, "area.csv"), code=1
    )


def test_a_new_area_brings_its_committee(town: Town, command, tmp_path: Path):
    area = 'id,name,group,lat,lon\n99999,Xã Mới,quang-nam-cu,"15,5",108.4\n'
    said = command("import", sheet(tmp_path, area, "area.csv"))
    assert "MỚI       địa bàn 99999 “Xã Mới”" in said and "ubnd-99999 “UBND xã Mới”" in said


def test_what_somebody_else_wrote_meanwhile_is_not_overwritten(town: Town, tmp_path: Path):
    config, groups = town.house.config, {"quang-nam-cu"}
    plan = organisation.plan(config, "quang-nam", read_rows(sheet(tmp_path, ENDING)), groups)
    organisation.apply(plan, town.clock(), "first.csv")
    with pytest.raises(organisation.ChangedMeanwhile):
        organisation.apply(plan, town.clock(), "second.csv")


@pytest.mark.parametrize("table", list(KEYS))
def test_every_table_goes_out_and_comes_back_the_same(table: str):
    rows = rows_of(organisation.shipped("quang-nam"))[table]
    assert csv_rows(to_csv(rows, KEYS[table]).removeprefix("\ufeff"), "x", table) == rows


def test_the_whole_directory_goes_out_as_toml_and_comes_back_the_same(command, tmp_path: Path):
    path = sheet(tmp_path, command("export"), "all.toml")
    assert read_rows(path) == rows_of(organisation.shipped("quang-nam"))
    assert "Không có gì khác" in command("import", path)


def test_a_name_that_looks_like_a_formula_stays_a_name():
    row = {"id": "x", "name": "=HYPERLINK(1)", "short": "-"}
    text = to_csv([row], ["id", "name"])
    assert "'=HYPERLINK(1)" in text
    assert csv_rows(text.removeprefix("\ufeff"), "x", "agency")[0]["name"] == "=HYPERLINK(1)"
    assert '"=HYPERLINK' in to_toml({"agency": [row]})


def test_own_rows_are_backed_up_and_come_back(town: Town, command, tmp_path: Path):
    from tests.cli.test_backup import back_up, put_back

    command("import", sheet(tmp_path, ENDING), "--apply")
    house, done = put_back(town, back_up(town, tmp_path / "backups").folder, tmp_path / "other")
    assert done.problems == []
    found = house.law.directory.agency("so-xaydung")
    assert found and found.successor == "so-nnmt"
    house.close()


# Boundaries


def square(x: float, y: float, size: float = 0.1) -> list[list[float]]:
    return [[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]


def geojson(tmp_path: Path, *features: tuple[str, list]) -> Path:
    made = [
        {
            "type": "Feature",
            "properties": {"code": code},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        for code, ring in features
    ]
    path = tmp_path / "communes.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": made}), "utf-8")
    return path


def test_boundaries_give_an_area_its_centre_and_are_kept_lighter(town: Town, command, tmp_path: Path):
    file = geojson(tmp_path, ("20341", square(108, 15)), ("00001", square(10, 15)))
    said = command("boundaries", file)
    assert "vĩ độ 15.558 → 15.05" in said and "1 ranh giới không thuộc danh bạ này, bỏ qua: 00001" in said
    assert not own_rows(town).parent.exists()
    command("boundaries", file, "--apply")
    area = law_after(town).directory.area("20341")
    assert area and (area.lat, area.lon) == (15.05, 108.05)
    kept = json.loads((own_rows(town).parent / "boundaries.geojson").read_text("utf-8"))
    assert [feature["properties"]["name"] for feature in kept["features"]] == ["Phường Tam Kỳ"]


def test_a_file_of_another_province_does_not_replace_what_is_kept(town: Town, command, tmp_path: Path):
    command("boundaries", geojson(tmp_path, ("20341", square(108, 15))), "--apply")
    kept = (own_rows(town).parent / "boundaries.geojson").read_text("utf-8")
    assert "không ghi gì" in command(
        "boundaries", geojson(tmp_path, ("1", square(10, 15))), "--apply", code=1
    )
    assert (own_rows(town).parent / "boundaries.geojson").read_text("utf-8") == kept


def test_a_file_that_is_no_map_is_refused(command, tmp_path: Path):
    assert "no GeoJSON FeatureCollection" in command("boundaries", sheet(tmp_path, "[]", "x.geojson"), code=1)
    file = geojson(tmp_path, ("20341", square(1_200_000, 15)))
    assert "not degrees of WGS 84" in command("boundaries", file, code=1)


def test_the_centre_of_a_bow_lies_in_it():
    bow = [(0, 0), (10, 0), (10, 10), (9, 10), (9, 1), (1, 1), (1, 10), (0, 10), (0, 0)]
    assert not shapes.inside(shapes.centroid(bow), [[bow]])
    assert shapes.inside(shapes.centre([[bow]]), [[bow]])


def test_a_simplified_line_keeps_its_corners_and_loses_what_lies_between():
    dotted = [(x / 100, 0.0) for x in range(101)] + [(1.0, 1.0), (0.0, 1.0), (0.0, 0.0)]
    assert shapes.simplified(dotted, 10) == [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.0, 0.0)]


@pytest.mark.skipif(not OFFICIAL.exists(), reason="the official boundaries are not beside this checkout")
def test_official_boundaries_agree_with_the_shipped_centres(command):
    said = command("boundaries", OFFICIAL)
    assert "Đọc được ranh giới của 78 địa bàn" in said
    assert "không có ranh giới trong tệp" not in said
