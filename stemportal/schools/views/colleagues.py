"""Colleagues at a school: who teaches there, who waits, who coordinates, who leaves, and who takes a booking over."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from stemportal.accounts.requests import PersonRequest
from stemportal.lib import ratelimit
from stemportal.schools import states
from stemportal.schools.access import booking_for, colleague_for, coordinator_record, working_record
from stemportal.schools.errors import BookingError
from stemportal.schools.forms.colleagues import HandOverForm, LeavingForm
from stemportal.schools.models import Booking, Teacher
from stemportal.schools.queries.teachers import bookings_of_school, colleagues_of, records_of, waiting_at
from stemportal.schools.services import handover, teachers
from stemportal.schools.states import Side

PAGE_SIZE = 25
# What the list of the school's bookings can be narrowed to: its name in the address, and the states.
OPEN, OVER = "open", "over"


def colleagues(request: PersonRequest) -> HttpResponse:
    """Who teaches at the school; for a coordinator also who waits, with what can be done."""
    record = working_record(request.user)
    context = {
        "record": record,
        "page_obj": Paginator(colleagues_of(record.school), PAGE_SIZE).get_page(request.GET.get("page")),
        "waiting": waiting_at(record.school)[:PAGE_SIZE] if record.is_coordinator else [],
        "has_coordinator": Teacher.objects.coordinators().filter(school=record.school).exists(),
    }
    return render(request, "schools/colleagues.html", context)


def _too_often(request: PersonRequest, action: str = "colleagues") -> bool:
    if ratelimit.allowed(request, action, key=f"user:{request.user.pk}"):
        return False
    messages.warning(request, _("That was very much in an hour. Please wait a little."))
    return True


@require_POST
def colleague_approve(request: PersonRequest, pk: int) -> HttpResponse:
    """A coordinator says: yes, this person teaches here."""
    colleague = colleague_for(request.user, pk)
    if not _too_often(request):
        if colleague.status == Teacher.Status.PENDING:
            teachers.verify_teacher(teacher=colleague, how=Teacher.VerifiedHow.COORDINATOR, by=request.user)
            messages.success(request, _("%(name)s can book now, and has a mail about it.") % {"name": colleague.user})
        else:
            messages.info(request, _("Somebody has answered already."))
    return redirect("schools:colleagues")


@require_POST
def colleague_decline(request: PersonRequest, pk: int) -> HttpResponse:
    """A coordinator says: this person does not teach here."""
    colleague = colleague_for(request.user, pk)
    if not _too_often(request):
        if teachers.decline_teacher(teacher=colleague):
            messages.success(request, _("%(name)s was declined and told.") % {"name": colleague.user})
        else:
            messages.info(request, _("Somebody has answered already."))
    return redirect("schools:colleagues")


def colleague_end(request: PersonRequest, pk: int) -> HttpResponse:
    """A coordinator notes that a colleague has left, and who takes the bookings over."""
    colleague = colleague_for(request.user, pk)
    if colleague.user_id == request.user.pk:
        return redirect("schools:leave_school", pk=pk)
    return _leaving(request, colleague, done="schools:colleagues")


def leave_school(request: PersonRequest, pk: int) -> HttpResponse:
    """A teacher does not work at a school any more, and says who takes the bookings over."""
    mine = get_object_or_404(records_of(request.user), pk=pk)
    return _leaving(request, mine, done="schools:my_schools")


def _leaving(request: PersonRequest, leaving: Teacher, *, done: str) -> HttpResponse:
    form = LeavingForm(request.POST if request.method == "POST" else None, leaving=leaving)
    if request.method == "POST" and form.is_valid() and not _too_often(request):
        if teachers.end_teacher(teacher=leaving, by=request.user, heir=form.heir()):
            text = _("%(name)s is no longer registered at %(school)s.")
            messages.success(request, text % {"name": leaving.user, "school": leaving.school})
        return redirect(done)
    context = {
        "form": form,
        "leaving": leaving,
        "is_me": leaving.user_id == request.user.pk,
        "count": handover.open_bookings_of(leaving.user, leaving.school).count(),
        "is_last_coordinator": leaving.is_coordinator
        and not Teacher.objects.coordinators().filter(school=leaving.school).exclude(pk=leaving.pk).exists(),
    }
    return render(request, "schools/colleagues_leave.html", context)


@require_POST
def colleague_coordinate(request: PersonRequest, pk: int) -> HttpResponse:
    """A coordinator makes a colleague coordinator too."""
    colleague = colleague_for(request.user, pk)
    if not _too_often(request) and teachers.make_coordinator(teacher=colleague, by=request.user):
        messages.success(request, _("%(name)s is coordinator now, too.") % {"name": colleague.user})
    return redirect("schools:colleagues")


@require_POST
def coordinator_resign(request: PersonRequest) -> HttpResponse:
    """A coordinator goes on as a teacher; the secretariat takes over when it was the last one."""
    record = coordinator_record(request.user)
    teachers.resign_as_coordinator(teacher=record)
    if teachers.coordinators_of(record.school):
        messages.success(request, _("You are not coordinator any more."))
    else:
        messages.success(
            request, _("You are not coordinator any more. The secretariat approves new colleagues from now on.")
        )
    return redirect("schools:colleagues")


@require_POST
def coordinator_ask(request: PersonRequest) -> HttpResponse:
    """A teacher would like to be coordinator."""
    record = working_record(request.user)
    if not _too_often(request) and teachers.ask_to_be_coordinator(teacher=record):
        messages.success(request, _("Thank you! You get a mail when you are coordinator."))
    return redirect("schools:colleagues")


def my_schools(request: PersonRequest) -> HttpResponse:
    """The schools a person works at, and for which of them now."""
    records = list(records_of(request.user))
    current = records[0] if records else None
    return render(request, "schools/my_schools.html", {"records": records, "record": current})


@require_POST
def school_choose(request: PersonRequest, pk: int) -> HttpResponse:
    """Work for another of one's schools."""
    mine = get_object_or_404(records_of(request.user), pk=pk)
    teachers.choose_school(teacher=mine)
    messages.success(request, _("You work for %(school)s now.") % {"school": mine.school})
    return redirect("schools:my_schools")


