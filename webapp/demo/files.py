"""The demo's data files beside this module, read once."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


@cache
def read(name: str) -> dict[str, Any]:
    """`<name>.toml` as it stands; the tests hold the shape of each file."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))
