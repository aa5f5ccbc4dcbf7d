"""The partner's room: its listings, the editor, and what takes a listing in and out of sight."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from stemportal.activities.access import activity_for_member
from stemportal.activities.forms.editor import ActivityForm
from stemportal.activities.models import Activity, Kind, Language
from stemportal.activities.queries import offers as queries
from stemportal.activities.rules import missing_for_publishing
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
        "activities": page.object_list,
        "may_edit": _may_edit(request, partner),
    }
    return render(request, "activities/listings.html", context)


def _may_edit(request: HttpRequest, partner: Partner) -> bool:
    membership = partner.memberships.filter(user=request.user.pk).first()
    return membership is not None and membership.may_edit


def create(request: HttpRequest, partner_pk: int) -> HttpResponse:
    """Choose a kind, then fill in the editor; nothing is shown to teachers before it is published."""
    partner = partner_for_member(request.user, partner_pk, edit=True)
    code = request.POST.get("kind") or request.GET.get("kind", "")
    kinds = list(Kind.objects.filter(is_active=True))
    kind = next((kind for kind in kinds if kind.code == code), None)
    if kind is None:
        return render(request, "activities/choose_kind.html", {"partner": partner, "room": "listings", "kinds": kinds})
    draft = Activity(partner=partner, kind=kind, municipality=partner.municipality, languages=[Language.BOKMAAL])
    if kind.formats:
        draft.format = kind.formats[0]
    if lowest := kind.guards.get("min_grade"):
        draft.grade_from = lowest
    form = ActivityForm(request.POST or None, kind=kind, instance=draft)
    if request.method == "POST" and form.is_valid():
        activity = services.create_activity(partner=partner, kind=kind, facts=form.facts)
        return _saved(request, activity)
    return _editor(request, form, draft)


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change an activity. A published one must stay complete; what it would lack is said at the field."""
    activity = activity_for_member(request.user, pk, edit=True)
    form = ActivityForm(request.POST or None, kind=activity.kind, instance=activity)
    if request.method == "POST" and form.is_valid():
        try:
            activity = services.update_activity(activity=activity, facts=form.facts)
        except services.CannotPublish as refusal:
            form.add_missing(refusal.missing)
        else:
            return _saved(request, activity)
    return _editor(request, form, activity)


def _editor(request: HttpRequest, form: ActivityForm, activity: Activity) -> HttpResponse:
    form.mark_needed()
    context: dict[str, Any] = {
        "partner": activity.partner,
        "room": "listings",
        "kind": activity.kind,
        "activity": activity if activity.pk else None,
        "form": form,
    }
    if activity.pk:
        context["missing"] = missing_for_publishing(activity)
        context["coming"] = queries.coming_sessions(activity, limit=5)
    return render(request, "activities/edit.html", context, status=422 if form.is_bound and form.errors else 200)


def _saved(request: HttpRequest, activity: Activity) -> HttpResponse:
    """After saving: publish when that was the button, else stay in the editor and say what is missing."""
    if request.POST.get("action") == "publish" and not activity.is_published:
        return _publish(request, activity)
    missing = missing_for_publishing(activity)
    if activity.is_published:
        messages.success(request, _("Saved. Teachers see the new text now."))
    elif missing:
        messages.success(request, _("Saved. Only you and your colleagues see it. What is missing stands beside it."))
    else:
        messages.success(request, _("Saved. It is ready to be published."))
    return redirect("activities:edit", activity.pk)


def _publish(request: HttpRequest, activity: Activity) -> HttpResponse:
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
    return _publish(request, activity_for_member(request.user, pk, edit=True))


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
