"""The Flask application: the house, the three doors, headers, static files and error pages."""

from __future__ import annotations

import errno
import hashlib
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, current_app, g, render_template, request, send_from_directory
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter

from webapp import agency, citizen, public, status
from webapp.config import Config
from webapp.doors.compiled import TEMPLATES
from webapp.doors.squeeze import squeeze_answers
from webapp.operations.house import House
from webapp.operations.work import Conflict, Gone
from webapp.regulations.installation import Installation
from webapp.status.watch import watch
from webapp.store.media import MediaDown
from webapp.store.session import StoreBusy
from webapp.store.shipped import shipped
from webapp.words import sentence

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "media-src 'self' blob:; connect-src 'self'; manifest-src 'self'; worker-src 'self'; font-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(self), payment=(), usb=()",
}
YEAR = 365 * 24 * 3600
MAX_FORM_PARTS = 400
FULL_OR_BROKEN = frozenset({errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.EROFS})


class RowId(IntegerConverter):
    """A number that can be the id of a row; a longer one is no address, not an error in the database."""

    regex = "[0-9]{1,9}"


class App(Flask):
    """Flask whose secret is the installation's own key, read when a request first needs it."""

    @property
    def secret_key(self) -> bytes:
        key: bytes = self.extensions["hoidap"].keys.flask
        return key

    @secret_key.setter
    def secret_key(self, value: object) -> None:
        raise AttributeError("the secret comes from the key folder")


def create_app(config: Config | None = None, clock: Callable[[], datetime] | None = None) -> Flask:
    """The application for `config` (read from the environment when None). The schema must be current."""
    config = config or Config.from_environment()
    app = App(__name__, static_folder=None)
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True, "bytecode_cache": TEMPLATES}
    app.url_map.converters["int"] = RowId
    # A redirect to the tidier form of an address would name whatever host the browser was made to ask for.
    app.url_map.strict_slashes = app.url_map.merge_slashes = False
    house = House(config, clock or (lambda: datetime.now(UTC)))
    app.extensions["hoidap"] = house
    app.config.update(
        SESSION_COOKIE_NAME="__Host-form" if config.secure_cookies else "form",
        SESSION_COOKIE_SECURE=config.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=24 * 3600,
        WTF_CSRF_SSL_STRICT=config.secure_cookies,
        MAX_CONTENT_LENGTH=12 * config.max_upload_bytes,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        MAX_FORM_PARTS=MAX_FORM_PARTS,
    )
    if config.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, *[config.trusted_proxies] * 3)  # type: ignore[method-assign]
    watch(app)  # first, so that it sees what the others refuse
    _check_forms(app)
    app.before_request(_refuse_nul)
    for door in (public, citizen, agency, status):
        app.register_blueprint(door.blueprint)
    _register_static(app)
    _register_errors(app)
    headers = _headers(config)
    app.after_request(lambda response: _add_headers(response, headers))
    squeeze_answers(app)
    app.context_processor(lambda: _context(app))
    return app


def _check_forms(app: Flask) -> None:
    """Every form has its token. The queue of a phone has none and needs none: its addresses read no cookie,
    so there is nothing that another site could make a browser send along (webapp/citizen/wire.py)."""
    csrf = CSRFProtect(app)
    for view in citizen.outbox.WITHOUT_COOKIE:
        csrf.exempt(view)


# Static files: one address per state of the whole tree, so that they may be kept for ever


def _register_static(app: Flask) -> None:
    folder = shipped("static")
    tree = tree_hash(folder)

    def static_file(name: str, tree_name: str = "") -> Response:
        response = send_from_directory(folder, name)
        current = tree_name == tree
        response.cache_control.max_age = YEAR if current else 0
        response.cache_control.immutable = current
        return response

    def service_worker() -> Response:
        text = (folder / "sw.js").read_text("utf-8").replace("__TREE_HASH__", tree)
        response = Response(text, mimetype="text/javascript")
        response.cache_control.no_store = True
        return response

    def favicon() -> Response:
        return send_from_directory(folder, "icons/icon-192.png")

    def offline() -> str:
        g.private = False  # the service worker keeps this page: nobody's message may be drawn into it
        return render_template("errors/offline.html")

    app.add_url_rule("/static/<tree_name>/<path:name>", "static", static_file)
    app.add_url_rule("/sw.js", "service_worker", service_worker)
    app.add_url_rule("/favicon.ico", "favicon", favicon)
    app.add_url_rule("/khong-co-mang", "offline", offline)
    app.jinja_env.globals["asset"] = lambda name: f"/static/{tree}/{name}"


