"""Reports as their partner sees them: what it has in its hands, and what is still being made."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import get_language

from stemportal.partners.models import Partner
from stemportal.reports.models import PartnerReport, ProgrammeReport, ReportFile
from stemportal.reports.queries.verification import file_words

LANGUAGES = ("nb", "nn", "en")
ORDER = (ReportFile.Format.PDF, ReportFile.Format.XLSX, ReportFile.Format.JSON)
ICONS = {ReportFile.Format.PDF: "FilePdf", ReportFile.Format.XLSX: "FileExcel", ReportFile.Format.JSON: "FileJson"}


@dataclass(frozen=True)
class FileLine:
    """A file to fetch: what it is ("Report (PDF), English"), its size in bytes, its icon."""

    pk: int
    title: str
    size: int
    icon: str
    is_pdf: bool


def file_lines(report: PartnerReport | ProgrammeReport) -> list[FileLine]:
    """Return the report's files, those in the reader's language first; the data comes last."""
    own = get_language()

    def place(file: ReportFile) -> tuple[bool, bool, int, int]:
        spoken = LANGUAGES.index(file.language) if file.language in LANGUAGES else len(LANGUAGES)
        return (file.format == ReportFile.Format.JSON, file.language != own, spoken, ORDER.index(_format(file)))

    return [
        FileLine(file.pk, file_words(file), file.size, ICONS[_format(file)], file.format == ReportFile.Format.PDF)
        for file in sorted(report.files.all(), key=place)
    ]


def _format(file: ReportFile) -> ReportFile.Format:
    return ReportFile.Format(file.format)


def in_the_making(partner: Partner) -> QuerySet[PartnerReport]:
    """Return what the secretariat works on, previews left out: the partner may write a foreword. The latest first."""
    making = PartnerReport.objects.open().filter(partner=partner, is_preview=False)
    return making.defer("figures", "error").order_by("-year", "-period_kind")


def handed_out_versions(report: PartnerReport) -> QuerySet[PartnerReport]:
    """Return all versions of the report that its partner has had, itself among them, the newest first."""
    same = PartnerReport.objects.handed_out().of_period(report.period).filter(partner=report.partner_id)
    return same.defer("figures", "foreword", "esg_text").order_by("-version")
