"""People at their desks: a browser for each of the cast, logged in."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browse import Browser


@pytest.fixture
def desk(app) -> Callable[[str], Browser]:
    """`desk("hoa")`: Hoa's browser, logged in. The same person always gets the same browser."""
    browsers: dict[str, Browser] = {}

    def of(who: str) -> Browser:
        if who not in browsers:
            browsers[who] = Browser(app).log_in(who)
        return browsers[who]

    return of
