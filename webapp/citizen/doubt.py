"""What looks as if a machine sent it. A doubt refuses nothing and stops no clock: the centre sees the report
apart from the others, and one press there lifts the doubt."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Final

from webapp.citizen.form import Draft
from webapp.doors import house, limits, now

TRAP: Final = "trap"  # a field that people do not see was filled in
FAST: Final = "fast"  # the form was sent sooner than anybody writes
FLOOD: Final = "flood"  # no proof of work, while more comes in from everywhere than ever
LEAST_S: Final = 3
_STAMP: Final = re.compile(r"([0-9a-f]{1,12})\.([0-9a-f]{24})")


def stamp() -> str:
    """When this form was handed out, in a way that cannot be made up. A form may lie for weeks: no end."""
    head = f"{int(now().timestamp()):x}"
    return f"{head}.{_tag(head)}"


def known(text: str) -> str:
    """A stamp of ours as it is, anything else as a fresh one: a form that is mended keeps its first."""
    return text if _issued(text) is not None else stamp()


def of(draft: Draft, *, proven: bool = False, hurried: bool = False) -> str:
    """The codes of all doubts about a report, with spaces between; empty for nearly everybody.

    `hurried`: a form without a stamp counts as one that was just handed out.
    """
    codes = [TRAP] if draft.trap else []
    if house().config.rate_limits and not proven:
        issued = _issued(draft.stamp)
        early = now().timestamp() - issued < LEAST_S if issued is not None else hurried
        codes += [FAST] if early else []
        codes += [FLOOD] if limits.heat() >= limits.FULL else []
    return " ".join(codes)


def _issued(text: str) -> int | None:
    parts = _STAMP.fullmatch(text)
    ours = parts is not None and hmac.compare_digest(_tag(parts[1]), parts[2])
    return int(parts[1], 16) if parts and ours else None


def _tag(head: str) -> str:
    return hmac.digest(house().keys.flask, f"stamp\0{head}".encode(), hashlib.sha256)[:12].hex()
