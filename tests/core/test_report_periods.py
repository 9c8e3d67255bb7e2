"""Which reporting period an instant falls in."""

from datetime import UTC, datetime, time, timedelta, timezone

import pytest

from tests.regulations.golden_files import regulation
from webapp.core.papers import Periods

VIETNAM = timezone(timedelta(hours=7))


@pytest.mark.parametrize(
    ("at", "month"),
    [
        (datetime(2026, 2, 14, 16, 59, 59, tzinfo=UTC), (2026, 2)),
        (datetime(2026, 2, 14, 17, 0, 0, tzinfo=UTC), (2026, 3)),
        (datetime(2026, 12, 14, 16, 59, 59, tzinfo=UTC), (2026, 12)),
        (datetime(2026, 12, 14, 17, 0, 0, tzinfo=UTC), (2027, 1)),
        (datetime(2026, 1, 31, 23, 0, 0, tzinfo=UTC), (2026, 2)),
    ],
)
def test_ac_37_a_month_of_tn24_goes_from_the_15th_to_the_14th(at, month):
    law = regulation("TN24")
    assert law.periods.month_of(at, law.zone) == month


def test_calendar_months_begin_at_local_midnight():
    law = regulation("KH22")
    assert law.periods.month_of(datetime(2026, 6, 30, 16, 59, 59, tzinfo=UTC), law.zone) == (2026, 6)
    assert law.periods.month_of(datetime(2026, 6, 30, 17, 0, 0, tzinfo=UTC), law.zone) == (2026, 7)


def test_a_period_may_begin_at_noon():
    noon = Periods("day_of_month", 25, time(12))
    assert noon.month_of(datetime(2026, 3, 25, 11, 59, 59, tzinfo=VIETNAM), VIETNAM) == (2026, 3)
    assert noon.month_of(datetime(2026, 3, 25, 12, tzinfo=VIETNAM), VIETNAM) == (2026, 4)
