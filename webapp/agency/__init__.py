"""The agency door: the desk of those who receive, handle, approve and oversee."""

from webapp.agency import (
    account,
    breach,
    calls,
    case,
    delegation,
    doubts,
    enter,
    frame,
    guard,
    holidays,
    identity,
    login,
    moves,
    news,
    queue,
)
from webapp.agency.door import blueprint

__all__ = [
    "account",
    "blueprint",
    "breach",
    "calls",
    "case",
    "delegation",
    "doubts",
    "enter",
    "frame",
    "guard",
    "holidays",
    "identity",
    "login",
    "moves",
    "news",
    "queue",
]
