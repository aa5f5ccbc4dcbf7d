"""The programme's report as a web page: the same words, tables and charts as in the PDF, drawn for a screen."""

from __future__ import annotations

from typing import Any

from django.utils.safestring import SafeString

from stemportal.reports.documents import charts, norway, programme, tables
from stemportal.reports.documents.page import column_chart, page_table
from stemportal.reports.documents.programme_material import ProgrammeMaterial

# In the table of central and remote, the bar is the share of the schools.
SHARE_AT = 1
SMALL = ("engagement", "answers", "opinions")


def page_of_programme(material: ProgrammeMaterial) -> dict[str, Any]:
    """Return what the page of the report shows, in the active language."""
    figures = material.figures
    found = {table.key: table for table in programme.all_tables(material)}
    made = {key: page_table(table, SHARE_AT if key == "chances" else None) for key, table in found.items()}
    compared = programme.comparison(material)
    months = charts.month_chart(figures, material.before)
    drawn = norway.school_map(figures)
    return {
        "title": programme.title(material),
        "headline": programme.headline(figures),
        "key_figures": programme.key_figures(figures),
        "months": column_chart(months) if months else None,
        "months_table": page_table(tables.months(figures)) if months else None,
        "comparison": page_table(compared) if compared else None,
        "targets": [programme.target_card(line) for line in material.targets],
        "texts": programme.texts(material),
        "regions": made.get("regions"),
        "chances": made.get("chances"),
        "kinds": made.get("kinds"),
        "grades": made.get("grades"),
        "small": [made[key] for key in SMALL if key in made],
        "own_word": made.get("own_word"),
        # Drawn by the portal from numbers alone.
        "map": {"svg": SafeString(drawn.svg), "alt": drawn.alt, "credit": drawn.credit} if drawn else None,
        "hidden": next((table.hidden for table in found.values() if table.hidden), ""),
        "engaged": material.engaged,
        "method": programme.method(),
    }
