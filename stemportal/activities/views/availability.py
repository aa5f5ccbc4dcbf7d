"""When a partner can be asked for a visit on request: the hours as a list, to add to and take from."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stemportal.activities.access import activity_for_member
from stemportal.activities.forms.availability import AvailabilityForm
from stemportal.activities.models import Availability
from stemportal.activities.services.availability import add_availability, in_words, remove_availability


def availability(request: HttpRequest, pk: int) -> HttpResponse:
    """The hours of one offer. Without any, teachers may ask for every time."""
    activity = activity_for_member(request.user, pk, edit=True)
    row_id = request.POST.get("remove", "")
    if row_id.isdecimal() and len(row_id) < 19:
        if remove_availability(activity=activity, row_id=int(row_id)):
            messages.success(request, _("Taken away. Requests that were sent already stand."))
        return redirect("activities:availability", activity.pk)
    form = AvailabilityForm(request.POST or None)
    form.use_required_attribute = False
    if request.method == "POST" and form.is_valid():
        try:
            number = add_availability(activity=activity, hours=form.hours())
        except ValidationError as error:
            form.add_refusal(error)
        else:
            text = ngettext("%(number)s time added.", "%(number)s times added.", number)
            messages.success(request, text % {"number": number})
            return redirect("activities:availability", activity.pk)
    rows = list(Availability.objects.filter(activity=activity))
    context = {
        "partner": activity.partner,
        "room": "listings",
        "activity": activity,
        "form": form,
        "rows": list(zip(rows, in_words(rows), strict=True)),
    }
    refused = form.is_bound and bool(form.errors)
    return render(request, "activities/availability.html", context, status=422 if refused else 200)
