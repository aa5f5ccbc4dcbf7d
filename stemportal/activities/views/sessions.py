"""Adding dates to an activity. Moving and cancelling booked ones belongs to the app of schools."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stemportal.activities.access import activity_for_member
from stemportal.activities.forms.sessions import session_rows
from stemportal.activities.models import Activity
from stemportal.activities.queries.offers import coming_sessions
from stemportal.activities.services.sessions import add_sessions
from stemportal.activities.session_rules import MOST_AT_ONCE, SessionErrors

USUAL_ROWS = 3


def session_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Rows for new sessions, and the ones that are planned. All rows are added, or none."""
    activity = activity_for_member(request.user, pk, edit=True)
    if activity.status == Activity.Status.ARCHIVED:
        messages.warning(request, _("Take it out of the archive before you add sessions."))
        return redirect("activities:listings", activity.partner_id)
    rows = session_rows(activity, request.POST if request.method == "POST" else None, rows=_wanted(request))
    # Every row is checked, also when the first is wrong: all messages at once.
    if request.method == "POST" and rows.is_valid():
        try:
            created = add_sessions(activity=activity, sessions=[row.session() for row in rows.filled])
        except SessionErrors as errors:
            rows.add_errors(errors)
        else:
            messages.success(request, _added(len(created), published=activity.is_published))
            return redirect("activities:session_add", activity.pk)
    refused = rows.is_bound and (any(rows.errors) or rows.non_form_errors())
    context = {
        "partner": activity.partner,
        "room": "listings",
        "activity": activity,
        "rows": rows,
        "more_rows": min(len(rows.forms) + 7, MOST_AT_ONCE),
        "sessions": coming_sessions(activity, limit=100),
    }
    return render(request, "activities/session_add.html", context, status=422 if refused else 200)


def _wanted(request: HttpRequest) -> int:
    try:
        return min(max(int(request.GET.get("rows", USUAL_ROWS)), 1), MOST_AT_ONCE)
    except ValueError:
        return USUAL_ROWS


def _added(number: int, *, published: bool) -> str:
    text = ngettext("%(number)s session added.", "%(number)s sessions added.", number) % {"number": number}
    then = _("Teachers can book now.") if published else _("Teachers can book when you publish.")
    return f"{text} {then}"
