"""The files of a partner's report: a PDF and a spreadsheet in each language, and the data as JSON.

Pure: what is made depends on the material and on this code only, not on the day, the database or the language of the
page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils import translation

from stemportal.lib import pdf
from stemportal.lib.periods import Period
from stemportal.partners.slugs import slug_of
from stemportal.reports.documents.material import Material, canonical
from stemportal.reports.documents.partner import report_data
from stemportal.reports.documents.spreadsheet import workbook
from stemportal.reports.models import ReportFile

Format = ReportFile.Format
LANGUAGES = ("nb", "nn", "en")
TEMPLATE = Path(__file__).resolve().parents[1] / "typst" / "partner_report.typ"


@dataclass(frozen=True)
class MadeFile:
    """A file of a report; ``language`` is empty for the data, which has none."""

    format: str
    language: str
    content: bytes


def make_files(material: Material) -> Iterator[MadeFile]:
    """Give the seven files one after the other, so that only one need be in memory. Raises typst.TypstError."""
    for language in LANGUAGES:
        with translation.override(language):
            content = pdf.render(TEMPLATE, report_data(material))
        yield MadeFile(Format.PDF, language, content)
    for language in LANGUAGES:
        with translation.override(language):
            content = workbook(material)
        yield MadeFile(Format.XLSX, language, content)
    yield MadeFile(Format.JSON, "", canonical(material))


def file_name(name: str, period: Period, version: int, format: str, language: str) -> str:
    """Return a name for the folder of whoever fetches a file: "nordlys-robotikk-2025-26-v2-nb.pdf".

    ``name`` is the partner's, ``language`` empty for data.
    """
    parts = [slug_of(name)[:60].strip("-"), period.slug]
    if version > 1:
        parts.append(f"v{version}")
    if language:
        parts.append(language)
    return f"{'-'.join(parts)}.{format}"
