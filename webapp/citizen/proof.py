"""Proof of work: some thousand hashes that a phone does on its own before it sends, and nobody has to solve.

A task is made for one report's secret and for no other, and one secret makes one report: so one proof
serves one report, a retry after a lost answer may show the same proof again, and there is no list of used
proofs that a crash could lose. Nothing is stored and nothing is read: checking costs one HMAC.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import datetime
from typing import Any, Final

from webapp.doors import house

EXPIRY_S: Final = 15 * 60
_TAG_BYTES: Final = 12
_SALT: Final = re.compile(r"([0-9a-f]{1,12})\.([0-9a-f]{1,6})\.([0-9a-f]{24})")


def task(secret: str, most: int, now: datetime) -> dict[str, Any]:
    """What the phone gets: it looks for the number below `most` with which the salt hashes to `target`."""
    head = f"{int(now.timestamp()) + EXPIRY_S:x}.{most:x}"
    number, tag = _wanted(secret, head, most)
    salt = f"{head}.{tag}"
    target = hashlib.sha256(f"{salt}.{number}".encode()).hexdigest()
    return {"salt": salt, "target": target, "most": most}


def holds(secret: str, shown: object, now: datetime) -> bool:
    """Whether this is the number of a task that was made here, for this report, not long ago."""
    salt, number = (shown.get("salt"), shown.get("number")) if isinstance(shown, dict) else (None, None)
    parts = _SALT.fullmatch(salt) if isinstance(salt, str) else None
    if parts is None or not isinstance(number, int):
        return False
    until, most = int(parts[1], 16), int(parts[2], 16)
    wanted, tag = _wanted(secret, f"{parts[1]}.{parts[2]}", most or 1)
    return hmac.compare_digest(tag, parts[3]) and number == wanted and now.timestamp() <= until


def _wanted(secret: str, head: str, most: int) -> tuple[int, str]:
    """The number, and the tag that says the task is ours; both from one HMAC."""
    made = hmac.digest(house().keys.flask, f"proof\0{head}\0{secret}".encode(), hashlib.sha256)
    return int.from_bytes(made[:8]) % most, made[-_TAG_BYTES:].hex()
