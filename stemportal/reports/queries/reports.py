"""Reports and the runs that build them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from stemportal.lib.periods import Period, PeriodKind
from stemportal.partners.models import Partner
from stemportal.reports.models import PartnerReport, ReportRun


def reports_of_partner(partner: Partner) -> QuerySet[PartnerReport]:
    """Return the published report of each year, the latest first: 2025/26 ends after 2025."""
    return PartnerReport.objects.published().filter(partner=partner).order_by("-year", "-period_kind")


def runs_with_progress(runs: QuerySet[ReportRun]) -> QuerySet[ReportRun]:
    """Add ``total``, ``ready``, ``drafts``, ``failed`` and ``left`` to each run, in the same query."""
    status = PartnerReport.Status
    return runs.annotate(
        total=Count("reports"),
        ready=Count("reports", filter=~Q(reports__status__in=[status.WAITING, status.BUILDING, status.FAILED])),
        drafts=Count("reports", filter=Q(reports__status=status.DRAFT)),
        failed=Count("reports", filter=Q(reports__status=status.FAILED)),
        left=Count("reports", filter=Q(reports__status__in=[status.WAITING, status.BUILDING])),
    )


def stale_claims(older_than: timedelta) -> QuerySet[PartnerReport]:
    """Return reports whose worker has not been heard of for that long."""
    return PartnerReport.objects.filter(
        status=PartnerReport.Status.BUILDING, claimed_at__lt=timezone.now() - older_than
    )


def choosable_periods(count: int = 5) -> list[tuple[Any, list[tuple[str, str]]]]:
    """Return years as choices (slug, label) in groups: finished ones of each kind, the last first; those that go on."""
    kinds = ((_("School years"), PeriodKind.SCHOOL), (_("Calendar years"), PeriodKind.CALENDAR))
    groups, going_on = [], []
    for title, kind in kinds:
        current = Period.current(kind)
        years = [Period(kind, current.year - back) for back in range(1, count + 1)]
        groups.append((title, [(period.slug, period.label) for period in years]))
        going_on.append((current.slug, _("%(year)s so far") % {"year": current.label}))
    return [*groups, (_("Not over yet, a preview only"), going_on)]


def versions_of(report: PartnerReport) -> QuerySet[PartnerReport]:
    """Return all versions of the report, itself among them, the newest first."""
    same = PartnerReport.objects.of_period(report.period).filter(partner=report.partner_id)
    return same.select_related("published_by").defer("figures", "foreword", "esg_text").order_by("-version")
