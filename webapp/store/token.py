"""The operator's token: what watches the machine shows it to be let in."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from webapp.store.sealing import same

NAME = "status.token"


def make_token(keys_folder: Path) -> Path:
    """The file with the token, made at the first start, readable by its owner alone."""
    path = keys_folder / NAME
    keys_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path
    with open(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(32) + "\n")
    return path


def is_token(keys_folder: Path, shown: str) -> bool:
    """Whether this is the token; never, while there is none."""
    try:
        token = (keys_folder / NAME).read_text("ascii").strip()
    except FileNotFoundError:
        return False
    return len(token) >= 32 and same(token, shown)
