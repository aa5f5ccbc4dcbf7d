"""The day itself and how many came: told by the teacher, by the link of a mail; the visit pack."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from stemportal.accounts.requests import PersonRequest
from stemportal.activities.visit_pack import kept_pack, make_pack, visit_pack_data
from stemportal.lib.ratelimit import allowed
from stemportal.schools.access import booking_for
from stemportal.schools.attendance_links import open_link
from stemportal.schools.errors import BookingError, TooLate
from stemportal.schools.forms.attendance import AttendanceForm
from stemportal.schools.models import Attendance, Booking
from stemportal.schools.services import attendance as service
from stemportal.schools.states import Side

# Where a count can be told.
TELLABLE = (Booking.Status.CONFIRMED, Booking.Status.NO_SHOW, Booking.Status.COMPLETED)


def attendance(request: PersonRequest, pk: int) -> HttpResponse:
    """The teacher tells how many came, or corrects it."""
    access = booking_for(request.user, pk, act=Side.SCHOOL)
    earlier = Attendance.objects.filter(booking=access.booking).first()
    initial = {"pupils": earlier.pupils if earlier else None, "girls": earlier.girls if earlier else None}
    form = AttendanceForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            service.confirm_attendance(booking=access.booking, by=request.user, **form.cleaned_data)
        except BookingError as error:
            form.add_error(None, error.words)
        else:
            messages.success(request, _("Thank you! The visit is now part of the year's figures."))
            return redirect("schools:booking" if earlier else "schools:thanks", pk=pk)
    return render(request, "schools/attendance.html", {"form": form, "booking": access.booking})


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def attendance_link(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link of a mail, without a login. Mail filters open links: only the button changes anything.

    It takes the first count; a correction needs the login, for by then the link has done its work.
    """
    opened = open_link(token)
    booking = opened.booking
    if booking is None:
        return render(request, "schools/after/link_gone.html", {"trouble": opened.trouble}, status=404)
    told = Attendance.objects.filter(booking=booking).exists()
    state = "told" if told else "form" if booking.status in TELLABLE else "off"
    if state == "form" and not service.has_begun(booking):
        state = "early"
    form = AttendanceForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and state == "form":
        if not allowed(request, "attendance_link", key=f"booking:{booking.pk}"):
            form.add_error(None, _("This link was used very often. Please try again in an hour, or log in."))
        elif form.is_valid():
            try:
                service.confirm_attendance(booking=booking, by=booking.teacher, **form.cleaned_data)
            except TooLate:  # Told, or called off, at the same moment: the page says how it stands now.
                return redirect("schools:attendance_link", token=token)
            return redirect("schools:attendance_link", token=token)
    context = {"form": form, "booking": booking, "state": state}
    return render(request, "schools/after/link.html", context, status=422 if form.errors else 200)


@require_safe
def booking_pack(request: PersonRequest, pk: int) -> HttpResponse:
    """The visit pack for the two sides of a booking, also when the offer is no longer shown."""
    activity = booking_for(request.user, pk).booking.activity
    data = visit_pack_data(activity)
    content = kept_pack(data)
    if content is None:
        if not allowed(request, "visit_pack"):
            messages.warning(request, _("That was many documents in a short time. Please try again in an hour."))
            return redirect("schools:booking", pk=pk)
        content = make_pack(data)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{activity.slug}.pdf"'
    response["Cache-Control"] = "private, no-cache"
    return response
