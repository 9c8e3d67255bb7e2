"""One case as one account sees it: everything its pages read, each thing read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from flask import url_for

from webapp.agency import rows
from webapp.agency.guard import Staff
from webapp.core.events import Scope
from webapp.core.regulation import Regulation
from webapp.core.state import Assignment, Case, Clock
from webapp.doors import present
from webapp.operations import photos, public_place, texts
from webapp.operations.intake import Place
from webapp.operations.work import Work
from webapp.regulations.installation import PERSONAL_DATA
from webapp.store import models
from webapp.store.queries import agency as queries
from webapp.store.record import CaseFile
from webapp.store.sealing import Unsealable


@dataclass(frozen=True)
class Sight:
    work: Work
    file: CaseFile
    who: Staff

    @property
    def regulation(self) -> Regulation:
        return self.file.regulation

    @property
    def state(self) -> Case:
        return self.file.state

    @property
    def today(self) -> date:
        """The legal day, by the case's regulation."""
        return self.work.today(self.regulation)

    @property
    def url(self) -> str:
        return url_for("agency.case", id=self.file.row.id)

    @cached_property
    def submissions(self) -> list[models.Submission]:
        return queries.submissions(self.work.session, self.file.row.id)

    @cached_property
    def texts(self) -> Mapping[int, str]:
        """Every text of the case that events or submissions name."""
        ids = [row.text_id for row in self.submissions]
        for event in self.file.events:
            ids += [id for id in event.data.get("facts", {}).values() if isinstance(id, int)]
        try:
            return texts.read(self.work, self.file.row, ids)
        except Unsealable:
            return {}  # its key was destroyed, on purpose

    @cached_property
    def photos(self) -> list[models.Photo]:
        return photos.of_case(self.work, self.file.row.id)

    @cached_property
    def names(self) -> Mapping[int, str]:
        ids = [event.account for event in self.file.events if event.account]
        ids += [event.data["behalf"] for event in self.file.events if event.data.get("behalf")]
        return queries.account_names(self.work.session, ids)

    @cached_property
    def report(self) -> str:
        """What the first citizen wrote."""
        return self.texts.get(self.submissions[0].text_id, "")

    @cached_property
    def title(self) -> str:
        kind = next((kind.label for kind in self.regulation.kinds if kind.id == self.state.kind), "")
        if kind and self.regulation.kind == PERSONAL_DATA:
            return kind
        return rows.title(self.work, self.file.row, self.report, self.confidential)

    @cached_property
    def public_place(self) -> Place | None:
        """What may be published of where it is; None: no more than its commune."""
        return public_place.allowed(self.work, self.file)

    @cached_property
    def own(self) -> Assignment | None:
        """At an agency that is one of several: its own part; None: the whole is to be seen."""
        every = self.state.assignments
        if self.who.sees_all(self.regulation) or len(every) < 2:
            return None
        mine = [assignment for assignment in every if assignment.agency == self.who.agency]
        return next((a for a in mine if a.closed_at is None), mine[-1] if mine else None)

    @property
    def clocks(self) -> list[Clock]:
        """Without those of other agencies, where only one's own part is seen."""
        own = self.own
        every = self.state.clocks
        return [c for c in every if own is None or c.on is not Scope.assignment or c.target == own.no]

    @property
    def confidential(self) -> bool:
        return any(submission.secrecy == "confidential" for submission in self.state.submissions)

    def agency(self, id: str | None) -> str:
        return present.agency_name(self.work.law.directory, id)
