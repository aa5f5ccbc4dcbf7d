"""The open data explained to people."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from stemportal.activities.api.parameters import MOST_ROWS, parameter_words
from stemportal.activities.queries.open_data import CALENDAR_DAYS, CALENDAR_ENTRIES, FEED_ENTRIES
from stemportal.activities.search.engine import MOST_SHOWN
from stemportal.outbox.letters import absolute_url


@login_not_required
@require_safe
def api_docs(request: HttpRequest) -> HttpResponse:
    """Say what there is, how to ask, what the limits are and on what terms the data may be used."""
    times, seconds = settings.PORTAL_RATE_LIMITS["open_data"]
    context = {
        "base_url": settings.PORTAL_BASE_URL,
        "openapi_url": absolute_url(reverse("api:openapi-json")),
        "parameters": parameter_words(),
        "most_rows": MOST_ROWS,
        "most_shown": MOST_SHOWN,
        "times": times,
        "seconds": seconds,
        "feed_entries": FEED_ENTRIES,
        "calendar_entries": CALENDAR_ENTRIES,
        "calendar_days": CALENDAR_DAYS,
        "licence": settings.OPEN_DATA_LICENCE,
        "licence_url": settings.OPEN_DATA_LICENCE_URL,
    }
    return render(request, "activities/api.html", context)
