"""Who may come in: one guard before every request of the desk, which denies unless somebody is logged in.

The cookie holds a random token and nothing else; the server keeps only its keyed hash and can end it. It is
Lax, not Strict, so that the link in a notice opens the case instead of the log-in page; every change is a
POST with a CSRF token, which Lax withholds from other sites anyway.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import urlsplit

from flask import Request, current_app, g, redirect, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_login import LoginManager, UserMixin, current_user
from werkzeug.wrappers import Response

from webapp.agency.door import PREFIX, blueprint
from webapp.core.regulation import Regulation
from webapp.core.workflow import Actor
from webapp.doors import house, now
from webapp.operations import accounts, office
from webapp.store.session import StoreBusy

OPEN = frozenset({"agency.login"})
TOUCH_EVERY = timedelta(minutes=1)
SEES_ALL = frozenset({"coordinator", "overseer"})


@dataclass(frozen=True, eq=False)
class Staff(UserMixin):
    """The account behind this request, and the session it came by."""

    id: int
    username: str
    name: str
    agency: str
    roles: frozenset[str]
    session_id: int
    since: datetime
    seen_at: datetime
    lent: frozenset[str] = frozenset()  # those of the roles that are held for somebody else
    behalf: int | None = None

    @property
    def actor(self) -> Actor:
        return Actor(self.roles, self.agency, self.id, lent=self.lent, behalf=self.behalf)

    def sees_all(self, regulation: Regulation) -> bool:
        """Whether every case under this regulation concerns this account, or only those at its agency."""
        return any(role.org in SEES_ALL for role in regulation.roles if role.id in self.roles)


manager = LoginManager()
manager.session_protection = None  # our sessions are rows; Flask's own cookie only carries form tokens


@blueprint.record_once
def _install(state: BlueprintSetupState) -> None:
    # Not init_app: it would read the session cookie on every door's pages, also those that carry none.
    state.app.login_manager = manager  # type: ignore[attr-defined]


@manager.request_loader
def _load(request: Request) -> Staff | None:
    token = request.cookies.get(cookie_name())
    if not token:
        return None
    with house().reading(now()) as work:
        found = accounts.account_of(work, token)
        lent = office.lent_to(work, found[0]) if found else None
    if found is None:
        return None
    account, session = found
    roles = frozenset(map(str, account.roles))
    borrowed, giver = (lent.roles, lent.giver) if lent else (frozenset[str](), None)
    about = (account.id, account.username, account.name, account.agency, roles | borrowed)
    return Staff(*about, session.id, session.created_at, session.seen_at, borrowed, giver)


@blueprint.before_request
def guard() -> Response | None:
    """Deny by default. What is open is listed in OPEN."""
    if request.endpoint in OPEN:
        return None
    if not current_user.is_authenticated:
        return redirect(url_for("agency.login", next=_wanted()), 303)
    g.staff = current_user._get_current_object()
    _touch(g.staff)
    return None


def staff() -> Staff:
    """Who asks. Only behind the guard."""
    return cast(Staff, g.staff)


def _wanted() -> str:
    """Where to go after the log-in: this page, or the page whose form was sent."""
    if request.method in ("GET", "HEAD"):
        return request.full_path.rstrip("?")
    return local_path(urlsplit(request.referrer or "").path)


def local_path(text: str | None) -> str:
    """The address if it lies inside the desk, else the desk's first page."""
    home = url_for("agency.queue")
    if not text or not text.isprintable() or "\\" in text or ".." in text:
        return home
    parts = urlsplit(text)
    inside = parts.path == PREFIX or parts.path.startswith(PREFIX + "/")
    if parts.scheme or parts.netloc or not inside or parts.path == url_for("agency.login"):
        return home
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _touch(staff: Staff) -> None:
    if now() - staff.seen_at < TOUCH_EVERY:
        return
    try:
        house().write(now(), lambda work: accounts.touch(work, staff.session_id))
    except StoreBusy:
        current_app.logger.warning("a session could not be touched: the store is busy")


# The cookie


def cookie_name() -> str:
    return "__Host-desk" if house().config.secure_cookies else "desk"


def set_cookie(response: Response, token: str) -> None:
    response.set_cookie(cookie_name(), token, **_attributes())


def drop_cookie(response: Response) -> None:
    response.delete_cookie(cookie_name(), **_attributes())


def _attributes() -> dict[str, Any]:
    secure = house().config.secure_cookies
    return {"httponly": True, "samesite": "Lax", "secure": secure, "path": "/"}
