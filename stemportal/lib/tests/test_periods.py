"""Years of both kinds."""

from datetime import date, datetime

import pytest
import time_machine
from django.utils import timezone

from stemportal.lib.periods import Period, PeriodKind
from stemportal.lib.school_year import bounds


def test_school_year_has_the_bounds_of_school_years():
    period = Period(PeriodKind.SCHOOL, 2025)
    assert (period.start, period.end) == bounds(2025)
    assert (period.months[0], period.months[-1]) == ("2025-08", "2026-07")


def test_calendar_year_begins_and_ends_at_midnight_in_norway():
    period = Period(PeriodKind.CALENDAR, 2025)
    zone = timezone.get_default_timezone()
    assert (period.start, period.end) == (datetime(2025, 1, 1, tzinfo=zone), datetime(2026, 1, 1, tzinfo=zone))
    assert (period.months[0], period.months[-1]) == ("2025-01", "2025-12")


@pytest.mark.parametrize(
    ("kind", "over_on"), [(PeriodKind.SCHOOL, date(2026, 8, 1)), (PeriodKind.CALENDAR, date(2026, 1, 1))]
)
def test_year_is_over_the_day_after_its_last(kind, over_on):
    period = Period(kind, 2025)
    with time_machine.travel(datetime(*period.last_day.timetuple()[:3], 12), tick=False):
        assert not period.is_over
    with time_machine.travel(datetime(*over_on.timetuple()[:3], 12), tick=False):
        assert period.is_over


@pytest.mark.parametrize("slug", ["2025-26", "2025", "1999-00"])
def test_slug_is_read_back(slug):
    assert Period.from_slug(slug).slug == slug


@pytest.mark.parametrize("slug", ["2025-27", "25", "2025-", "2025/26", "år", "20255", "²025", ""])
def test_other_slugs_are_refused(slug):
    with pytest.raises(ValueError, match=f"^{slug}$"):
        Period.from_slug(slug)
