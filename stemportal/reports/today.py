"""What a partner should do about its reports, for the tasks of its room."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from stemportal.partners.access import READ_ONLY
from stemportal.partners.extensions import Task
from stemportal.partners.models import Membership
from stemportal.reports.models import PartnerReport

NEW_DAYS = 60


def report_tasks(membership: Membership) -> Iterator[Task]:
    """Point to reports that are published and that nobody has read, for two months, and to those that are being made
    and have no word of the partner's own yet. One query."""
    since = timezone.now() - timedelta(days=NEW_DAYS)
    is_news = Q(status=PartnerReport.Status.PUBLISHED, fetched_at__isnull=True, published_at__gte=since)
    is_silent = Q(status__in=PartnerReport.OPEN, is_preview=False, foreword="", esg_text="")
    may_write = membership.may_edit and membership.partner.status not in READ_ONLY
    reports = PartnerReport.objects.filter(is_news | is_silent if may_write else is_news, partner=membership.partner_id)
    for report in reports.defer("figures").order_by("-year", "-period_kind"):
        yield _to_write(report) if report.is_open else _to_read(report)


def _to_read(report: PartnerReport) -> Task:
    return Task(
        title=_("Your report for %(year)s is ready") % {"year": report.period.label},
        text=_("What your visits meant, to show your colleagues and your management."),
        url=reverse("reports:partner_report", args=[report.partner_id, report.period.slug]),
        action=_("Read it"),
        order=40,
        icon="FilePdf",
    )


def _to_write(report: PartnerReport) -> Task:
    return Task(
        title=_("Your report for %(year)s is being made") % {"year": report.period.label},
        text=_("Would you like a foreword in it? A few lines of yours make it your own."),
        url=reverse("reports:partner_words", args=[report.partner_id, report.period.slug]),
        action=_("Add your words"),
        order=55,
        icon="PencilWriting",
    )
