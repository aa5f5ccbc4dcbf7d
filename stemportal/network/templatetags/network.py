"""Stories and ecosystems in pages of apps that stand before the network: {% load network %}."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings

from stemportal.network.models import Ecosystem, Story, StoryPhoto
from stemportal.network.photos import url_of
from stemportal.network.queries.ecosystems import ecosystem_of_partner
from stemportal.network.queries.stories import stories_of_partner as stories_by
from stemportal.partners.models import Partner
from stemportal.schools.models import Booking

register = template.Library()


@register.inclusion_tag("network/stories/_of_partner.html")
def stories_of_partner(partner: Partner, limit: int = 3) -> dict[str, Any]:
    """The newest stories of a partner and of visits to it, as cards, with a link to all when there are more."""
    found = list(stories_by(partner)[: limit + 1])
    return {
        "partner": partner,
        "stories": found[:limit],
        "has_more": len(found) > limit,
        "portal_name": settings.PORTAL_NAME,
    }


@register.simple_tag
def ecosystem_of(partner: Partner) -> Ecosystem | None:
    """The regional network that the partner belongs to."""
    return ecosystem_of_partner(partner)


@register.filter
def photo_url(photo: StoryPhoto) -> str:
    """The address of a story's picture."""
    return url_of(photo)


@register.simple_tag
def story_of_visit(booking: Booking) -> Story | None:
    """What the teacher has told of this visit, whatever became of it."""
    return Story.objects.filter(booking=booking, author=booking.teacher).first()
