"""Pages about the regional networks, for everybody."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from stemportal.network.models import Ecosystem
from stemportal.network.queries import ecosystems as queries
from stemportal.network.queries.meetings import meetings_of_ecosystem
from stemportal.network.queries.stories import stories_of_ecosystem
from stemportal.network.structured_data import ecosystem_data
from stemportal.outbox.letters import absolute_url
from stemportal.partners.structured_data import json_ld

MOST_MEETINGS = MOST_STORIES = 3


@login_not_required
@require_safe
def ecosystems(request: HttpRequest) -> HttpResponse:
    """All regional networks."""
    return render(request, "network/ecosystems/list.html", {"ecosystems": queries.ecosystems_with_counts()})


@login_not_required
@require_safe
def ecosystem(request: HttpRequest, slug: str) -> HttpResponse:
    """One regional network: who is in it, what it offers, what took place, its news and meetings."""
    found = Ecosystem.objects.active().select_related("coordinator").filter(slug=slug).first()
    if found is None:
        raise Http404("no such ecosystem")
    counties = queries.counties_of(found)
    context = {
        "ecosystem": found,
        "counties": counties,
        "county_query": urlencode([("county", county.number) for county in counties]),
        "groups": queries.members_by_sector(found),
        "figures": queries.region_figures(found),
        "offers": queries.offers_in(counties),
        "meetings": meetings_of_ecosystem(found, request.user)[:MOST_MEETINGS],
        "stories": stories_of_ecosystem(found)[:MOST_STORIES],
        "canonical": absolute_url(found.get_absolute_url()),
        "structured_data": json_ld(ecosystem_data(found, counties)),
    }
    return render(request, "network/ecosystems/detail.html", context)
