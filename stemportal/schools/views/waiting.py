"""Joining the waiting list of a session that is full."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from stemportal.accounts.requests import PersonRequest
from stemportal.activities.models import Session
from stemportal.lib import ratelimit
from stemportal.lib.school_year import school_year_of
from stemportal.schools.errors import BookingError, StillRoom
from stemportal.schools.forms.group import WaitForm
from stemportal.schools.models import Booking
from stemportal.schools.queries.teachers import teacher_record
from stemportal.schools.services.waiting import join_waiting_list, place_in_line


def waiting_join(request: PersonRequest, session_pk: int) -> HttpResponse:
    """Put a class on the waiting list; with room in the session it can be booked at once."""
    session = get_object_or_404(
        Session.objects.select_related("activity__partner", "activity__kind", "activity__municipality"), pk=session_pk
    )
    activity = session.activity
    if not activity.is_published or not activity.partner.is_approved:
        raise Http404
    record = teacher_record(request.user)
    if record is None or not record.may_book:
        return render(request, "schools/book_not_yet.html", {"activity": activity, "record": record})
    year = school_year_of(timezone.localdate(session.starts_at))
    form = WaitForm(request.POST or None, school=record.school, activity=activity, school_years=[year])
    context = {"form": form, "record": record, "activity": activity, "waits_for": session}
    if request.method == "POST" and form.is_valid():
        if not ratelimit.allowed(request, "book", key=f"user:{request.user.pk}"):
            form.add_error(None, _("That was very many bookings in an hour. Please wait a little."))
        else:
            try:
                booking = join_waiting_list(
                    session_id=session.pk, school=record.school, teacher=request.user, **form.facts()
                )
            except BookingError as error:
                form.add_error(error.field if error.field in form.fields else None, error.words)
                context["has_room"] = isinstance(error, StillRoom)
            else:
                _say(request, booking)
                return redirect(booking)
    return render(request, "schools/book.html", {**context, **line_of(session)})


def line_of(session: Session) -> dict[str, object]:
    """Return what the page says about the line: the number that the next group would have. One query."""
    return {"number_in_line": Booking.objects.filter(session=session).in_line().count() + 1}


def _say(request: PersonRequest, booking: Booking) -> None:
    if booking.status != Booking.Status.WAITLISTED:  # the same form was sent before
        return
    messages.success(
        request,
        _("You are number %(number)s on the waiting list. You get a mail when a place is free.")
        % {"number": place_in_line(booking)},
    )
