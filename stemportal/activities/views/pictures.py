"""The pictures of an offer: adding, describing, ordering, removing, and serving them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stemportal.accounts.requests import PersonRequest
from stemportal.activities.access import activity_for_member, image_for_member, image_visible_to
from stemportal.activities.forms.pictures import DescriptionForm, PictureForm
from stemportal.activities.models import Activity
from stemportal.activities.services import pictures as services
from stemportal.lib.ratelimit import allowed
from stemportal.lib.stored_files import FOR_A_YEAR, ONLY_HERE, stored_file
from stemportal.lib.uploads import upload_was_too_large

TOO_MANY, REFUSED = 429, 422


@require_http_methods(["GET", "HEAD", "POST"])
def images(request: PersonRequest, pk: int) -> HttpResponse:
    """All pictures of an offer, and one more."""
    activity = activity_for_member(request.user, pk, edit=True)
    if request.method != "POST":
        return _page(request, activity, PictureForm())
    form = PictureForm(request.POST, request.FILES, too_large=upload_was_too_large(request))
    if not allowed(request, "offer_file", key=f"user:{request.user.pk}"):
        form.add_error(None, _("That was many pictures in a short time. Please try again in an hour."))
        return _page(request, activity, form, status=TOO_MANY)
    if not form.is_valid():
        return _page(request, activity, form, status=REFUSED)
    try:
        services.add_picture(activity=activity, picture=form.picture, alt_text=form.cleaned_data["alt_text"])
    except services.TooMany:
        text = _("An offer has at most %(number)s pictures. Remove one first.")
        form.add_error(None, text % {"number": services.MOST_PICTURES})
        return _page(request, activity, form, status=REFUSED)
    messages.success(request, _("The picture is there. The first one stands on top of the offer."))
    return redirect("activities:images", activity.pk)


def _page(
    request: HttpRequest, activity: Activity, form: PictureForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = {
        "activity": activity,
        "partner": activity.partner,
        "room": "listings",
        "tab": "images",
        "images": list(activity.images.all()),
        "form": form,
        "most": services.MOST_PICTURES,
        **more,
    }
    return render(request, "activities/images.html", context, status=status)


@require_POST
def image_change(request: PersonRequest, pk: int) -> HttpResponse:
    """Describe a picture anew, move it up or down, or remove it: the button says which."""
    found = image_for_member(request.user, pk)
    match request.POST.get("action"):
        case "up" | "down" as way:
            services.move_picture(image=found, up=way == "up")
        case "remove":
            services.remove_picture(image=found)
            messages.success(request, _("The picture has been removed."))
        case _:
            form = DescriptionForm(request.POST)
            if not form.is_valid():
                wrong = {"wrong": found.pk, "described": form}
                return _page(request, found.activity, PictureForm(), status=REFUSED, **wrong)
            services.describe_picture(image=found, alt_text=form.cleaned_data["alt_text"])
            messages.success(request, _("Saved."))
    return redirect("activities:images", found.activity_id)


@login_not_required
@require_safe
def image(request: HttpRequest, name: str) -> FileResponse:
    """A picture. That of an offer that is not published is for its members only."""
    found, is_public = image_visible_to(request.user, name)
    response = stored_file(found.file)
    response["Cache-Control"] = FOR_A_YEAR if is_public else ONLY_HERE
    return response
