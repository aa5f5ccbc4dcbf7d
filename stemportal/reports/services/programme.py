"""The programme's yearly report: begun as a draft, published by a worker, and followed by versions with a reason.

draft → publishing → published → superseded, by compare-and-set. The moment of the claim is its token: whoever finds
another one there has lost the report. The files of an attempt that came to nothing are deleted by it, or by the
nightly sweep where a worker was killed.
"""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from hashlib import sha256

import structlog
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.lib.periods import Period
from stemportal.outbox.services import hand_over
from stemportal.reports.documents.programme_files import make_programme_files
from stemportal.reports.documents.programme_material import ProgrammeMaterial, programme_material
from stemportal.reports.models import ProgrammeReport, ProgrammeReportFile, ProgrammeSection
from stemportal.reports.services.building import delete_files
from stemportal.reports.services.runs import ReportError

logger = structlog.get_logger(__name__)

Status = ProgrammeReport.Status
FOLDER = "programme-reports"
# Figures of the whole programme and four files take seconds; who is silent so long is gone.
CLAIM = timedelta(minutes=10)
MAX_ATTEMPTS = 3
OUR_NAMES = re.compile(r"[0-9a-f]{32}\.(pdf|json)")
STRAY_AFTER = timedelta(days=1)
OPEN = (Status.DRAFT, Status.PUBLISHING)
COPIED = ("title_nb", "title_nn", "title_en", "text_nb", "text_nn", "text_en", "place", "order")


def begin_report(*, period: Period) -> ProgrammeReport:
    """Begin the first report on a year. Raises ReportError when there is one already."""
    if ProgrammeReport.objects.filter(period_kind=period.kind, year=period.year).exists():
        raise ReportError(_("There is a report on this year already."))
    try:
        with transaction.atomic():
            return ProgrammeReport.objects.create(period_kind=period.kind, year=period.year)
    except IntegrityError as error:  # two people at once
        raise ReportError(_("There is a report on this year already.")) from error


def begin_new_version(*, report: ProgrammeReport, reason: str) -> ProgrammeReport:
    """Begin a draft of the next version with the texts and stories of the published one.

    Raises ReportError without a reason, for one that is not published, or when a newer one is begun already.
    """
    reason = reason.strip()
    if not reason:
        raise ReportError(_("A new version needs a reason: readers see it."))
    try:
        with transaction.atomic():
            published = ProgrammeReport.objects.select_for_update(no_key=True).defer("figures").get(pk=report.pk)
            if published.status != Status.PUBLISHED:
                raise ReportError(_("Only a published report gets a new version."))
            newer = ProgrammeReport.objects.create(
                period_kind=published.period_kind, year=published.year, version=published.version + 1, reason=reason
            )
            newer.stories.set(published.stories.all())
            ProgrammeSection.objects.bulk_create(
                ProgrammeSection(report=newer, **{name: getattr(section, name) for name in COPIED})
                for section in published.sections.all()
            )
            return newer
    except IntegrityError as error:
        raise ReportError(_("A new version of this report is begun already.")) from error


def ask_to_publish(*, report_id: int, by: User) -> bool:
    """Have a draft published by a worker. False when it is no draft any more. Raises ReportError in a year not over."""
    report = ProgrammeReport.objects.defer("figures").get(pk=report_id)
    if not report.period.is_over:
        raise ReportError(_("The year is not over. Its figures can be looked at, but not published yet."))
    with transaction.atomic():
        moved = ProgrammeReport.objects.filter(pk=report_id, status=Status.DRAFT).update(
            status=Status.PUBLISHING, published_by=by, claimed_at=None, attempts=0, error=""
        )
        if moved:
            transaction.on_commit(lambda: _hand_out(report_id))
    return bool(moved)


def _hand_out(report_id: int) -> None:
    from stemportal.reports.tasks import publish_programme

    hand_over(lambda: publish_programme.delay(report_id), programme_report=report_id)


def publish_programme_report(report_id: int) -> bool:
    """Count, make the files, store them, and publish. False when there was nothing to do or it failed."""
    report = _claim(report_id)
    if report is None:
        return False
    files: list[ProgrammeReportFile] = []
    try:
        material = programme_material(report, day=timezone.localdate())
        for made in make_programme_files(material):
            files.append(_store(report, made.format, made.language, made.content))
        done = _finish(report, material, files)
    except Exception as error:  # whatever went wrong must be seen in the admin, not only in a log
        logger.exception("programme_report_failed", report=report_id)
        _failed(report, f"{type(error).__name__}: {error}")
        done = False
    if not done:
        delete_files(_names(files))
    return done


