"""All figures of a year in one list: each with its value, what it means, and the way to its rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from stemportal.lib.money import kroner_words
from stemportal.lib.periods import Period, PeriodKind
from stemportal.reports.documents.words import NOTHING, grade, localized, month_names, number
from stemportal.reports.figures.definitions import FIGURES
from stemportal.reports.figures.figures import Figures
from stemportal.reports.figures.rows import ROWS

YEARS_TO_CHOOSE = 3
# Of these None says that there is nothing to tell; of the others that it is hidden.
MAY_BE_NOTHING = {"median_days", "rating", "pulse_before", "pulse_after", "pulse_change", "girls", "girls_share"}
# A part of a figure in an address: a kind's name is the longest there is.
LONGEST_PART = 200
PARTS = ("kinds", "months", "regions", "grades")
# The address of a figure's rows; of a part of them when one is named.
Address = Callable[[str, str], str]


@dataclass(frozen=True)
class FigureLine:
    """One figure: its name, its value as text, how it is counted, where its rows are."""

    name: str
    value: str
    formula: str
    url: str
    is_confirmed: bool


@dataclass(frozen=True)
class PartLine:
    """One row of a table of figures."""

    name: str
    visits: str
    pupils: str
    url: str


@dataclass(frozen=True)
class PartTable:
    """The visits broken down, each part with the way to its visits."""

    name: str
    rows: list[PartLine]


def figure_lines(figures: Figures, address: Address) -> list[FigureLine]:
    """Return every figure that has rows behind it, in the order of the definitions."""
    lines = []
    for key, definition in FIGURES.items():
        if key in ROWS and key not in PARTS:
            value = _value(key, getattr(figures, key))
            confirmed = definition.is_confirmed
            lines.append(FigureLine(str(definition.name), value, str(definition.formula), address(key, ""), confirmed))
    return lines


def _value(key: str, value: Any) -> str:
    if isinstance(value, list):
        return ""
    if value is None:
        return NOTHING if key in MAY_BE_NOTHING else number(None)
    return kroner_words(value) if key.endswith("_ore") else number(value, 1)


def part_tables(figures: Figures, address: Address) -> list[PartTable]:
    """Return kinds, months, counties and grades with what there was."""
    tables = []
    for key in PARTS:
        rows = [row for row in getattr(figures, key) if row["visits"]]
        lines = [_part(key, row, address) for row in rows]
        if lines:
            tables.append(PartTable(str(FIGURES[key].name), lines))
    return tables


def _part(key: str, row: dict[str, Any], address: Address) -> PartLine:
    name, part = part_names(key, row)
    return PartLine(name, number(row["visits"]), number(row["pupils"]), address(key, part))


def part_names(key: str, row: dict[str, Any]) -> tuple[str, str]:
    """Return what a row of a table is called, and how its address calls it."""
    if key == "kinds":
        return localized(row), row["nb"]
    if key == "months":
        return f"{month_names(row['month'])[1]} {row['month'][:4]}", row["month"]
    if key == "regions":
        return row["name"] or _("Outside the counties"), row["name"] or ""
    return grade(row["grade"]), str(row["grade"])


def years_to_choose() -> list[Period]:
    """Return the years whose figures are one press away: school years, then calendar years, the latest first."""
    found = []
    for kind in PeriodKind:
        period = Period.current(kind)
        for _year in range(YEARS_TO_CHOOSE):
            found.append(period)
            period = period.previous
    return found
