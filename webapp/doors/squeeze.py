"""Smaller over the wire: files of ours, pages without a secret, and pages that repeat nothing of the request.

A page that carries a secret and also echoes its request would tell the secret by its length once squeezed.
What is the same for everybody carries none; of another page its view says by `squeezable()` that it echoes
nothing; everything else travels as it is.
"""

from __future__ import annotations

import gzip
from functools import lru_cache

from flask import Flask, Response, g, request

LEAST = 600  # below this the headers cost more than is won
FILES = frozenset({"text/css", "text/javascript", "application/manifest+json"})
PAGES = frozenset({"text/html", "application/json"})


def squeezable() -> None:
    """This page is made of nothing that the request carried."""
    g.squeezable = True


def squeeze_answers(app: Flask) -> None:
    app.after_request(_squeeze)


def _squeeze(response: Response) -> Response:
    file = response.mimetype in FILES
    for_all = file or not getattr(g, "private", True)
    told = for_all or getattr(g, "squeezable", False)
    if not told or not (file or response.mimetype in PAGES):
        return response
    response.vary.add("Accept-Encoding")
    if not _asked_for() or response.status_code != 200 or "Content-Encoding" in response.headers:
        return response
    response.direct_passthrough = False
    body = response.get_data()
    if len(body) < LEAST:
        return response
    squeeze = _file if file else _page if for_all else gzip.compress
    response.set_data(squeeze(body, 9 if file else 6, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    tag, _ = response.get_etag()
    if tag:
        response.set_etag(tag, weak=True)  # the same words in other bytes
    return response


def _asked_for() -> bool:
    return request.method == "GET" and "Range" not in request.headers and request.accept_encodings["gzip"] > 0


# Once a process for a file; pages that are asked for again and again change, and push no file out.
_file, _page = lru_cache(128)(gzip.compress), lru_cache(64)(gzip.compress)
