"""The partner's room as far as bookings go: today's tasks and all bookings."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from stemportal.accounts.requests import PersonRequest
from stemportal.activities.models import Kind
from stemportal.activities.pledging import quantity_words
from stemportal.lib.school_year import current_school_year
from stemportal.partners.access import membership_of, partner_for_member
from stemportal.partners.extensions import tasks_of
from stemportal.schools.filters import BookingFilter
from stemportal.schools.progress import amount, booked_sums, pledge_progress
from stemportal.schools.queries.bookings import bookings_of_partner, partner_numbers
from stemportal.schools.queries.reply_time import reply_time
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
        "offered": bookings.waiting_for_school()[:PAGE_SIZE],
        "tasks": tasks,
        "upcoming": bookings.upcoming()[:10],
        "numbers": partner_numbers(partner),
        "reply_time": reply_time(partner.pk),
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
