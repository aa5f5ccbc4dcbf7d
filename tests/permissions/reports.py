"""The permission table, the rows of reports: a partner's, the programme's, and the pages that confirm them."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from stemportal.partners.models import Partner
from tests.permissions.files import Upload
from tests.permissions.patterns import EDITORS_CHANGE, EVERYBODY, MEMBERS, OF_THE_PARTNER, WHO_EDIT, Row, only
from tests.permissions.people import World

OF_THE_PARTNER_AND_STAFF = only(*MEMBERS, "staff")


def _year(world: World) -> list[Any]:
    return [world.partner.pk, world.report.period.slug]


def _mark(world: World) -> list[Any]:
    Partner.objects.filter(pk=world.partner.pk).update(decided_at=timezone.now())
    return [world.partner.pk, timezone.localdate().year, "light", "svg"]


def _file(world: World) -> dict[str, Any]:
    return {"file": Upload("rapport.pdf", b"%PDF-1.7")}


# fmt: off
ROWS = [
    # A partner's own reports; its staff's desk is the admin
    Row("reports:partner_reports", OF_THE_PARTNER, args=lambda w: [w.partner.pk]),
    Row("reports:partner_report", OF_THE_PARTNER, args=_year),
    Row("reports:partner_visits", OF_THE_PARTNER, args=_year),
    Row("reports:partner_words", WHO_EDIT, EDITORS_CHANGE,
        args=lambda w: [w.partner.pk, w.report_in_the_making.period.slug], data=lambda w: {"foreword": "Takk!"}),
    Row("reports:report_file", OF_THE_PARTNER_AND_STAFF, args=lambda w: [w.report.files.get(language="nb").pk]),
    Row("reports:logo", OF_THE_PARTNER, args=_mark),

    # Whether one is genuine; what is sent is compared and thrown away
    Row("reports:verify", EVERYBODY, EVERYBODY, data=_file, changes=False),
    Row("reports:verified", EVERYBODY, EVERYBODY, args=lambda w: [w.report.code], data=_file, changes=False),

    # The programme's report
    Row("reports:programme", EVERYBODY),
    Row("reports:programme_year", EVERYBODY, args=lambda w: [w.programme_report.period.slug]),
    Row("reports:programme_file", EVERYBODY, args=lambda w: [w.programme_report.files.get(format="pdf").pk]),

    # From a figure to its rows; the secretariat's are in reports/tests/test_figure_rows.py
    Row("reports:partner_figures", OF_THE_PARTNER, args=lambda w: [w.partner.pk, "2025-26"]),
    Row("reports:figure_rows", OF_THE_PARTNER, args=lambda w: [w.partner.pk, "2025-26", "pupils"]),
]
# fmt: on
