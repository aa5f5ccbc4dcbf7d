"""One activity, as a teacher reads it before booking."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from stemportal.activities import tasks
from stemportal.activities.access import activity_visible_to
from stemportal.activities.queries import offers as queries


@login_not_required
@require_safe
def detail(request: HttpRequest, pk: int, slug: str = "") -> HttpResponse:
    """Show the activity with its dates. The number counts; another end of the address leads to the right one."""
    sight = activity_visible_to(request.user, pk)
    activity = sight.activity
    if slug != activity.slug:
        return redirect(activity, permanent=True)
    sessions = queries.coming_sessions(activity)
    context = {
        "activity": activity,
        "partner": activity.partner,
        "sight": sight,
        "sessions": sessions,
        "has_free": any(session.places_left for session in sessions),
        "subjects": activity.subjects.all(),
        "goals": queries.goals_of(activity),
        "similar": queries.similar_offers(activity) if sight.is_public else [],
        "today": timezone.localdate(),
    }
    if sight.is_public and not sight.is_member and request.method == "GET":
        tasks.announce_view(activity.pk)
    return render(request, "activities/detail.html", context)
