"""After a visit: how it was, and thanks."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from stemportal.accounts.requests import PersonRequest
from stemportal.schools.access import BookingAccess, booking_for
from stemportal.schools.errors import BookingError
from stemportal.schools.forms.feedback import FeedbackForm
from stemportal.schools.models import Attendance, Booking, Feedback
from stemportal.schools.queries.afterwards import feedback_for, next_offers, school_numbers
from stemportal.schools.queries.pulse import pulse_of, pulse_results
from stemportal.schools.services.feedback import give_feedback
from stemportal.schools.services.pulse import may_open
from stemportal.schools.states import Side


def _side_of(access: BookingAccess) -> Feedback.Side:
    return Feedback.Side.SCHOOL if access.side == Side.SCHOOL else Feedback.Side.PARTNER


def after_the_day(booking: Booking, side: Side, may_act: bool) -> dict[str, object]:
    """Return what the page of a booking shows about the day and afterwards: what was said, and the class's pulse."""
    school = side == Side.SCHOOL
    completed = booking.status == Booking.Status.COMPLETED
    of_side = Feedback.Side.SCHOOL if school else Feedback.Side.PARTNER
    pulse = pulse_of(booking) if booking.session is not None else None
    return {
        "said": feedback_for(booking, of_side) if completed else None,
        "may_say": completed and may_act,
        "pulse": pulse,
        "pulse_results": pulse_results(pulse) if pulse else None,
        "may_open_pulse": school and may_open(booking),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def feedback(request: PersonRequest, pk: int) -> HttpResponse:
    """One side tells how the visit was, each on the same address. Readers of a partner do not speak for it."""
    access = booking_for(request.user, pk)
    if not access.may_act:
        raise PermissionDenied
    booking, side = access.booking, _side_of(access)
    said = feedback_for(booking, side)
    form = FeedbackForm(request.POST if request.method == "POST" else None, side=side, earlier=said.own)
    if request.method == "POST" and form.is_valid():
        try:
            give_feedback(booking=booking, side=side, **form.values)
        except BookingError as error:
            messages.warning(request, error.words)
        else:
            messages.success(request, _("Thank you! What you wrote is saved."))
        return redirect("schools:booking", pk=pk)
    context = {"booking": booking, "form": form, "said": said, "is_school": side == Feedback.Side.SCHOOL}
    return render(request, "schools/after/feedback.html", context, status=422 if form.errors else 200)


@require_safe
def thanks(request: PersonRequest, pk: int) -> HttpResponse:
    """Thanks to the teacher, with the form for feedback, the year of the school, and what could come next."""
    booking = booking_for(request.user, pk, act=Side.SCHOOL).booking
    if booking.status != Booking.Status.COMPLETED:
        return redirect("schools:booking", pk=pk)
    said = feedback_for(booking, Feedback.Side.SCHOOL)
    pulse = pulse_of(booking)
    context = {
        "booking": booking,
        "attendance": Attendance.objects.filter(booking=booking).first(),
        "said": said,
        "form": None if said.own else FeedbackForm(side=Feedback.Side.SCHOOL),
        "numbers": school_numbers(booking.school),
        "pulse_results": pulse_results(pulse) if pulse else None,
        "offers": next_offers(booking),
    }
    return render(request, "schools/after/thanks.html", context)
