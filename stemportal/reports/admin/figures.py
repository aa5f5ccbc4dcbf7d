"""The secretariat goes from any figure to the rows behind it: the programme's figures, or one partner's."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminSelectWidget

from stemportal.lib.periods import Period
from stemportal.partners.models import Partner
from stemportal.reports.access import SEE_RIGHT, period_of
from stemportal.reports.figures.counting import partner_figures
from stemportal.reports.figures.definitions import FIGURES
from stemportal.reports.figures.rows import ROWS, narrowed, rows
from stemportal.reports.queries.figure_list import LONGEST_PART, PARTS, figure_lines, part_tables, years_to_choose
from stemportal.reports.queries.row_tables import Reader, table_of
from stemportal.schools.models import Visit

PAGE_SIZE = 25


class ChooseForm(forms.Form):
    """Whose figures of which year."""

    year = forms.ChoiceField(label=_("Year"), required=False, widget=UnfoldAdminSelectWidget)
    partner = forms.ModelChoiceField(
        label=_("Partner"),
        queryset=Partner.objects.approved().order_by("display_name"),
        required=False,
        empty_label=_("The whole programme"),
        widget=UnfoldAdminSelectWidget,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        year: Any = self.fields["year"]
        year.choices = [(period.slug, period.label) for period in years_to_choose()]


@admin.register(Visit)
class VisitAdmin(ModelAdmin):
    """Visits are not listed by themselves: the list is that of all figures, each with the way to its rows."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(SEE_RIGHT)

    def has_view_permission(self, request: HttpRequest, obj: Visit | None = None) -> bool:
        return request.user.has_perm(SEE_RIGHT)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Visit | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Visit | None = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        """The list and the rows; a visit's own page is that of its booking."""
        wrap = self.admin_site.admin_view
        return [
            path("", wrap(self.changelist_view), name="schools_visit_changelist"),
            path("<slug:slug>/<slug:key>/", wrap(self.rows_view), name="schools_visit_rows"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Every figure of the programme, or of one partner (``?partner=``), in one year (``?year=``)."""
        self._authorise(request)
        form = ChooseForm(request.GET)
        if not form.is_valid():
            raise Http404("no such year or partner")
        partner = form.cleaned_data["partner"]
        period = period_of(form.cleaned_data["year"]) if form.cleaned_data["year"] else Period.current()
        figures = partner_figures(period=period, partner=partner)

        def address(key: str, part: str) -> str:
            asked = {"partner": partner.pk} if partner else {}
            asked |= {"part": part} if key in PARTS else {}
            url = reverse("admin:schools_visit_rows", args=[period.slug, key])
            return f"{url}?{urlencode(asked)}" if asked else url

        context = {
            "form": form,
            "period": period,
            "partner": partner,
            "lines": figure_lines(figures, address),
            "tables": part_tables(figures, address),
        }
        return self._page(request, "figures", gettext("Figures and what they count"), context)

    def rows_view(self, request: HttpRequest, slug: str, key: str) -> HttpResponse:
        """The rows of one figure, or of one part of it (``?part=``)."""
        self._authorise(request)
        period = period_of(slug)
        if key not in ROWS:
            raise Http404("no such figure")
        partner = self._partner(request)
        found = rows(key, period=period, partner=partner)
        part = request.GET.get("part", "")[:LONGEST_PART] if key in PARTS else ""
        if key in PARTS and "part" in request.GET:
            found = narrowed(key, found, part)
        page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
        context = {
            "definition": FIGURES[key],
            "period": period,
            "partner": partner,
            "part": part,
            "page_obj": page,
            "table": table_of(list(page.object_list), found.model, period=period, reader=Reader(is_staff=True)),
        }
        return self._page(request, "figure_rows", f"{FIGURES[key].name}, {period.label}", context)

    def _partner(self, request: HttpRequest) -> Partner | None:
        asked = request.GET.get("partner", "")
        if not asked:
            return None
        number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 0
        partner = Partner.objects.filter(pk=number).first()
        if partner is None:
            raise Http404("no such partner")
        return partner

    def _authorise(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _page(self, request: HttpRequest, name: str, title: str, context: dict[str, Any]) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "title": title}
        return TemplateResponse(request, f"admin/reports/{name}.html", {**shared, **context})