def _claim(report_id: int) -> ProgrammeReport | None:
    now = timezone.now()
    free = Q(claimed_at__isnull=True) | Q(claimed_at__lt=now - CLAIM)
    taken = ProgrammeReport.objects.filter(free, pk=report_id, status=Status.PUBLISHING).update(
        claimed_at=now, attempts=F("attempts") + 1, error=""
    )
    return ProgrammeReport.objects.get(pk=report_id) if taken else None


def _store(report: ProgrammeReport, file_format: str, language: str, content: bytes) -> ProgrammeReportFile:
    """Write a file; the row that names it is written when the report is published."""
    return ProgrammeReportFile(
        report=report,
        format=file_format,
        language=language,
        file=default_storage.save(f"{FOLDER}/{secrets.token_hex(16)}.{file_format}", ContentFile(content)),
        size=len(content),
        sha256=sha256(content).hexdigest(),
    )


def _names(files: list[ProgrammeReportFile]) -> list[str]:
    return [str(file.file.name) for file in files]


def _finish(report: ProgrammeReport, material: ProgrammeMaterial, files: list[ProgrammeReportFile]) -> bool:
    """Freeze what it says and let it take the place of the version before, unless the claim is lost."""
    now = timezone.now()
    with transaction.atomic():
        mine = ProgrammeReport.objects.filter(pk=report.pk, status=Status.PUBLISHING, claimed_at=report.claimed_at)
        if not mine.select_for_update(no_key=True).exists():
            return False
        others = ProgrammeReport.objects.published().filter(period_kind=report.period_kind, year=report.year)
        others.order_by().update(status=Status.SUPERSEDED, superseded_at=now)
        mine.update(
            status=Status.PUBLISHED,
            published_at=now,
            figures=material.as_json(),
            fingerprint=material.fingerprint,
        )
        ProgrammeReportFile.objects.bulk_create(files)
    return True


def _failed(report: ProgrammeReport, error: str) -> None:
    """Try again soon; after the third time it is a draft again, with the error for the secretariat to see."""
    mine = ProgrammeReport.objects.filter(pk=report.pk, status=Status.PUBLISHING, claimed_at=report.claimed_at)
    status = Status.DRAFT if report.attempts >= MAX_ATTEMPTS else Status.PUBLISHING
    mine.update(status=status, error=error[:2000], claimed_at=None)


def sweep() -> int:
    """Hand out what no worker is at: the broker was away, or the worker died. Returns how many. Every minute."""
    stale = Q(claimed_at__isnull=True) | Q(claimed_at__lt=timezone.now() - CLAIM)
    waiting = ProgrammeReport.objects.filter(stale, status=Status.PUBLISHING)
    # A report with which every worker dies would stop them for ever.
    error = "The worker stopped while it made this report."
    waiting.filter(attempts__gte=MAX_ATTEMPTS).update(status=Status.DRAFT, error=error, claimed_at=None)
    ids = list(waiting.values_list("pk", flat=True))
    for pk in ids:
        _hand_out(pk)
    return len(ids)


def sweep_files() -> int:
    """Delete files that no report has and that are a day old. Returns how many. Every night."""
    try:
        _folders, names = default_storage.listdir(FOLDER)
    except FileNotFoundError:  # nothing was ever published here
        return 0
    ours = {f"{FOLDER}/{name}" for name in names if OUR_NAMES.fullmatch(name)}
    known = ProgrammeReportFile.objects.filter(file__in=ours).order_by().values_list("file", flat=True)
    before = timezone.now() - STRAY_AFTER
    stray = [name for name in ours - set(known) if default_storage.get_modified_time(name) < before]
    delete_files(stray)
    return len(stray)


def delete_draft(*, report: ProgrammeReport) -> bool:
    """Throw a draft away. False when it is none any more. What was published stays."""
    deleted, _rows = ProgrammeReport.objects.filter(pk=report.pk, status=Status.DRAFT).delete()
    return bool(deleted)
