"""Lines of the work list, from rows already fetched: nothing here asks the database for one case."""

from __future__ import annotations

from collections.abc import Sequence

from flask import url_for

from webapp.core.events import Scope
from webapp.core.regulation import Regulation
from webapp.core.state import Clock
from webapp.doors import parts, present
from webapp.doors.present import Vm
from webapp.operations.publication import title_of
from webapp.operations.work import Work
from webapp.regulations.installation import PERSONAL_DATA
from webapp.store import models
from webapp.store.queries import agency as queries
from webapp.words import sentence


def items(work: Work, found: Sequence[queries.Row], at_agency: str | None) -> list[Vm]:
    """Lines for these rows; `at_agency` leaves out what only concerns others."""
    about = queries.around(work.session, (row.case_id for row in found))
    return [_item(work, row, about, at_agency) for row in found]


def _item(work: Work, row: queries.Row, about: queries.Around, at_agency: str | None) -> Vm:
    case = about.cases[row.case_id]
    regulation, first = work.law.pinned(case.regulation, case.version), about.first[case.id]
    clocks = [clock for clock in about.clocks.get(case.id, ()) if _concerns(clock, row.no)]
    seen = [present.seen(regulation, clock, work.now) for clock in clocks]
    due = next((clock for clock in clocks if clock.running and clock.due_at == row.due_at), None)
    return {
        "url": url_for("agency.case", id=case.id),
        "lift": _lift(row, about, at_agency),
        "title": title(work, case, first.report, _confidential(about, case.id)),
        "number": case.code,
        "chips": _chips(work, regulation, row, due, about),
        "meta": _meta(work, regulation, case, first),
        "segments": present.segments(regulation, seen, work.now),
        "ribbon_text": _standing(work, regulation, row, case, due, None if at_agency else about),
    }


def _lift(row: queries.Row, about: queries.Around, at_agency: str | None) -> Vm | None:
    """The press that lifts a doubt, for the centre."""
    if at_agency is not None or row.case_id not in about.doubted:
        return None
    url = url_for("agency.no_machine", id=row.case_id)
    return {"url": url, "label": sentence("desk_doubt", "lift")}


def title(work: Work, case: models.Case, report: str | None, confidential: bool) -> str:
    """What a case is called at the desk: the report's first sentence, never that of a confidential one."""
    if not confidential:
        return title_of(report or "").rstrip(".") or sentence("desk", "untitled", number=case.code)
    regulation = work.law.pinned(case.regulation, case.version)
    if regulation.kind == PERSONAL_DATA:
        return regulation.short_title
    category = present.category_name(work.law.directory, case.category)
    if category:
        return sentence("desk", "sealed_title_about", category=category)
    return sentence("desk", "sealed_title")


def _confidential(about: queries.Around, case_id: int) -> bool:
    return any(row.secrecy == "confidential" for row in about.submissions.get(case_id, ()))


def _concerns(clock: Clock, no: int) -> bool:
    """For the line of one assignment: its own clocks and those from before it was opened."""
    return no == 0 or clock.on is not Scope.assignment or clock.target == no


def _chips(
    work: Work, regulation: Regulation, row: queries.Row, due: Clock | None, about: queries.Around
) -> list[Vm]:
    first = due and present.due_chip(regulation, due, work.now)
    chips = [first or present.state_chip(regulation, row.state, desk=True)]
    if row.case_id in about.doubted:
        chips.append(present.chip(sentence("desk_doubt", "chip"), "soon"))
    if _confidential(about, row.case_id):
        chips.append(present.chip(sentence("desk_secrecy", "confidential")))
    if any(submission.question_open for submission in about.submissions.get(row.case_id, ())):
        chips.append(present.chip(sentence("desk", "asked"), "brand"))
    if (row.case_id, row.no) in about.directing:
        chips.append(present.chip(sentence("desk", "directing"), "brand"))
    return chips


def _meta(work: Work, regulation: Regulation, case: models.Case, first: queries.First) -> str:
    """What, where and since when; before reception as the citizen said."""
    directory = work.law.directory
    day = present.day_text(present.local(regulation, case.opened_at).date())
    parts = (
        present.category_name(directory, case.category or first.category),
        present.area_name(directory, case.area or first.area),
        sentence("desk", "meta_sent", day=day),
    )
    return " · ".join(part for part in parts if part)


def _standing(
    work: Work,
    regulation: Regulation,
    row: queries.Row,
    case: models.Case,
    due: Clock | None,
    whole: queries.Around | None,
) -> str:
    """Where it stands: the state in words, at the centre who has it, and the due date with its article."""
    label, directory = regulation.state(row.state).label, work.law.directory
    several = whole and parts.text(regulation, directory, whole.assignments.get(case.id, ()), desk=True)
    if several:
        label = several
    elif whole and case.leading:
        label = f"{present.agency_name(directory, case.leading)}: {label[0].lower()}{label[1:]}"
    if due is None:
        return label
    until = present.due_text(regulation, due.due_at, work.now)
    return sentence("desk", "row_due", state=label, due=until, article=regulation.clock(due.clock).cite)
