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
from stemportal.lib.templatetags.portal import weekdate
from stemportal.schools import states
from stemportal.schools.access import booking_for
from stemportal.schools.emails.facts import facts
from stemportal.schools.errors import BookingError
from stemportal.schools.forms.answers import NoShowForm, NoteForm, ReplyForm
from stemportal.schools.history_words import event_words
from stemportal.schools.models import Attendance, Booking, Proposal
from stemportal.schools.services import answering as service
from stemportal.schools.services import attendance as attendance_service
from stemportal.schools.services.alternatives import other_offers
from stemportal.schools.services.calendars import file_of
from stemportal.schools.services.waiting import place_in_line
from stemportal.schools.states import Side
from stemportal.schools.views import placements, transport
from stemportal.schools.views.feedback import after_the_day
from stemportal.schools.views.messages import talk_of


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
        "events": [(event, event_words(event)) for event in booking.events.select_related("by")],
        "attendance": Attendance.objects.filter(booking=booking).first(),
        "may_tell_attendance": side == Side.SCHOOL
        and begun
        and booking.status in {"confirmed", "completed", "no_show"},
        "moves": [] if not may_act else [m.name for m in states.moves_for(booking, side)],
        "reply_form": ReplyForm(initial={"seen": booking.terms}),
        "note_form": NoteForm(),
        "no_show_form": NoShowForm(),
        "offer_note": _offer_note(booking),
        "number_in_line": place_in_line(booking) if booking.status == Booking.Status.WAITLISTED else None,
        "begun": begun,
        **other_offers(booking, is_school=side == Side.SCHOOL),
        **talk_of(booking, side, may_act),
        **after_the_day(booking, side, may_act),
        **transport.on_booking_page(booking, side),
        **placements.on_booking_page(booking),
    }


def _offer_note(booking: Booking) -> str:
    """What the partner wrote with the time it offers."""
    if booking.status != Booking.Status.OFFERED:
        return ""
    return booking.proposals.filter(status=Proposal.Status.OPEN).values_list("note", flat=True).first() or ""


def booking_ics(request: PersonRequest, pk: int) -> HttpResponse:
    """The calendar entry of an agreed visit as a file."""
    access = booking_for(request.user, pk)
    if access.booking.status not in {Booking.Status.CONFIRMED, Booking.Status.COMPLETED}:
        raise Http404
    response = HttpResponse(file_of(access.booking), content_type="text/calendar; charset=utf-8")
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
        lambda: service.confirm_booking(booking=access.booking, by=request.user, **form.cleaned_data),
        _confirmed(access.booking),
    )


def _confirmed(booking: Booking) -> str:
    if booking.reply_by is not None and booking.reply_by < timezone.localdate():
        return _(
            "Confirmed, and luckily the request still stood: the teacher was to have an answer by %(day)s. "
            "Both of you have a mail with the calendar entry."
        ) % {"day": weekdate(booking.reply_by)}
    return _("Confirmed. The teacher has a mail with the calendar entry, and so have you.")


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
    """The teacher takes a request back, says no to what was offered, or leaves the waiting list."""
    booking = booking_for(request.user, pk, act=Side.SCHOOL).booking
    if booking.status == Booking.Status.WAITLISTED:
        done = _("You are no longer on the waiting list.")
    elif booking.is_freed_place:
        done = _("You said no. The place goes to the next on the waiting list.")
    else:
        done = _("Withdrawn. The partner has been told, and the place is free again.")
    return _do(request, pk, lambda: service.withdraw_booking(booking=booking, by=request.user), done)


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


@require_POST
def no_show(request: PersonRequest, pk: int) -> HttpResponse:
    """The partner notes that the class did not come."""
    access = booking_for(request.user, pk, act=Side.PARTNER)
    form = NoShowForm(request.POST)
    if not form.is_valid():
        return _again(request, access.booking, no_show_form=form, side=Side.PARTNER)
    note = form.cleaned_data["note"]
    return _do(
        request,
        pk,
        lambda: attendance_service.mark_no_show(booking=access.booking, by=request.user, note=note),
        _("Noted. The teacher has been told, and can correct it."),
    )


def _again(request: PersonRequest, booking: Booking, *, side: Side, **forms: object) -> HttpResponse:
    return render(request, "schools/booking.html", {**_page(booking, side, True), **forms})
