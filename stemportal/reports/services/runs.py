"""Runs: which partners get a report on a year, and handing the reports to the workers.

A run takes the partners that have no report on the year yet, those whose report failed, previews of a year that is over
now, and drafts where it is asked to. What was checked or published stays as it is: a checked one is sent back or built
again by itself, a published one gets a new version (``services.versions``).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.lib.constraints import violated
from stemportal.lib.periods import Period
from stemportal.outbox.services import hand_over
from stemportal.partners.models import Partner
from stemportal.reports.figures.medians import level_medians
from stemportal.reports.models import PartnerReport, ReportRun
from stemportal.reports.services.steps import lock, note_steps

Status = PartnerReport.Status
ONE_AT_A_TIME = "reports_run_one_at_a_time"
# Partners that may have something to report: also of those that have left, for the year in which they still were here.
WERE_PARTNERS = (Partner.Status.APPROVED, Partner.Status.PAUSED, Partner.Status.ENDED)
BUILT_AGAIN = (Status.FAILED, Status.DRAFT, Status.CHECKED)
# Reports that a worker gets at a time: it counts for all of them at once, which takes hardly longer than for one.
AT_A_TIME = 20
NOT_BUILT = (Status.WAITING, Status.BUILDING)


class ReportError(Exception):
    """It cannot be done; the message is for the secretariat."""


class RunningAlready(ReportError):
    """Reports on this year are being built; ``run`` is where they are."""

    def __init__(self, run: ReportRun | None) -> None:
        super().__init__(_("The reports of this year are being built already."))
        self.run = run


def start_run(
    *,
    period: Period,
    by: User | None,
    partners: Collection[int] | None = None,
    again: bool = False,
    preview: bool = False,
) -> ReportRun:
    """Order reports on a year for all approved partners, or for those chosen, and hand them to the workers.

    ``again``: drafts too. ``preview``: a year that is not over; its reports are never published. Raises ReportError
    when there is nothing to do, RunningAlready when somebody else was faster: two presses make one run.
    """
    if not period.is_over and not preview:
        raise ReportError(_("%(year)s is not over yet: only a preview can be built.") % {"year": period.label})
    chosen = chosen_partners(partners)
    with transaction.atomic():
        run = open_run(period=period, by=by)
        reports = [*_first(run, chosen, by), *_again(run, chosen, again, by)]
        if not reports:
            raise ReportError(_("Nothing to build: these partners have a report on %(year)s.") % {"year": period.label})
        transaction.on_commit(lambda: hand_out(reports))
    return run


def open_run(*, period: Period, by: User | None) -> ReportRun:
    """Begin a run of the year, inside the transaction that adds its reports. Raises RunningAlready."""
    try:
        with transaction.atomic():
            return ReportRun.objects.create(
                period_kind=period.kind, year=period.year, started_by=by, medians=level_medians(period)
            )
    except IntegrityError as error:
        if violated(error) != ONE_AT_A_TIME:
            raise
        running = ReportRun.objects.filter(period_kind=period.kind, year=period.year, status=ReportRun.Status.RUNNING)
        raise RunningAlready(running.first()) from error


def chosen_partners(partners: Collection[int] | None) -> QuerySet[Partner]:
    """Return the partners of these ids that may have a report, or all that are partners now."""
    if partners is None:
        return Partner.objects.approved()
    return Partner.objects.filter(pk__in=partners, status__in=WERE_PARTNERS, merged_into__isnull=True)


def _first(run: ReportRun, partners: QuerySet[Partner], by: User | None) -> list[int]:
    """Begin a report for each of the partners that has none on the year."""
    period = run.period
    there = PartnerReport.objects.of_period(period).filter(partner=OuterRef("pk"))
    reports = PartnerReport.objects.bulk_create(
        PartnerReport(run=run, partner_id=pk, period_kind=period.kind, year=period.year, is_preview=not period.is_over)
        for pk in partners.filter(~Exists(there)).order_by("pk").values_list("pk", flat=True)
    )
    ids = [report.pk for report in reports]
    note_steps([(pk, "") for pk in ids], to=Status.WAITING, by=by)
    return ids


def _again(run: ReportRun, partners: QuerySet[Partner], again: bool, by: User | None) -> list[int]:
    """Take what failed, what was a preview, and drafts where they are wanted. A preview is begun anew, as of today."""
    over = run.period.is_over
    wanted = Q(status=Status.FAILED)
    if again:
        wanted |= Q(status=Status.DRAFT)
    elif over:
        wanted |= Q(status=Status.DRAFT, is_preview=True)
    found = PartnerReport.objects.of_period(run.period).filter(wanted, partner__in=partners.values("pk"))
    reports = lock(found.values_list("pk", flat=True))
    ids = to_waiting(reports, by=by)
    PartnerReport.objects.filter(pk__in=ids).update(run=run)
    PartnerReport.objects.filter(pk__in=ids, is_preview=True).update(created_at=timezone.now(), is_preview=not over)
    return ids


def build_again(*, report_ids: Collection[int], by: User | None) -> int:
    """Build failed, drafted or checked reports anew, with the figures of today. Returns how many.

    They stay in their run and must be checked again. A preview of a year that is over is left to a run of that year.
    """
    with transaction.atomic():
        reports = [
            report for report in lock(report_ids) if report.status in BUILT_AGAIN and not _belongs_to_a_run(report)
        ]
        ids = to_waiting(reports, by=by)
        PartnerReport.objects.filter(pk__in=ids, is_preview=True).update(created_at=timezone.now())
        transaction.on_commit(lambda: hand_out(ids))
    return len(ids)


def _belongs_to_a_run(report: PartnerReport) -> bool:
    return report.is_preview and report.period.is_over


def to_waiting(reports: Sequence[PartnerReport], *, by: User | None) -> list[int]:
    """Send locked reports to the workers once more; whoever builds one of them now, does it in vain."""
    ids = [report.pk for report in reports]
    PartnerReport.objects.filter(pk__in=ids).update(
        status=Status.WAITING,
        attempts=0,
        error="",
        checked_at=None,
        checked_by=None,
        publish_asked_at=None,
        published_by=None,
    )
    note_steps([(report.pk, report.status) for report in reports], to=Status.WAITING, by=by)
    return ids


def hand_out(report_ids: Sequence[int]) -> None:
    """Give the reports to the workers, some at a time. Those that the broker does not take are found by the sweep."""
    from stemportal.reports.tasks import build

    for start in range(0, len(report_ids), AT_A_TIME):
        some = list(report_ids[start : start + AT_A_TIME])
        if not hand_over(lambda ids=some: build.delay(ids), reports=some):  # type: ignore[misc]
            return


def finish_run(run_id: int) -> bool:
    """Call a run done when none of its reports is waiting or being built."""
    if PartnerReport.objects.filter(run=run_id, status__in=NOT_BUILT).exists():
        return False
    return bool(
        ReportRun.objects.filter(pk=run_id, status=ReportRun.Status.RUNNING).update(
            status=ReportRun.Status.DONE, finished_at=timezone.now()
        )
    )
