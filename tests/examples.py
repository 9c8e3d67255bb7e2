"""How many examples a property is tried with: few while people work, ten times as many in `make check`."""

import os

from hypothesis import HealthCheck, settings


def examples(number: int = 40) -> settings:
    """The same ones each time, of any size a slow machine needs; TEST_EXAMPLES multiplies them."""
    return settings(
        max_examples=number * int(os.environ.get("TEST_EXAMPLES", "1")),
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
