"""A partner reads its figures and its reports, and fetches files and the mark of the year."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from stemportal.lib.periods import Period
from stemportal.lib.stored_files import INERT, stored_file
from stemportal.partners.access import READ_ONLY, membership_of, partner_for_member
from stemportal.partners.models import Partner
from stemportal.reports import tasks
from stemportal.reports.access import (
    partner_for_logo,
    period_of,
    report_file_for,
    report_for_member,
)
from stemportal.reports.documents import logo as marks
from stemportal.reports.documents.files import file_name
from stemportal.reports.documents.material import Material, load
from stemportal.reports.documents.page import page_of
from stemportal.reports.documents.partner import headline, key_figures, method, visit_headers, visit_row
from stemportal.reports.documents.tables import meeting_rows
from stemportal.reports.figures.counting import partner_figures
from stemportal.reports.figures.figures import Figures
from stemportal.reports.figures.rows import VisitLine, visit_lines
from stemportal.reports.models import PartnerReport, PartnerReportFile, ReportFile
from stemportal.reports.queries.reports import reports_of_partner
from stemportal.reports.queries.room import file_lines, handed_out_versions, in_the_making

PAGE_SIZE = 25
CONTENT_TYPES = {
    ReportFile.Format.PDF: "application/pdf",
    ReportFile.Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ReportFile.Format.JSON: "application/json",
}
FOR_A_DAY = f"private, max-age={24 * 60 * 60}"


@require_safe
def partner_reports(request: HttpRequest, partner_pk: int) -> HttpResponse:
    """The year so far, what is being made, the reports of each year with their files, and the marks to show."""
    membership = membership_of(request.user, partner_pk)
    partner = membership.partner
    reports = reports_of_partner(partner).prefetch_related("files")
    page = Paginator(reports, PAGE_SIZE).get_page(request.GET.get("page"))
    now = partner_figures(period=Period.current(), partner=partner)
    context = {
        "partner": partner,
        "room": "reports",
        "may_edit": membership.may_edit and partner.status not in READ_ONLY,
        "making": in_the_making(partner),
        "page_obj": page,
        "reports": [_shown(partner, report) for report in page],
        "now": {"period": now.period, "figures": now, "items": key_figures(now), "meetings": meeting_rows(now)},
        "marks": _marks(partner),
        "method": method(now),
    }
    return render(request, "reports/partner_reports.html", context)


def _shown(partner: Partner, report: PartnerReport) -> dict[str, Any]:
    figures = Figures.from_json(report.figures)
    lines = file_lines(report)
    return {
        "report": report,
        "period": report.period,
        "headline": headline(figures, partner.display_name),
        "files": lines,
        "pdf": next((line for line in lines if line.is_pdf), None),
    }


def _marks(partner: Partner) -> dict[str, Any] | None:
    """The marks of the years, the latest to be seen, the earlier ones by name."""
    years = marks.logo_years(partner)
    if not years:
        return None
    return {"year": years[0], "earlier": years[1:], "schemes": marks.SCHEMES, "formats": marks.FORMATS}


@require_safe
@never_cache
def partner_report(request: HttpRequest, partner_pk: int, slug: str) -> HttpResponse:
    """The published report as a page, or an older version of it (``?version=1``)."""
    report = report_for_member(request.user, partner_pk, slug, version=request.GET.get("version", ""))
    material = _material(report)
    if request.method == "GET":
        _note_fetch(report)
    lines = file_lines(report)
    versions = list(handed_out_versions(report))
    context = {
        "partner": report.partner,
        "room": "reports",
        "report": report,
        "material": material,
        "period": report.period,
        "crumbs": [*_crumbs(report.partner), (report.period.label, "")],
        "page": page_of(material),
        "files": lines,
        "pdf": next((line for line in lines if line.is_pdf), None),
        "versions": versions,
        "newest": next((version for version in versions if version.status == PartnerReport.Status.PUBLISHED), None),
    }
    return render(request, "reports/partner_report.html", context)


def _material(report: PartnerReport) -> Material:
    """What the report says, as it was built. Raises Http404 when its data is gone."""
    try:
        return load(report)
    except (OSError, PartnerReportFile.DoesNotExist) as error:
        raise Http404("the report is gone") from error


def _note_fetch(report: PartnerReport) -> None:
    if report.fetched_at is None:
        tasks.announce_fetch(report.pk)


@require_safe
def partner_visits(request: HttpRequest, partner_pk: int, slug: str) -> HttpResponse:
    """The visits that the report of a year counts, as they stand in it; without a report, those there are now."""
    partner = partner_for_member(request.user, partner_pk)
    period = period_of(slug)
    report = PartnerReport.objects.published().of_period(period).filter(partner=partner).first()
    material = _material(report) if report else None
    lines: list[VisitLine] = material.lines if material else visit_lines(period, partner)
    page = Paginator(lines, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "partner": partner,
        "room": "reports",
        "crumbs": [*_crumbs(partner), (_("Visits in %(year)s") % {"year": period.label}, "")],
        "period": period,
        "report": report,
        "page_obj": page,
        "headers": visit_headers(),
        "rows": [(line.booking, visit_row(line)) for line in page],
        "some_hidden": any(line.pupils is None for line in page),
    }
    return render(request, "reports/partner_visits.html", context)


def _crumbs(partner: Partner) -> list[tuple[str, str]]:
    return [
        (partner.display_name, reverse("schools:partner_today", args=[partner.pk])),
        (_("Reports"), reverse("reports:partner_reports", args=[partner.pk])),
    ]


@require_safe
@never_cache
def report_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One file of a published report, to save under a name that says what it is."""
    file = report_file_for(request.user, pk)
    report = file.report
    name = file_name(report.partner.display_name, report.period, report.version, file.format, file.language)
    response = stored_file(file.file, name=name, kind=CONTENT_TYPES[ReportFile.Format(file.format)])
    if request.method == "GET" and not request.user.is_staff:
        _note_fetch(report)
    return response


@require_safe
def logo(request: HttpRequest, partner_pk: int, year: int, scheme: str, format: str) -> HttpResponse:
    """The mark "STEM-partner 2026" as a file, for members of a partner that was approved in that year."""
    partner_for_logo(request.user, partner_pk, year)
    try:
        content = marks.logo(year=year, scheme=scheme, format=format)
    except ValueError as error:
        raise Http404("no such mark") from error
    headers = {
        "Content-Disposition": f'attachment; filename="{marks.logo_name(year=year, scheme=scheme, format=format)}"',
        "Content-Security-Policy": INERT,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": FOR_A_DAY,
    }
    return HttpResponse(content, content_type=marks.CONTENT_TYPES[format], headers=headers)
