"""/healthz for a load balancer, /status for a person, /metrics for Prometheus."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from functools import wraps

from flask import Blueprint, Response, current_app, jsonify, request
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from webapp import __version__
from webapp.doors import house, now
from webapp.doors.guards import open_to_all
from webapp.operations.health import Health, health
from webapp.status.meter import BUCKETS, STATUSES, Counted, all_counted
from webapp.status.watch import meter_of
from webapp.store.token import is_token

blueprint = Blueprint("status", __name__)
open_to_all(blueprint)  # /healthz says nothing; the others stand behind `for_operators`
# Whoever speaks through one of these is not at this machine, though the connection is.
_FORWARDED = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP")
View = Callable[[], Response]


@blueprint.get("/healthz")
def healthz() -> Response:
    """Whether this process answers and its database does; opens no session."""
    try:
        with house().store.engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return _plain("database\n", 503)
    return _plain("ok\n")


def for_operators(view: View) -> View:
    """Only with the token, or on the machine itself."""

    @wraps(view)
    def guarded() -> Response:
        if _is_local() or is_token(house().config.keys_folder, _shown_token()):
            return view()
        return _plain("token\n", 401, {"WWW-Authenticate": "Bearer"})

    return guarded


@blueprint.get("/status")
@for_operators
def status() -> Response:
    return jsonify(version=__version__, **health(house(), now()).as_dict())


@blueprint.get("/metrics")
@for_operators
def metrics() -> Response:
    counted = all_counted(house().config.run_folder, meter_of(current_app))
    lines = [*_queues(health(house(), now())), *_requests(counted), *_durations(counted)]
    return _plain("\n".join(lines) + "\n")


def _shown_token() -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def _is_local() -> bool:
    if any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _plain(body: str, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    response = Response(body, status, headers, mimetype="text/plain")
    response.cache_control.no_store = True
    return response


# Prometheus' text format


def _queues(health: Health) -> Iterator[str]:
    values = {name: value for name, value in health.as_dict().items() if isinstance(value, int | float)}
    values["keys_missing"] = len(health.keys_missing)
    for name, value in values.items():
        yield f"# TYPE hoidap_{name} gauge"
        yield f"hoidap_{name} {float(value):g}" if abs(value) < 1e5 else f"hoidap_{name} {value}"
    yield "# TYPE hoidap_build_info gauge"
    yield f'hoidap_build_info{{version="{__version__}",schema="{health.schema}"}} 1'


def _requests(counted: list[Counted]) -> Iterator[str]:
    yield "# TYPE hoidap_requests_total counter"
    for row in counted:
        for status, number in zip(STATUSES, row.statuses, strict=True):
            if number:
                yield f'hoidap_requests_total{{{_labels(row)},status="{status}"}} {number}'


def _durations(counted: list[Counted]) -> Iterator[str]:
    name = "hoidap_request_seconds"
    yield f"# TYPE {name} histogram"
    for row in counted:
        for limit, number in zip(BUCKETS, row.buckets, strict=True):
            yield f'{name}_bucket{{{_labels(row)},le="{limit}"}} {number}'
        yield f'{name}_bucket{{{_labels(row)},le="+Inf"}} {row.count}'
        yield f"{name}_sum{{{_labels(row)}}} {row.seconds:.6f}"
        yield f"{name}_count{{{_labels(row)}}} {row.count}"


def _labels(row: Counted) -> str:
    return f'process="{row.process}",endpoint="{row.endpoint}"'
