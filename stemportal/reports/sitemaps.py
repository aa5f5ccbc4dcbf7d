"""The programme's reports, for search engines."""

from __future__ import annotations

from stemportal.lib.sitemaps import NumberedSitemap
from stemportal.reports.models import ProgrammeReport


class ProgrammeReportSitemap(NumberedSitemap):
    """Published reports of the programme, each year's latest version."""

    queryset = ProgrammeReport.objects.filter(status=ProgrammeReport.Status.PUBLISHED).only("period_kind", "year")
