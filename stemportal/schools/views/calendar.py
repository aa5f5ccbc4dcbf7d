"""Visits week by week, and the calendar that a person subscribes to."""

from __future__ import annotations

import hashlib

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from stemportal.accounts.requests import PersonRequest
from stemportal.lib.public_answers import too_many
from stemportal.lib.ratelimit import allowed
from stemportal.partners.access import partner_for_member
from stemportal.schools.models import BookingQuerySet
from stemportal.schools.queries.bookings import bookings_of_partner, bookings_of_teacher
from stemportal.schools.queries.calendar import bookings_of_school, coming, monday_of, week_of, week_of_partner
from stemportal.schools.queries.teachers import teacher_record
from stemportal.schools.services import calendars

PAGE_SIZE = 25
LIST = "list"
WHOLE_SCHOOL = "school"


@require_safe
def my_calendar(request: PersonRequest) -> HttpResponse:
    """The teacher's visits, a week or all that come; a coordinator may look at the whole school's."""
    record = teacher_record(request.user)
    if record is None:
        return redirect("schools:my_school")
    whole_school = record.is_coordinator and request.GET.get("whose") == WHOLE_SCHOOL
    bookings = bookings_of_school(record.school) if whole_school else bookings_of_teacher(request.user)
    context = {"record": record, "whole_school": whole_school, "room": "calendar", "is_school": True}
    if request.GET.get("view") == LIST:
        context["page_obj"] = _coming(request, bookings)
    else:
        context["week"] = week_of(bookings, monday_of(request.GET.get("week", "")))
    return render(request, "schools/calendar.html", context | _address(request))


@require_safe
def partner_calendar(request: PersonRequest, partner_pk: int) -> HttpResponse:
    """The visits to a partner and its free sessions, a week; or all visits that come."""
    partner = partner_for_member(request.user, partner_pk)
    context = {"partner": partner, "room": "bookings", "is_school": False}
    if request.GET.get("view") == LIST:
        context["page_obj"] = _coming(request, bookings_of_partner(partner))
    else:
        context["week"] = week_of_partner(partner, monday_of(request.GET.get("week", "")))
    return render(request, "schools/calendar_partner.html", context | _address(request))


def _coming(request: HttpRequest, bookings: BookingQuerySet):  # noqa: ANN202  # a Page of bookings
    return Paginator(coming(bookings), PAGE_SIZE).get_page(request.GET.get("page"))


def _address(request: PersonRequest) -> dict[str, object]:
    address = calendars.address_of(request.user)
    # Calendar programs open this scheme and subscribe.
    return {"calendar_address": address, "webcal_address": f"webcal://{address.partition('://')[2]}"}


@require_POST
def calendar_renew(request: PersonRequest) -> HttpResponse:
    """Give the person's calendar a new secret address."""
    calendars.renew_address(user=request.user)
    messages.success(request, _("Here is the new address. The old one does not work any more."))
    partner = request.POST.get("partner", "")
    if partner.isascii() and partner.isdigit() and len(partner) < 10:
        return redirect("schools:partner_calendar", int(partner))
    return redirect("schools:my_calendar")


@login_not_required
@require_safe
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """A person's visits for calendar programs. The address is the key: a false or renewed one finds nothing."""
    user = calendars.user_of(token)
    if user is None:
        raise Http404("no such calendar")
    if not allowed(request, "calendar_feed", key=f"user:{user.pk}"):
        return too_many("calendar_feed", HttpResponse("Too many requests.\n", content_type="text/plain; charset=utf-8"))
    response = HttpResponse(calendars.feed_of(user), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="visits.ics"'
    response["Cache-Control"] = "private, no-cache"
    response["X-Robots-Tag"] = "noindex"
    etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    response["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=response) or response
