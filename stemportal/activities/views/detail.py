"""One activity, as a teacher reads it before booking."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from stemportal.activities import tasks
from stemportal.activities.access import Sight, activity_visible_to
from stemportal.activities.page_parts import parts_below_texts
from stemportal.activities.queries import offers as queries
from stemportal.activities.queries.role_models import role_models_on
from stemportal.activities.queries.saved import kept_ids
from stemportal.activities.services.availability import hours_of, in_words
from stemportal.activities.services.film_plays import counts_as_play
from stemportal.activities.structured_data import activity_data
from stemportal.lib.films import find_film, let_in, wants_to_play
from stemportal.partners.extensions import reply_words
from stemportal.partners.structured_data import json_ld


@login_not_required
@require_safe
def detail(request: HttpRequest, pk: int, slug: str = "") -> HttpResponse:
    """Show the activity with its dates. The number counts; another end of the address leads to the right one."""
    sight = activity_visible_to(request.user, pk)
    activity = sight.activity
    if slug != activity.slug:
        return redirect(activity, permanent=True)
    film, play = find_film(activity.link), wants_to_play(request)
    if film and play and sight.is_public and not sight.is_member and counts_as_play(request, activity.pk):
        tasks.announce_play(activity.pk)
    if film and play and request.htmx:  # type: ignore[attr-defined]
        answer = render(request, "activities/_film.html", {"activity": activity, "film": film, "play": True})
        return let_in(answer, film)
    is_kept = activity.pk in kept_ids(request.user, [activity.pk])
    context = page_of(sight) | {"film": film, "play": play, "is_kept": is_kept, "here": request.path}
    if sight.is_public and not sight.is_member and not play and request.method == "GET":
        tasks.announce_view(activity.pk)
    return let_in(render(request, "activities/detail.html", context), film)


def page_of(sight: Sight) -> dict[str, Any]:
    """Return what the page of an activity shows; the editor's preview shows the same."""
    activity = sight.activity
    sessions = queries.coming_sessions(activity)
    subjects, goals = list(activity.subjects.all()), queries.goals_of(activity)
    return {
        "activity": activity,
        "partner": activity.partner,
        "reply_words": "" if activity.policy == activity.Policy.INSTANT else reply_words(activity.partner),
        "sight": sight,
        "sessions": sessions,
        "hours": in_words(hours_of(activity)) if activity.is_on_request else [],
        "has_free": any(session.places_left for session in sessions),
        "subjects": subjects,
        "structured_data": json_ld(activity_data(activity, sessions, subjects)) if sight.is_public else "",
        "goals": goals,
        "images": list(activity.images.all()),
        "files": list(activity.files.all()),
        "role_models": role_models_on(activity),
        "parts": parts_below_texts(activity),
        "similar": queries.similar_offers(activity, subjects=subjects, goals=goals) if sight.is_public else [],
        "today": timezone.localdate(),
    }
