"""A partner reads its figures, the visits behind them, and fetches its reports."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from stemportal.lib.periods import Period
from stemportal.partners.access import partner_for_member
from stemportal.partners.models import Partner
from stemportal.reports import tasks
from stemportal.reports.access import report_for_member
from stemportal.reports.documents.partner import headline, key_figures, meeting_rows, method, visit_headers, visit_row
from stemportal.reports.figures.counting import figure_rows, partner_figures
from stemportal.reports.figures.figures import Figures
from stemportal.reports.models import PartnerReport, PartnerReportFile
from stemportal.reports.queries.reports import reports_of_partner

PAGE_SIZE = 25


@require_safe
def partner_reports(request: HttpRequest, partner_pk: int) -> HttpResponse:
    """The year so far, and the report of each finished year with its key figures."""
    partner = partner_for_member(request.user, partner_pk)
    page = Paginator(reports_of_partner(partner), PAGE_SIZE).get_page(request.GET.get("page"))
    now = partner_figures(period=Period.current(), partner=partner)
    context = {
        "partner": partner,
        "room": "reports",
        "page_obj": page,
        "reports": [_shown(partner, report) for report in page],
        "now": {
            "year": now.period.label,
            "figures": now,
            "items": key_figures(now),
            "meetings": meeting_rows(now),
        },
        "method": method(now),
    }
    return render(request, "reports/partner_reports.html", context)


def _shown(partner: Partner, report: PartnerReport) -> dict[str, Any]:
    figures = Figures.from_json(report.figures)
    return {
        "report": report,
        "year": report.period.label,
        "headline": headline(figures, partner),
        "figures": figures,
        "items": key_figures(figures),
        "meetings": meeting_rows(figures),
    }


@require_safe
def partner_visits(request: HttpRequest, partner_pk: int, slug: str) -> HttpResponse:
    """The visits that the figures of a school year count."""
    partner = partner_for_member(request.user, partner_pk)
    try:
        period = Period.from_slug(slug)
    except ValueError as error:
        raise Http404("no such year") from error
    page = Paginator(figure_rows(partner, period), PAGE_SIZE).get_page(request.GET.get("page"))
    figures = partner_figures(period=period, partner=partner)
    context = {
        "partner": partner,
        "room": "reports",
        "crumbs": [*_crumbs(partner), (_("Visits in %(year)s") % {"year": period.label}, "")],
        "year": period.label,
        "headline": headline(figures, partner),
        "page_obj": page,
        "headers": visit_headers(),
        "rows": [(booking, visit_row(booking)) for booking in page],
    }
    return render(request, "reports/partner_visits.html", context)


def _crumbs(partner: Partner) -> list[tuple[str, str]]:
    return [
        (partner.display_name, reverse("schools:partner_today", args=[partner.pk])),
        (_("Reports"), reverse("reports:partner_reports", args=[partner.pk])),
    ]


@require_safe
@never_cache
def download(request: HttpRequest, pk: int) -> FileResponse:
    """The PDF, as a file to save. Only for members of the report's own partner."""
    report = report_for_member(request.user, pk)
    if request.method == "GET" and report.fetched_at is None:
        tasks.announce_fetch(report.pk)
    return pdf_response(report)


def pdf_response(report: PartnerReport) -> FileResponse:
    """Stream a report's file under a name that says what it is. Raises Http404 when the file is gone."""
    try:
        content = report.files.filter(format="pdf").get().file.open("rb")
    except (FileNotFoundError, PartnerReportFile.DoesNotExist) as error:
        raise Http404("the file is gone") from error
    name = f"{slugify(report.partner.display_name)[:60] or 'partner'}-{report.period.slug}.pdf"
    return FileResponse(content, as_attachment=True, filename=name, content_type="application/pdf")
