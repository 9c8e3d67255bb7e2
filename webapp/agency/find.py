"""From the number that a caller reads out to its case, where this account may open it."""

from __future__ import annotations

import re

from flask import request, url_for
from sqlalchemy import select

from webapp.agency import access
from webapp.agency.guard import Staff
from webapp.core.text import clean_line
from webapp.doors.present import Vm
from webapp.operations.work import Work
from webapp.store import models
from webapp.words import sentence

NAME = "ma"
SYMBOLS = 6  # of a number, after the letters of the installation
LONGEST = 40


def found(work: Work, who: Staff) -> str | None:
    """The address of the case that was asked for; None when nobody asked, or it is not for this account."""
    symbols = re.sub(r"[^0-9A-Z]", "", _asked().upper())
    if not symbols:
        return None
    letters = symbols[:-SYMBOLS] or work.law.code_prefix  # older cases may begin with other letters
    code = f"{letters}-{symbols[-SYMBOLS:]}"
    row = work.session.scalar(select(models.Case).where(models.Case.code == code))
    return url_for("agency.case", id=row.id) if row and access.concerns(work, who, row) else None


def form() -> Vm:
    """The form, and the same words for what is not there and for what is not theirs."""
    asked = _asked()
    return {
        "action": url_for("agency.queue"),
        "name": NAME,
        "label": sentence("desk_find", "label"),
        "button": sentence("desk_find", "button"),
        "value": asked,
        "none": sentence("desk_find", "none", code=asked) if asked else None,
    }


def _asked() -> str:
    return clean_line(request.args.get(NAME, ""))[:LONGEST]
