"""The teacher's own page."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render

from stemportal.accounts.requests import PersonRequest
from stemportal.lib.school_year import current_school_year
from stemportal.schools.models import Feedback
from stemportal.schools.queries.afterwards import without_feedback
from stemportal.schools.queries.bookings import bookings_of_teacher, offers_for_teacher
from stemportal.schools.queries.messages import unread_of_teacher
from stemportal.schools.queries.schools import classes_of
from stemportal.schools.queries.teachers import teacher_record
from stemportal.schools.queries.wishes import offers_to_answer
from stemportal.schools.states import OPEN_STATES

OPEN_LIMIT = 25
UNSAID_LIMIT = 5


def my_page(request: PersonRequest) -> HttpResponse:
    """What needs me, what is coming, what waits, and my classes."""
    record = teacher_record(request.user)
    if record is None:
        return redirect("schools:my_school")
    bookings = bookings_of_teacher(request.user)
    upcoming = list(bookings.upcoming()[:OPEN_LIMIT])
    waiting = list(bookings.waiting_for_partner()[:OPEN_LIMIT])
    missing = list(bookings.missing_attendance()[:OPEN_LIMIT])
    offered = list(bookings.waiting_for_school()[:OPEN_LIMIT])
    in_line = list(bookings.in_line()[:OPEN_LIMIT])
    earlier = list(bookings.exclude(status__in=OPEN_STATES).order_by("-created_at")[:10])
    context = {
        "record": record,
        "upcoming": upcoming,
        "waiting": waiting,
        "missing": missing,
        "offered": offered,
        "in_line": in_line,
        "wish_offers": offers_to_answer(request.user)[:OPEN_LIMIT],
        "unsaid": without_feedback(bookings, Feedback.Side.SCHOOL).select_related("attendance")[:UNSAID_LIMIT],
        "earlier": earlier,
        "with_messages": list(unread_of_teacher(request.user)[:OPEN_LIMIT]),
        # Anybody may say to teach at a school; its classes are for those who do.
        "classes": classes_of(record.school, current_school_year()) if record.is_verified else [],
        "offers": [] if upcoming or waiting or missing or offered or in_line else offers_for_teacher(record),
    }
    return render(request, "schools/my_page.html", context)
