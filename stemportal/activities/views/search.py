"""Finding offers: one page, a plain GET form; with script the results follow while one chooses. List and map."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from stemportal.activities.finding import mapping
from stemportal.activities.finding.filters import FACETS, SORTS, ActivityFilter, Choices, known_query, weeks_ahead
from stemportal.activities.finding.form import VIEWS
from stemportal.activities.finding.places import own_place, resolve_place
from stemportal.activities.finding.relaxing import relaxations
from stemportal.activities.finding.results import SearchResult, search_activities
from stemportal.activities.finding.sentences import chosen_chips, result_sentence, tidy
from stemportal.activities.queries.saved import kept_ids
from stemportal.lib.query_strings import light_copy

# What htmx puts in place when somebody picks a marker on the map (static/js/map.js).
PLACE_PANEL = "place-offers"


@login_not_required
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Show offers, filters with counts, and what was chosen. With htmx only the part that changes."""
    filters = ActivityFilter(request.GET, choices=Choices.load())
    values = filters.values
    near = resolve_place(values["place"])
    on_map = values["view"] == "map"
    htmx = request.htmx  # type: ignore[attr-defined]
    of_a_place = bool(htmx) and htmx.target == PLACE_PANEL
    result = search_activities(
        filters,
        near=near,
        page=request.GET.get("page"),
        by_municipality=on_map,
        with_cards=of_a_place or not on_map,
    )
    context = {
        "search": filters.form,
        "result": result,
        "page_obj": result.page,
        "offers": result.page.object_list,
        "kept": kept_ids(request.user, [offer.pk for offer in result.page.object_list]),
        "near": near,
        "unknown_place": values["place"] if near is None else "",
        "sentence": result_sentence(result),
        "chips": chosen_chips(request.GET, filters, result),
        "here": f"{request.path}?{tidy(request.GET)}",
    }
    partial = bool(htmx) and not htmx.history_restore_request
    if partial and of_a_place:
        chosen = [option.name for option in result.facets.get("municipality", []) if option.chosen]
        context |= {
            "place_label": mapping.label_of(", ".join(chosen), result.total),
            "list_url": _address(request, view="list"),
        }
        response = render(request, "activities/_map_place.html", context)
    else:
        context |= _around(request, filters, result) | (_map(request, filters, result) if on_map else {})
        context |= {"partial": partial, "index": not request.GET, "on_map": on_map}
        response = render(request, "activities/search.html#answer" if partial else "activities/search.html", context)
        if partial:
            query = tidy(request.GET)
            response["HX-Push-Url"] = f"{request.path}?{query}" if query else request.path
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    if on_map and (host := mapping.tile_host()):
        response._csp_update = {"img-src": [host]}  # type: ignore[attr-defined]  # read by django-csp
    return response


def _around(request: HttpRequest, filters: ActivityFilter, result: SearchResult) -> dict[str, Any]:
    """What stands around the offers: filters, sorting, list or map, and the ways on when nothing was found."""
    values = result.values
    return {
        "facets": _facets(filters, result),
        "goals": filters.goal_options(values),
        "weeks": weeks_ahead(values["week"]),
        "sorts": _sorts(request, result),
        "views": [
            {"url": _address(request, view=name), "label": label, "current": values["view"] == name, "name": name}
            for name, label in VIEWS.items()
        ],
        "my_place": _my_place(request, result),
        "asked": known_query(values),
        "relaxations": [] if result.total else relaxations(request.GET, filters, values, result.near),
    }


def _map(request: HttpRequest, filters: ActivityFilter, result: SearchResult) -> dict[str, Any]:
    counties = mapping.counties_on_map(result, request.GET, filters.choices)
    return {
        "counties": counties,
        "map_data": mapping.map_data(counties),
        "beside": mapping.beside_the_map(result, request.GET),
    }


def _facets(filters: ActivityFilter, result: SearchResult) -> dict[str, dict[str, Any]]:
    """Tick boxes by facet. Municipalities are there once a county is chosen, and empty before."""
    fields = filters.form.fields
    return {
        name: {"name": name, "label": fields[name].label, "options": result.facets.get(name, [])}
        for name in (*FACETS, "municipality")
    }


def _sorts(request: HttpRequest, result: SearchResult) -> list[dict[str, Any]]:
    return [
        {"url": _address(request, sort=value), "label": label, "current": result.values["sort"] == value}
        for value, label in SORTS.items()
        if value != "nearest" or (result.near and result.near.point)
    ]


def _address(request: HttpRequest, **changes: str) -> str:
    """The same search with something else about how it is shown, from the first page."""
    query = light_copy(request.GET)
    query.pop("page", None)
    for name, value in changes.items():
        query[name] = value
    return f"?{tidy(query)}"


def _my_place(request: HttpRequest, result: SearchResult) -> dict[str, str] | None:
    """The school of a teacher who is logged in and has named no place: one click away, never a filter by itself."""
    if result.values["place"]:
        return None
    name = own_place(request.user)
    if not name or resolve_place(name) is None:
        return None
    return {"url": _address(request, place=name), "label": _("Near %(place)s") % {"place": name}}
