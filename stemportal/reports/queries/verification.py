"""Whether a report is genuine: what stands behind a verification code, and behind the bytes of a file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse
from django.utils.translation import gettext as _

from stemportal.lib.templatetags.portal import LANGUAGE_NAMES
from stemportal.reports.documents import programme as programme_words
from stemportal.reports.documents.material import load
from stemportal.reports.documents.partner import KeyFigure, key_figures
from stemportal.reports.documents.programme_material import material_of_report
from stemportal.reports.figures.figures import Figures
from stemportal.reports.models import (
    PartnerReport,
    PartnerReportFile,
    ProgrammeReport,
    ProgrammeReportFile,
    ReportFile,
)

AnyReport = PartnerReport | ProgrammeReport
PUBLISHED, REPLACED, UNPUBLISHED = "published", "replaced", "unpublished"


@dataclass(frozen=True)
class FileMark:
    """One file of a report: what it is, and its SHA-256 in hexadecimal."""

    name: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Confirmed:
    """What the portal says of the report with a code.

    ``state``: published, replaced (by the one with the code ``newer``), or unpublished, of which nothing more is told.
    ``of``: whose report it is, as it stands in it; ``facts`` are pairs of label and value.
    """

    code: str
    state: str
    title: str = ""
    of: str = ""
    facts: Sequence[tuple[str, str]] = ()
    version: int = 1
    reason: str = ""
    published_at: datetime | None = None
    replaced_at: datetime | None = None
    newer: str = ""
    figures: Sequence[KeyFigure] = ()
    fingerprint: str = ""
    files: Sequence[FileMark] = ()
    address: str = ""


@dataclass(frozen=True)
class KnownFile:
    """A file that was compared and is one of ours: what it is, and the code of its report."""

    name: str
    code: str


def confirm(code: str) -> Confirmed | None:
    """Return what is known of the report with this code, a partner's or the programme's; None when there is none."""
    report = PartnerReport.objects.filter(code=code).select_related("partner").first()
    if report is not None:
        return _of_partner(report)
    programme = ProgrammeReport.objects.filter(code=code).first()
    return _of_programme(programme) if programme is not None else None


def find_file(sha256: str) -> KnownFile | None:
    """Return the published file with exactly these bytes, or None."""
    found = PartnerReportFile.objects.filter(sha256=sha256, report__in=PartnerReport.objects.handed_out())
    file: PartnerReportFile | ProgrammeReportFile | None = found.select_related("report").first()
    if file is None:
        handed_out = [ProgrammeReport.Status.PUBLISHED, ProgrammeReport.Status.SUPERSEDED]
        of_programme = ProgrammeReportFile.objects.filter(sha256=sha256, report__status__in=handed_out)
        file = of_programme.select_related("report").first()
    return KnownFile(file_words(file), file.report.code) if file is not None else None


def fingerprint_of(file: UploadedFile) -> str:
    """Return the SHA-256 of what somebody sent, read piece by piece."""
    digest = hashlib.sha256()
    for piece in file.chunks():
        digest.update(piece)
    return digest.hexdigest()


def file_words(file: ReportFile) -> str:
    """Return what a file is: "Report (PDF), English"."""
    kinds = {
        ReportFile.Format.PDF: _("Report (PDF)"),
        ReportFile.Format.XLSX: _("Spreadsheet (XLSX)"),
        ReportFile.Format.JSON: _("Data (JSON)"),
    }
    name = kinds[ReportFile.Format(file.format)]
    return f"{name}, {LANGUAGE_NAMES[file.language]}" if file.language in LANGUAGE_NAMES else name


def _of_partner(report: PartnerReport) -> Confirmed:
    if report.is_open:
        return Confirmed(code=report.code, state=UNPUBLISHED)
    name, legal_name, number = _names(report)
    period = report.period
    newer = PartnerReport.objects.of_period(period).published().filter(partner=report.partner_id)
    return Confirmed(
        state=_state(report),
        title=_("Annual report of %(partner)s for %(year)s") % {"partner": name, "year": period.label},
        of=name,
        facts=[
            (_("Partner"), name),
            (_("Legal name"), legal_name if legal_name != name else ""),
            (_("Organisation number"), number),
            *_facts(report),
        ],
        newer=_newer(report, newer.values_list("code", flat=True)),
        figures=key_figures(Figures.from_json(report.figures)),
        **_marks(report, report.files.all()),
    )


def _names(report: PartnerReport) -> tuple[str, str, str]:
    """Display name, legal name and number as they stand in the report: the partner may be called otherwise now."""
    try:
        material = load(report)
    except (OSError, ValueError, PartnerReportFile.DoesNotExist):
        partner = report.partner
        return partner.display_name, partner.legal_name, partner.organisation_number
    return material.display_name, material.legal_name, material.organisation_number


def _of_programme(report: ProgrammeReport) -> Confirmed:
    if report.status not in {ProgrammeReport.Status.PUBLISHED, ProgrammeReport.Status.SUPERSEDED}:
        return Confirmed(code=report.code, state=UNPUBLISHED)
    period = report.period
    newer = ProgrammeReport.objects.published().filter(period_kind=period.kind, year=period.year)
    return Confirmed(
        state=_state(report),
        title=_("The programme's report for %(year)s") % {"year": period.label},
        facts=_facts(report),
        newer=_newer(report, newer.values_list("code", flat=True)),
        figures=programme_words.key_figures(material_of_report(report).figures),
        address=reverse("reports:programme_year", args=[period.slug]),
        **_marks(report, report.files.all()),
    )


def _state(report: AnyReport) -> str:
    return PUBLISHED if report.status == "published" else REPLACED


def _newer(report: AnyReport, published: Iterable[str]) -> str:
    return next(iter(published), "") if _state(report) == REPLACED else ""


def _facts(report: AnyReport) -> list[tuple[str, str]]:
    return [
        (_("Year"), f"{report.period.label} ({report.get_period_kind_display()})"),
        (_("Version"), str(report.version)),
    ]


def _marks(report: AnyReport, files: Iterable[ReportFile]) -> dict[str, Any]:
    return {
        "code": report.code,
        "version": report.version,
        "reason": report.reason,
        "published_at": report.published_at,
        "replaced_at": report.superseded_at,
        "fingerprint": report.fingerprint,
        "files": [FileMark(file_words(file), file.sha256) for file in files],
    }
