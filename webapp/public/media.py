"""One photo anybody may see: only by the exact name that a published case still gives it."""

from __future__ import annotations

import io

from flask import Response, abort, send_file

from webapp.doors import house
from webapp.store.queries import public as queries

MAX_AGE_S = 300  # how long a copy may outlive a withdrawal in somebody's cache


def show(name: str) -> Response:
    with house().store.public() as session:
        row = queries.photo(session, name)
    if row is None:
        abort(404)
    try:
        with house().public_media.open(row.name) as file:
            picture = io.BytesIO(file.read())
    except FileNotFoundError:
        abort(404)
    response = send_file(picture, "image/jpeg", etag=row.name[:32], last_modified=None, max_age=MAX_AGE_S)
    response.cache_control.public = True
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
