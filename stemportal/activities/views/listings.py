"""The partner's room: its listings, and what takes a listing in and out of sight."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from stemportal.activities.access import activity_for_member
from stemportal.activities.models import Activity
from stemportal.activities.queries import offers as queries
from stemportal.activities.queries.exposure import advise
from stemportal.activities.services import activities as services
from stemportal.partners.access import partner_for_member
from stemportal.partners.models import Partner

PAGE_SIZE = 25


def listings(request: HttpRequest, partner_pk: int) -> HttpResponse:
    """All activities of a partner with state, views, free places and the next session."""
    partner = partner_for_member(request.user, partner_pk)
    page = Paginator(queries.listings_of(partner.pk), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "partner": partner,
        "room": "listings",
        "page_obj": page,
        "activities": advise(page.object_list),
        "may_edit": _may_edit(request, partner),
    }
    return render(request, "activities/listings.html", context)


def _may_edit(request: HttpRequest, partner: Partner) -> bool:
    membership = partner.memberships.filter(user=request.user.pk).first()
    return membership is not None and membership.may_edit


def publish_or_say(request: HttpRequest, activity: Activity) -> HttpResponse:
    """Publish, or say how much is missing and stay in the editor, where it is named."""
    try:
        services.publish_activity(activity=activity)
    except services.CannotPublish as refusal:
        number = len(refusal.missing)
        messages.warning(
            request,
            ngettext(
                "Saved, but not published: %(number)s thing is missing.",
                "Saved, but not published: %(number)s things are missing.",
                number,
            )
            % {"number": number},
        )
        return redirect("activities:edit", activity.pk)
    if activity.is_on_request:
        messages.success(request, _("Published. Teachers find it now, and propose dates to you."))
        return redirect("activities:listings", activity.partner_id)
    messages.success(request, _("Published. Teachers find it now. Add sessions."))
    return redirect("activities:session_add", activity.pk)


@require_POST
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the activity to teachers, or say what is missing."""
    return publish_or_say(request, activity_for_member(request.user, pk, edit=True))


def _move(service: Callable[..., bool], text: Callable[[], str]) -> Callable[[HttpRequest, int], HttpResponse]:
    @require_POST
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        activity = activity_for_member(request.user, pk, edit=True)
        if service(activity=activity):
            messages.success(request, text())
        return redirect("activities:listings", activity.partner_id)

    return view


unpublish = _move(
    services.unpublish_activity,
    lambda: _("Taken down. Teachers do not find it any more. Visits that are agreed still take place."),
)
archive = _move(
    services.archive_activity,
    lambda: _("Put away. You find it at the end of the list. Visits that are agreed still take place."),
)
restore = _move(services.restore_activity, lambda: _("Taken out again, as a draft."))
