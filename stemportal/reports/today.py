"""What a partner should do about its reports, for the tasks of its room."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from stemportal.partners.extensions import Task
from stemportal.partners.models import Membership
from stemportal.reports.queries.reports import reports_of_partner

NEW_DAYS = 60


def report_tasks(membership: Membership) -> Iterator[Task]:
    """Point to reports that are ready and that nobody has fetched, for two months. One query."""
    since = timezone.now() - timedelta(days=NEW_DAYS)
    for report in reports_of_partner(membership.partner).defer("figures"):
        if report.fetched_at is None and report.built_at is not None and report.built_at >= since:
            yield Task(
                title=_("Your report for %(year)s is ready") % {"year": report.period.label},
                text=_("What your visits meant, to show your colleagues and your management."),
                url=reverse("reports:partner_reports", args=[membership.partner_id]),
                action=_("Read it"),
                order=40,
                icon="FilePdf",
            )
