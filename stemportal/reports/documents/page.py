"""A partner's report as a web page: the same words, tables and charts as in the PDF, drawn for a screen.

Numbers in drawings are texts in percent or whole units, so that no language writes a decimal comma into them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from stemportal.reports.documents import charts, norway, tables
from stemportal.reports.documents.charts import Chart
from stemportal.reports.documents.material import Material
from stemportal.reports.documents.partner import esg_text, headline, key_figures, method
from stemportal.reports.documents.tables import Table

# Units of the column chart: where columns end, and how high the longest is. Texts stand above and below.
TOP, TALL = 22, 150
BASE = TOP + TALL
# Parts of a month's share of the width, in percent of it: this year's column, and last year's beside it.
ALONE = (16, 68)
NOW, BEFORE = (6, 50), (60, 32)
# Tables that stand two by two.
SMALL = ("gave", "answers", "opinions", "transport")
WIDE = ("pledges", "places", "meetings")


@dataclass(frozen=True)
class Column:
    """A month in the chart: this year's column, the one of the year before, where the texts stand."""

    label: str
    shown: str
    middle: str
    x: str
    width: str
    y: int
    height: int
    text_y: int
    before_x: str = ""
    before_width: str = ""
    before_y: int = 0
    before_height: int = 0


@dataclass(frozen=True)
class ColumnChart:
    """Twelve months side by side, as wide as there is room."""

    chart: Chart
    columns: list[Column]
    base: int = BASE
    label_y: int = BASE + 18
    height: int = BASE + 26

    @property
    def is_long(self) -> bool:
        """Whether a number above a column is too wide for a phone."""
        return any(len(column.shown) > 3 for column in self.columns)


@dataclass(frozen=True)
class Cell:
    """A cell of a table: its text, whether it names the row, is a number, and has a bar (in thousandths) below it."""

    text: str
    is_name: bool = False
    is_number: bool = False
    bar: int | None = None


@dataclass(frozen=True)
class PageTable:
    """A table for a page: ``headers`` are (text, whether numbers stand below)."""

    key: str
    title: str
    headers: list[tuple[str, bool]]
    rows: list[list[Cell]]
    note: str = ""
    hidden: str = ""


def page_of(material: Material) -> dict[str, Any]:
    """Return what the page of a report shows, in the active language."""
    figures = material.figures
    made = {table.key: page_table(table) for table in tables.tables(figures)}
    compared = tables.comparison(material)
    months = charts.month_chart(figures, material.before)
    drawn = norway.school_map(figures)
    return {
        "headline": headline(figures, material.display_name),
        "key_figures": key_figures(figures),
        "months": column_chart(months) if months else None,
        "months_table": page_table(tables.months(figures)),
        "compared": charts.compared(material),
        "comparison": page_table(compared) if compared else None,
        "kinds": made.get("kinds"),
        "grades": made.get("grades"),
        "regions": made.get("regions"),
        # Drawn by the portal from numbers alone.
        "map": {"svg": SafeString(drawn.svg), "alt": drawn.alt, "credit": drawn.credit} if drawn else None,
        "small": [made[key] for key in SMALL if key in made],
        "wide": [made[key] for key in WIDE if key in made],
        "own_word": made.get("own_word"),
        "is_empty": not made,
        "hidden": next((table.hidden for table in made.values() if table.hidden), ""),
        "esg_text": material.esg_text or esg_text(figures, material.display_name, material.portal),
        "esg_is_own": bool(material.esg_text),
        "method": method(figures),
    }


def column_chart(chart: Chart) -> ColumnChart:
    """Return the chart of months with every length worked out."""
    share = 100 / len(chart.bars)
    has_before = bool(chart.before)
    left, wide = NOW if has_before else ALONE

    def percent(place: int, part: float) -> str:
        return f"{share * (place + part / 100):.2f}%"

    columns = []
    for place, bar in enumerate(chart.bars):
        height, was = TALL * bar.length // 1000, TALL * bar.before // 1000
        columns.append(
            Column(
                label=bar.label,
                shown=bar.shown,
                middle=percent(place, left + wide / 2),
                x=percent(place, left),
                width=f"{share * wide / 100:.2f}%",
                y=BASE - height,
                height=height,
                text_y=BASE - height - 6,
                before_x=percent(place, BEFORE[0]),
                before_width=f"{share * BEFORE[1] / 100:.2f}%",
                before_y=BASE - was,
                before_height=was,
            )
        )
    return ColumnChart(chart, columns)


def page_table(table: Table, bar_at: int | None = None) -> PageTable:
    """Return a table for a page; bars stand under the number of visits, of which they are, or in column ``bar_at``."""
    if table.bars and bar_at is None:
        bar_at = table.headers.index(_("Visits"))
    rows = []
    for number, row in enumerate(table.rows):
        cells = []
        for place, text in enumerate(row):
            bar = table.bars[number] if table.bars and place == bar_at else None
            cells.append(Cell(text, is_name=place == 0, is_number=place >= table.texts, bar=bar))
        rows.append(cells)
    headers = [(text, place >= table.texts) for place, text in enumerate(table.headers)]
    return PageTable(table.key, table.title, headers, rows, table.note, table.hidden)
