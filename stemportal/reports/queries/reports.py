"""Reports and the runs that build them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from stemportal.lib.school_year import current_school_year, label
from stemportal.partners.models import Partner
from stemportal.reports.models import PartnerReport, ReportRun


def last_finished_year() -> int:
    """Return the school year that ended last; what the annual reports are built for."""
    return current_school_year() - 1


def reports_of_partner(partner: Partner) -> QuerySet[PartnerReport]:
    """Return the newest finished report of each school year, the latest year first."""
    return PartnerReport.objects.published().filter(partner=partner).order_by("-year", "period_kind")


def runs_with_progress(runs: QuerySet[ReportRun]) -> QuerySet[ReportRun]:
    """Add ``total``, ``ready``, ``failed`` and ``left`` to each run, in the same query."""
    status = PartnerReport.Status
    return runs.annotate(
        total=Count("reports"),
        ready=Count("reports", filter=~Q(reports__status__in=[status.WAITING, status.BUILDING, status.FAILED])),
        failed=Count("reports", filter=Q(reports__status=status.FAILED)),
        left=Count("reports", filter=Q(reports__status__in=[status.WAITING, status.BUILDING])),
    )


def stale_claims(older_than: timedelta) -> QuerySet[PartnerReport]:
    """Return reports whose worker has not been heard of for that long."""
    return PartnerReport.objects.filter(
        status=PartnerReport.Status.BUILDING, claimed_at__lt=timezone.now() - older_than
    )


def choosable_years(count: int = 5) -> list[tuple[int, Any]]:
    """Return the finished school years as choices, the last one first."""
    last = last_finished_year()
    return [(year, label(year)) for year in range(last, last - count, -1)]
