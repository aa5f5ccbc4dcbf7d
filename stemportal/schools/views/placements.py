"""Work weeks and job shadow: places by week, and the agreement to print."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stemportal.accounts.requests import PersonRequest
from stemportal.activities.access import activity_for_member
from stemportal.lib import ratelimit
from stemportal.schools import agreement as document
from stemportal.schools.access import booking_for
from stemportal.schools.errors import BookingError
from stemportal.schools.forms.weeks import WeeksForm
from stemportal.schools.models import Booking
from stemportal.schools.placements import is_placement
from stemportal.schools.services.weeks import set_places_by_week


def weeks(request: PersonRequest, activity_pk: int) -> HttpResponse:
    """The partner says how many pupils can come in each of the coming weeks, on one page."""
    activity = activity_for_member(request.user, activity_pk, edit=True)
    if not activity.lasts_for_days:
        raise Http404
    form = WeeksForm(request.POST or None, activity=activity)
    if request.method == "POST" and form.is_valid():
        try:
            changed = set_places_by_week(
                activity=activity, places=form.places(), begins=form.cleaned_data["begins"], by=request.user
            )
        except BookingError as error:
            form.add_error(None, error.words)
        else:
            text = ngettext("%(count)s week is changed.", "%(count)s weeks are changed.", changed)
            messages.success(request, text % {"count": changed})
            return redirect("schools:weeks", activity.pk)
    context = {"form": form, "activity": activity, "partner": activity.partner, "room": "listings"}
    return render(request, "schools/weeks.html", context, status=422 if form.is_bound and form.errors else 200)


def on_booking_page(booking: Booking) -> dict[str, object]:
    """Return what the page of a booking says about pupils at work; nothing for other visits."""
    if not is_placement(booking.activity.kind):
        return {}
    return {"placement": {"wishes": booking.pupil_wishes, "has_agreement": document.can_be_made(booking)}}


def agreement(request: PersonRequest, pk: int) -> HttpResponse:
    """The agreement of an agreed work week or job shadow as a PDF, with the pupils' names left blank."""
    booking = booking_for(request.user, pk).booking
    if not is_placement(booking.activity.kind) or not document.can_be_made(booking):
        raise Http404
    if not ratelimit.allowed(request, "agreement", key=f"user:{request.user.pk}"):
        return HttpResponse(_("That was very many documents in an hour. Please wait a little."), status=429)
    response = HttpResponse(document.make_pdf(booking), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{document.file_name(booking)}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
