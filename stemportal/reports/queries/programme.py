"""The programme's year in a few numbers beside its targets, and the reports it has published."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import structlog
from django.core.cache import cache
from django.db.models import QuerySet
from django.utils import formats
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from stemportal.lib.periods import Period
from stemportal.reports.figures.figures import Figures
from stemportal.reports.figures.measures import headline_figures
from stemportal.reports.models import ProgrammeReport, ProgrammeReportFile, Target
from stemportal.reports.queries.targets import TargetLine, lines_now

logger = structlog.get_logger(__name__)

CACHE_SECONDS = 10 * 60
FRONT = (Target.Measure.PUPILS, Target.Measure.VISITS, Target.Measure.SCHOOLS, Target.Measure.PARTNERS)
Status = ProgrammeReport.Status
Kept = TypeVar("Kept")


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


def programme_figures() -> list[Measure]:
    """Return pupils, visits, schools and partners of this school year, each beside its public target.

    Of the last school year while the new one has no visit yet. Counted at most every ten minutes.
    """
    figures, goals = _kept("front", Period.current(), _front)
    return [_measure(figures, measure, goals.get(measure.value)) for measure in FRONT]


def targets_now() -> list[TargetLine]:
    """Return all targets with the values of the years that go on. Counted at most every ten minutes."""
    return _kept("targets", Period.current(), lambda: lines_now(public=False))


def public_targets_now() -> list[TargetLine]:
    """Return the targets that everybody may see, with the values of the years that go on."""
    return _kept("public-targets", Period.current(), lines_now)


def forget_targets() -> None:
    """Have them counted anew: somebody has changed a target."""
    try:
        cache.delete_many([_name(what, Period.current()) for what in ("front", "targets", "public-targets")])
    except RedisError as error:
        logger.warning("cache_away", error=str(error))


def _name(what: str, period: Period) -> str:
    return f"reports:programme:{what}:{period.slug}"


def _kept(what: str, period: Period, count: Callable[[], Kept]) -> Kept:
    """From Valkey when it has it. Without Valkey it is counted afresh."""
    try:
        kept: Kept | None = cache.get(_name(what, period))
        if kept is not None:
            return kept
    except RedisError as error:
        logger.warning("cache_away", error=str(error))
        return count()
    counted = count()
    cache.set(_name(what, period), counted, timeout=CACHE_SECONDS)
    return counted


def _front() -> tuple[Figures, dict[str, int]]:
    period = Period.current()
    figures = headline_figures(period)
    if not figures.visits:
        figures = headline_figures(period.previous)
    targets = Target.objects.public().filter(measure__in=FRONT, period_kind=period.kind)
    return figures, {target.measure: int(target.goal) for target in targets}


def _measure(figures: Figures, measure: Target.Measure, target: int | None) -> Measure:
    counted: int | None = getattr(figures, measure.value)
    number = counted or 0
    return Measure(
        key=measure.value,
        label=str(measure.label),
        value=_("Fewer than 5") if counted is None else _grouped(number),
        number=number,
        target=target,
        note=_("Target: %(target)s") % {"target": _grouped(target)} if target else "",
        done=min(100, 100 * number // target) if target else None,
        school_year=figures.period.label,
    )


def _grouped(number: int) -> str:
    return formats.number_format(number, force_grouping=True)


def published_reports() -> QuerySet[ProgrammeReport]:
    """Return what everybody may read, the latest year first, without the figures."""
    return ProgrammeReport.objects.published().defer("figures")


def published_report(period: Period) -> ProgrammeReport | None:
    """Return the report on a year as it stands today, with its files."""
    found = ProgrammeReport.objects.published().filter(period_kind=period.kind, year=period.year)
    return found.prefetch_related("files").first()


def latest_report() -> ProgrammeReport | None:
    """Return the report on the latest year."""
    return ProgrammeReport.objects.published().prefetch_related("files").first()


def earlier_versions(report: ProgrammeReport) -> QuerySet[ProgrammeReport]:
    """Return what the report has taken the place of, the newest first, with files and without figures."""
    found = ProgrammeReport.objects.filter(
        period_kind=report.period_kind, year=report.year, status=Status.SUPERSEDED, version__lt=report.version
    )
    return found.defer("figures").prefetch_related("files").order_by("-version")


def handed_out_file(pk: int) -> ProgrammeReportFile | None:
    """Return a file that everybody may fetch, with its report but for its figures."""
    found = ProgrammeReportFile.objects.filter(report__status__in=[Status.PUBLISHED, Status.SUPERSEDED], pk=pk)
    return found.select_related("report").defer("report__figures").first()
