"""Log lines as JSON, of which each says what happened and none says to whom.

A request's line names the endpoint, not the address with its numbers and codes. An error's line names its
kind and the place in the code: its words may quote what somebody wrote.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any, Final, TextIO

import structlog

# A field that is not listed does not leave the process, whoever adds it one day.
REQUEST_FIELDS: Final = frozenset({"event", "at", "method", "endpoint", "status", "ms", "bytes"})
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})
Fields = MutableMapping[str, Any]
_requests: Final[list[Any]] = []  # the logger that `set_up` made last


def set_up(out: TextIO | None = None) -> None:
    """Let this process write its log to `out` (standard output when None), one JSON object a line."""
    out = out or sys.stdout
    handler = logging.StreamHandler(out)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in ("alembic", "waitress.queue"):  # a line per migration step; a line per busy moment
        logging.getLogger(name).setLevel(logging.ERROR)
    _requests.append(
        structlog.wrap_logger(
            structlog.WriteLogger(out),
            processors=[only_listed, structlog.processors.TimeStamper("iso", key="at"), _as_json],
            wrapper_class=structlog.BoundLogger,
        )
    )


def request(method: str, endpoint: str, status: int, milliseconds: float, size: int | None) -> None:
    """The line of one request; none before `set_up`. A method we do not know is a stranger's text."""
    if not _requests:
        return
    _requests[-1].info(
        "request",
        method=method if method in _METHODS else "other",
        endpoint=endpoint,
        status=status,
        ms=round(milliseconds, 1),
        bytes=size,
    )


def only_listed(_logger: object, _name: str, fields: Fields) -> Fields:
    return {name: value for name, value in fields.items() if name in REQUEST_FIELDS}


def _as_json(_logger: object, _name: str, fields: Fields) -> str:
    return json.dumps(fields, ensure_ascii=False)


class JsonLines(logging.Formatter):
    """The other lines: errors and what the worker tells."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "event": record.getMessage(),
            "at": structlog.processors.TimeStamper("iso")(None, "", {})["timestamp"],
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        if record.exc_info and record.exc_info[0]:
            line |= {"error": record.exc_info[0].__name__, "where": _where(record.exc_info[2])}
        return json.dumps(line, ensure_ascii=False)


def _where(trace: TracebackType | None) -> list[str]:
    """The frames without the words of the error, innermost last."""
    return [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(trace)[-8:]]
