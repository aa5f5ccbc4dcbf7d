"""Building one report: a worker claims it, counts, makes its files, stores them and leaves it as a draft.

Each step is a compare-and-set on the claim. The claim is also the beginning of the names of the files: whoever claims a
report next removes what a dead worker left behind under the claim before. A nightly sweep looks for the few files that
nobody can know of, such as those of a worker that was killed between the commit and deleting what it had replaced.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from time import monotonic

import structlog
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from stemportal.lib.periods import Period
from stemportal.reports.documents.files import make_files
from stemportal.reports.documents.material import Counted, Material, count_for, material_of
from stemportal.reports.models import PartnerReport, PartnerReportFile, ReportRun
from stemportal.reports.queries.reports import stale_claims
from stemportal.reports.services.runs import finish_run, hand_out
from stemportal.reports.services.steps import note_steps

logger = structlog.get_logger(__name__)

Status = PartnerReport.Status
Format = PartnerReportFile.Format
FOLDER = "reports"
# A report takes well under a second, and a large one says now and then that it goes on; who is silent so long is gone.
CLAIM = timedelta(minutes=3)
BEAT_SECONDS = 20
MAX_ATTEMPTS = 3
# A worker may be stopped through no fault of the report that it builds; a report with which so many stop is at fault.
MAX_STOPS = 6
# The sweep hands over so many at a time: Valkey may hold the rest already.
SWEEP_BATCH = 200
# As `_name` makes them; whatever else lies in the folder is somebody else's.
OUR_NAMES = re.compile(r"[0-9a-f]{32}(-[a-z]{2})?\.(pdf|xlsx|json)")
STRAY_AFTER = timedelta(days=1)
NAMES_AT_A_TIME = 500


class LostClaim(Exception):
    """Another worker has taken the report over, or it is to be built anew."""


@dataclass
class Beat:
    """Says from time to time that the worker goes on."""

    report: PartnerReport
    last: float

    def go_on(self) -> None:
        """Hold the claim for longer. Raises LostClaim."""
        if monotonic() - self.last < BEAT_SECONDS:
            return
        if not _mine(self.report).update(claimed_at=timezone.now()):
            raise LostClaim
        self.last = monotonic()


def build_reports(report_ids: Collection[int]) -> int:
    """Build these reports one after the other, counting for all of them at once. Returns how many became drafts."""
    waiting = PartnerReport.objects.filter(pk__in=report_ids, status=Status.WAITING).order_by("pk")
    by_year: dict[Period, dict[int, int]] = {}
    for pk, partner_id, kind, year in waiting.values_list("pk", "partner", "period_kind", "year"):
        by_year.setdefault(Period(kind, year), {})[pk] = partner_id
    built = 0
    for period, reports in by_year.items():
        counted = _counted(period, set(reports.values()))
        built += sum(build_report(pk, counted) for pk in reports)
    return built


def _counted(period: Period, partners: set[int]) -> Counted | None:
    """Nothing where counting fails: then each report counts for itself, and the one that cannot be counted says so."""
    try:
        return count_for(period, partners)
    except Exception:
        logger.exception("reports_not_counted", year=period.slug, partners=len(partners))
        return None


def build_report(report_id: int, counted: Counted | None = None) -> bool:
    """Count, make the files and store them: a draft. False when there was nothing to do or it failed.

    ``counted`` is what was counted for this report and others a moment ago.
    """
    report = _claim(report_id)
    if report is None:
        return False
    try:
        beat = Beat(report, monotonic())
        material = material_of(report, counted)
        files = []
        for made in make_files(material):
            files.append(_store(report, made.format, made.language, made.content))
            beat.go_on()
    except LostClaim:
        forget_files(report.claim)
        return False
    except Exception as error:  # whatever went wrong must be seen in the admin, not only in a log
        logger.exception("report_failed", report=report_id)
        forget_files(report.claim)
        _failed(report, f"{type(error).__name__}: {error}")
        return False
    return _finish(report, material, files)


def _claim(report_id: int) -> PartnerReport | None:
    """Take a waiting report, or None when somebody else did. Removes the files of a claim that came to nothing."""
    waiting = PartnerReport.objects.filter(pk=report_id, status=Status.WAITING)
    before = waiting.values_list("claim", flat=True).first()
    taken = waiting.update(
        status=Status.BUILDING,
        claimed_at=timezone.now(),
        attempts=F("attempts") + 1,
        claim=secrets.token_hex(16),
        error="",
    )
    if not taken:
        return None
    if before:
        forget_files(before)
    return PartnerReport.objects.select_related("partner", "run").get(pk=report_id)


def _mine(report: PartnerReport) -> QuerySet[PartnerReport]:
    """The report as long as this claim holds."""
    return PartnerReport.objects.filter(pk=report.pk, status=Status.BUILDING, claim=report.claim)


def _name(claim: str, file_format: str, language: str) -> str:
    return f"{FOLDER}/{claim}-{language}.{file_format}" if language else f"{FOLDER}/{claim}.{file_format}"


def _store(report: PartnerReport, file_format: str, language: str, content: bytes) -> PartnerReportFile:
    """Write a file of this claim; the row that names it is written when the report is finished."""
    return PartnerReportFile(
        report=report,
        format=file_format,
        language=language,
        file=default_storage.save(_name(report.claim, file_format, language), ContentFile(content)),
        size=len(content),
        sha256=sha256(content).hexdigest(),
    )


def forget_files(claim: str) -> None:
    """Delete what was stored under a claim, but for what a report has."""
    languages = ["", *dict(settings.LANGUAGES)]
    names = {_name(claim, file_format, language) for file_format in Format.values for language in languages}
    delete_files(names - _known(names))


def delete_files(names: Iterable[str]) -> None:
    """Delete files from the storage; one that is gone already does no harm."""
    for name in names:
        default_storage.delete(name)


def _known(names: Iterable[str]) -> set[str]:
    return set(PartnerReportFile.objects.filter(file__in=names).order_by().values_list("file", flat=True))


def _finish(report: PartnerReport, material: Material, files: list[PartnerReportFile]) -> bool:
    """Put the new files in the place of those the draft had before, unless the claim is lost."""
    data = next(file for file in files if file.format == Format.JSON)
    with transaction.atomic():
        done = _mine(report).update(
            status=Status.DRAFT,
            figures=material.figures.as_json(),
            fingerprint=data.sha256,
            built_at=timezone.now(),
        )
        if done:
            replaced = [str(file.file.name) for file in report.files.all()]
            report.files.all().delete()
            PartnerReportFile.objects.bulk_create(files)
            note_steps([(report.pk, Status.BUILDING)], to=Status.DRAFT, by=None)
            transaction.on_commit(lambda: delete_files(replaced))
    if not done:
        forget_files(report.claim)
        return False
    finish_run(report.run_id)
    return True


def _failed(report: PartnerReport, error: str) -> None:
    final = report.attempts >= MAX_ATTEMPTS
    with transaction.atomic():
        status = Status.FAILED if final else Status.WAITING
        moved = _mine(report).update(status=status, error=error[:2000])
        if moved and final:
            note_steps([(report.pk, Status.BUILDING)], to=Status.FAILED, by=None, note=error)
    finish_run(report.run_id)


def sweep() -> int:
    """Take reports back from dead workers, give up on those with which too many died, and hand out what waits."""
    _give_up()
    stale_claims(CLAIM).update(status=Status.WAITING)
    waiting = PartnerReport.objects.filter(status=Status.WAITING).order_by("attempts", "pk")
    ids = list(waiting.values_list("pk", flat=True)[:SWEEP_BATCH])
    hand_out(ids)
    for run_id in ReportRun.objects.filter(status=ReportRun.Status.RUNNING).values_list("pk", flat=True):
        finish_run(run_id)
    return len(ids)


def _give_up() -> None:
    """A report with which every worker stops would stop them for ever."""
    error = "The worker stopped while it built this report."
    for pk, claim in stale_claims(CLAIM).filter(attempts__gte=MAX_STOPS).values_list("pk", "claim"):
        with transaction.atomic():
            held = PartnerReport.objects.filter(pk=pk, status=Status.BUILDING, claim=claim)
            if held.update(status=Status.FAILED, error=error):
                note_steps([(pk, Status.BUILDING)], to=Status.FAILED, by=None, note=error)
        forget_files(claim)


def sweep_files() -> int:
    """Delete files of reports that no report has and that are a day old. Returns how many. Every night."""
    try:
        _folders, names = default_storage.listdir(FOLDER)
    except FileNotFoundError:  # no report was ever built here
        return 0
    ours = [f"{FOLDER}/{name}" for name in names if OUR_NAMES.fullmatch(name)]
    before, count = timezone.now() - STRAY_AFTER, 0
    for start in range(0, len(ours), NAMES_AT_A_TIME):
        part = ours[start : start + NAMES_AT_A_TIME]
        unknown = set(part) - _known(part)
        stray = [name for name in unknown if default_storage.get_modified_time(name) < before]
        delete_files(stray)
        count += len(stray)
    return count
