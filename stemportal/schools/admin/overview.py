"""Pages beside the list of bookings: open requests by age, and schools that have no booking."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from stemportal.lib.school_year import current_school_year, label
from stemportal.lib.spreadsheets import csv_lines, write_workbook
from stemportal.places.models import County, Municipality
from stemportal.schools.models import RegionalCoordinator
from stemportal.schools.queries import overview as queries

PAGE_SIZE = 50
YEARS_BACK = 3
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def own_counties(request: HttpRequest) -> list[int]:
    """Return the counties that the person looks after. One query a request."""
    if not hasattr(request, "_own_counties"):
        found = RegionalCoordinator.objects.filter(person=request.user.pk).order_by("county")
        request._own_counties = list(found.values_list("county", flat=True))  # type: ignore[attr-defined]
    counties: list[int] = request._own_counties  # type: ignore[attr-defined]
    return counties


def open_requests(model_admin: ModelAdmin[Any], request: HttpRequest) -> HttpResponse:
    """All open requests by age, by county and by partner; each number leads to the list behind it."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    mine = own_counties(request)
    only_mine = bool(mine) and request.GET.get("mine") == "1"
    context = {
        "overview": queries.open_requests_by_age(mine if only_mine else None),
        "buckets": [str(title) for title in queries.BUCKETS.values()],
        "has_own": bool(mine),
        "only_mine": only_mine,
    }
    return _page(model_admin, request, "overview", _("Open requests by age"), **context)


def unseen(model_admin: ModelAdmin[Any], request: HttpRequest) -> HttpResponse:
    """Schools without any booking in a school year, by kommune; a kommune's name leads to its schools."""
    asked = _Asked(model_admin, request)
    rows = queries.unseen_by_municipality(asked.year, asked.county)
    context = {
        "asked": asked,
        "years": [(year, label(year)) for year in asked.years],
        "year_label": label(asked.year),
        "counties": County.objects.filter(country="NO", valid_to=None).order_by("number"),
        "page_obj": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "schools": asked.schools()[: PAGE_SIZE * 4] if asked.municipality else None,
        "may_hand_hold": request.user.has_perm("schools.add_booking"),
    }
    return _page(model_admin, request, "unseen", _("Schools without any booking"), **context)


def export_unseen(model_admin: ModelAdmin[Any], request: HttpRequest) -> HttpResponseBase:
    """The schools that the page counts, as a table. It names no people."""
    asked = _Asked(model_admin, request)
    rows = queries.unseen_rows(asked.schools())
    name = f"schools-without-booking-{asked.year}"
    match request.GET.get("format"):
        case "csv":
            headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
            return StreamingHttpResponse(csv_lines(rows), content_type="text/csv; charset=utf-8", headers=headers)
        case "xlsx":
            book = write_workbook([(str(_("Schools")), rows, [14, 40, 20, 20, 22, 10, 12])])
            return FileResponse(book, as_attachment=True, filename=f"{name}.xlsx", content_type=WORKBOOK)
    raise Http404


class _Asked:
    """The school year, county and kommune of the address; nonsense counts as not asked."""

    def __init__(self, model_admin: ModelAdmin[Any], request: HttpRequest) -> None:
        if not model_admin.has_view_permission(request):
            raise PermissionDenied
        this = current_school_year()
        self.years = [*range(this + 1, this - YEARS_BACK - 1, -1)]
        year = _number(request, "year")
        self.year = year if year is not None and year in self.years else this
        self.county = _number(request, "county")
        number = _number(request, "municipality")
        self.municipality = Municipality.objects.filter(pk=number).first() if number else None

    @property
    def query(self) -> str:
        return f"year={self.year}" + (f"&county={self.county}" if self.county else "")

    def schools(self) -> Any:
        place = self.municipality.pk if self.municipality else None
        return queries.unseen_schools(self.year, county=self.county, municipality=place)


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _page(
    model_admin: ModelAdmin[Any], request: HttpRequest, name: str, title: Any, **context: Any
) -> TemplateResponse:
    whole = {**model_admin.admin_site.each_context(request), "opts": model_admin.opts, "title": title, **context}
    return TemplateResponse(request, f"schools/admin/{name}.html", whole)
