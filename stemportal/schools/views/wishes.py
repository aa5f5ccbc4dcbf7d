"""Wishes: a teacher asks for what is missing and answers offers; a partner offers, or says "not now"."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stemportal.accounts.requests import PersonRequest
from stemportal.lib import ratelimit
from stemportal.lib.school_year import add_working_days
from stemportal.partners.access import membership_of
from stemportal.schools.emails.wish_facts import facts_for_partner, offer_facts, theme_words, weeks_words, wish_facts
from stemportal.schools.errors import BookingError, SameTime
from stemportal.schools.forms.wishes import OfferForm, WishForm, again, from_search
from stemportal.schools.models import Offer, Wish, WishMatch
from stemportal.schools.queries import wishes as queries
from stemportal.schools.queries.teachers import teacher_record
from stemportal.schools.services import offers as offer_services
from stemportal.schools.services import wishes as services
from stemportal.schools.wish_access import match_for, offer_for, own_offer, wish_for

PAGE_SIZE = 25
# As long as a booking keeps it.
LONGEST_REASON = 200


@require_safe
def wishes(request: PersonRequest) -> HttpResponse:
    """The person's wishes, and for a coordinator those of the whole school."""
    record = teacher_record(request.user)
    if record is None:
        return redirect("schools:my_school")
    page = Paginator(queries.wishes_of(record), PAGE_SIZE).get_page(request.GET.get("page"))
    item: Any  # takes the words that the list shows of it
    for item in page:
        item.theme, item.weeks = theme_words(item), weeks_words(item.first_week, item.last_week)
    return render(request, "schools/wishes/list.html", {"record": record, "page_obj": page})


@require_http_methods(["GET", "HEAD", "POST"])
def wish_add(request: PersonRequest) -> HttpResponse:
    """Make a wish; what a search asked for, or an earlier wish, stands in the form already."""
    record = teacher_record(request.user)
    if record is None or not record.may_book:
        return render(request, "schools/wishes/not_yet.html", {"record": record})
    form = WishForm(
        request.POST if request.method == "POST" else None, school=record.school, initial=_beginning(request)
    )
    if form.is_bound and form.is_valid():
        if not ratelimit.allowed(request, "wish", key=f"user:{request.user.pk}"):
            form.add_error(None, _("That was many wishes in an hour. Nothing is lost: please send it a little later."))
        else:
            try:
                wish = services.make_wish(school=record.school, teacher=request.user, **form.facts())
            except BookingError as error:
                form.add_error(None, error.words)
            else:
                messages.success(request, _("Your wish is made. We ask partners who could do it, and mail you."))
                return redirect("schools:wish", wish.pk)
    context = {
        "record": record,
        "form": form,
        "partners": settings.WISH_TELL_PARTNERS,
        "days": settings.WISH_HAND_ON_WORKING_DAYS,
    }
    return render(request, "schools/wishes/add.html", context)


def _beginning(request: PersonRequest) -> dict[str, Any]:
    earlier = request.GET.get("again", "")
    if earlier.isdecimal() and len(earlier) < 19:
        return again(wish_for(request.user, int(earlier)))
    return from_search(request.GET)


@require_safe
def wish(request: PersonRequest, pk: int) -> HttpResponse:
    """A wish: how it stands, what was offered, and who was asked."""
    return _wish_page(request, wish_for(request.user, pk))


def _wish_page(request: PersonRequest, found: Wish, **more: Any) -> HttpResponse:
    """``more`` is what an answer that did not succeed adds."""
    record = teacher_record(request.user)
    offers: list[Any] = list(queries.offers_of(found))
    for offer in offers:
        offer.facts = offer_facts(offer)[2:]  # what and who stand above them
        offer.is_full = offer.session is not None and offer.session.places_left == 0
        offer.is_past = offer.starts_at <= timezone.now()
    made = timezone.localdate(found.created_at)
    context = {
        "record": record,
        "wish": found,
        "facts": wish_facts(found),
        "offers": offers,
        "open_offers": sum(offer.status == Offer.Status.OPEN and not offer.is_past for offer in offers),
        "accepted": next((offer for offer in offers if offer.status == Offer.Status.ACCEPTED), None),
        "told": queries.told_of(found),
        "weeks": weeks_words(found.first_week, found.last_week),
        "hand_on_day": add_working_days(made, settings.WISH_HAND_ON_WORKING_DAYS),
        **more,
    }
    return render(request, "schools/wishes/wish.html", context)


@require_POST
def wish_withdraw(request: PersonRequest, pk: int) -> HttpResponse:
    """The teacher needs it no more."""
    found = wish_for(request.user, pk)
    try:
        services.withdraw_wish(wish=found)
    except BookingError as error:
        messages.warning(request, error.words)
    else:
        messages.success(request, _("Withdrawn. Partners who had offered something have been told."))
    return redirect("schools:wish", pk)


