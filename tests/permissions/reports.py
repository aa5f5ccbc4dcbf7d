"""The permission table, the rows of reports: a partner's, the programme's, and the pages that confirm them."""

from __future__ import annotations

from tests.permissions.patterns import OF_THE_PARTNER, Row

# fmt: off
ROWS = [
    # From a figure to its rows; the secretariat's are in reports/tests/test_figure_rows.py
    Row("reports:partner_figures", OF_THE_PARTNER, args=lambda w: [w.partner.pk, "2025-26"]),
    Row("reports:figure_rows", OF_THE_PARTNER, args=lambda w: [w.partner.pk, "2025-26", "pupils"]),
]
# fmt: on
