"""The citizen's own door: a secret code opens one report, for as long as the browser session lasts."""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import select

from webapp.core import secret_code
from webapp.operations.work import Gone, Work
from webapp.store import inserts, models

SESSION_HOURS = 12


def open_with_code(work: Work, typed: str) -> str:
    """A fresh session token for the report this code opens. Raises Gone for a code nobody holds."""
    checked = secret_code.check(typed)
    if not isinstance(checked, secret_code.Ok):
        raise Gone("code")
    mac = work.vault.code_mac(checked.code)
    row = work.session.scalar(select(models.Submission).where(models.Submission.code_mac == mac))
    if row is None:
        raise Gone("code")
    return open_session(work, row.id)


def open_session(work: Work, submission_id: int) -> str:
    """A random token; the database keeps only its keyed hash."""
    token = secrets.token_urlsafe(32)
    values = {
        "token_mac": work.vault.blind_index("citizen-session", token),
        "submission_id": submission_id,
        "created_at": work.now,
        "expires_at": work.now + timedelta(hours=SESSION_HOURS),
    }
    inserts.add_all(work.session, models.CitizenSession, [values])
    return token


def submission_of(work: Work, token: str) -> models.Submission:
    """The report this session opens. Raises Gone when it never did or no longer does."""
    row = work.session.get(models.CitizenSession, work.vault.blind_index("citizen-session", token))
    if row is None or row.expires_at <= work.now:
        raise Gone("session")
    return work.session.get_one(models.Submission, row.submission_id)


def close_session(work: Work, token: str) -> None:
    mac = work.vault.blind_index("citizen-session", token)
    inserts.drop(work.session, models.CitizenSession, "token_mac", mac)
