"""One booking: how it stands, its history, and what each side may do."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from stemportal.accounts.requests import PersonRequest
from stemportal.schools import states
from stemportal.schools.access import booking_for
from stemportal.schools.emails.facts import calendar_entry, facts
from stemportal.schools.errors import BookingError
from stemportal.schools.forms.answers import NoteForm, ReplyForm
from stemportal.schools.forms.attendance import AttendanceForm
from stemportal.schools.models import Attendance, Booking
from stemportal.schools.services import answering as service
from stemportal.schools.services import attendance as attendance_service
from stemportal.schools.states import Side


def booking(request: PersonRequest, pk: int) -> HttpResponse:
    """The page of a booking, for its teacher and for the partner's members."""
    access = booking_for(request.user, pk)
    return render(request, "schools/booking.html", _page(access.booking, access.side, access.may_act))


def _page(booking: Booking, side: Side, may_act: bool) -> dict[str, object]:
    begun = booking.session is not None and booking.session.starts_at <= timezone.now()
    return {
        "booking": booking,
        "side": side,
        "is_school": side == Side.SCHOOL,
        "facts": facts(booking),
        "events": booking.events.select_related("by"),
        "attendance": Attendance.objects.filter(booking=booking).first(),
        "may_tell_attendance": side == Side.SCHOOL and begun and booking.status in {"confirmed", "completed"},
        "moves": [] if not may_act else [m.name for m in states.moves_for(booking, side)],
        "reply_form": ReplyForm(),
        "note_form": NoteForm(),
        "begun": begun,
    }


def booking_ics(request: PersonRequest, pk: int) -> HttpResponse:
    """The calendar entry of an agreed visit as a file."""
    access = booking_for(request.user, pk)
    if access.booking.status not in {Booking.Status.CONFIRMED, Booking.Status.COMPLETED}:
        raise Http404
    text = calendar_entry(access.booking, request.user)
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="booking-{pk}.ics"'
    return response


def _do(request: PersonRequest, pk: int, act: Callable[[], Booking], done: str) -> HttpResponse:
    """Make a move and say what happened; a booking that has moved on is shown as it stands now."""
    try:
        act()
    except BookingError as error:
        messages.warning(request, error.words)
    else:
        messages.success(request, done)
    return redirect("schools:booking", pk=pk)


@require_POST
def confirm(request: PersonRequest, pk: int) -> HttpResponse:
    """The partner says yes, with an optional line."""
    access = booking_for(request.user, pk, act=Side.PARTNER)
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return _again(request, access.booking, reply_form=form, side=Side.PARTNER)
    return _do(
        request,
        pk,
        lambda: service.confirm_booking(booking=access.booking, by=request.user, reply=form.cleaned_data["reply"]),
        _("Confirmed. The teacher has a mail with the calendar entry, and so have you."),
    )


@require_POST
def decline(request: PersonRequest, pk: int) -> HttpResponse:
    """The partner says no, with the reason."""
    access = booking_for(request.user, pk, act=Side.PARTNER)
    form = ReplyForm(request.POST, required=True)
    if not form.is_valid():
        return _again(request, access.booking, reply_form=form, side=Side.PARTNER)
    return _do(
        request,
        pk,
        lambda: service.decline_booking(booking=access.booking, by=request.user, reply=form.cleaned_data["reply"]),
        _("Declined. The teacher has been told, and sees other offers."),
    )


@require_POST
def withdraw(request: PersonRequest, pk: int) -> HttpResponse:
    """The teacher takes a request back."""
    access = booking_for(request.user, pk, act=Side.SCHOOL)
    return _do(
        request,
        pk,
        lambda: service.withdraw_booking(booking=access.booking, by=request.user),
        _("Withdrawn. The partner has been told, and the place is free again."),
    )


@require_POST
def cancel(request: PersonRequest, pk: int) -> HttpResponse:
    """Either side calls a confirmed visit off, with the reason."""
    side = booking_for(request.user, pk).side
    access = booking_for(request.user, pk, act=side)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _again(request, access.booking, note_form=form, side=side)
    return _do(
        request,
        pk,
        lambda: service.cancel_booking(
            booking=access.booking, by=request.user, side=side, note=form.cleaned_data["note"]
        ),
        _("Called off. The other side has been told, and the calendar entry is taken away."),
    )


def _again(request: PersonRequest, booking: Booking, *, side: Side, **forms: object) -> HttpResponse:
    return render(request, "schools/booking.html", {**_page(booking, side, True), **forms})


def attendance(request: PersonRequest, pk: int) -> HttpResponse:
    """The teacher tells how many came."""
    access = booking_for(request.user, pk, act=Side.SCHOOL)
    earlier = Attendance.objects.filter(booking=access.booking).first()
    initial = {"pupils": earlier.pupils if earlier else None, "girls": earlier.girls if earlier else None}
    form = AttendanceForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            attendance_service.confirm_attendance(booking=access.booking, by=request.user, **form.cleaned_data)
        except BookingError as error:
            form.add_error(None, error.words)
        else:
            messages.success(request, _("Thank you! The visit is now part of the year's figures."))
            return redirect("schools:booking", pk=pk)
    return render(request, "schools/attendance.html", {"form": form, "booking": access.booking})
