"""A demo's letterbox: what reporters would be sent, for whoever tries the program. Nowhere else."""

from __future__ import annotations

from flask import Response

from webapp.citizen.door import blueprint, page
from webapp.doors import house, now, present
from webapp.doors.present import Vm
from webapp.notify.letters import Letters
from webapp.operations.work import Gone, Work
from webapp.store.queries import notices
from webapp.store.queries.notices import Told
from webapp.words import sentence

MOST = 50


@blueprint.get("/demo/hop-thu")
def letterbox() -> Response:
    config = house().config
    if not config.demo:
        raise Gone("letterbox")
    with house().reading(now()) as work:
        letters = Letters(work.law, config.base_url)
        items = [_item(work, letters, row) for row in notices.reporter_letters(work.session, MOST)]
    return page("citizen/letterbox.html", letterbox={**_words(), "items": items})


def _item(work: Work, letters: Letters, row: Told) -> Vm:
    """The letter as it would leave; its address stays sealed."""
    letter = letters.write(row)
    at = present.moment_text(work.law.pinned(row.case.regulation, row.case.version), row.notice.created_at)
    return {
        "to": sentence("letterbox", "to", number=row.case.code, at=at),
        "subject": letter.subject,
        "body": letter.body,
        "short": letter.short,
    }


def _words() -> Vm:
    empty = {"title": sentence("letterbox", "empty_title"), "text": sentence("letterbox", "empty_text")}
    texts = {code: sentence("letterbox", code) for code in ("title", "lead")}
    texts["short_label"] = sentence("letterbox", "short")
    return {**texts, "empty": {**empty, "url": None, "action": ""}}
