"""What all doors share: the house at hand, the time of the request, and view models for its words."""

from __future__ import annotations

from datetime import datetime

from flask import current_app, g

from webapp.operations.house import House


def house() -> House:
    """The means of this process."""
    found: House = current_app.extensions["hoidap"]
    return found


def now() -> datetime:
    """The instant of this request (UTC), taken once."""
    if "now" not in g:
        g.now = house().clock()
    at: datetime = g.now
    return at
