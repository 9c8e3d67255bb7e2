"""The demo's data files beside this module, read once."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


@cache
def read(name: str, installation: str = "") -> dict[str, Any]:
    """`<name>.<installation>.toml` where there is one, else `<name>.toml`, which is Quang Nam's."""
    own = FOLDER / f"{name}.{installation}.toml"
    path = own if own.exists() else FOLDER / f"{name}.toml"
    return tomllib.loads(path.read_text("utf-8"))


def stories(installation: str) -> list[dict[str, Any]]:
    """The stories told there: of its own file and of those it names under `also`."""
    own = read("stories", installation)
    return [story for part in (own, *map(read, own.get("also", ()))) for story in part.get("story", ())]
