"""How far it is to what was reported already is worked out on the phone, and nobody is told where the phone is."""

from __future__ import annotations

import re

import pytest

# The case that was published exactly lies at 15.5714, 108.4798.
FROM = {"80 m": 15.5714 + 80 / 111_195, "650 m": 15.5714 + 640 / 111_195, "2,0 km": 15.5714 + 2_000 / 111_195}


@pytest.mark.parametrize(("said", "latitude"), FROM.items())
def test_what_lies_close_comes_first_and_says_how_far(server, phone, said, latitude):
    here = {"latitude": latitude, "longitude": 108.4798, "accuracy": 12}
    buoi = phone(service_workers="block", geolocation=here)
    addresses: list[str] = []
    buoi.page.on("request", lambda request: addresses.append(request.url))
    page = buoi.open()
    buoi.fill(upto="where")
    page.get_by_role("button", name="Lấy vị trí hiện tại").click()
    page.locator("[data-nearest] label").nth(2).wait_for()
    page.locator("[name=commune]").select_option(label="Phường Tam Kỳ")
    buoi.next()
    buoi.at("Khi nào?")
    buoi.next()
    cards = page.locator("[data-near] li")
    cards.first.wait_for()
    told = [card for card in cards.all_inner_texts() if "cách khoảng" in card]
    assert len(told) == 1 and f"cách khoảng {said}" in told[0] and server.numbers["pinned"] in told[0]
    close = [server.numbers["pinned"] in card for card in cards.all_inner_texts()]
    assert close[0] == (said == "80 m")  # further away it comes after those that wait
    assert not [one for one in addresses if re.search(r"15[.,]5|108[.,]4", one)]
    assert buoi.errors == []
