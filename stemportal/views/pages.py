"""The front page and the pages about the portal itself."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache

from stemportal.activities.finding.places import Place
from stemportal.activities.queries.offers import offers_with_free_places
from stemportal.lib.geo import Point
from stemportal.network.queries.meetings import next_public_meeting
from stemportal.network.queries.stories import front_page_story
from stemportal.reports.queries.programme import programme_figures
from stemportal.schools.queries.teachers import teacher_record
from stemportal.views.rooms import rooms_of


@login_not_required
def home(request: HttpRequest) -> HttpResponse:
    """What this is, the search, the two doors, six offers, the year in numbers, a story and the next meeting."""
    record = teacher_record(request.user)
    school = record.school if record else None
    near = Place(label=school.name, point=Point(school.latitude, school.longitude)) if school else None
    context: dict[str, Any] = {
        "school": school,
        "offers": offers_with_free_places(near=near, limit=6),
        "figures": programme_figures(),
        "story": front_page_story(get_language() or settings.LANGUAGE_CODE),
        "next_meeting": next_public_meeting(),
    }
    return render(request, "pages/home.html", context)


@never_cache
def my_start(request: HttpRequest) -> HttpResponse:
    """Where one lands after logging in: one's only room, the teacher's page, or the choice of rooms."""
    rooms = rooms_of(request)
    if not rooms:
        return redirect("schools:my_school")
    if len(rooms) == 1 or teacher_record(request.user):
        return redirect(str(rooms[0]["url"]))
    return render(request, "pages/my_start.html", {"my_rooms": rooms})


def _page(template: str) -> Any:
    @login_not_required
    def view(request: HttpRequest) -> HttpResponse:
        return render(request, template)

    return view


about = _page("pages/about.html")
accessibility = _page("pages/accessibility.html")
contact = _page("pages/contact.html")


@login_not_required
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept about whom, and how long."""
    days = {
        "partner_retention_days": settings.PARTNER_RETENTION_DAYS,
        "group_removed_days": settings.GROUP_REMOVED_DAYS,
        "needs_retention_days": settings.NEEDS_RETENTION_DAYS,
        "message_retention_days": settings.MESSAGE_RETENTION_DAYS,
        "meeting_retention_days": settings.MEETING_RETENTION_DAYS,
        "meeting_answer_days": settings.MEETING_ANSWER_DAYS,
        "newsletter_unconfirmed_days": settings.NEWSLETTER_UNCONFIRMED_DAYS,
        "newsletter_proof_days": settings.NEWSLETTER_PROOF_DAYS,
        "newsletter_delivery_days": settings.NEWSLETTER_DELIVERY_DAYS,
        "newsletter_bounce_days": settings.NEWSLETTER_BOUNCE_DAYS,
        "story_retention_days": settings.STORY_RETENTION_DAYS,
    }
    return render(request, "pages/privacy.html", days)


@login_not_required
def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for this address of their own accord."""
    return redirect(static("img/favicon.svg"))


@login_not_required
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """Say whether PostgreSQL and Valkey answer. An exception becomes 503 (views.errors)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    cache.set("healthz", 1, timeout=10)
    return JsonResponse({"status": "ok"})
