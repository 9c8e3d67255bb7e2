"""Every request is counted and leaves one line in the log."""

from __future__ import annotations

import time

from flask import Flask, Response, g, request

from webapp.status import log
from webapp.status.meter import CLASSES, Meter

METER = "hoidap_meter"
_STATIC = frozenset({"static", "service_worker", "favicon", "offline"})


def watch(app: Flask) -> None:
    """Measure requests of `app` from their first to their last hook."""
    meter = app.extensions[METER] = Meter()

    def begin() -> None:
        g.began = time.perf_counter()

    def end(response: Response) -> Response:
        endpoint = request.endpoint or "none"
        seconds = time.perf_counter() - g.get("began", time.perf_counter())
        meter.count(class_of(endpoint), response.status_code, seconds)
        log.request(request.method, endpoint, response.status_code, 1000 * seconds, response.content_length)
        return response

    app.before_request(begin)
    app.after_request(end)


def meter_of(app: Flask) -> Meter:
    meter: Meter = app.extensions[METER]
    return meter


def class_of(endpoint: str) -> str:
    """The door an endpoint belongs to."""
    if endpoint in _STATIC:
        return "static"
    door = endpoint.partition(".")[0]
    return door if door in CLASSES else "other"
