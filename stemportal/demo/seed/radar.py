"""Half a year of the radar, so that its curves say something."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from stemportal.reports.models import RadarDay
from stemportal.reports.radar.days import TREND_WEEKS, note_day


def seed_radar() -> None:
    """A row for each day of the last half year: from what stands there today back in small steps. Safe to run again."""
    if RadarDay.objects.count() > 1:
        return
    today = note_day()
    random = Random(7)
    counts, rows = dict(today.counts), []
    for days in range(1, 7 * TREND_WEEKS + 1):
        if days % 7 == 0:
            counts = {code: max(0, count + random.choice((-1, 0, 0, 1, 1, 2))) for code, count in counts.items()}
        rows.append(RadarDay(day=today.day - timedelta(days=days), counts=counts))
    RadarDay.objects.bulk_create(rows)
