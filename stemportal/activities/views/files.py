"""The files of an offer: adding, removing, and handing them out as attachments."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stemportal.accounts.requests import PersonRequest
from stemportal.activities.access import activity_for_member, file_for_member, file_visible_to
from stemportal.activities.forms.pictures import FileForm
from stemportal.activities.models import Activity
from stemportal.activities.services import files as services
from stemportal.activities.services.pictures import TooMany
from stemportal.lib.ratelimit import allowed
from stemportal.lib.stored_files import ONLY_HERE, stored_file
from stemportal.lib.uploads import upload_was_too_large

TOO_MANY, REFUSED = 429, 422


@require_http_methods(["GET", "HEAD", "POST"])
def files(request: PersonRequest, pk: int) -> HttpResponse:
    """All files of an offer, and one more."""
    activity = activity_for_member(request.user, pk, edit=True)
    if request.method != "POST":
        return _page(request, activity, FileForm(initial={"purpose": request.GET.get("purpose")}))
    form = FileForm(request.POST, request.FILES, too_large=upload_was_too_large(request))
    if not allowed(request, "offer_file", key=f"user:{request.user.pk}"):
        form.add_error(None, _("That was many files in a short time. Please try again in an hour."))
        return _page(request, activity, form, status=TOO_MANY)
    if not form.is_valid():
        return _page(request, activity, form, status=REFUSED)
    facts = form.cleaned_data
    try:
        services.add_file(
            activity=activity,
            purpose=facts["purpose"],
            title=facts["title"],
            content=form.content,
            extension=form.extension,
        )
    except TooMany:
        text = _("An offer has at most %(number)s files. Remove one first.") % {"number": services.MOST_FILES}
        form.add_error(None, text)
        return _page(request, activity, form, status=REFUSED)
    messages.success(request, _("The file is there. Everybody who sees the offer can open it."))
    return redirect("activities:files", activity.pk)


def _page(request: HttpRequest, activity: Activity, form: FileForm, *, status: int = 200) -> HttpResponse:
    context = {
        "activity": activity,
        "partner": activity.partner,
        "room": "listings",
        "tab": "files",
        "files": list(activity.files.all()),
        "form": form,
        "most": services.MOST_FILES,
    }
    return render(request, "activities/files.html", context, status=status)


@require_POST
def file_remove(request: PersonRequest, pk: int) -> HttpResponse:
    """Remove a file."""
    found = file_for_member(request.user, pk)
    services.remove_file(file=found)
    messages.success(request, _("The file has been removed."))
    return redirect("activities:files", found.activity_id)


@login_not_required
@require_safe
def file(request: HttpRequest, pk: int) -> FileResponse:
    """A file to save, for everybody who sees its offer."""
    found = file_visible_to(request.user, pk)
    stored = str(found.file.name)
    title = slugify(found.title.translate(str.maketrans("æøåÆØÅ", "aoaAOA"))) or "fil"
    response = stored_file(found.file, name=f"{title}.{stored.rpartition('.')[2]}")
    response["Cache-Control"] = ONLY_HERE
    response["X-Robots-Tag"] = "noindex"
    return response
