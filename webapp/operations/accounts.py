"""Staff accounts: passwords by Argon2id, sessions that the server can end."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import select
from zxcvbn import zxcvbn

from webapp.operations.work import Gone, Work
from webapp.store import models

# 64 MiB, 4 passes, 2 lanes: about 120 ms on one core.
_HASHER = PasswordHasher(time_cost=4, memory_cost=64 * 1024, parallelism=2)


def _unknown() -> str:
    """A hash that no password has. Put together, not computed: that would hold up every start by 0.4 s."""
    salt, digest = (base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (16, 32))
    cost = f"m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}"
    return f"$argon2id$v=19${cost}${salt}${digest}"


_NOBODY = _unknown()
IDLE = timedelta(hours=2)
ABSOLUTE = timedelta(hours=12)
MIN_PASSWORD = 12
MIN_SCORE = 2  # of zxcvbn's 0 to 4: below, somebody who has the usual lists guesses it in a million tries
_JUDGED = 72  # the estimate grows dearer with length; what makes a longer password bad shows by then
# What people here try first and the lists of English-speaking leaks do not have.
_HERE = ("hoidap", "matkhau", "mat khau", "quangnam", "danang", "vietnam", "phananh")


class BadLogin(Exception):
    """Name or password is wrong; which of them is not said."""


class WeakPassword(ValueError):
    """Not taken; `code` says why: short (fewer than MIN_PASSWORD characters) or guessable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def add(
    work: Work, username: str, password: str, name: str, agency: str, roles: Iterable[str]
) -> models.Account:
    """A new account. Raises WeakPassword; the unique key refuses a second account of that name."""
    row = models.Account(
        username=username.strip().casefold(),
        password_hash=hashed(password, username, *name.split()),
        name=name,
        agency=agency,
        roles=sorted(roles),
        active=True,
        created_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    return row


def hashed(password: str, *about: str) -> str:
    """The hash to store. `about` is what is known of its owner. Length and guessability count, never the
    kinds of characters. Raises WeakPassword."""
    if len(password) < MIN_PASSWORD:
        raise WeakPassword("short")
    if zxcvbn(password[:_JUDGED], user_inputs=[*_HERE, *about])["score"] < MIN_SCORE:
        raise WeakPassword("guessable")
    return _HASHER.hash(password)


def move(work: Work, account_id: int, agency: str) -> None:
    """Let an account sit in another agency; what it did keeps the old one."""
    work.session.get_one(models.Account, account_id).agency = agency


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


def prepare_password(account: models.Account, old: str, new: str) -> str:
    """The hash for `change_password`; slow on purpose, so it is made before anything is locked.

    Raises BadLogin, WeakPassword.
    """
    if not _matches(account.password_hash, old):
        raise BadLogin
    return hashed(new, account.username, *account.name.split())


def change_password(work: Work, account: models.Account, prepared: str, keep_session: int) -> None:
    """Set a prepared hash and end every other session. Raises BadLogin when it changed meanwhile."""
    row = work.session.get_one(models.Account, account.id)
    if row.password_hash != account.password_hash:
        raise BadLogin
    row.password_hash = prepared
    for session in sessions_of(work, row.id):
        if session.id != keep_session:
            session.ended_at = work.now


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except VerifyMismatchError:
        return False
