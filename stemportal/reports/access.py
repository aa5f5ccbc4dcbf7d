"""Who may have a report: one function fetches and authorises."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.lib.periods import Period
from stemportal.partners.access import membership_of, partner_for_member
from stemportal.partners.models import Partner
from stemportal.reports.documents.logo import logo_years
from stemportal.reports.models import Export, PartnerReport, PartnerReportFile

Person = AbstractBaseUser | AnonymousUser
SEE_RIGHT = "reports.view_partnerreport"
EXPORT_RIGHT = "reports.add_export"


def period_of(slug: str) -> Period:
    """Return the year of an address, "2025-26" or "2025". Raises Http404 for anything else."""
    try:
        return Period.from_slug(slug)
    except ValueError as error:
        raise Http404("no such year") from error


def report_for_member(user: Person, partner_pk: int, slug: str, *, version: str = "") -> PartnerReport:
    """Return the published report of a partner the person acts for, or an older version that it had.

    Raises Http404 for others (staff use the admin), for years without a report and for versions not handed out.
    """
    partner = partner_for_member(user, partner_pk)
    reports = PartnerReport.objects.of_period(period_of(slug)).filter(partner=partner)
    # No version has so many digits, and no column takes more.
    if version and not (version.isascii() and version.isdigit() and len(version) < 5):
        raise Http404("no such version")
    report = (reports.handed_out().filter(version=int(version)) if version else reports.published()).first()
    if report is None:
        raise Http404("no such report")
    report.partner = partner
    return report


def report_for_words(user: Person, partner_pk: int, slug: str) -> PartnerReport:
    """Return the newest report of the year for the partner to write its foreword in; maybe it takes none any more.

    Raises Http404 for strangers and where there is no report yet (a preview is none), PermissionDenied for readers and
    for partners that have left.
    """
    partner = partner_for_member(user, partner_pk, edit=True)
    reports = PartnerReport.objects.of_period(period_of(slug)).filter(partner=partner, is_preview=False)
    report = reports.order_by("-version").first()
    if report is None:
        raise Http404("no such report")
    report.partner = partner
    return report


def report_file_for(user: Person, pk: int) -> PartnerReportFile:
    """Return a file of a report that was published, for members of its partner and staff who see reports.

    Raises Http404 for everybody else, and for files of drafts: those are the secretariat's, in the admin.
    """
    file = (
        PartnerReportFile.objects.select_related("report__partner")
        .filter(pk=pk, report__in=PartnerReport.objects.handed_out())
        .first()
    )
    if file is None:
        raise Http404("no such file")
    if not (isinstance(user, User) and user.has_perm(SEE_RIGHT)):
        membership_of(user, file.report.partner_id)
    return file


def partner_for_logo(user: Person, partner_pk: int, year: int) -> Partner:
    """Return the partner for a member who fetches its mark of a year. Raises Http404 for years it may not show."""
    partner = partner_for_member(user, partner_pk)
    if year not in logo_years(partner):
        raise Http404("no such year")
    return partner


def export_for_staff(user: Person, pk: str) -> Export:
    """Return a finished export for staff who export. An archive holds what the portal knows: superusers only.

    Raises PermissionDenied without the right, Http404 for an export that is not ready or whose days are over.
    """
    if not (isinstance(user, User) and user.is_staff and user.has_perm(EXPORT_RIGHT)):
        raise PermissionDenied
    ready = Export.objects.filter(status=Export.Status.READY, expires_at__gt=timezone.now())
    export = ready.filter(pk=pk).first() if pk.isascii() and pk.isdigit() and len(pk) < 19 else None
    if export is None:
        raise Http404("no such export")
    if export.what == Export.What.INSTALLATION and not user.is_superuser:
        raise PermissionDenied
    return export
