"""Meeting what somebody else reported: the short form, opened from the public page of the case."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from flask import abort

from webapp.citizen.form import Draft
from webapp.doors import house, near, now, present
from webapp.doors.present import Vm
from webapp.operations.intake import Receipt
from webapp.regulations.installation import Installation
from webapp.store.models import PubCard
from webapp.words import sentence


def begun(number: str, fresh: Draft) -> Draft:
    """The form for this case: short while the case takes more people, else a new report at its place.

    A case that nobody may see answers as one that does not exist.
    """
    card = _card(number)
    if card is None or card.content == "withdrawn":
        abort(404)
    draft = replace(fresh, joins=card.code, commune=card.area or "", category=card.category or fresh.category)
    if not near.takes_more(house().law, card):
        return draft
    place = sentence("citizen_join", "place", number=card.code)
    return replace(draft, short="1", place=place, text=sentence("citizen_join", "words"))


def named(draft: Draft) -> Vm | None:
    """What the form says of the case that it joins, from its public card alone."""
    card = _card(draft.joins)
    if card is None:
        return None
    law = house().law
    about = (
        card.title or present.category_name(law.directory, card.category),
        present.area_name(law.directory, card.area),
        sentence("citizen_join", "sent_on", day=present.day_text(card.submitted_on)),
    )
    hidden = ("commune", "place", "category")
    return {
        "number": card.code,
        "url": f"/pa/{card.code}",
        "about": " · ".join(part for part in about if part),
        "hidden": {name: getattr(draft, name) for name in hidden},
    }


def again(draft: Draft) -> str:
    """What a new report is told that names a case which is over: how often this place has had it."""
    card = _card(draft.joins)
    if card is None or draft.short:
        return ""
    count = _times(house().law, card, now())
    said = sentence("citizen_join", "over", number=card.code)
    return f"{said} {sentence('citizen_join', 'nth', nth=count + 1)}" if count else said


def told(joins: str, receipt: Receipt) -> str:
    """Whether it came on the case that it was to join."""
    if not joins:
        return ""
    code = "joined" if receipt.number == joins.upper() else "apart"
    return sentence("citizen_join", code, number=joins.upper())


def _card(number: str) -> PubCard | None:
    with house().store.public() as session:
        return session.get(PubCard, number.upper())


def _times(law: Installation, card: PubCard, at: datetime) -> int:
    with house().store.public() as session:
        return near.times(session, law, card, at)
