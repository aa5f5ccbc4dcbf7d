"""Tables that leave the house for those who calculate further: no names of people, no small counts of pupils."""

from __future__ import annotations

from stemportal.reports.exports.tables.columns import Column, Row, Table
from stemportal.reports.exports.tables.facts import TABLES as FACTS
from stemportal.reports.exports.tables.visits import VISITS
from stemportal.reports.exports.tables.years import TABLES as YEARS

__all__ = ["TABLES", "Column", "Row", "Table", "chosen_tables"]

TABLES: dict[str, Table] = {table.code: table for table in (*FACTS, VISITS, *YEARS)}


def chosen_tables(codes: list[str]) -> list[Table]:
    """Return the tables of these codes in their usual order; all where there are none. Unknown ones are left out."""
    return [table for code, table in TABLES.items() if not codes or code in codes]
