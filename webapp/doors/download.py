"""Handing out somebody's file: a document to be saved, a photo that can be nothing but a picture."""

from __future__ import annotations

import io
from typing import IO, Final, cast

from flask import Response, request, send_file
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wsgi import FileWrapper

from webapp.operations.documents import Download
from webapp.store.opened import OpenedFile

SANDBOX = "default-src 'none'; sandbox"  # whatever it turns out to be, nothing in it runs
_BLOCK: Final = 64 * 1024


def attachment(download: Download) -> Response:
    """A response that saves the document under its name (RFC 6266), in a sandbox and not to be guessed at."""
    response = send_file(
        io.BytesIO(download.content), download.mime, as_attachment=True, download_name=download.name
    )
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response


def seekable(file: OpenedFile, mime: str, name: str, version: str) -> Response:
    """As `attachment`, for what is too large for memory: whole, or the part that was asked for.

    Safari plays nothing that is not given in parts. What cannot even begin raises here, not later.
    """
    try:
        asked = request.range.range_for_length(file.size) if request.range else None
        file.seek(asked[0] if asked else 0)
        file.read(1)  # its chunk is kept: the answer begins with it
        file.seek(0)
        response = Response(
            FileWrapper(cast(IO[bytes], file), _BLOCK), mimetype=mime, direct_passthrough=True
        )
        response.content_length = file.size
        response.set_etag(version)
        response.make_conditional(request.environ, accept_ranges=True, complete_length=file.size)
    except RequestedRangeNotSatisfiable as refusal:
        file.close()
        response = Response(status=416, headers=list(refusal.get_headers()))
    except BaseException:
        file.close()
        raise
    response.headers.set("Content-Disposition", "attachment", filename=name)
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
