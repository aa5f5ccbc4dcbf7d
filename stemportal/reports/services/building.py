"""Building the annual reports: a run for a school year, a report for each partner, each built by one worker.

A report moves waiting → building → ready or failed by compare-and-set. The name of the file is chosen with the claim:
it tells claims apart, and whoever claims next removes what a dead worker left behind.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import structlog
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from stemportal.accounts.models import User
from stemportal.lib import pdf
from stemportal.lib.periods import Period
from stemportal.outbox.services import hand_over
from stemportal.partners.models import Membership, Partner
from stemportal.reports.documents.partner import report_data
from stemportal.reports.figures.counting import figure_rows, partner_figures
from stemportal.reports.figures.figures import Figures
from stemportal.reports.models import PartnerReport, PartnerReportFile, ReportRun
from stemportal.reports.queries.reports import stale_claims

logger = structlog.get_logger(__name__)

Status = PartnerReport.Status
TEMPLATE = Path(__file__).resolve().parents[1] / "typst" / "partner_report.typ"
# A report takes well under a second; a worker that is silent for so long is gone.
CLAIM = timedelta(minutes=3)
MAX_ATTEMPTS = 3
# The sweep hands over so many at a time: Valkey may hold the rest already.
SWEEP_BATCH = 200


class ReportError(Exception):
    """A run cannot be started; the message is for the secretariat."""


def start_run(*, period: Period, by: User | None) -> ReportRun:
    """Order a report for every approved partner and hand them to the workers. Raises ReportError.

    Two people who press at once start one run: a constraint allows one running run a school year.
    """
    try:
        with transaction.atomic():
            run = ReportRun.objects.create(period_kind=period.kind, year=period.year, started_by=by)
            reports = PartnerReport.objects.bulk_create(
                PartnerReport(run=run, partner=partner, period_kind=period.kind, year=period.year)
                for partner in Partner.objects.approved().order_by("pk")
            )
            if not reports:
                raise ReportError(_("There is no approved partner to make a report for."))
            transaction.on_commit(lambda: _announce([report.pk for report in reports]))
    except IntegrityError as error:
        raise ReportError(_("The reports of this year are being built already.")) from error
    return run


def _announce(report_ids: Sequence[int]) -> None:
    from stemportal.reports.tasks import build

    for report_id in report_ids:
        if not hand_over(lambda pk=report_id: build.delay(pk), report=report_id):  # type: ignore[misc]
            return  # the sweep finds the rest once the broker is back


def build_report(report_id: int) -> bool:
    """Count, make the PDF, store it and tell the owners. False when there was nothing to do or it failed."""
    report = _claim(report_id)
    if report is None:
        return False
    try:
        figures = partner_figures(period=report.period, partner=report.partner)
        file = store_file(report, make_pdf(report.partner, figures))
    except Exception as error:  # whatever went wrong must be seen in the admin, not only in a log
        logger.exception("report_failed", report=report_id)
        _failed(report, f"{type(error).__name__}: {error}")
        return False
    return _finish(report, figures, file)


def store_file(report: PartnerReport, content: bytes) -> PartnerReportFile:
    """Write a file of this claim; the row that names it is written when the report is finished."""
    name = default_storage.save(f"reports/{report.claim}-nb.pdf", ContentFile(content))
    return PartnerReportFile(
        report=report, format="pdf", language="nb", file=name, size=len(content), sha256=sha256(content).hexdigest()
    )


def make_pdf(partner: Partner, figures: Figures) -> bytes:
    """Return the PDF of one partner's year in the language of its first owner (bokmål where there is none)."""
    owners = _owners(partner)
    with translation.override(owners[0].language if owners else settings.LANGUAGE_CODE):
        data = report_data(
            partner=partner,
            figures=figures,
            visits=figure_rows(partner, figures.period).iterator(chunk_size=2000),
            made_on=timezone.localdate(),
        )
    return pdf.render(TEMPLATE, data)


