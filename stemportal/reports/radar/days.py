"""How the radar stood each day: what its first page and the trend charts are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import structlog
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import get_language
from redis.exceptions import RedisError

from stemportal.accounts.models import User
from stemportal.reports.models import RadarDay
from stemportal.reports.radar.matters import MATTERS, WORST, Line, Matter, matters_for

logger = structlog.get_logger(__name__)

# The rows are dear to find; nobody needs them fresher than that on the first page.
CACHE_SECONDS = 10 * 60
TREND_WEEKS = 26


@dataclass(frozen=True)
class Reading:
    """What a matter says now: how many, the most pressing ones, and how many a week ago, if that is known."""

    matter: Matter
    count: int
    worst: list[Line]
    week_ago: int | None

    @property
    def change(self) -> int | None:
        """How many more than a week ago."""
        return None if self.week_ago is None else self.count - self.week_ago


def readings(user: User | AnonymousUser) -> list[Reading]:
    """Return what stands on the radar for this person. Three queries at most a matter, kept for ten minutes."""
    before = _counts_of(timezone.localdate() - timedelta(days=7))
    found = []
    for matter in matters_for(user):
        count, worst = _kept(matter)
        found.append(Reading(matter, count, worst, before.get(matter.code)))
    return found


def _kept(matter: Matter) -> tuple[int, list[Line]]:
    # With the language: the words of one reader are not the next one's.
    name = f"reports:radar:{matter.code}:{get_language()}"
    try:
        if kept := cache.get(name):
            return kept
    except RedisError as error:
        logger.warning("cache_away", error=str(error))
        return _read(matter)
    found = _read(matter)
    cache.set(name, found, timeout=CACHE_SECONDS)
    return found


def _read(matter: Matter) -> tuple[int, list[Line]]:
    rows = matter.rows()
    return rows.order_by().count(), [matter.line(row) for row in rows[:WORST]]


def note_day() -> RadarDay:
    """Write down how many of each matter there are today; a second call on the same day counts afresh."""
    counts = {matter.code: matter.rows().order_by().count() for matter in MATTERS}
    day, _made = RadarDay.objects.update_or_create(day=timezone.localdate(), defaults={"counts": counts})
    return day


def _counts_of(day: date) -> dict[str, int]:
    counts: dict[str, int] | None = RadarDay.objects.filter(day=day).values_list("counts", flat=True).first()
    return counts or {}


@dataclass(frozen=True)
class Trend:
    """A matter over the last weeks: (day, how many), the oldest first; a week that nobody noted is left out."""

    matter: Matter
    points: list[tuple[date, int]]


def trends(user: User | AnonymousUser, *, today: date | None = None) -> list[Trend]:
    """Return a point a week for half a year, back from today. One query."""
    today = today or timezone.localdate()
    days = [today - timedelta(weeks=n) for n in range(TREND_WEEKS, -1, -1)]
    noted: dict[date, dict[str, Any]] = dict(RadarDay.objects.filter(day__in=days).values_list("day", "counts"))
    return [
        Trend(matter, [(day, noted[day][matter.code]) for day in days if matter.code in noted.get(day, {})])
        for matter in matters_for(user)
    ]
