"""Money for the journey, as the school sees it: asking, sharing a bus, the receipt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from stemportal.accounts.requests import PersonRequest
from stemportal.lib.ratelimit import allowed
from stemportal.lib.stored_files import ONLY_HERE, stored_file
from stemportal.lib.uploads import upload_was_too_large
from stemportal.partners.models import Membership
from stemportal.schools import journeys
from stemportal.schools.access import booking_for
from stemportal.schools.errors import BookingError
from stemportal.schools.forms.transport import GrantForm, ReceiptForm
from stemportal.schools.models import Booking, TransportGrant
from stemportal.schools.services import bus_sharing, grants, rates
from stemportal.schools.states import Side

Status = TransportGrant.Status
TOO_MANY, REFUSED = 429, 422


def on_booking_page(booking: Booking, side: Side) -> dict[str, Any]:
    """Return what the booking's page says about money for the journey; the partner sees it in its own pots only."""
    if side != Side.SCHOOL:
        return {}
    grant = TransportGrant.objects.filter(booking=booking).first()
    return {"grant": grant, "may_ask_grant": grant is None and grants.may_apply(booking)}


def _booking(request: PersonRequest, pk: int) -> Booking:
    return booking_for(request.user, pk, act=Side.SCHOOL).booking


def _grant_of(booking: Booking) -> TransportGrant | None:
    return TransportGrant.objects.with_facts().filter(booking=booking).first()


@require_http_methods(["GET", "HEAD", "POST"])
def grant(request: PersonRequest, pk: int) -> HttpResponse:
    """The application of a booking, how it stands, and what comes next."""
    booking = _booking(request, pk)
    found = _grant_of(booking)
    if found is None and not grants.may_apply(booking):
        raise Http404("nobody travels")
    if request.method != "POST":
        return _page(request, booking, found)
    if not _may_change(booking, found):
        messages.warning(request, grants.GrantMoved().words)
        return redirect("schools:grant", pk)
    form = GrantForm(request.POST, quotes=_quotes(booking, request.POST.get("km"), request.POST.get("people")))
    if "work_out" in request.POST:
        return _worked_out(request, booking, found, form)
    return _asked(request, booking, found, form)


def _asked(request: PersonRequest, booking: Booking, found: TransportGrant | None, form: GrantForm) -> HttpResponse:
    """Send the application, or show the form with what is wrong."""
    if not allowed(request, "grant", key=f"user:{request.user.pk}"):
        form.add_error(None, _("That was a lot in a short time. Please try again in an hour."))
        return _page(request, booking, found, form=form, status=TOO_MANY)
    if not form.is_valid():
        return _page(request, booking, found, form=form, status=REFUSED)
    try:
        grants.apply_for_grant(booking=booking, by=request.user, application=form.application())
    except BookingError as error:
        form.add_error(error.field, error.words)
        return _page(request, booking, found, form=form, status=REFUSED)
    messages.success(request, _("Sent. You get a mail as soon as somebody has decided."))
    return redirect("schools:grant", booking.pk)


def _worked_out(
    request: PersonRequest, booking: Booking, found: TransportGrant | None, form: GrantForm
) -> HttpResponse:
    """The form with new prices; nothing is sent."""
    form.is_valid()
    if {"km", "people"} & set(form.errors):
        return _page(request, booking, found, form=form, status=REFUSED)
    typed = {name: request.POST.get(name, "") for name in ("km", "people", "mode", "why")}
    return _page(request, booking, found, form=GrantForm(initial=typed, quotes=form.quotes))


def _quotes(booking: Booking, km: object, people: object) -> list[rates.Quote]:
    """What each way of travelling costs; nothing for numbers that are none."""
    try:
        far, many = int(str(km)[:6]), int(str(people)[:6])
    except ValueError:
        return []
    if not (1 <= far <= grants.MOST_KM and 1 <= many <= grants.MOST_PEOPLE):
        return []
    return rates.quotes(km=far, people=many, on=journeys.visit_day(booking))


def _may_change(booking: Booking, found: TransportGrant | None) -> bool:
    if found is not None and (found.status not in grants.MAY_CHANGE or found.shares_with_id):
        return False
    return grants.may_apply(booking)


def _page(
    request: PersonRequest,
    booking: Booking,
    found: TransportGrant | None,
    *,
    form: GrantForm | None = None,
    receipt_form: ReceiptForm | None = None,
    status: int = 200,
) -> HttpResponse:
    proposed = journeys.distance(booking)
    begun = journeys.has_begun(booking)
    group = booking.pupils + booking.adults
    if form is None and _may_change(booking, found):
        form = _first_form(booking, found, proposed)
    holds = found is not None and found.status in TransportGrant.HOLDING
    if receipt_form is None and holds and begun:
        receipt_form = ReceiptForm(auto_id="receipt_%s", initial={"ore": found.claimed_ore if found else None})
    context = {
        "booking": booking,
        "grant": found,
        "form": form,
        "proposed_km": proposed,
        "is_walk": proposed is not None and journeys.is_walk(proposed),
        "point_is_rough": not booking.school.point_is_exact or booking.activity.latitude is None,
        "group": group,
        "group_changed": found is not None and found.status in grants.OPEN and found.people != group,
        "rides": bus_sharing.rides_for(found) if found else [],
        "companion": found.shares_with.booking.school if found and found.shares_with else None,
        "may_go_alone": found is not None
        and found.shares_with_id is not None
        and found.status in {Status.APPLIED, Status.APPROVED}
        and not begun,
        "may_give_back": found is not None and found.status in grants.OPEN,
        "receipt_form": receipt_form if holds and begun else None,
        "deadline": journeys.receipt_deadline(booking),
    }
    return render(request, "schools/transport/grant.html", context, status=status)


