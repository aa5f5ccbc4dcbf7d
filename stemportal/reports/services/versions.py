"""New versions of what was published, and the partner's own words.

A published report stays as it is. Other figures make a new version beside it, with a reason that everybody can read; it
is built, checked and published like the first one and then takes its place.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.lib.periods import Period
from stemportal.reports.models import PartnerReport, ReportRun
from stemportal.reports.services.runs import ReportError, hand_out, open_run, to_waiting
from stemportal.reports.services.steps import lock, note_steps

Status = PartnerReport.Status


def begin_new_versions(*, report_ids: Collection[int], reason: str, by: User) -> list[ReportRun]:
    """Begin a new version of each of these published reports, with its words, and have them built.

    One run a year. Reports that have a newer version in the making are left out. Raises ReportError when there is no
    reason or nothing to begin, RunningAlready when reports on one of the years are being built.
    """
    reason = reason.strip()
    if not reason:
        raise ReportError(_("A new version needs a reason: partners and readers see it."))
    with transaction.atomic():
        by_year: dict[Period, list[PartnerReport]] = {}
        for report in lock(report_ids):
            if report.status == Status.PUBLISHED and not _in_the_making(report):
                by_year.setdefault(report.period, []).append(report)
        if not by_year:
            raise ReportError(_("None of these is published, or a newer version is being made already."))
        return [_begin(period, reports, reason, by) for period, reports in by_year.items()]


def _in_the_making(report: PartnerReport) -> bool:
    return PartnerReport.objects.open().of_period(report.period).filter(partner=report.partner_id).exists()


def _begin(period: Period, reports: list[PartnerReport], reason: str, by: User) -> ReportRun:
    run = open_run(period=period, by=by)
    newer = PartnerReport.objects.bulk_create(
        PartnerReport(
            run=run,
            partner_id=report.partner_id,
            period_kind=period.kind,
            year=period.year,
            version=report.version + 1,
            reason=reason,
            foreword=report.foreword,
            esg_text=report.esg_text,
            words_by_id=report.words_by_id,
            words_at=report.words_at,
        )
        for report in reports
    )
    ids = [report.pk for report in newer]
    note_steps([(pk, "") for pk in ids], to=Status.WAITING, by=by, note=reason)
    transaction.on_commit(lambda: hand_out(ids))
    return run


class WordsChanged(ReportError):
    """Somebody else has saved other words meanwhile; ``report`` is as it is now."""

    def __init__(self, report: PartnerReport) -> None:
        super().__init__(_("Somebody else has changed this while you were writing"))
        self.report = report


def save_words(*, report_id: int, foreword: str, esg_text: str, by: User, seen: datetime | None = None) -> bool:
    """Keep the partner's foreword and own text and have the report built with them. It must be checked again then.

    ``seen``: when the words were written that the person began with, None where there were none. False when nothing
    has changed. Raises WordsChanged when there are others now, ReportError when the report takes no words any more.
    """
    foreword, esg_text = foreword.strip(), esg_text.strip()
    with transaction.atomic():
        report = next(iter(lock([report_id])), None)
        if report is None or not report.takes_words:
            raise ReportError(_("The report is published already, and stays as it is."))
        if (report.foreword, report.esg_text) == (foreword, esg_text):
            return False
        if report.words_at != seen:
            raise WordsChanged(report)
        PartnerReport.objects.filter(pk=report.pk).update(
            foreword=foreword, esg_text=esg_text, words_by=by, words_at=timezone.now()
        )
        ids = to_waiting([report], by=by)
        transaction.on_commit(lambda: hand_out(ids))
    return True
