"""Published reports for tests of pages, without the seconds that drawing PDFs takes."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from stemportal.lib.periods import Period
from stemportal.partners.models import Partner
from stemportal.reports.documents.material import material_of
from stemportal.reports.models import PartnerReport, PartnerReportFile, ReportRun

PUBLISHED_AT = datetime(2025, 8, 20, 8, 0, tzinfo=UTC)
PERIOD = Period("school", 2024)


def pdf_of(report: PartnerReport, language: str = "nb") -> bytes:
    """Return what stands for the report's PDF: bytes that no other report has."""
    return f"%PDF-1.7 {report.code} {language}".encode()


def report_of(partner: Partner, *, period: Period = PERIOD, **facts: Any) -> PartnerReport:
    """Return a report of the partner that is begun and not built."""
    run, _made = ReportRun.objects.get_or_create(period_kind=period.kind, year=period.year, status="done")
    facts = {"created_at": PUBLISHED_AT, **facts}
    return PartnerReport.objects.create(run=run, partner=partner, period_kind=period.kind, year=period.year, **facts)


def published(partner: Partner, *, period: Period = PERIOD, **facts: Any) -> PartnerReport:
    """Return a published report with the figures of the visits there are now, a PDF each in nb and en, and its data."""
    report = report_of(partner, period=period, **{"status": "published", "published_at": PUBLISHED_AT, **facts})
    material = material_of(report)
    made = [("pdf", "nb", pdf_of(report)), ("pdf", "en", pdf_of(report, "en")), ("json", "", material.canonical)]
    for file_format, language, content in made:
        PartnerReportFile.objects.create(
            report=report,
            format=file_format,
            language=language,
            file=default_storage.save(f"reports/{report.code}{language}.{file_format}", ContentFile(content)),
            size=len(content),
            sha256=sha256(content).hexdigest(),
        )
    report.figures, report.fingerprint, report.built_at = material.figures.as_json(), material.fingerprint, PUBLISHED_AT
    report.save(update_fields=["figures", "fingerprint", "built_at"])
    return report