def _owners(partner: Partner) -> list[User]:
    memberships = (
        Membership.objects.filter(partner=partner, role=Membership.Role.OWNER, user__is_active=True)
        .select_related("user")
        .order_by("joined_at", "pk")
    )
    return [membership.user for membership in memberships]


def _claim(report_id: int) -> PartnerReport | None:
    """Take a waiting report, or None when somebody else did. Removes the file of a claim that came to nothing."""
    waiting = PartnerReport.objects.filter(pk=report_id, status=Status.WAITING)
    taken = waiting.update(
        status=Status.BUILDING,
        claimed_at=timezone.now(),
        attempts=F("attempts") + 1,
        claim=secrets.token_hex(16),
        error="",
    )
    if not taken:
        return None
    return PartnerReport.objects.select_related("partner").get(pk=report_id)


def _mine(report: PartnerReport) -> QuerySet[PartnerReport]:
    """The report as long as this claim holds."""
    return PartnerReport.objects.filter(pk=report.pk, status=Status.BUILDING, claim=report.claim)


def _finish(report: PartnerReport, figures: Figures, file: PartnerReportFile) -> bool:
    with transaction.atomic():
        done = _mine(report).update(status=Status.DRAFT, figures=figures.as_json(), built_at=timezone.now())
        if done:
            file.save()
    if not done:  # another worker took over meanwhile: its file is the one
        default_storage.delete(str(file.file.name))
        return False
    finish_run(report.run_id)
    return True


def _failed(report: PartnerReport, error: str) -> None:
    final = report.attempts >= MAX_ATTEMPTS
    _mine(report).update(status=Status.FAILED if final else Status.WAITING, error=error[:2000])
    finish_run(report.run_id)


def finish_run(run_id: int) -> bool:
    """Call a run done when none of its reports is waiting or being built."""
    if PartnerReport.objects.filter(run=run_id, status__in=[Status.WAITING, Status.BUILDING]).exists():
        return False
    return bool(
        ReportRun.objects.filter(pk=run_id, status=ReportRun.Status.RUNNING).update(
            status=ReportRun.Status.DONE, finished_at=timezone.now()
        )
    )


def retry_reports(report_ids: Sequence[int]) -> int:
    """Build failed reports again, with a fresh count of attempts. Returns how many; raises ReportError."""
    try:
        with transaction.atomic():
            failed = list(
                PartnerReport.objects.select_for_update(no_key=True)
                .filter(pk__in=report_ids, status=Status.FAILED)
                .values_list("pk", "run_id")
            )
            pks = [pk for pk, _run in failed]
            PartnerReport.objects.filter(pk__in=pks).update(status=Status.WAITING, attempts=0, error="")
            ReportRun.objects.filter(pk__in={run for _pk, run in failed}, status=ReportRun.Status.DONE).update(
                status=ReportRun.Status.RUNNING, finished_at=None
            )
            transaction.on_commit(lambda: _announce(pks))
    except IntegrityError as error:
        raise ReportError(_("A newer run for this school year is at work. Wait until it is done.")) from error
    return len(pks)


def note_fetch(report_id: int) -> bool:
    """Note when a member of the partner first fetched the report; return whether it was the first time."""
    unfetched = PartnerReport.objects.filter(pk=report_id, fetched_at__isnull=True)
    return bool(unfetched.update(fetched_at=timezone.now()))


def sweep() -> int:
    """Take reports back from dead workers, give up on those that failed too often, and hand out what waits."""
    worn_out = stale_claims(CLAIM).filter(attempts__gte=MAX_ATTEMPTS)
    worn_out.update(status=Status.FAILED, error="The worker stopped while it built this report.")
    stale_claims(CLAIM).update(status=Status.WAITING)
    waiting = list(
        PartnerReport.objects.filter(status=Status.WAITING).order_by("pk").values_list("pk", flat=True)[:SWEEP_BATCH]
    )
    _announce(waiting)
    for run_id in ReportRun.objects.filter(status=ReportRun.Status.RUNNING).values_list("pk", flat=True):
        finish_run(run_id)
    return len(waiting)
