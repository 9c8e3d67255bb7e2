"""Smaller over the wire: files of ours, and pages that repeat nothing of what was asked.

A page that carries a secret and also echoes its request would tell the secret by its length once squeezed;
so a view says by `squeezable()` that its page echoes nothing, and everything else travels as it is.
"""

from __future__ import annotations

import gzip
from functools import lru_cache

from flask import Flask, Response, g, request

LEAST = 600  # below this the headers cost more than is won
TEXT = frozenset({"text/css", "text/javascript", "application/manifest+json"})


def squeezable() -> None:
    """This page is made of nothing that the request carried."""
    g.squeezable = True


def squeeze_answers(app: Flask) -> None:
    app.after_request(_squeeze)


def _squeeze(response: Response) -> Response:
    if response.mimetype not in TEXT and not getattr(g, "squeezable", False):
        return response
    response.vary.add("Accept-Encoding")
    if not _asked_for() or response.status_code != 200 or "Content-Encoding" in response.headers:
        return response
    response.direct_passthrough = False
    body = response.get_data()
    if len(body) < LEAST:
        return response
    response.set_data(_kept(body) if response.mimetype in TEXT else gzip.compress(body, 6, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    tag, _ = response.get_etag()
    if tag:
        response.set_etag(tag, weak=True)  # the same words in other bytes
    return response


def _asked_for() -> bool:
    return request.method == "GET" and "Range" not in request.headers and request.accept_encodings["gzip"] > 0


@lru_cache(64)
def _kept(body: bytes) -> bytes:
    """Files are squeezed once a process, as far as it goes."""
    return gzip.compress(body, 9, mtime=0)
