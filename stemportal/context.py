"""What every template may use, and what the admin shows around its pages."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def portal(request: HttpRequest) -> dict[str, Any]:
    """Names of the portal; ``rooms`` is a callable so that pages that do not show the switcher ask nothing."""
    from stemportal.views.rooms import rooms_of

    return {
        "portal_name": settings.PORTAL_NAME,
        "demo_mode": settings.DEMO_MODE,
        "secretariat_email": settings.SECRETARIAT_EMAIL,
        "rooms": lambda: rooms_of(request),
    }


def admin_environment(request: HttpRequest) -> list[str] | None:
    """Mark the demo in the admin's header, so that nobody takes it for the real portal."""
    return ["Demo", "warning"] if settings.DEMO_MODE else None


def admin_dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Queues for the secretariat's first page, each a link to the filtered list; below them targets and radar."""
    from stemportal.reports.documents.programme import target_card
    from stemportal.reports.queries.programme import targets_now
    from stemportal.reports.radar.days import readings
    from stemportal.views.dashboard import queues

    context["queues"] = queues(request.user)
    if request.user.has_perm("reports.view_target"):
        context["targets"] = [target_card(line, so_far=True) for line in targets_now()]
    if request.user.has_perm("reports.view_radarday"):
        context["radar"] = readings(request.user)
    return context