def school_bookings(request: PersonRequest) -> HttpResponse:
    """All bookings of the school, for its coordinators: what is open, or what is over."""
    record = coordinator_record(request.user)
    show = OVER if request.GET.get("show") == OVER else OPEN
    bookings = bookings_of_school(record.school)
    if show == OPEN:
        bookings = bookings.filter(status__in=states.OPEN_STATES)
    else:
        bookings = bookings.exclude(status__in=states.OPEN_STATES)
    context = {
        "record": record,
        "show": show,
        "page_obj": Paginator(bookings.order_by("-created_at", "-id"), PAGE_SIZE).get_page(request.GET.get("page")),
        "lost": Booking.objects.without_teacher().filter(school=record.school).count(),
    }
    return render(request, "schools/colleagues_bookings.html", context)


def booking_hand_over(request: PersonRequest, pk: int) -> HttpResponse:
    """Give a booking to a colleague."""
    booking = booking_for(request.user, pk, act=Side.SCHOOL).booking
    if booking.status not in states.OPEN_STATES:
        messages.info(request, _("This booking is over. There is nothing to hand over."))
        return redirect(booking)
    form = HandOverForm(request.POST if request.method == "POST" else None, booking=booking)
    if request.method == "POST" and form.is_valid() and not _too_often(request, "hand_over"):
        to = form.cleaned_data["to"].user
        try:
            handover.hand_over(booking=booking, to=to, by=request.user, note=form.cleaned_data["note"])
        except BookingError as error:
            form.add_error(error.field if error.field in form.fields else None, error.words)
        else:
            messages.success(request, _("%(name)s has the booking now. The partner has been told.") % {"name": to})
            return _after(request, pk)
    return render(request, "schools/colleagues_hand_over.html", {"form": form, "booking": booking})


def _after(request: PersonRequest, pk: int) -> HttpResponse:
    """Whoever gave the booking away sees it only as a coordinator."""
    record = records_of(request.user).first()
    return redirect("schools:booking", pk=pk) if record and record.is_coordinator else redirect("schools:my_page")
