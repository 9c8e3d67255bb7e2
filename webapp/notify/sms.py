"""Short messages through an HTTP gateway: POST {id, to, text}; 2xx means taken."""

from __future__ import annotations

import json
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from urllib.parse import urlsplit

from webapp.config import Gateway
from webapp.core.text import fold
from webapp.notify.letters import Letter
from webapp.notify.outcomes import Later, Refused

CONNECT_S, READ_S = 5.0, 10.0
LONGEST = 300
_TOO_MANY = 429


class Texter:
    """Hands short forms of letters to one gateway, and follows no redirect to another."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._parts = urlsplit(gateway.url)

    def send(self, letter: Letter, to: str) -> None:
        """Raises Refused for an answer that will not change, Later for one that may, OSError without one."""
        text = letter.short if self._gateway.marks else without_marks(letter.short)
        body = json.dumps({"id": letter.id, "to": to, "text": text[:LONGEST]}, ensure_ascii=False)
        connection = self._connection()
        try:
            connection.connect()
            connection.sock.settimeout(READ_S)
            path = (self._parts.path or "/") + (f"?{self._parts.query}" if self._parts.query else "")
            connection.request("POST", path, body.encode(), self._headers())
            _judge(connection.getresponse())
        except HTTPException as error:
            raise Later(type(error).__name__) from None  # its words may repeat what was sent
        finally:
            connection.close()

    def _connection(self) -> HTTPConnection:
        kind = HTTPSConnection if self._parts.scheme == "https" else HTTPConnection
        assert self._parts.hostname
        return kind(self._parts.hostname, self._parts.port, timeout=CONNECT_S)

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if self._gateway.token_file:
            token = self._gateway.token_file.read_text("utf-8").strip()
            headers["Authorization"] = f"Bearer {token}"
        return headers


def _judge(answer: HTTPResponse) -> None:
    kind = f"http_{answer.status}"
    if 200 <= answer.status < 300:
        return
    if 400 <= answer.status < 500 and answer.status != _TOO_MANY:
        raise Refused(kind)
    raise Later(kind, answer.getheader("Retry-After", ""))


def without_marks(text: str) -> str:
    """The same words in ASCII: one diacritic more than doubles what a message costs."""
    return "".join(_bare(symbol) for symbol in text)


def _bare(symbol: str) -> str:
    if symbol.isascii():
        return symbol
    plain = fold(symbol)
    return (plain.upper() if symbol.isupper() else plain) or " "
