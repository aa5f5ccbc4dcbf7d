"""School years and working days in Norway."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache

import holidays
from django.utils import timezone

FIRST_MONTH = 8


def school_year_of(day: date) -> int:
    """Return the year in which the day's school year began (1 August to 31 July)."""
    return day.year if day.month >= FIRST_MONTH else day.year - 1


def current_school_year() -> int:
    """Return the school year of today."""
    return school_year_of(timezone.localdate())


def bounds(school_year: int) -> tuple[datetime, datetime]:
    """Return the first moment of the school year and the first moment after it, as aware datetimes."""
    zone = timezone.get_default_timezone()
    return datetime(school_year, FIRST_MONTH, 1, tzinfo=zone), datetime(school_year + 1, FIRST_MONTH, 1, tzinfo=zone)


def label(school_year: int) -> str:
    """Return the year as people write it: 2025/26."""
    return f"{school_year}/{(school_year + 1) % 100:02d}"


@cache
def public_holidays() -> holidays.HolidayBase:
    """Return Norway's public holidays; years are worked out when they are asked about, once a process."""
    return holidays.country_holidays("NO")


def add_working_days(start: date, days: int) -> date:
    """Return the day that many working days after ``start``; weekends and public holidays do not count."""
    free = public_holidays()
    day = start
    while days > 0:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in free:
            days -= 1
    return day
