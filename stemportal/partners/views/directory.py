"""Pages about partners that everybody may read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from stemportal.lib.school_year import current_school_year, label
from stemportal.outbox.letters import absolute_url
from stemportal.partners.access import visible_partner
from stemportal.partners.extensions import reply_words
from stemportal.partners.filters import Choices, PartnerFilter
from stemportal.partners.logos import logo_of
from stemportal.partners.models import Partner
from stemportal.partners.queries import directory as queries
from stemportal.partners.queries.declarations import signatures_of
from stemportal.partners.queries.directory import FacetOption
from stemportal.partners.queries.engagement import engagement_of, levels_of_year
from stemportal.partners.sectors import section_of
from stemportal.partners.services import declarations, registration
from stemportal.partners.structured_data import json_ld, organization, summary

PAGE_SIZE = 25


@dataclass(frozen=True)
class Chip:
    """A chosen filter and the address of the page without it."""

    label: str
    url: str


@login_not_required
@require_safe
def directory(request: HttpRequest) -> HttpResponse:
    """All approved partners, by name; one plain GET form, whose results follow every choice where there is script."""
    partners = PartnerFilter(request.GET, choices=Choices.load())
    page = Paginator(partners.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    htmx = request.htmx  # type: ignore[attr-defined]  # set by django-htmx
    partial = bool(htmx) and not htmx.history_restore_request
    facets = partners.facets()
    context = {
        "search": partners.form,
        "values": partners.values,
        "facets": [{"name": name, "label": title, "options": options} for name, title, options in facets],
        "chips": chips(request.GET, partners, facets),
        "page_obj": page,
        "is_filtered": partners.is_filtered,
        "index": not request.GET,
    }
    response = render(request, "partners/directory.html#answer" if partial else "partners/directory.html", context)
    patch_vary_headers(response, ["HX-Request"])
    if partial:
        query = tidy(request.GET)
        response["HX-Push-Url"] = f"{request.path}?{query}" if query else request.path
    return response


def tidy(query: QueryDict) -> str:
    """Return the query string without empty fields and without the page number."""
    pairs = [(name, str(value)) for name, values in query.lists() for value in values if value and name != "page"]
    return urlencode(pairs)


def chips(query: QueryDict, partners: PartnerFilter, facets: list[tuple[str, Any, list[FacetOption]]]) -> list[Chip]:
    """Return what was asked for, each with the address of the page without it."""
    chosen = [("q", partners.values["q"], f"“{partners.values['q']}”")] if partners.values["q"] else []
    chosen += [
        (name, option.value, option.name) for name, _label, options in facets for option in options if option.chosen
    ]
    return [Chip(text, _without(query, name, value)) for name, value, text in chosen]


def _without(query: QueryDict, name: str, value: str) -> str:
    rest = query.copy()
    rest.setlist(name, [] if name == "q" else [item for item in query.getlist(name) if item != value])
    return f"?{tidy(rest)}"


@login_not_required
@require_safe
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One partner. Members see their own page also before it is approved; a merged one leads to the one that stays."""
    partner = visible_partner(request.user, slug)
    if partner.slug != slug:
        return redirect(partner, permanent=True)
    logo = logo_of(partner)
    context = {
        "partner": partner,
        "logo": logo,
        "logo_url": absolute_url(logo.url) if logo else "",
        "engagement": engagement_of(partner, current_school_year()),
        "signature": signatures_of(partner).first(),
        "section": section_of(partner.sector_code, partner.sector_revision),
        "canonical": absolute_url(partner.get_absolute_url()),
        "summary": summary(partner),
        "structured_data": json_ld(organization(partner)),
        "can_be_written_to": partner.is_approved and bool(partner.contact_email),
        "reply_words": reply_words(partner),
    }
    return render(request, "partners/detail.html", context)


@login_not_required
@require_safe
def signatories(request: HttpRequest) -> HttpResponse:
    """Who has signed the declaration, and its text."""
    page = Paginator(queries.signatories(), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "declaration": declarations.current_declaration()}
    return render(request, "partners/signatories.html", context)


@login_not_required
@require_safe
def become(request: HttpRequest) -> HttpResponse:
    """What partnership gives and asks, and the way to the form."""
    year = current_school_year()
    examples = Partner.objects.approved().select_related("municipality").exclude(about="").order_by("-decided_at", "pk")
    context = {
        "examples": examples[:3],
        "declaration": declarations.current_declaration(),
        "levels": levels_of_year(year),
        "year_label": label(year),
        "decision_days": registration.DECISION_WORKING_DAYS,
    }
    return render(request, "partners/become.html", context)
