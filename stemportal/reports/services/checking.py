"""The secretariat looks at what was built and says that it is right, sends it back, or throws it away."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.reports.models import PartnerReport, PartnerReportFile
from stemportal.reports.services.building import delete_files, forget_files
from stemportal.reports.services.runs import finish_run
from stemportal.reports.services.steps import lock, note_steps

Status = PartnerReport.Status
THROWN_AWAY = (Status.WAITING, Status.FAILED, Status.DRAFT, Status.CHECKED)


def check_reports(*, report_ids: Collection[int], by: User) -> int:
    """Say of drafts that they are right, so that they may be published. Previews never are. Returns how many."""
    with transaction.atomic():
        drafts = [report.pk for report in lock(report_ids) if report.status == Status.DRAFT and not report.is_preview]
        PartnerReport.objects.filter(pk__in=drafts).update(
            status=Status.CHECKED, checked_at=timezone.now(), checked_by=by
        )
        note_steps([(pk, Status.DRAFT) for pk in drafts], to=Status.CHECKED, by=by)
    return len(drafts)


def back_to_draft(*, report_ids: Collection[int], by: User) -> int:
    """Take the check of reports back, also of those that wait to be published. Returns how many."""
    with transaction.atomic():
        checked = [report.pk for report in lock(report_ids) if report.status == Status.CHECKED]
        PartnerReport.objects.filter(pk__in=checked).update(
            status=Status.DRAFT, checked_at=None, checked_by=None, publish_asked_at=None, published_by=None
        )
        note_steps([(pk, Status.CHECKED) for pk in checked], to=Status.DRAFT, by=by)
    return len(checked)


def throw_away(*, report_id: int) -> bool:
    """Delete a report that was never published, with its files: a preview, or a version begun by mistake."""
    with transaction.atomic():
        report = next((found for found in lock([report_id]) if found.status in THROWN_AWAY), None)
        if report is None:
            return False
        names = list(PartnerReportFile.objects.filter(report=report).values_list("file", flat=True))
        run_id, claim = report.run_id, report.claim
        report.delete()
    delete_files(names)
    forget_files(claim)
    finish_run(run_id)
    return True
