"""A partner's report as a spreadsheet in the active language: numbers as numbers, a sheet each table, the same bytes
for the same material."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from stemportal.lib.money import ORE
from stemportal.lib.spreadsheets import clean_text
from stemportal.reports.documents import partner as words_of_partner
from stemportal.reports.documents import tables, words
from stemportal.reports.documents.material import Material
from stemportal.reports.figures.definitions import FIGURES, Unit
from stemportal.reports.figures.rows import VisitLine

FONT = "Calibri"
DEEP, PALE = "#00303c", "#dfebed"
# Excel's own limit of a sheet's name, and the signs it refuses.
NAME_LENGTH = 31
WIDEST = 60
# What says nothing about one partner.
OF_THE_PROGRAMME = {"partners", "companies"}
# Of these, None is a count that is hidden; of others, that there is nothing to count.
COUNTS_OF_PUPILS = {"pupils", "pupil_hours", "own_pupils"}


class _Book:
    """A workbook with the few looks that all its sheets share."""

    def __init__(self, material: Material) -> None:
        self.file = io.BytesIO()
        self.book = xlsxwriter.Workbook(
            self.file,
            {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
        )
        self.book.set_properties(
            {
                "title": f"{_('Annual report')} {material.period.label}: {clean_text(material.display_name)}",
                "author": material.portal,
                # The file says when the report was begun, so that it does not change with the day it is made.
                "created": datetime(material.day.year, material.day.month, material.day.day, tzinfo=UTC),
            }
        )
        base = {"font_name": FONT, "font_size": 11, "valign": "top"}
        self.plain = self.book.add_format({**base, "text_wrap": True})
        self.whole = self.book.add_format({**base, "num_format": "#,##0"})
        self.decimal = self.book.add_format({**base, "num_format": "#,##0.0"})
        self.day = self.book.add_format({**base, "num_format": "dd.mm.yyyy", "align": "left"})
        self.quiet = self.book.add_format({**base, "italic": True, "align": "right", "font_color": "#4d5b60"})
        self.header = self.book.add_format(
            {**base, "bold": True, "bg_color": PALE, "font_color": DEEP, "bottom": 1, "text_wrap": True}
        )

    def sheet(self, name: str, headers: Sequence[str], rows: Iterable[Sequence[Any]], widths: Sequence[int]) -> None:
        """Add a sheet whose first row stays in sight, is repeated on paper, and can filter the others."""
        sheet = self.book.add_worksheet(name[:NAME_LENGTH])
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        for column, header in enumerate(headers):
            sheet.write_string(0, column, header, self.header)
        last = 0
        for last, row in enumerate(rows, start=1):  # noqa: B007  # the last one is wanted
            for column, value in enumerate(row):
                self._write(sheet, last, column, value)
        sheet.freeze_panes(1, 0)
        sheet.repeat_rows(0)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        if last > 1:
            sheet.autofilter(0, 0, last, len(headers) - 1)

    def _write(self, sheet: Worksheet, row: int, column: int, value: Any) -> None:
        if isinstance(value, bool):
            sheet.write_string(row, column, _("yes") if value else _("no"), self.plain)
        elif isinstance(value, int | float):
            sheet.write_number(row, column, value, self._number(value))
        elif isinstance(value, date):
            sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), self.day)
        elif value is None:
            sheet.write_string(row, column, words.number(None), self.quiet)
        else:
            # Never a formula, whatever a name begins with.
            sheet.write_string(row, column, clean_text(str(value)), self.plain)

    def _number(self, value: float) -> Format:
        return self.decimal if isinstance(value, float) and not value.is_integer() else self.whole

    def content(self) -> bytes:
        """Close it and return its bytes."""
        self.book.close()
        return self.file.getvalue()


def workbook(material: Material) -> bytes:
    """Return the report as an .xlsx file in the active language. Sheets of tables that are empty are left out."""
    book, figures = _Book(material), material.figures
    book.sheet(_("About"), [_("What"), _("Value")], _about(material), (34, WIDEST))
    book.sheet(_("Figures"), *_figures(material))
    visits, pupils, kind = _("Visits"), _("Pupils"), _("Kind")
    pledges = [
        [words.localized(row), words.pledge_unit(row["unit"]), row["pledged"], row["delivered"]]
        for row in figures.pledges
    ]
    unit_names = tables.place_units()
    tabled: list[tuple[str, list[str], list[list[Any]], tuple[int, ...]]] = [
        (
            _("Months"),
            [_("Month"), visits, pupils],
            [[row["month"], row["visits"], row["pupils"]] for row in figures.months if figures.visits],
            (14, 12, 12),
        ),
        (
            _("Kinds"),
            [kind, visits, pupils],
            [[words.localized(row), row["visits"], row["pupils"]] for row in figures.kinds],
            (40, 12, 12),
        ),
        (
            _("Counties"),
            [_("County"), _("Schools"), visits, pupils],
            [[words.county(row["name"]), row["schools"], row["visits"], row["pupils"]] for row in figures.regions],
            (30, 12, 12, 12),
        ),
        (
            _("Grades"),
            [_("Grade"), visits, pupils],
            [[words.grade(row["grade"]), row["visits"], row["pupils"]] for row in figures.grades],
            (20, 12, 12),
        ),
        (
            _("Places"),
            [_("Places"), _("Offered"), _("Booked"), _("Used")],
            [[unit_names[row["unit"]], row["offered"], row["booked"], row["used"]] for row in figures.places],
            (30, 12, 12, 12),
        ),
        (_("Pledges"), [kind, _("Counted in"), _("Pledged"), _("Delivered")], pledges, (40, 20, 12, 12)),
        (
            _("Meetings"),
            [_("Date"), _("Meeting"), _("People")],
            [
                [datetime.fromisoformat(row["starts_at"]).date(), words.localized(row), row["people"]]
                for row in figures.meetings
            ],
            (12, 50, 12),
        ),
    ]
    for name, headers, rows, widths in tabled:
        if rows:
            book.sheet(name, headers, rows, widths)
    book.sheet(
        visits,
        [_("Date"), _("School"), _("Municipality"), _("Activity"), kind, _("Grade"), _("Hours"), pupils],
        (_visit(line) for line in material.lines),
        (12, 36, 22, 44, 26, 12, 9, 12),
    )
    method = [[line] for line in words_of_partner.method(figures)]
    book.sheet(_("How we counted"), [_("How we counted")], method, (WIDEST * 2,))
    return book.content()


def _figures(material: Material) -> tuple[list[str], list[list[Any]], tuple[int, ...]]:
    """Every single figure, beside the year before and the median of the level, and where it is from."""
    now, before, medians = material.figures, material.before, material.medians
    headers = [_("Figure"), now.period.label]
    headers += [before.period.label] if before else []
    headers += [_("Median of the level")] if medians else []
    headers += [_("Unit"), _("Source"), _("How it is counted")]
    rows = []
    for key, definition in FIGURES.items():
        value = getattr(now, key, None)
        if key in OF_THE_PROGRAMME or isinstance(value, list | str):
            continue
        row: list[Any] = [str(definition.name), _cell(key, value)]
        row += [_cell(key, getattr(before, key))] if before else []
        row += [medians[key] if medians.get(key) is not None else words.NOTHING] if medians else []
        unit = _("kroner") if definition.unit == Unit.ORE else str(definition.unit.label)
        rows.append([*row, unit, str(definition.source.label), str(definition.formula)])
    middle = (14,) * (len(headers) - 4)
    return headers, rows, (44, *middle, 16, 44, WIDEST * 2)


def _cell(key: str, value: Any) -> Any:
    """A hidden count is none; a figure of which there is nothing to tell is a dash; money is kroner."""
    if value is None and key not in COUNTS_OF_PUPILS:
        return words.NOTHING
    return value / ORE if FIGURES[key].unit == Unit.ORE and value is not None else value


def _about(material: Material) -> list[list[Any]]:
    rows: list[list[Any]] = [
        [_("Partner"), material.display_name],
        [_("Registered name"), material.legal_name],
        [_("Organisation number"), material.organisation_number],
        [_("Year"), material.period.label],
        [_("Level"), words.localized(material.level) if material.level else words.NOTHING],
        [_("Version"), material.version],
        [_("Begun"), material.day],
        [_("Verification code"), material.code],
        [_("Confirmed at"), material.address],
        [_("Fingerprint of the data (SHA-256)"), material.fingerprint],
    ]
    if material.reason:
        rows.insert(6, [_("Why there is a new version"), material.reason])
    if material.is_preview:
        rows.insert(6, [_("The year is not over"), _("The figures are those up to the day on which it was begun.")])
    if material.foreword:
        rows.append([_("Foreword"), material.foreword])
    own = material.esg_text or words_of_partner.esg_text(material.figures, material.display_name, material.portal)
    rows.append([_("On sustainability"), own])
    if note := next((table.hidden for table in tables.tables(material.figures) if table.hidden), ""):
        rows.append([words.number(None), note])
    return rows


def _visit(line: VisitLine) -> list[Any]:
    return [
        date.fromisoformat(line.day),
        line.school,
        line.municipality,
        line.activity,
        words.localized(line.kind),
        words.grade(line.grade),
        line.hours,
        line.pupils,
    ]
