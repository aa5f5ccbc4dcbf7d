"""The programme's targets."""

from __future__ import annotations

from stemportal.lib.school_year import current_school_year
from stemportal.reports.models import Target


def seed_rest() -> None:
    """Targets of three school years; safe to run again."""
    year = current_school_year()
    for offset, scale in ((0, 1.0), (-1, 0.9), (-2, 0.8)):
        for measure, value in (("pupils", 60_000), ("visits", 2_400), ("schools", 900), ("partners", 80)):
            Target.objects.get_or_create(
                school_year=year + offset, measure=measure, defaults={"value": round(value * scale)}
            )
