"""Partners as a table to take away, edit and import again: the same columns, and some that are only for the reader."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from stemportal.lib.spreadsheets import csv_lines, write_workbook
from stemportal.partners.import_columns import (
    COLUMNS,
    LINE_TITLES,
    STATUS_TITLES,
    WRONG_TITLES,
    Lists,
    in_language,
)
from stemportal.partners.models import ImportRow, Partner, PartnerImport

CHUNK = 500


def partner_rows(partners: QuerySet[Partner]) -> Iterator[list[Any]]:
    """Give the titles and then a row for each partner; memory does not grow with their number."""
    lists = Lists.load()
    yield [*(column.title for column in COLUMNS), in_language(STATUS_TITLES)]
    for partner in partners.select_related("municipality").iterator(chunk_size=CHUNK):
        cells: list[Any] = [column.cell(partner, lists) for column in COLUMNS]
        yield [*cells, partner.get_status_display()]


def partners_as_csv(partners: QuerySet[Partner]) -> Iterator[bytes]:
    """Give the lines of a CSV file."""
    return csv_lines(partner_rows(partners))


def partners_as_workbook(partners: QuerySet[Partner]) -> IO[bytes]:
    """Return an .xlsx workbook as a temporary file."""
    widths = [*(column.width for column in COLUMNS), 20]
    return write_workbook([(_("Partners"), partner_rows(partners), widths)])


def template_workbook() -> IO[bytes]:
    """Return a workbook with the titles only, and a second sheet that explains them."""
    titles = [[column.title for column in COLUMNS]]
    widths = [column.width for column in COLUMNS]
    more: list[list[str]] = [
        [""],
        [_("An empty cell changes nothing. Columns with other titles are not used.")],
        [""],
        [_("Kinds of organisation")],
        *(["", "", str(kind.label)] for kind in Partner.Kind),
    ]
    explained = [*explanations(), *more]
    return write_workbook(
        [(_("Partners"), titles, widths), (_("What goes where"), explained, [32, 16, 90])],
    )


def explanations() -> Iterator[list[str]]:
    """Give for each column its title, whether it is needed, and what goes into it; the first row names the three."""
    yield [_("Column"), _("Needed"), _("What goes into it")]
    for column in COLUMNS:
        needed = _("Always") if column.code == "organisation_number" else _("For new partners")
        yield [column.title, needed if column.needed else "", str(column.help)]


def bad_rows_as_csv(partner_import: PartnerImport) -> Iterator[bytes]:
    """Give the lines that cannot be used as they were typed, with what is wrong, to be mended and sent again."""
    return csv_lines(_bad_rows(partner_import))


def _bad_rows(partner_import: PartnerImport) -> Iterator[list[Any]]:
    yield [*(column.title for column in COLUMNS), in_language(LINE_TITLES), in_language(WRONG_TITLES)]
    bad = partner_import.rows.filter(action=ImportRow.Action.BAD).order_by("line")
    for row in bad.iterator(chunk_size=CHUNK):
        wrong = "; ".join(f"{title}: {reason}" for title, reason in row.errors)
        yield [*(row.values.get(column.code, "") for column in COLUMNS), row.line, wrong]
