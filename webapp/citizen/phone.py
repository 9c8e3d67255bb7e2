"""What a phone keeps to work without a network: a form and a list that belong to nobody, and the manifest.

These answers carry no cookie and no token. What is private on those pages is put there on the phone.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from flask import Response, current_app, g

from webapp.citizen.door import blueprint, page
from webapp.doors import house
from webapp.store.shipped import shipped
from webapp.words import catalogue, sentence


@blueprint.get("/may-nay")
def on_this_phone() -> Response:
    """What waits on this phone and what was sent from it; the list itself never leaves the phone."""
    g.private = False
    return page("citizen/mine_here.html", "here", words=dict(catalogue()["phone_queue"]))


@blueprint.get("/manifest.json")
def manifest() -> Response:
    """The manifest of this installation: it is installed under its own name, and shows its own pages."""
    g.private = False
    law = house().law
    raw = json.loads((shipped("static") / "manifest.json").read_text("utf-8"))
    raw["name"] = sentence("manifest", "name", place=law.name)
    raw["description"] = sentence("manifest", "description")
    raw["short_name"] = law.name
    raw["screenshots"] = _screens(raw["screenshots"], house().config.installation)
    asset: Callable[[str], str] = current_app.jinja_env.globals["asset"]  # type: ignore[assignment]
    drawn = [icon for shortcut in raw["shortcuts"] for icon in shortcut.get("icons", ())]
    for picture in (*raw["icons"], *raw["screenshots"], *drawn):
        picture["src"] = asset(picture["src"])
    return Response(json.dumps(raw, ensure_ascii=False), mimetype="application/manifest+json")


def _screens(told: list[dict[str, str]], installation: str) -> list[dict[str, str]]:
    """Of this installation; none where none were drawn (scripts/screenshots.py): better than another's."""
    named = [row | {"src": row["src"].format(installation=installation)} for row in told]
    return [row for row in named if (shipped("static") / row["src"]).is_file()]
