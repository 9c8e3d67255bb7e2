"""How handing a letter on may fail. Kinds are tokens, because an answer's words may hold an address."""

from __future__ import annotations


class NoWay(Exception):
    """No way that is set up here leads to this reporter."""


class Refused(Exception):
    """It will never be taken: trying again is no use. `kind` says what was answered."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class Later(Exception):
    """Not now. `after` is when to come again, as an HTTP answer's Retry-After says it; "" when unsaid."""

    def __init__(self, kind: str, after: str = "") -> None:
        super().__init__(kind)
        self.kind = kind
        self.after = after
