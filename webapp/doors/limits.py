"""How often one place may try what costs us something or what could be guessed.

A place is an IPv4 address or an IPv6 /64, as the connection gives it; what a header claims counts only when
`trusted_proxies` says so, because then the application has put it in place of the connection's.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from flask import request

from webapp.doors import house, now
from webapp.store.limits import Draw, Rule

HOUR, MINUTE = 3600, 60

# Schools, offices and mobile carriers share an address: the burst is theirs.
REPORT = Rule("report", 5, HOUR, 20)
# What comes without a proof of work (no JavaScript, a very old phone) goes by a slower lane, open to all.
UNPROVEN = Rule("report-unproven", 4, HOUR, 10)
# From everywhere together; it refuses nobody. The emptier it is, the more work a phone does before it sends.
REPORT_ALL = Rule("report-all", 200, HOUR, 400, soft=True)
FULL = 3
WORK = (40_000, 100_000, 250_000, 500_000)  # hashes at most, by heat: from a moment to some seconds
PHOTO = Rule("photo", 120, HOUR, 120)
# Pieces of uploads, by size: what is sent again and again costs us as much as what is new.
UPLOAD = Rule("upload", 3000, HOUR, 3000)
CODE = Rule("code", 10, MINUTE, 10)
CODE_ALL = Rule("code-all", 300, MINUTE, 600)
LOGIN = Rule("login", 10, MINUTE, 10)
# Of one name from one place: whoever guesses at a name elsewhere does not lock out its owner.
LOGIN_NAME = Rule("login-name", 10, 15 * MINUTE, 10)

Draws = Sequence[Draw]


def place() -> str:
    """Where this request comes from, as far as limits care."""
    try:
        address = ipaddress.ip_address((request.remote_addr or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False))


def take(draws: Draws) -> int:
    """0, or the seconds this place should wait before it tries again."""
    if not house().config.rate_limits:
        return 0
    return house().limits.take(draws, now())


def give_back(draws: Draws) -> None:
    """A right code or password was no guess."""
    if house().config.rate_limits:
        house().limits.give_back(draws, now())


def reports(*, proven: bool = False) -> Draws:
    lane = [] if proven else [Draw(UNPROVEN, place())]
    return [Draw(REPORT, place()), *lane, Draw(REPORT_ALL)]


def heat() -> int:
    """How hot the shared bucket of reports runs: 0 nearly always, FULL when nothing is left in it."""
    if not house().config.rate_limits:
        return 0
    level = house().limits.level(Draw(REPORT_ALL), now())
    return 0 if level > 0.5 else 1 if level > 0.25 else 2 if level > 0.01 else FULL


def photos(count: int) -> Draws:
    # Never more than a bucket holds: that would be a wait without end.
    return [Draw(PHOTO, place(), min(count, PHOTO.burst))] if count else []


def megabytes(size: int) -> Draws:
    return [Draw(UPLOAD, place(), size / 1_000_000)]


def codes() -> Draws:
    return [Draw(CODE, place()), Draw(CODE_ALL)]


def log_ins(username: str) -> Draws:
    name = username.strip().casefold()[:200]
    return [Draw(LOGIN, place()), Draw(LOGIN_NAME, f"{place()} {name}")]


def minutes(seconds: int) -> int:
    """A wait as people are told it."""
    return max(1, -(-seconds // MINUTE))
