"""Reports that look as if a machine sent them: seen apart from the others until somebody lifts the doubt."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import update

from webapp.operations.work import Work
from webapp.store import models

_Row = models.Submission
_OPEN = _Row.doubt.is_not(None) & _Row.doubt_lifted_at.is_(None)


def lift(work: Work, case_id: int, by: int) -> bool:
    """A person has looked: it is a report like any other. False when somebody else was quicker."""
    here = update(_Row).where(_Row.case_id == case_id, _OPEN)
    done = work.session.execute(here.values(doubt_lifted_at=work.now, doubt_lifted_by=by))
    return bool(done.rowcount)  # type: ignore[attr-defined]


def codes(rows: Iterable[models.Submission]) -> list[str]:
    """Why, for reports whose doubt still stands."""
    standing = [row.doubt.split() for row in rows if row.doubt and row.doubt_lifted_at is None]
    return list(dict.fromkeys(code for found in standing for code in found))
