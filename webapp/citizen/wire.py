"""How the queue of a phone is spoken to: JSON, the secret as a bearer, and what tus 1.0 writes into headers.

Nothing here reads or gives a cookie. The secret is the authority; a page of another site cannot send it (or
JSON) without asking us first, and we answer no such question. What a browser says about its origin is looked
at too, where it says it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ParamSpec
from urllib.parse import urlsplit

from flask import Response, jsonify, request

from webapp.citizen.pictures import SECRET
from webapp.doors import house, limits
from webapp.operations.uploads import NoLonger, TooMuch, WrongOffset
from webapp.operations.work import Gone
from webapp.store.media import MediaDown
from webapp.store.partial import PIECE_BYTES, Busy
from webapp.store.session import StoreBusy
from webapp.words import sentence

TUS = "1.0.0"
# sha1 is in it because the protocol demands it of every server; our own phones send sha256.
CHECKSUMS: Mapping[str, Callable[[bytes], Any]] = {
    "sha256": hashlib.sha256,
    "sha1": lambda piece: hashlib.sha1(piece, usedforsecurity=False),
}
JSON_BYTES = 256 * 1024
BUSY_S, DOWN_S = 2, 60
P = ParamSpec("P")


class Stop(Exception):
    """The answer is known before the request was looked at any further."""

    def __init__(self, answer: Response) -> None:
        super().__init__(answer.status)
        self.answer = answer


def reply(status: int | str, body: Mapping[str, Any] | None = None, **headers: object) -> Response:
    """JSON or nothing; `Upload_Offset=5` becomes the header Upload-Offset."""
    response = jsonify(body) if body is not None else Response(mimetype="application/json")
    response.status = str(status)
    for name, value in headers.items():
        response.headers[name.replace("_", "-")] = str(value)
    return response


def wrong(status: int | str, code: str, **params: object) -> Response:
    return reply(status, {"error": sentence("outbox", code, **params)})


def later(status: int, code: str, seconds: int) -> Response:
    response = wrong(status, code, minutes=limits.minutes(seconds))
    response.headers["Retry-After"] = str(seconds)
    return response


def plainly(view: Callable[P, Response]) -> Callable[P, Response]:
    """Every "no" of this door as JSON with its status; what may be tried again says when."""

    @wraps(view)
    def answered(*args: P.args, **kwargs: P.kwargs) -> Response:
        try:
            _same_site()
            return view(*args, **kwargs)
        except Stop as stop:
            return stop.answer
        except WrongOffset as known:
            return reply(409, {"error": sentence("outbox", "offset")}, Upload_Offset=known.offset)
        except TooMuch:
            return wrong(413, "too_much")
        except NoLonger:
            return wrong(410, "not_taken")
        except Gone:
            return _unknown()
        except (Busy, StoreBusy):
            return later(503, "busy", BUSY_S)
        except MediaDown:
            return later(503, "media", DOWN_S)

    return answered


def _unknown() -> Response:
    """Nobody's secret. Guessing 128 bits is hopeless, but asking for ever costs us something."""
    wait = limits.take(limits.codes())
    return later(429, "many", wait) if wait else wrong(404, "unknown")


def _same_site() -> None:
    if not is_same_site():
        raise Stop(wrong(403, "other_site"))


def is_same_site() -> bool:
    """Whether nothing says that the page of another site made the browser ask."""
    if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    own = {request.host, urlsplit(house().config.base_url).netloc}
    return origin is None or urlsplit(origin).netloc in own


def secret() -> str:
    """The secret this request shows. Raises Stop (401)."""
    shown = request.authorization
    token = (shown.token or "") if shown and shown.type == "bearer" else ""
    if not SECRET.fullmatch(token):
        answer = wrong(401, "no_secret")
        answer.headers["WWW-Authenticate"] = "Bearer"
        raise Stop(answer)
    return token


def told() -> dict[str, Any]:
    """The JSON object of this request. Raises Stop (400, 413)."""
    if (request.content_length or 0) > JSON_BYTES:
        raise Stop(wrong(413, "too_much"))
    # Only as JSON: as a form or as plain text any page of another site could send it.
    body = request.get_json(silent=True) if request.mimetype == "application/json" else None
    if not isinstance(body, dict):
        raise Stop(wrong(400, "unreadable"))
    return body


# tus 1.0


def version() -> None:
    """Raises Stop (412) for another version of the protocol."""
    if request.headers.get("Tus-Resumable") != TUS:
        raise Stop(reply(412, {"error": sentence("outbox", "version")}, Tus_Version=TUS))


def number(name: str) -> int:
    """A header that is a count of bytes. Raises Stop (400)."""
    text = request.headers.get(name, "")
    if not (text.isascii() and text.isdecimal() and len(text) <= 15):
        raise Stop(wrong(400, "unreadable"))
    return int(text)


def metadata() -> dict[str, str]:
    """The pairs of Upload-Metadata. Raises Stop (400)."""
    found = {}
    for pair in filter(
        None, (part.strip() for part in request.headers.get("Upload-Metadata", "").split(","))
    ):
        name, _, value = pair.partition(" ")
        try:
            found[name] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise Stop(wrong(400, "unreadable")) from None
    return found


def as_metadata(values: Mapping[str, str]) -> str:
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in values.items())


def piece() -> bytes:
    """The body of a PATCH, whole and as its checksum says. Raises Stop (400, 413, 415, 460)."""
    if request.mimetype != "application/offset+octet-stream":
        raise Stop(wrong(415, "unreadable"))
    if (request.content_length or 0) > PIECE_BYTES:
        raise Stop(wrong(413, "piece", size=PIECE_BYTES // 2**20))
    data = request.get_data(cache=False)
    _check(data)
    return data


def _check(data: bytes) -> None:
    said = request.headers.get("Upload-Checksum")
    if said is None:
        return
    name, _, value = said.partition(" ")
    try:
        wanted = base64.b64decode(value, validate=True)
    except binascii.Error:
        wanted = b""
    if name not in CHECKSUMS or not wanted:
        raise Stop(wrong(400, "unreadable"))
    if CHECKSUMS[name](data).digest() != wanted:
        raise Stop(wrong("460 Checksum Mismatch", "checksum"))
