"""The definitions, Figures, the rows behind them and docs/figures.md say the same."""

from __future__ import annotations

from dataclasses import fields

import pytest
from django.conf import settings
from django.utils import translation

from stemportal.reports.figures.definitions import FIGURES, NO_FIGURES
from stemportal.reports.figures.figures import Figures
from stemportal.reports.figures.rows import ROWS


def documented() -> dict[str, list[str]]:
    """Return the cells of the table's rows in docs/figures.md, by key."""
    text = (settings.BASE_DIR / "docs" / "figures.md").read_text()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:3] == "| `"]
    return {row[0].strip("`"): row[1:] for row in rows}


def test_every_figure_is_defined():
    assert set(FIGURES) == {field.name for field in fields(Figures)} - NO_FIGURES


def test_every_figure_has_rows_behind_it():
    assert set(FIGURES) == set(ROWS)


def test_every_figure_is_documented_in_the_same_order():
    assert list(documented()) == list(FIGURES)


@pytest.mark.parametrize("key", FIGURES)
def test_documentation_says_what_the_definition_says(key):
    figure = FIGURES[key]
    with translation.override("en"):
        labels = [figure.name, figure.unit.label, figure.formula, figure.source.label, figure.rounding.label]
        expected = [*map(str, labels), "yes" if figure.is_confirmed else "own word"]

    assert documented()[key] == expected
