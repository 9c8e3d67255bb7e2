"""Staff accounts: passwords by Argon2id, sessions that the server can end."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import select

from webapp.operations.work import Gone, Work
from webapp.store import models

# 64 MiB, 4 passes, 2 lanes: about 120 ms on one core.
_HASHER = PasswordHasher(time_cost=4, memory_cost=64 * 1024, parallelism=2)
_NOBODY = _HASHER.hash(secrets.token_hex(16))
IDLE = timedelta(hours=2)
ABSOLUTE = timedelta(hours=12)
MIN_PASSWORD = 12


class BadLogin(Exception):
    """Name or password is wrong; which of them is not said."""


class WeakPassword(ValueError):
    """Shorter than MIN_PASSWORD characters."""


def add(
    work: Work, username: str, password: str, name: str, agency: str, roles: Iterable[str]
) -> models.Account:
    """A new account. Raises WeakPassword; the unique key refuses a second account of that name."""
    row = models.Account(
        username=username.strip().casefold(),
        password_hash=hashed(password),
        name=name,
        agency=agency,
        roles=sorted(roles),
        active=True,
        created_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    return row


def hashed(password: str) -> str:
    if len(password) < MIN_PASSWORD:
        raise WeakPassword
    return _HASHER.hash(password)


def check(work: Work, username: str, password: str) -> models.Account:
    """The account of that name and password. Raises BadLogin after the same work in every case."""
    query = select(models.Account).where(models.Account.username == username.strip().casefold())
    account = work.session.scalar(query)
    if not _matches(account.password_hash if account else _NOBODY, password) or account is None:
        raise BadLogin
    if not account.active:
        raise BadLogin
    return account


def open_session(work: Work, account: models.Account, device: str) -> str:
    """A fresh session token; only its keyed hash is kept."""
    token = secrets.token_urlsafe(32)
    work.session.add(
        models.StaffSession(
            token_mac=work.vault.blind_index("staff-session", token),
            account_id=account.id,
            device=device,
            created_at=work.now,
            seen_at=work.now,
            expires_at=work.now + ABSOLUTE,
        )
    )
    return token


def account_of(work: Work, token: str) -> tuple[models.Account, models.StaffSession] | None:
    """The account behind a token, while the session lives and the account is active."""
    mac = work.vault.blind_index("staff-session", token)
    session = work.session.scalar(select(models.StaffSession).where(models.StaffSession.token_mac == mac))
    if session is None or not alive(work, session):
        return None
    account = work.session.get_one(models.Account, session.account_id)
    return (account, session) if account.active else None


def alive(work: Work, session: models.StaffSession) -> bool:
    idle_until = session.seen_at + IDLE
    return session.ended_at is None and work.now < min(session.expires_at, idle_until)


def sessions_of(work: Work, account_id: int) -> list[models.StaffSession]:
    query = select(models.StaffSession).where(models.StaffSession.account_id == account_id)
    rows = work.session.scalars(query.order_by(models.StaffSession.seen_at.desc()))
    return [row for row in rows if alive(work, row)]


def end_session(work: Work, account_id: int, session_id: int) -> None:
    """End one of the account's own sessions. Raises Gone for anybody else's."""
    session = work.session.get(models.StaffSession, session_id)
    if session is None or session.account_id != account_id:
        raise Gone("session")
    session.ended_at = work.now


def touch(work: Work, session_id: int) -> None:
    session = work.session.get(models.StaffSession, session_id)
    if session is not None:
        session.seen_at = work.now


def change_password(work: Work, account: models.Account, old: str, new: str, keep_session: int) -> None:
    """Set a new password and end every other session. Raises BadLogin, WeakPassword."""
    row = work.session.get_one(models.Account, account.id)
    if not _matches(row.password_hash, old):
        raise BadLogin
    row.password_hash = hashed(new)
    for session in sessions_of(work, row.id):
        if session.id != keep_session:
            session.ended_at = work.now


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except VerifyMismatchError:
        return False
