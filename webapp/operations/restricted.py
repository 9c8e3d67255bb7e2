"""Restrictions: what a person asked to be no longer shown or used, and since when that holds."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from webapp.core.events import Kind
from webapp.operations.work import Work
from webapp.store import models


def since(work: Work, case_id: int, no: int) -> datetime | None:
    """Since when this sender's name is shown nowhere and opened for nobody's use; None while it may be."""
    asked, about, event = models.DataRequest, models.Submission, models.CaseEvent
    query = (
        select(asked.carried_out_at)
        .join(about, about.id == asked.about_id)
        .join(event, event.case_id == asked.case_id)
        .where(about.case_id == case_id, about.no == no, event.kind == str(Kind.data_restricted))
    )
    return work.session.scalars(query.where(asked.carried_out_at.is_not(None)).limit(1)).first()
