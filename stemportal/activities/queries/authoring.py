"""What a new offer can begin from: kinds with their templates, and what the partner has offered before."""

from __future__ import annotations

from django.db.models import Prefetch

from stemportal.activities.models import Activity, ActivityTemplate, Kind
from stemportal.activities.queries.offers import listings_of

SHOWN_TO_COPY = 10


def kinds_to_choose() -> list[Kind]:
    """Return the kinds in use, each with its templates in use as ``ready_templates``. Two queries."""
    templates = ActivityTemplate.objects.filter(is_active=True).order_by("order", "pk")
    ready = Prefetch("templates", queryset=templates, to_attr="ready_templates")
    return list(Kind.objects.filter(is_active=True).prefetch_related(ready))


def offers_to_copy(partner_id: int) -> list[Activity]:
    """Return what the partner has offered, the newest first: a draft has nothing to be taken over from yet."""
    return list(listings_of(partner_id).exclude(status=Activity.Status.DRAFT)[:SHOWN_TO_COPY])