def _first_form(booking: Booking, found: TransportGrant | None, proposed: int | None) -> GrantForm:
    """The form as it begins: what was asked for before, or what the portal reckons."""
    if found is not None:
        quotes = _quotes(booking, found.km, found.people)
        names = ("km", "people", "mode", "why")
        return GrantForm(initial={**{n: getattr(found, n) for n in names}, "ore": found.applied_ore}, quotes=quotes)
    people = booking.pupils + booking.adults
    quotes = _quotes(booking, proposed, people)
    return GrantForm(
        initial={"km": proposed, "people": people, "mode": quotes[0].mode if quotes else None}, quotes=quotes
    )


def _do(request: PersonRequest, pk: int, act: Callable[[], object], done: str) -> HttpResponse:
    """Take a step and say what happened; what has moved on is shown as it stands now."""
    try:
        act()
    except BookingError as error:
        messages.warning(request, error.words)
    else:
        messages.success(request, done)
    return redirect("schools:grant", pk=pk)


def _own_grant(request: PersonRequest, pk: int) -> TransportGrant:
    found = _grant_of(_booking(request, pk))
    if found is None:
        raise Http404("no application")
    return found


@require_POST
def grant_withdraw(request: PersonRequest, pk: int) -> HttpResponse:
    """The school needs no money after all."""
    found = _own_grant(request, pk)
    return _do(
        request,
        pk,
        lambda: grants.release_grant(
            grant_id=found.pk, by=request.user, why=lambda: _("Your school has given the money back.")
        ),
        _("Thank you for saying so. The money goes to other classes."),
    )


@require_POST
def grant_share(request: PersonRequest, pk: int) -> HttpResponse:
    """Share a bus with another school, or go alone again."""
    found = _own_grant(request, pk)
    other = request.POST.get("with", "")
    if other == "nobody":
        return _do(
            request,
            pk,
            lambda: bus_sharing.travel_alone(grant_id=found.pk),
            _("You travel alone. The other school has been told."),
        )
    if not allowed(request, "grant", key=f"user:{request.user.pk}"):
        messages.warning(request, _("That was a lot in a short time. Please try again in an hour."))
        return redirect("schools:grant", pk)
    number = int(other) if other.isdecimal() and len(other) < 12 else 0
    return _do(
        request,
        pk,
        lambda: bus_sharing.share_bus(grant_id=found.pk, other_id=number),
        _("You share a bus. Both schools have been told."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def grant_receipt(request: PersonRequest, pk: int) -> HttpResponseBase:
    """POST: the school sends its receipt. GET: the file, for the school and whoever pays."""
    if request.method != "POST":
        return _receipt(request, pk)
    booking = _booking(request, pk)
    found = _own_grant(request, pk)
    form = ReceiptForm(request.POST, request.FILES, too_large=upload_was_too_large(request), auto_id="receipt_%s")
    if not allowed(request, "grant_receipt", key=f"user:{request.user.pk}"):
        form.add_error(None, _("That was many files in a short time. Please try again in an hour."))
        return _page(request, booking, found, receipt_form=form, status=TOO_MANY)
    if not form.is_valid():
        return _page(request, booking, found, receipt_form=form, status=REFUSED)
    try:
        grants.claim_grant(
            booking=booking, ore=form.cleaned_data["ore"], content=form.content, extension=form.extension
        )
    except grants.GrantMoved as error:
        messages.warning(request, error.words)
        return redirect("schools:grant", pk)
    except BookingError as error:
        form.add_error(error.field, error.words)
        return _page(request, booking, found, receipt_form=form, status=REFUSED)
    messages.success(request, _("Thank you. The receipt is there, and you hear from us when it is settled."))
    return redirect("schools:grant", pk)


def _receipt(request: PersonRequest, pk: int) -> HttpResponseBase:
    found = TransportGrant.objects.select_related("pot").filter(booking=pk).exclude(receipt="").first()
    if found is None or not _may_open(request, found):
        raise Http404("no receipt for this person")
    stored = str(found.receipt.name)
    response = stored_file(found.receipt, name=f"receipt-{pk}.{stored.rpartition('.')[2]}")
    response["Cache-Control"] = ONLY_HERE
    response["X-Robots-Tag"] = "noindex"
    return response


def _may_open(request: PersonRequest, found: TransportGrant) -> bool:
    """The school, the secretariat, and the members of the partner whose pot pays; nobody else."""
    if request.user.is_staff and request.user.has_perm("schools.view_transportgrant"):
        return True
    pays = found.pot.partner_id if found.pot else None
    if pays and Membership.objects.filter(partner=pays, user=request.user).exists():
        return True
    try:
        booking_for(request.user, found.booking_id, act=Side.SCHOOL)
    except (Http404, PermissionDenied):
        return False
    return True
