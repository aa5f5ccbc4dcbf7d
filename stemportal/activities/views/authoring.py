"""Beside the editor: the preview, throwing unpublished changes away, and copying an offer."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from stemportal.accounts.requests import PersonRequest
from stemportal.activities.access import Sight, activity_for_member
from stemportal.activities.queries.role_models import profile_of
from stemportal.activities.rules import missing_for_publishing
from stemportal.activities.services import activities as services
from stemportal.activities.services import authoring
from stemportal.activities.views.detail import page_of
from stemportal.activities.views.editor import pending_state
from stemportal.lib.films import find_film
from stemportal.lib.ratelimit import allowed


@require_safe
def preview(request: PersonRequest, pk: int) -> HttpResponse:
    """The offer as a teacher will see it: a draft, or a published one with the change that waits."""
    activity = activity_for_member(request.user, pk)
    pending = authoring.pending_of(activity) if activity.is_published else None
    shown = pending_state(pending, activity) if pending else activity
    editor = request.user.memberships.filter(partner_id=activity.partner_id).first()
    context = page_of(Sight(shown, is_member=False, may_edit=False)) | {
        "film": find_film(shown.link),
        "preview": True,
        "pending": pending,
        "missing": missing_for_publishing(shown),
        "may_edit": editor is not None and editor.may_edit,
    }
    return render(request, "activities/detail.html", context)


@require_POST
def discard(request: PersonRequest, pk: int) -> HttpResponse:
    """Throw the unpublished change away that the page showed; one that was saved since stays."""
    activity = activity_for_member(request.user, pk, edit=True)
    if authoring.discard_pending(activity=activity, stamp=request.POST.get("pending", "")):
        messages.success(request, _("Thrown away. The editor shows what teachers see."))
    else:
        messages.warning(
            request, _("Nothing was thrown away: the changes were saved anew meanwhile. Look at them first.")
        )
    return redirect("activities:edit", activity.pk)


@require_POST
def copy(request: PersonRequest, pk: int) -> HttpResponse:
    """Make a draft out of an offer, last year's for example."""
    activity = activity_for_member(request.user, pk, edit=True)
    if profile_of(activity) is not None:
        messages.warning(request, _("This offer is made from a role model's profile, and cannot be copied."))
        return redirect("activities:listings", activity.partner_id)
    if not allowed(request, "offer", key=f"user:{request.user.pk}"):
        messages.warning(request, _("That was many offers in a short time. Please try again in an hour."))
        return redirect("activities:listings", activity.partner_id)
    try:
        new = authoring.copy_activity(activity=activity)
    except services.TooManyDrafts:
        text = _("You have %(number)s drafts. Please publish some or put some away before you begin another.")
        messages.warning(request, text % {"number": services.MOST_DRAFTS})
        return redirect("activities:listings", activity.partner_id)
    messages.success(
        request, _("Copied. Look through it, set new dates, and publish. What must be checked each year is left open.")
    )
    return redirect("activities:edit", new.pk)
