"""Another time: the partner offers one, the school says yes to it or proposes its own."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from stemportal.accounts.requests import PersonRequest
from stemportal.lib import ratelimit
from stemportal.schools import states
from stemportal.schools.access import booking_for
from stemportal.schools.emails.proposals import moment_words
from stemportal.schools.errors import BookingError, TooLate
from stemportal.schools.forms.another_time import AnotherTimeForm
from stemportal.schools.forms.answers import SeenForm
from stemportal.schools.models import Booking
from stemportal.schools.services.proposals import accept_offer, offer_time, propose_time
from stemportal.schools.states import Side


def booking_offer(request: PersonRequest, pk: int) -> HttpResponse:
    """The partner offers another time than the school asked for."""
    booking = booking_for(request.user, pk, act=Side.PARTNER).booking

    def said() -> str:
        return _("Sent. The place is kept for the school, which answers by %(moment)s.") % {
            "moment": moment_words(booking.offer_until) if booking.offer_until else ""
        }

    return _another_time(request, booking, states.OFFER, offer_time, said)


def booking_propose(request: PersonRequest, pk: int) -> HttpResponse:
    """The school proposes another time than it asked for, or than it was offered."""
    booking = booking_for(request.user, pk, act=Side.SCHOOL).booking

    def said() -> str:
        return _("Sent to %(partner)s. You will have an answer by %(day)s.") % {
            "partner": booking.activity.partner,
            "day": date_format(booking.reply_by, "l j. F") if booking.reply_by else "",
        }

    return _another_time(request, booking, states.PROPOSE, propose_time, said)


def _another_time(
    request: PersonRequest,
    booking: Booking,
    move: states.Move,
    save: Callable[..., Booking],
    said: Callable[[], str],
) -> HttpResponse:
    if not move.begins_at(booking):
        messages.warning(request, TooLate().words)
        return redirect(booking)
    form = AnotherTimeForm(request.POST or None, booking=booking)
    if request.method == "POST" and form.is_valid():
        if not ratelimit.allowed(request, "propose_time", key=f"user:{request.user.pk}"):
            form.add_error(None, _("That was very many times in an hour. Please wait a little."))
        else:
            try:
                save(booking=booking, by=request.user, time=form.time(), note=form.cleaned_data["note"])
            except TooLate as error:
                messages.warning(request, error.words)
                return redirect("schools:booking", pk=booking.pk)
            except BookingError as error:
                form.add_error("day" if error.field == "proposed_at" else None, error.words)
            else:
                messages.success(request, said())
                return redirect("schools:booking", pk=booking.pk)
    context = {"form": form, "booking": booking, "is_school": move is states.PROPOSE}
    return render(request, "schools/booking_time.html", context)


@require_POST
def booking_accept(request: PersonRequest, pk: int) -> HttpResponse:
    """The school says yes to the time, or to the freed place, that it was offered."""
    booking = booking_for(request.user, pk, act=Side.SCHOOL).booking
    form = SeenForm(request.POST)
    seen = form.cleaned_data["seen"] if form.is_valid() else "?"
    try:
        accept_offer(booking=booking, by=request.user, seen=seen)
    except BookingError as error:
        messages.warning(request, error.words)
    else:
        messages.success(request, _accepted(booking))
    return redirect("schools:booking", pk=pk)


def _accepted(booking: Booking) -> str:
    if booking.status == Booking.Status.CONFIRMED:
        return _("Agreed! %(partner)s expects you. The calendar entry is in your mail.") % {
            "partner": booking.activity.partner
        }
    return _("The place is yours as soon as %(partner)s has said yes. You will have an answer by %(day)s.") % {
        "partner": booking.activity.partner,
        "day": date_format(booking.reply_by, "l j. F") if booking.reply_by else "",
    }