@require_POST
def offer_accept(request: PersonRequest, pk: int) -> HttpResponse:
    """Say yes to an offer: it is booked."""
    offer = offer_for(request.user, pk)
    reason = " ".join(request.POST.get("same_time_reason", "").split())[:LONGEST_REASON]
    try:
        booking = offer_services.accept_offer(
            offer=offer, by=request.user, same_time_reason=reason, orientation="orientation" in request.POST
        )
    except SameTime as error:
        return _wish_page(request, offer.wish, clash=offer.pk, clash_words=error.words)
    except BookingError as error:
        messages.warning(request, error.words)
        return redirect("schools:wish", offer.wish_id)
    text = _("Booked! %(partner)s expects you. The calendar entry is in your mail.")
    messages.success(request, text % {"partner": offer.activity.partner})
    return redirect(booking)


@require_POST
def offer_decline(request: PersonRequest, pk: int) -> HttpResponse:
    """Say no to one offer; the wish stays open."""
    offer = offer_for(request.user, pk)
    try:
        offer_services.decline_offer(offer=offer)
    except BookingError as error:
        messages.warning(request, error.words)
    else:
        text = _("Declined. %(partner)s has been told, and your wish stays open.")
        messages.success(request, text % {"partner": offer.activity.partner})
    return redirect("schools:wish", offer.wish_id)


@require_safe
def partner_wishes(request: PersonRequest, partner_pk: int) -> HttpResponse:
    """The wishes that the partner was told of, those to answer first."""
    membership = membership_of(request.user, partner_pk)
    partner = membership.partner
    page = Paginator(queries.matches_of_partner(partner), PAGE_SIZE).get_page(request.GET.get("page"))
    item: Any
    for item in page:
        item.facts = facts_for_partner(item.wish)
    context = {
        "partner": partner,
        "page_obj": page,
        "may_edit": membership.may_edit and partner.is_approved,
        "room": "wishes",
    }
    return render(request, "schools/wishes/partner_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def wish_offer(request: PersonRequest, partner_pk: int, pk: int) -> HttpResponse:
    """A wish as the partner sees it, and the form with which it offers something."""
    match = match_for(request.user, partner_pk, pk)
    activities = queries.offers_that_could(match.partner, match.wish)
    form = OfferForm(
        request.POST if request.method == "POST" else None,
        wish=match.wish,
        activities=activities,
        sessions=queries.dates_that_could(activities, match.wish),
    )
    if form.is_bound and form.is_valid():
        if not ratelimit.allowed(request, "wish_offer", key=f"user:{request.user.pk}"):
            form.add_error(None, _("That was many offers in a short time. Please try again in an hour."))
        else:
            try:
                offer_services.make_offer(wish=match.wish, by=request.user, **form.facts())
            except BookingError as error:
                form.add_error(error.field if error.field in form.fields else None, error.words)
            else:
                messages.success(request, _("Offered. The teacher has a mail; you hear as soon as there is an answer."))
                return redirect("schools:wish_offer", partner_pk, pk)
    return render(request, "schools/wishes/partner_wish.html", _partner_page(match, form))


def _partner_page(match: WishMatch, form: OfferForm) -> dict[str, Any]:
    offers: list[Any] = list(queries.offers_of(match.wish).filter(activity__partner=match.partner))
    for offer in offers:
        offer.facts = offer_facts(offer)
    return {
        "partner": match.partner,
        "match": match,
        "wish": match.wish,
        "is_open": match.wish.status == Wish.Status.OPEN,
        "facts": facts_for_partner(match.wish, queries.kilometres_to(match.partner, match.wish)),
        "weeks": weeks_words(match.wish.first_week, match.wish.last_week),
        "offers": offers,
        "form": form,
        "room": "wishes",
    }


@require_POST
def wish_not_now(request: PersonRequest, partner_pk: int, pk: int) -> HttpResponse:
    """The partner cannot this time."""
    match = match_for(request.user, partner_pk, pk)
    try:
        services.say_not_now(match=match)
    except BookingError as error:
        messages.warning(request, error.words)
    else:
        messages.success(request, _("Thank you for telling. We ask somebody else; you can still change your mind."))
    return redirect("schools:partner_wishes", partner_pk)


@require_POST
def wish_offer_withdraw(request: PersonRequest, partner_pk: int, pk: int, offer_pk: int) -> HttpResponse:
    """The partner takes an offer back."""
    match = match_for(request.user, partner_pk, pk)
    offer = own_offer(match.partner, match.wish, offer_pk)
    try:
        offer_services.withdraw_offer(offer=offer)
    except BookingError as error:
        messages.warning(request, error.words)
    else:
        messages.success(request, _("Taken back. The teacher has been told."))
    return redirect("schools:wish_offer", partner_pk, pk)
