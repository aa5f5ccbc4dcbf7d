"""Adding dates to an activity, in rows or as a series. Moving and cancelling booked ones belongs to schools."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from stemportal.activities.access import activity_for_member
from stemportal.activities.forms.series import SeriesForm
from stemportal.activities.forms.sessions import SessionRows, session_rows
from stemportal.activities.models import Activity
from stemportal.activities.queries.offers import coming_sessions
from stemportal.activities.queries.overlaps import Overlap, overlaps
from stemportal.activities.services.sessions import add_sessions
from stemportal.activities.session_rules import LONGEST_DAYS, MOST_AT_ONCE, NewSession, SessionErrors
from stemportal.activities.views.series import added_words, repeat, series_of

USUAL_ROWS = 3


def session_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Rows for new sessions, a rule for a series, and the dates that are planned. All rows are added, or none."""
    activity = activity_for_member(request.user, pk, edit=True)
    if activity.status == Activity.Status.ARCHIVED:
        messages.warning(request, _("Take it out of the archive before you add sessions."))
        return redirect("activities:listings", activity.partner_id)
    if request.method == "POST" and "repeat" in request.POST:
        answer = repeat(request, activity)
        if isinstance(answer, HttpResponse):
            return answer
        rows = session_rows(activity, rows=_wanted(request))
        return _page(request, activity, rows, answer, [])
    rows = session_rows(activity, request.POST if request.method == "POST" else None, rows=_wanted(request))
    clashes: list[Overlap] = []
    # Every row is checked, also when the first is wrong: all messages at once.
    if request.method == "POST" and rows.is_valid():
        sessions = [row.session() for row in rows.filled]
        clashes = _unconfirmed(request, activity, sessions)
        if not clashes and (created := _create(activity, sessions, rows)):
            messages.success(request, added_words(created, published=activity.is_published))
            return redirect("activities:session_add", activity.pk)
    return _page(request, activity, rows, SeriesForm(activity=activity), clashes)


def _unconfirmed(request: HttpRequest, activity: Activity, sessions: list[NewSession]) -> list[Overlap]:
    """What the sessions overlap with, unless the person has said that it is meant so."""
    if request.POST.get("overlap_ok"):
        return []
    most = LONGEST_DAYS * 24 * 60  # what is longer is refused, and may be too long to count with
    return overlaps(activity, [(item.starts_at, item.ends_at) for item in sessions if 0 < item.minutes <= most])


def _create(activity: Activity, sessions: list[NewSession], rows: SessionRows) -> int:
    try:
        return len(add_sessions(activity=activity, sessions=sessions))
    except SessionErrors as errors:
        rows.add_errors(errors)
        return 0


def _page(
    request: HttpRequest, activity: Activity, rows: SessionRows, repeating: SeriesForm, clashes: list[Overlap]
) -> HttpResponse:
    wrong_rows = rows.is_bound and (any(rows.errors) or bool(rows.non_form_errors()) or bool(clashes))
    refused = wrong_rows or (repeating.is_bound and bool(repeating.errors))
    context = {
        "partner": activity.partner,
        "room": "listings",
        "activity": activity,
        "rows": rows,
        "more_rows": min(len(rows.forms) + 7, MOST_AT_ONCE),
        "repeating": repeating,
        "clashes": clashes,
        "series": series_of(activity),
        "sessions": coming_sessions(activity, limit=100),
    }
    return render(request, "activities/session_add.html", context, status=422 if refused else 200)


def _wanted(request: HttpRequest) -> int:
    try:
        return min(max(int(request.GET.get("rows", USUAL_ROWS)), 1), MOST_AT_ONCE)
    except ValueError:
        return USUAL_ROWS
