"""What a browser shows before it installs the application: this installation's own pages, or none."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from webapp.app import create_app
from webapp.citizen.phone import _screens
from webapp.regulations import load

PLACES = sorted(path.stem for path in (Path(load.__file__).parent / "installations").glob("*.toml"))


@pytest.mark.parametrize("place", PLACES)
def test_each_installation_shows_itself_in_few_bytes(town, place):
    """Fix: `python scripts/screenshots.py <installation>` draws them."""
    client = create_app(replace(town.house.config, installation=place), town.clock).test_client()
    told = client.get("/manifest.json").json["screenshots"]
    assert {one["form_factor"] for one in told} == {"narrow", "wide"}
    for one in told:
        picture = client.get(one["src"])
        assert picture.status_code == 200 and f"/{place}-" in one["src"] and len(picture.data) < 60_000
        with Image.open(io.BytesIO(picture.data)) as drawn:
            assert f"{drawn.width}x{drawn.height}" == one["sizes"]


def test_where_nothing_was_drawn_nothing_of_another_province_is_shown():
    assert _screens([{"src": "icons/screens/{installation}-wide.png"}], "an-giang") == []
