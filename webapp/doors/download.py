"""Handing out somebody's file: a document to be saved, a photo that can be nothing but a picture."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import chain

from flask import Response, send_file

from webapp.operations.documents import Download

SANDBOX = "default-src 'none'; sandbox"  # whatever it turns out to be, nothing in it runs


def attachment(download: Download) -> Response:
    """A response that saves the document under its name (RFC 6266), in a sandbox and not to be guessed at."""
    response = send_file(
        io.BytesIO(download.content), download.mime, as_attachment=True, download_name=download.name
    )
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response


def streamed(blocks: Iterator[bytes], mime: str, size: int, name: str) -> Response:
    """As `attachment`, for what is too large for memory. What cannot even begin raises here, not later."""
    first = next(blocks, b"")
    response = Response(chain([first], blocks), mimetype=mime)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Content-Length"] = str(size)
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response


def picture(jpeg: bytes) -> Response:
    """A redrawn photo for whoever asked and nobody after them: no cache on the way may keep it."""
    response = Response(jpeg, mimetype="image/jpeg")
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["Content-Disposition"] = "inline"
    response.headers["Cache-Control"] = "private, no-store"
    return response
