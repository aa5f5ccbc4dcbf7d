"""The report as a workbook: sheets that spreadsheet programs open, numbers that can be added."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

import openpyxl
import pytest
from django.utils import translation

from stemportal.reports.documents.spreadsheet import workbook
from stemportal.reports.tests.materials import lines, material, quiet_figures


def book_of(language: str = "en", **facts: Any) -> openpyxl.Workbook:
    with translation.override(language):
        return openpyxl.load_workbook(io.BytesIO(workbook(material(**facts))))


def rows_of(book: openpyxl.Workbook, name: str) -> list[tuple[Any, ...]]:
    return list(book[name].iter_rows(values_only=True))


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_every_sheet_has_a_name_of_its_own_and_a_header_that_stays(language):
    book = book_of(language)

    assert len({name.lower() for name in book.sheetnames}) == len(book.sheetnames) == 11
    assert all(sheet.freeze_panes == "A2" for sheet in book)
    assert all(len(name) <= 31 for name in book.sheetnames)


def test_counts_are_numbers_and_hidden_ones_say_so():
    book = book_of()

    assert rows_of(book, "Kinds") == [
        ("Kind", "Visits", "Pupils"),
        ("Company visit", 24, 598),
        ("School visit by a role model", 20, 506),
        ("Work week", 2, "not shown"),
    ]
    visits = rows_of(book, "Visits")
    assert len(visits) == 47
    assert visits[1][0] == datetime(2025, 9, 1)
    assert visits[1][6:] == (1.5, 20)
    assert visits[10][7] == "not shown"


def test_figures_stand_beside_the_year_before_and_the_median():
    rows = {row[0]: row for row in rows_of(book_of(), "Figures")}

    assert rows["Figure"][:4] == ("Figure", "2025/26", "2024/25", "Median of the level")
    pupils = next(row for row in rows.values() if row[1] == 1104)
    assert pupils[2:4] == (883, 640.5)
    assert pupils[4] == "pupils"
    assert "as the school told it" in pupils[5]
    # Whole øre are kroner here.
    assert rows["Transport to the partner"][1:5] == (48900.5, 48900.5, "–", "kroner")
    assert rows["Pupils reached outside the portal"][5].startswith("The partner's own word")


def test_about_tells_whose_it_is_and_how_to_check_it():
    about = dict(rows_of(book_of(version=2, reason="Et antall ble rettet."), "About"))

    assert about["Partner"] == "Nordlys Robotikk"
    assert about["Verification code"] == "K7MB-2QXD-9RTA"
    assert about["Why there is a new version"] == "Et antall ble rettet."
    assert about["Begun"] == datetime(2026, 8, 12)


def test_no_name_becomes_a_formula():
    book = book_of(display_name="=1+1", lines=lines(1, school="@SUM(A1)", activity="+47 22 33"))

    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert rows_of(book, "About")[1][1] == "=1+1"
    assert rows_of(book, "Visits")[1][1] == "@SUM(A1)"


def test_year_without_visits_has_the_sheets_that_say_something():
    book = book_of(figures=quiet_figures(), before=None, medians=None, lines=[])

    assert book.sheetnames == ["About", "Figures", "Visits", "How we counted"]
    assert len(rows_of(book, "Visits")) == 1
