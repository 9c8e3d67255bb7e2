"""The agency door: the desk of those who receive, handle, approve and oversee."""

from webapp.agency import (
    account,
    breach,
    call_back,
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
    "call_back",
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
