"""What the tests of importing share: tables as files, and an import that a worker has read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.files.base import ContentFile

from stemportal.lib.organisation_numbers import synthetic
from stemportal.lib.spreadsheets import csv_lines, write_workbook
from stemportal.partners.models import ImportRow, PartnerImport
from stemportal.partners.services import imports
from stemportal.testing.factories import StaffFactory

TITLES = [
    "Organisation number",
    "Registered name",
    "Kind of organisation",
    "Contact person",
    "E-mail of the contact person",
]
# Which partner each is about does not matter to most tests; none of the factories' partners has these.
FIRST = 500_000


def new_line(n: int, **changes: str) -> list[str]:
    """A line about an organisation that nobody knows yet."""
    facts = {
        "number": synthetic(FIRST + n),
        "name": f"BEDRIFT {n} AS",
        "kind": "Company",
        "contact": "Kari Prøve",
        "email": f"kari{n}@bedrift.example.no",
    }
    return list({**facts, **changes}.values())


def csv_file(rows: Sequence[Sequence[Any]], titles: Sequence[str] = TITLES) -> bytes:
    return b"".join(csv_lines([titles, *rows]))


def xlsx_file(rows: Sequence[Sequence[Any]], titles: Sequence[str] = TITLES) -> bytes:
    with write_workbook([("Partners", [titles, *rows], [20])]) as file:
        return file.read()


def uploaded(content: bytes, *, name: str = "partners.csv", status: str = "approved", by: Any = None) -> PartnerImport:
    """An import that waits to be read."""
    by = by or StaffFactory(language="en")
    return imports.upload(file=ContentFile(content), name=name, new_status=status, by=by)


def read(content: bytes, **options: Any) -> PartnerImport:
    """An import that was read."""
    partner_import = uploaded(content, **options)
    imports.read_import(partner_import.pk)
    partner_import.refresh_from_db()
    return partner_import


def rows_of(partner_import: PartnerImport) -> dict[int, ImportRow]:
    return {row.line: row for row in partner_import.rows.select_related("partner")}


def errors_of(partner_import: PartnerImport) -> dict[int, list[tuple[str, str]]]:
    return {line: [tuple(error) for error in row.errors] for line, row in rows_of(partner_import).items() if row.errors}