@lru_cache
def tree_hash(folder: Path) -> str:
    """A short hash over names and bytes of all files in `folder`."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


# What no person types


def _refuse_nul() -> None:
    """The character NUL is in no text: PostgreSQL would fail on it, deep inside."""
    if request.url_rule:
        fields = [*request.args.items(multi=True), *request.form.items(multi=True)]
        if any("\0" in text for text in (request.path, *chain.from_iterable(fields))):
            abort(400)


# Headers


def _headers(config: Config) -> dict[str, str]:
    """With the one host that pictures of maps may come from, where the operator named one."""
    if config.tiles is None:
        return HEADERS
    policy = CSP.replace("img-src 'self'", f"img-src 'self' {config.tiles.origin}")
    return {**HEADERS, "Content-Security-Policy": policy}


def _add_headers(response: Response, headers: dict[str, str]) -> Response:
    for name, value in headers.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={YEAR}; includeSubDomains")
    if not response.cache_control:
        private = getattr(g, "private", True)
        response.headers["Cache-Control"] = "no-store" if private else "public, max-age=0, must-revalidate"
    return response


# Error pages


def _register_errors(app: Flask) -> None:
    app.register_error_handler(CSRFError, lambda error: _problem(400))
    app.register_error_handler(Gone, lambda error: _problem(404))
    app.register_error_handler(Conflict, lambda error: _problem(409))
    app.register_error_handler(StoreBusy, lambda error: _problem(503))
    app.register_error_handler(OperationalError, _database_down)
    app.register_error_handler(OSError, _disk_refuses)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(Exception, _crashed)


_PAGES = {400, 403, 404, 409, 410, 413, 429, 500, 503}


def _problem(code: int, reference: str = "") -> tuple[str, int]:
    page = code if code in _PAGES else 500 if code >= 500 else 404
    problem = {"text": "", "url": "", "action": "", "reference": reference}
    return render_template(f"errors/{page}.html", problem=problem), code


def _refused(error: HTTPException) -> Response:
    """Our page, with what the code promises beside it: which methods are taken, when to come again."""
    response = current_app.make_response(_problem(error.code or 500))
    kept = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    response.headers.update(kept)
    return response


def _database_down(error: OperationalError) -> Any:
    return _crashed(error, 503)


def _disk_refuses(error: OSError) -> Any:
    """A disk that is full or broken, or files out of reach, is no fault of the request: it may come again."""
    passing = isinstance(error, MediaDown) or error.errno in FULL_OR_BROKEN
    return _crashed(error, 503 if passing else 500)


def _crashed(error: Exception, code: int = 500) -> Any:
    """A page with a reference that the log carries too; what was wrong is said only in the log."""
    if current_app.testing and current_app.config.get("PROPAGATE_EXCEPTIONS", True):
        raise error
    reference = f"{secrets.token_hex(2)}-{secrets.token_hex(2)}".upper()
    where = error.__traceback__
    while where and where.tb_next:
        where = where.tb_next
    line = f"{where.tb_frame.f_code.co_filename}:{where.tb_lineno}" if where else ""
    current_app.logger.error("crash %s %s at %s %s", reference, type(error).__name__, line, request.endpoint)
    return _problem(code, reference=reference)


# What every page gets


def _context(app: Flask) -> dict[str, Any]:
    law = app.extensions["hoidap"].law
    site = {
        "name": law.name,
        "tagline": law.tagline,
        "letters": law.letters,
        "demo": app.extensions["hoidap"].config.demo,
        "urls": {"home": "/", "report": "/gui", "follow": "/theo-doi", "desk": "/co-quan"},
        "contact": law.directory.coordinator.name,
        "links": _links(law),
        "tiles": app.extensions["hoidap"].config.tiles,
    }
    return {"site": site, "nav": [], "desk": False, "logout_url": None, "flashes": []}


def _links(law: Installation) -> list[dict[str, str]]:
    """The foot of every page: the rules in force here, and the staff's own door."""
    rules = [{"label": row.short_title, "url": f"/quy-che/{id}"} for id, row in law.own.items()]
    return [*rules, {"label": sentence("public_site", "desk"), "url": "/co-quan"}]
