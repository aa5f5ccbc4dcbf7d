"""From any figure to the rows behind it, for the partner whose figures they are."""

from __future__ import annotations

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from stemportal.lib.periods import Period
from stemportal.partners.access import partner_for_member
from stemportal.partners.models import Partner
from stemportal.reports.access import period_of
from stemportal.reports.figures.counting import partner_figures
from stemportal.reports.figures.definitions import FIGURES
from stemportal.reports.figures.rows import ROWS, narrowed, rows
from stemportal.reports.queries.figure_list import LONGEST_PART, PARTS, figure_lines, part_tables, years_to_choose
from stemportal.reports.queries.row_tables import Reader, table_of

PAGE_SIZE = 25


@require_safe
def partner_figures_list(request: HttpRequest, partner_pk: int, slug: str) -> HttpResponse:
    """Every figure of the year as it is now, with what it means and the way to its rows."""
    partner = partner_for_member(request.user, partner_pk)
    period = period_of(slug)
    figures = partner_figures(period=period, partner=partner)

    def address(key: str, part: str) -> str:
        url = reverse("reports:figure_rows", args=[partner.pk, slug, key])
        return f"{url}?{urlencode({'part': part})}" if key in PARTS else url

    context = {
        "partner": partner,
        "room": "reports",
        "crumbs": [*_crumbs(partner), (_("Figures of %(year)s") % {"year": period.label}, "")],
        "period": period,
        "years": years_to_choose(),
        "lines": figure_lines(figures, address),
        "tables": part_tables(figures, address),
    }
    return render(request, "reports/partner_figures.html", context)


@require_safe
def figure_rows(request: HttpRequest, partner_pk: int, slug: str, key: str) -> HttpResponse:
    """The rows that one figure counts, or one part of it (``?part=``)."""
    partner = partner_for_member(request.user, partner_pk)
    period = period_of(slug)
    if key not in ROWS:
        raise Http404("no such figure")
    found = rows(key, period=period, partner=partner)
    if key in PARTS and "part" in request.GET:
        found = narrowed(key, found, request.GET["part"][:LONGEST_PART])
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "partner": partner,
        "room": "reports",
        "crumbs": [*_crumbs(partner), *_up(partner, period), (str(FIGURES[key].name), "")],
        "period": period,
        "definition": FIGURES[key],
        "part": request.GET.get("part", "") if key in PARTS else "",
        "page_obj": page,
        "table": table_of(list(page.object_list), found.model, period=period, reader=Reader(is_staff=False)),
    }
    return render(request, "reports/figure_rows.html", context)


def _crumbs(partner: Partner) -> list[tuple[str, str]]:
    return [
        (partner.display_name, reverse("schools:partner_today", args=[partner.pk])),
        (_("Reports"), reverse("reports:partner_reports", args=[partner.pk])),
    ]


def _up(partner: Partner, period: Period) -> list[tuple[str, str]]:
    address = reverse("reports:partner_figures", args=[partner.pk, period.slug])
    return [(_("Figures of %(year)s") % {"year": period.label}, address)]
