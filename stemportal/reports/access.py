"""Who may have a report: one function fetches and authorises."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.http import Http404

from stemportal.partners.access import partner_for_member
from stemportal.reports.models import PartnerReport


def report_for_member(user: AbstractBaseUser | AnonymousUser, pk: int) -> PartnerReport:
    """Return a finished report of a partner the person acts for. Http404 for others; staff use the admin."""
    report = (
        PartnerReport.objects.select_related("partner").filter(pk=pk, status=PartnerReport.Status.PUBLISHED).first()
    )
    if report is None:
        raise Http404("no such report")
    partner_for_member(user, report.partner_id)
    return report
