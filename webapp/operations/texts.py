"""Texts of a case: clear and searchable, or sealed where the case is confidential."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from sqlalchemy import select

from webapp.core.text import clean_text
from webapp.operations import scrubbing
from webapp.operations.work import Work, open_key
from webapp.store import inserts, models

_TABLE = "text"


def add(
    work: Work, case: models.Case, kind: str, body: str, *, sealed: bool, account: int | None = None
) -> int:
    """Keep what somebody wrote and return its id, which is all that events ever hold."""
    uid, clean = secrets.token_hex(16), clean_text(body)
    values = {"case_id": case.id, "kind": kind, "uid": uid, "account_id": account, "created_at": work.now}
    if sealed:
        key = open_key(work, case.content_key_id)
        hidden = work.vault.seal(key, clean.encode(), _TABLE, uid, "body")
        return inserts.add(work.session, models.Text, {**values, "body": None, "sealed": hidden})
    return inserts.add(work.session, models.Text, {**values, "body": clean, "sealed": None})


def read(work: Work, case: models.Case, ids: Iterable[int]) -> dict[int, str]:
    """The texts of those ids that belong to this case and were not purged."""
    wanted = [id for id in ids if id]
    if not wanted:
        return {}
    query = select(models.Text).where(models.Text.case_id == case.id, models.Text.id.in_(wanted))
    rows = [row for row in work.session.scalars(query) if row.purged_at is None]
    key = open_key(work, case.content_key_id) if any(row.sealed is not None for row in rows) else b""
    return {row.id: _body(work, row, key) for row in rows}


def _body(work: Work, row: models.Text, key: bytes) -> str:
    if row.sealed is None:
        return row.body or ""
    return work.vault.open(key, row.sealed, _TABLE, row.uid, "body").decode()


def seal_all(work: Work, case: models.Case) -> None:
    """Seal every text of the case that still stands in clear (a secret was found in it)."""
    key = open_key(work, case.content_key_id)
    query = select(models.Text).where(models.Text.case_id == case.id, models.Text.body.is_not(None))
    for row in work.session.scalars(query):
        row.sealed = work.vault.seal(key, (row.body or "").encode(), _TABLE, row.uid, "body")
        row.body = None
    scrubbing.mark(work)
