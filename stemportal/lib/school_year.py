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
    day = start
    while days > 0:
        day += timedelta(days=1)
        days -= is_working_day(day)
    return day


def is_working_day(day: date) -> bool:
    """Say whether people are at work: no weekend, no public holiday."""
    return day.weekday() < 5 and day not in public_holidays()


def working_days_between(start: date, end: date) -> int:
    """Count the working days after ``start`` up to and with ``end``: 0 on the same day, 1 from Friday to Monday."""
    return sum(is_working_day(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))
