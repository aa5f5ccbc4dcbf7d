"""Booking a session, or proposing a date, on one page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from stemportal.accounts.requests import PersonRequest
from stemportal.activities.models import Activity, Session
from stemportal.lib import ratelimit
from stemportal.lib.templatetags.portal import weekdate
from stemportal.places.school_calendar import left_out
from stemportal.schools.errors import BookingError
from stemportal.schools.forms.group import BookForm, GroupForm
from stemportal.schools.forms.propose import ProposeForm
from stemportal.schools.models import Booking, Teacher
from stemportal.schools.queries.teachers import teacher_record
from stemportal.schools.services.booking import book_session, booked_before, propose_date
from stemportal.schools.services.deadlines import reply_deadline
from stemportal.schools.services.places_taken import has_room, places_needed
from stemportal.schools.views.waiting import line_of


def book(request: PersonRequest, session_pk: int) -> HttpResponse:
    """Book a place in a session for a class."""
    session = get_object_or_404(
        Session.objects.select_related("activity__partner", "activity__kind", "activity__municipality"), pk=session_pk
    )
    _must_be_open_to_all(session.activity)
    record = teacher_record(request.user)
    if record is None or not record.may_book:
        return render(request, "schools/book_not_yet.html", {"activity": session.activity, "record": record})
    form = BookForm(request.POST or None, session=session, school=record.school)
    if form.is_bound and not form.is_valid():
        earlier = booked_before(teacher=request.user, **form.sent_facts())
        if earlier is not None:
            return redirect(earlier)

    def save() -> Booking:
        return book_session(
            session_id=form.cleaned_data["session"], school=record.school, teacher=request.user, **form.facts()
        )

    return _answer(
        request,
        form,
        record,
        session.activity,
        save,
        lambda: BookForm(
            request.POST,
            session=Session.objects.select_related("activity__kind").get(pk=session_pk),
            school=record.school,
        ),
    )


def propose(request: PersonRequest, activity_pk: int) -> HttpResponse:
    """Propose a date for an activity on request."""
    activity = get_object_or_404(
        Activity.objects.select_related("partner", "kind", "municipality"),
        pk=activity_pk,
        policy=Activity.Policy.ON_REQUEST,
    )
    _must_be_open_to_all(activity)
    record = teacher_record(request.user)
    if record is None or not record.may_book:
        return render(request, "schools/book_not_yet.html", {"activity": activity, "record": record})
    form = ProposeForm(request.POST or None, activity=activity, school=record.school)

    def save() -> Booking:
        booking = propose_date(
            activity=activity,
            proposed_at=form.proposed_at(),
            school=record.school,
            teacher=request.user,
            **form.facts(),
        )
        _warn_of_holiday(request, record, booking)
        return booking

    return _answer(request, form, record, activity, save, None)


def _warn_of_holiday(request: PersonRequest, record: Teacher, booking: Booking) -> None:
    """The school may be open all the same: the calendars are the usual ones, and a teacher knows better."""
    home = record.school.municipality
    day = timezone.localdate(booking.starts_at)
    closed = left_out([day], home.county if home else None).get(day)
    if closed is not None:
        text = _("You asked for %(day)s: %(reason)s. If that is a mistake, withdraw the request and send another one.")
        messages.warning(request, text % {"day": weekdate(day), "reason": closed.words})


def _must_be_open_to_all(activity: Activity) -> None:
    if not activity.is_published or not activity.partner.is_approved:
        raise Http404


def _answer(
    request: PersonRequest,
    form: GroupForm,
    record: Teacher,
    activity: Activity,
    save: Callable[[], Booking],
    fresh_form: Callable[[], GroupForm] | None,
) -> HttpResponse:
    """Save a valid form and go to the booking; else show the form again with everything that was typed."""
    if request.method == "POST" and form.is_valid():
        if not ratelimit.allowed(request, "book", key=f"user:{request.user.pk}"):
            form.add_error(None, _("That was very many bookings in an hour. Please wait a little."))
        else:
            try:
                booking = save()
            except BookingError as error:
                # The world changed while the teacher typed: show what is free now, keep every word.
                if fresh_form is not None:
                    form = fresh_form()
                    form.is_valid()
                if "session" not in form.errors:
                    form.add_error(_field(form, error), error.words)
            else:
                messages.success(request, _thanks(booking))
                return redirect(booking)
    context: dict[str, object] = {"form": form, "record": record, "activity": activity}
    if activity.policy != Activity.Policy.INSTANT:
        starts_at = form.asked_for.starts_at if isinstance(form, BookForm) else timezone.now() + timedelta(days=365)
        context["answer_by"] = reply_deadline(starts_at, record.school)
    if full := _full_session(form):
        context |= {"full": full, **line_of(full)}
    return render(request, "schools/book.html", context, status=200)


def _full_session(form: GroupForm) -> Session | None:
    """The session that was asked for, when there is no room in it: the page offers its waiting list."""
    if not isinstance(form, BookForm):
        return None
    chosen = str(form["session"].value() or form.asked_for.pk)
    session = form.asked_for
    if chosen != str(session.pk) and chosen.isdecimal() and len(chosen) < 19:
        session = session.activity.sessions.filter(pk=chosen).first() or session
    session.activity = form.activity
    pupils = (form.is_bound and form.cleaned_data.get("pupils")) or 1
    full = not has_room(session, places_needed(session, pupils), pupils)
    return session if session.is_open and full else None


def _field(form: GroupForm, error: BookingError) -> str | None:
    if error.field == "proposed_at":
        return "day"
    return error.field if error.field in form.fields else None


def _thanks(booking: Booking) -> str:
    partner = booking.activity.partner
    if booking.status == Booking.Status.CONFIRMED:
        return _("Booked! %(partner)s expects you. The calendar entry is in your mail.") % {"partner": partner}
    return _("Sent to %(partner)s. You will have an answer by %(day)s.") % {
        "partner": partner,
        "day": date_format(booking.reply_by, "l j. F") if booking.reply_by else "",
    }
