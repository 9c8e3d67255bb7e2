"""News: what was told to this desk, newest first, as soon as it happened."""

from __future__ import annotations

from collections.abc import Sequence

from flask import render_template, url_for

from webapp.agency import tabs
from webapp.agency.door import blueprint
from webapp.agency.guard import Staff, staff
from webapp.core.events import Scope
from webapp.core.regulation import Regulation
from webapp.doors import house, now, present
from webapp.doors.present import Vm
from webapp.notify.letters import Letters
from webapp.operations.work import Work
from webapp.store import models
from webapp.store.queries import notices
from webapp.store.queries.notices import Told
from webapp.words import sentence

SHORT, LONG = 10, 50


@blueprint.get("/tin")
def news() -> str:
    with house().reading(now()) as work:
        page = {
            "title": sentence("desk_news", "title"),
            "items": items(work, staff(), LONG),
            "empty": _empty(),
        }
    return render_template("agency/news.html", news=page)


def section(work: Work, who: Staff) -> Vm | None:
    """The newest of it, for the list of work."""
    found = items(work, who, SHORT)
    more = {"url": url_for("agency.news"), "label": sentence("desk_news", "all")}
    return {"title": sentence("desk_news", "title"), "items": found, "more": more} if found else None


def items(work: Work, who: Staff, limit: int) -> list[Vm]:
    told = notices.staff_notices(work.session, who.roles, who.agency, limit)
    if not told:
        return []
    seen = notices.seen_until(work.session, who.id, who.session_id)
    letters, reachable = Letters(work.law, house().config.base_url), _reachable(work, who, told)
    found = [
        {
            "title": letters.write(row).subject,
            "url": url_for("agency.case", id=row.case.id) if row.case.id in reachable else None,
            "meta": _meta(work, letters, row),
            "new": sentence("desk_news", "new") if seen and row.notice.created_at > seen else "",
        }
        for row in told
    ]
    # Two agencies late at once are told of twice, in the same words: one line says it.
    return list({(item["title"], item["url"], item["meta"]): item for item in reversed(found)}.values())[::-1]


def _meta(work: Work, letters: Letters, row: Told) -> str:
    at = present.moment_text(_law(work, row.case), row.notice.created_at)
    return sentence("desk_news", "line", at=at, article=letters.context(row)["article"])


def _reachable(work: Work, who: Staff, told: Sequence[Told]) -> set[int]:
    """The cases among these that this account may open: an agency loses the one it gave back."""
    cases = {row.case.id: row.case for row in told}
    if tabs.everywhere(work.law, who):
        return set(cases)
    here = {id for id, case in cases.items() if case.leading == who.agency and _is_held(work, case)}
    others = cases.keys() - here
    held = notices.assignments_at(work.session, others, who.agency) if others else []
    return here | {id for id, state in held if not _law(work, cases[id]).state(state).void}


def _is_held(work: Work, case: models.Case) -> bool:
    """Whether some agency has it: then the leading one does, and nobody need be asked which."""
    state = _law(work, case).state(case.state)
    return state.on is Scope.assignment and not state.void


def _law(work: Work, case: models.Case) -> Regulation:
    return work.law.pinned(case.regulation, case.version)


def _empty() -> Vm:
    return {
        "title": sentence("desk_news", "empty_title"),
        "text": sentence("desk_news", "empty_text"),
        "url": None,
        "action": "",
    }
