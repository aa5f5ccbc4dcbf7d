"""The hub of the network: what a person can take part in, and the same in the room of one partner."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from stemportal.accounts.requests import PersonRequest
from stemportal.network.access_stories import voices_of
from stemportal.network.queries.hub import hub_of, partners_of
from stemportal.partners.access import partner_for_member


@require_safe
def hub(request: PersonRequest) -> HttpResponse:
    """Meetings, groups, hearings, input, news and ecosystems for the person, whomever the person acts for."""
    partners = partners_of(request.user)
    context = {
        "hub": hub_of(request.user, partners),
        "partners": partners,
        "may_write": bool(voices_of(request.user)),
    }
    return render(request, "network/hub/hub.html", context)


@require_safe
def partner_network(request: PersonRequest, partner_pk: int) -> HttpResponse:
    """The same in the partner's room, about this partner."""
    partner = partner_for_member(request.user, partner_pk)
    membership = partner.memberships.get(user=request.user)
    context = {
        "partner": partner,
        "hub": hub_of(request.user, [partner]),
        "may_write": membership.may_edit and partner.is_approved,
        "story_for": f"partner-{partner.pk}",
    }
    return render(request, "network/hub/partner.html", context)
