"""The partner's room as far as bookings go: today's tasks, all bookings, and changes that bookings must follow."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stemportal.accounts.requests import PersonRequest
from stemportal.activities.models import Kind, Session
from stemportal.activities.pledging import quantity_words
from stemportal.lib.school_year import current_school_year
from stemportal.partners.access import membership_of, partner_for_member
from stemportal.partners.extensions import tasks_of
from stemportal.schools.errors import BookingError
from stemportal.schools.filters import BookingFilter
from stemportal.schools.forms import NoteForm, SessionForm
from stemportal.schools.models import Booking
from stemportal.schools.progress import amount, booked_sums, pledge_progress
from stemportal.schools.queries import bookings_of_partner, partner_numbers
from stemportal.schools.services.sessions import cancel_session, change_session
from stemportal.schools.today import pledge_tasks

PAGE_SIZE = 25


def partner_today(request: PersonRequest, partner_pk: int) -> HttpResponse:
    """What a contact person must do in five minutes a week."""
    membership = membership_of(request.user, partner_pk)
    partner = membership.partner
    bookings = bookings_of_partner(partner)
    waiting = bookings.waiting_for_partner()
    lines = pledge_progress(partner, current_school_year())
    # The pledges are read once, for the bars and for their task.
    tasks = sorted([*pledge_tasks(membership, lines), *tasks_of(membership)], key=lambda task: task.order)
    context = {
        "partner": partner,
        "requests": waiting[:PAGE_SIZE],
        "requests_count": waiting.count(),
        "tasks": tasks,
        "upcoming": bookings.upcoming()[:10],
        "numbers": partner_numbers(partner),
        "pledged": [line for line in lines if line.pledged],
        "may_edit": membership.may_edit,
        "room": "today",
    }
    return render(request, "schools/partner_today.html", context)


def partner_bookings(request: PersonRequest, partner_pk: int) -> HttpResponse:
    """All bookings of the partner, filtered by status, kind and school year."""
    partner = partner_for_member(request.user, partner_pk)
    chosen = BookingFilter(request.GET)
    bookings = chosen.narrow(bookings_of_partner(partner)).order_by("-created_at", "-id")
    page = Paginator(bookings, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"partner": partner, "page_obj": page, "chosen": chosen, "room": "bookings"}
    if chosen.kind and chosen.kind.pledge_unit != Kind.PledgeUnit.PUBLISHED:
        sums = bookings.order_by().aggregate(**booked_sums())
        context["amount"] = quantity_words(chosen.kind.pledge_unit, amount(chosen.kind, sums))
    return render(request, "schools/partner_bookings.html", context)


def _session_of_member(request: PersonRequest, pk: int) -> Session:
    session = get_object_or_404(Session.objects.select_related("activity__partner", "activity__kind"), pk=pk)
    partner_for_member(request.user, session.activity.partner_id, edit=True)
    if session.status != Session.Status.OPEN:
        raise Http404
    return session


def session_change(request: PersonRequest, pk: int) -> HttpResponse:
    """Move a session, or change its places; booked classes are told."""
    session = _session_of_member(request, pk)
    start, end = timezone.localtime(session.starts_at), timezone.localtime(session.ends_at)
    initial = {
        "day": start.date(),
        "last_day": end.date(),
        "begins": start.time(),
        "ends": end.time(),
        "capacity": session.capacity,
        "place": session.place,
    }
    form = SessionForm(
        request.POST or None, unit=session.activity.kind.unit, initial=initial, lasts_days=session.lasts_days
    )
    if request.method == "POST" and form.is_valid():
        begins, ends = form.times()
        try:
            change_session(
                session_id=session.pk,
                starts_at=begins,
                ends_at=ends,
                capacity=form.cleaned_data["capacity"],
                place=form.cleaned_data["place"],
                by=request.user,
            )
        except BookingError as error:
            form.add_error(None, error.words)
        else:
            messages.success(request, _("The session is changed. Classes that have booked it have been told."))
            return redirect("activities:edit", pk=session.activity_id)
    context = {"form": form, "session": session, "partner": session.activity.partner, "room": "listings"}
    return render(request, "schools/session_change.html", context)


def session_cancel(request: PersonRequest, pk: int) -> HttpResponse:
    """Call a session off, after showing who will be told."""
    session = _session_of_member(request, pk)
    affected = Booking.objects.filter(session=session, status__in=["requested", "confirmed"]).with_facts()
    form = NoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            count = cancel_session(session_id=session.pk, by=request.user, note=form.cleaned_data["note"])
        except BookingError as error:
            form.add_error(None, error.words)
        else:
            text = ngettext(
                "The session is called off. %(count)s group has been told.",
                "The session is called off. %(count)s groups have been told.",
                count,
            )
            messages.success(request, text % {"count": count})
            return redirect("activities:edit", pk=session.activity_id)
    context = {
        "form": form,
        "session": session,
        "affected": affected,
        "partner": session.activity.partner,
        "room": "listings",
    }
    return render(request, "schools/session_cancel.html", context)
