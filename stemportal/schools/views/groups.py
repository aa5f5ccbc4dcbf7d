"""Changing who comes."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from stemportal.accounts.requests import PersonRequest
from stemportal.lib import ratelimit
from stemportal.schools import states
from stemportal.schools.access import booking_for
from stemportal.schools.errors import BookingError, TooLate
from stemportal.schools.forms.group import ChangeGroupForm
from stemportal.schools.services.groups import change_group
from stemportal.schools.states import Side


def booking_group(request: PersonRequest, pk: int) -> HttpResponse:
    """The school changes the class, how many come, adults, needs or travel."""
    booking = booking_for(request.user, pk, act=Side.SCHOOL).booking
    if not states.CHANGE_GROUP.begins_at(booking):
        messages.warning(request, TooLate().words)
        return redirect(booking)
    form = ChangeGroupForm(request.POST or None, booking=booking)
    if request.method == "POST" and form.is_valid():
        if not ratelimit.allowed(request, "change_group", key=f"user:{request.user.pk}"):
            form.add_error(None, _("That was very many changes in an hour. Please wait a little."))
        else:
            try:
                event = change_group(booking=booking, by=request.user, **form.facts())
            except TooLate as error:
                messages.warning(request, error.words)
                return redirect("schools:booking", pk=pk)
            except BookingError as error:
                form.add_error(error.field if error.field in form.fields else None, error.words)
            else:
                _say(request, told=event is not None, booking_waits=booking.status == booking.Status.WAITLISTED)
                return redirect("schools:booking", pk=pk)
    return render(request, "schools/booking_group.html", {"form": form, "booking": booking})


def _say(request: PersonRequest, *, told: bool, booking_waits: bool) -> None:
    if not told:
        messages.info(request, _("Nothing was changed."))
    elif booking_waits:
        messages.success(request, _("Changed. You keep your place on the waiting list."))
    else:
        messages.success(request, _("Changed. The partner has been told who comes."))
