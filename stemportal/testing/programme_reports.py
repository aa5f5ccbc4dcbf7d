"""Reports of the programme for tests of pages, without the seconds that drawing PDFs takes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from stemportal.reports.documents.programme_material import programme_material
from stemportal.reports.models import ProgrammeReport, ProgrammeReportFile

YEAR = 2024
PUBLISHED_AT = datetime(2025, 9, 1, 8, 0, tzinfo=UTC)


def programme_report(**facts: Any) -> ProgrammeReport:
    """Return a published report with the figures of the visits there are now, a PDF and its data."""
    return freeze(ProgrammeReport.objects.create(**{"year": YEAR, **facts}), **facts)


def freeze(report: ProgrammeReport, **facts: Any) -> ProgrammeReport:
    """Publish a draft with what it says now."""
    for name, value in {"status": "published", "published_at": PUBLISHED_AT, **facts}.items():
        setattr(report, name, value)
    material = programme_material(report, day=date(2025, 9, 1))
    report.figures, report.fingerprint = material.as_json(), material.fingerprint
    report.save()
    for file_format, language, content in (
        ("pdf", "nb", f"%PDF-1.7 {report.code}".encode()),
        ("json", "", material.canonical),
    ):
        name = f"programme-reports/{report.code.replace('-', '').lower():0<32}.{file_format}"
        ProgrammeReportFile.objects.create(
            report=report,
            format=file_format,
            language=language,
            file=default_storage.save(name, ContentFile(content)),
            size=len(content),
            sha256=sha256(content).hexdigest(),
        )
    return report
