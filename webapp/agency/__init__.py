"""The agency door: the desk of those who receive, handle, approve and oversee."""

from webapp.agency import account, case, frame, guard, login, moves, queue
from webapp.agency.door import blueprint

__all__ = ["account", "blueprint", "case", "frame", "guard", "login", "moves", "queue"]
