"""The files of the programme's report: a PDF in each language and the data as JSON. Pure, as the partners' are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.utils import translation

from stemportal.lib import pdf
from stemportal.reports.documents.files import LANGUAGES, MadeFile
from stemportal.reports.documents.programme import report_data
from stemportal.reports.documents.programme_material import ProgrammeMaterial
from stemportal.reports.models import ProgrammeReportFile

Format = ProgrammeReportFile.Format
TEMPLATE = Path(__file__).resolve().parents[1] / "typst" / "programme_report.typ"


def make_pdf(material: ProgrammeMaterial, language: str) -> bytes:
    """Return the PDF in one language. Raises typst.TypstError."""
    with translation.override(language):
        return pdf.render(TEMPLATE, report_data(material))


def make_programme_files(material: ProgrammeMaterial) -> Iterator[MadeFile]:
    """Give the four files one after the other. Raises typst.TypstError."""
    for language in LANGUAGES:
        yield MadeFile(Format.PDF, language, make_pdf(material, language))
    yield MadeFile(Format.JSON, "", material.canonical)


def file_name(slug: str, version: int, format: str, language: str) -> str:
    """Return a name for the folder of whoever fetches a file: "programme-report-2025-26-v2-nb.pdf"."""
    parts = ["programme-report", slug]
    if version > 1:
        parts.append(f"v{version}")
    if language:
        parts.append(language)
    return f"{'-'.join(parts)}.{format}"
