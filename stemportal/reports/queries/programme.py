"""The programme's figures beside its targets."""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from django.core.cache import cache
from django.utils import formats
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from stemportal.lib.periods import Period, PeriodKind
from stemportal.lib.school_year import current_school_year, label
from stemportal.reports.figures.counting import partner_figures
from stemportal.reports.models import Target

logger = structlog.get_logger(__name__)

CACHE_SECONDS = 10 * 60


@dataclass(frozen=True)
class Measure:
    """One of the programme's figures beside its target. ``value`` and ``note`` are text, ``done`` a percentage."""

    key: str
    label: str
    value: str
    number: int
    target: int | None
    note: str
    done: int | None
    school_year: str


def programme_figures(school_year: int | None = None) -> list[Measure]:
    """Return pupils, visits, schools and partners of a school year, each beside its target.

    Without a year: the current one, or the last one while the new has no visit yet. Counted at most every ten minutes.
    """
    year, numbers, targets = _programme_numbers(school_year)
    order = (Target.Measure.PUPILS, Target.Measure.VISITS, Target.Measure.SCHOOLS, Target.Measure.PARTNERS)
    return [_measure(year, measure, numbers[measure.value], targets.get(measure.value)) for measure in order]


def _measure(year: int, measure: Target.Measure, number: int, target: int | None) -> Measure:
    return Measure(
        key=measure.value,
        label=str(measure.label),
        value=_grouped(number),
        number=number,
        target=target,
        note=_("Target: %(target)s") % {"target": _grouped(target)} if target else "",
        done=min(100, 100 * number // target) if target else None,
        school_year=label(year),
    )


def _grouped(number: int) -> str:
    return formats.number_format(number, force_grouping=True)


def _programme_numbers(school_year: int | None) -> tuple[int, dict[str, int], dict[str, int]]:
    """Counted figures and targets, from Valkey when it has them. Without Valkey they are counted afresh."""
    name = f"reports:programme:{school_year or f'now:{current_school_year()}'}"
    try:
        if kept := cache.get(name):
            return kept
    except RedisError as error:
        logger.warning("cache_away", error=str(error))
        return _count_programme(school_year)
    counted = _count_programme(school_year)
    cache.set(name, counted, timeout=CACHE_SECONDS)
    return counted


def _count_programme(school_year: int | None) -> tuple[int, dict[str, int], dict[str, int]]:
    year = current_school_year() if school_year is None else school_year
    figures = partner_figures(period=Period(PeriodKind.SCHOOL, year))
    if school_year is None and not figures.visits:
        year -= 1
        figures = partner_figures(period=Period(PeriodKind.SCHOOL, year))
    numbers = {
        Target.Measure.PUPILS.value: figures.pupils or 0,
        Target.Measure.VISITS.value: figures.visits,
        Target.Measure.SCHOOLS.value: figures.schools,
        Target.Measure.PARTNERS.value: figures.partners,
    }
    return (
        year,
        numbers,
        {
            target.measure: int(target.goal)
            for target in Target.objects.public().exclude(measure=Target.Measure.ENTERED)
        },
    )


def _goals() -> dict[str, int]:
    targets = Target.objects.public().exclude(measure=Target.Measure.ENTERED)
    return {target.measure: int(target.goal) for target in targets}
