"""The history of reports: one row a step, written in the transaction that moves them."""

from __future__ import annotations

from collections.abc import Iterable

from stemportal.accounts.models import User
from stemportal.reports.models import PartnerReport, ReportEvent


def note_steps(reports: Iterable[tuple[int, str]], *, to: str, by: User | None, note: str = "") -> None:
    """Write down that each report, given as (id, status until now), has gone to ``to``."""
    ReportEvent.objects.bulk_create(
        ReportEvent(report_id=pk, from_status=status, to_status=to, by=by, note=note[:500]) for pk, status in reports
    )


def lock(report_ids: Iterable[int]) -> list[PartnerReport]:
    """Hold these reports until the transaction ends, and return them as they are now, always in the same order."""
    found = PartnerReport.objects.select_for_update(no_key=True, of=("self",)).select_related("partner")
    return list(found.filter(pk__in=list(report_ids)).order_by("pk"))
