"""Handing out somebody's file: always to be saved, never to be shown by the browser under our address."""

from __future__ import annotations

import io

from flask import Response, send_file

from webapp.operations.documents import Download


def attachment(download: Download) -> Response:
    """A response that saves the document under its name (RFC 6266), in a sandbox and not to be guessed at."""
    response = send_file(
        io.BytesIO(download.content), download.mime, as_attachment=True, download_name=download.name
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response
