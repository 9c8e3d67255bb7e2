"""Whom no letter reaches is called: every letter the law wants told has words for the list of calls."""

import pytest

from webapp.regulations.load import load_regulations
from webapp.store.queries.notices import LEGAL
from webapp.words import catalogue

REGULATIONS = load_regulations()


@pytest.mark.parametrize("regulation", REGULATIONS, ids=lambda regulation: regulation.id)
def test_every_letter_the_law_wants_told_is_named_on_the_list_of_calls(regulation):
    orgs = {role.id: role.org for role in regulation.roles}
    moves = {move.id: move for move in regulation.moves}
    told = {
        notice.template
        for notice in regulation.notices
        if notice.on in moves and moves[notice.on].event in LEGAL
        if any(orgs[role] == "reporter" for role in notice.to)
    }
    assert told, "nobody is told anything"
    assert told - catalogue()["desk_call_about"].keys() == set()
