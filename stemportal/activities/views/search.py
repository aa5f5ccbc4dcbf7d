"""Finding offers: one page, a plain GET form; with script the results follow while one chooses."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from stemportal.activities.finding.filters import FACETS, SORTS, ActivityFilter, Choices
from stemportal.activities.finding.places import resolve_place
from stemportal.activities.finding.results import SearchResult, search_activities
from stemportal.activities.finding.sentences import chosen_chips, result_sentence, tidy, without


@login_not_required
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Show offers, filters with counts, and what was chosen. With htmx only the part that changes."""
    filters = ActivityFilter(request.GET, choices=Choices.load())
    values = filters.values
    near = resolve_place(values["place"])
    result = search_activities(filters, near=near, page=request.GET.get("page"))
    htmx = request.htmx  # type: ignore[attr-defined]
    partial = bool(htmx) and not htmx.history_restore_request
    context = {
        "search": filters.form,
        "result": result,
        "page_obj": result.page,
        "offers": result.page.object_list,
        "near": near,
        "unknown_place": values["place"] if near is None else "",
        "sentence": result_sentence(result),
        "chips": chosen_chips(request.GET, filters, result),
        "facets": _facets(filters, result),
        "sorts": _sorts(request, result),
        "wider": _wider(request, result),
        "partial": partial,
        "index": not request.GET,
    }
    response = render(request, "activities/search.html#answer" if partial else "activities/search.html", context)
    patch_vary_headers(response, ["HX-Request"])
    if partial:
        query = tidy(request.GET)
        response["HX-Push-Url"] = f"{request.path}?{query}" if query else request.path
    return response


def _facets(filters: ActivityFilter, result: SearchResult) -> list[dict[str, Any]]:
    """Tick boxes by facet, in the order of the page."""
    fields = filters.form.fields
    return [{"name": name, "label": fields[name].label, "options": result.facets[name]} for name in FACETS]


def _sorts(request: HttpRequest, result: SearchResult) -> list[dict[str, Any]]:
    links = []
    for value, label in SORTS.items():
        if value == "nearest" and not (result.near and result.near.point):
            continue
        query = request.GET.copy()
        query.pop("page", None)
        query["sort"] = value
        links.append({"url": f"?{tidy(query)}", "label": label, "current": result.values["sort"] == value})
    return links


def _wider(request: HttpRequest, result: SearchResult) -> dict[str, str]:
    """What to relax when nothing was found: the place first, then everything."""
    if result.near:
        return {"url": without(request.GET, "place"), "label": _("Search the whole country")}
    return {"url": reverse("activities:search"), "label": _("See all offers")}
