"""An owner fetches a copy of all data, and ends the partnership."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from stemportal.accounts.requests import PersonRequest
from stemportal.lib.ratelimit import allowed
from stemportal.partners import extensions
from stemportal.partners.access import READ_ONLY, copy_for_owner, partner_for_owner
from stemportal.partners.forms.leaving import LeaveForm
from stemportal.partners.models import DataExport, Partner
from stemportal.partners.services.ending import ACTIVE, consequences_of, kept_until, leave_programme
from stemportal.partners.services.exports import RUNNING, request_copy

Status = DataExport.Status
TOO_MANY = 429
# Copies on the page; they are gone after some days, so there are never many.
MOST_COPIES = 20


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def data(request: PersonRequest, partner_pk: int) -> HttpResponse:
    """What we keep about the partner, and its copies of it; POST orders a new one. While it is made, htmx asks."""
    partner = partner_for_owner(request.user, partner_pk, also_inactive=True)
    if request.method == "POST":
        if not allowed(request, "data_copy", key=f"partner:{partner.pk}"):
            messages.error(request, _("You have made many copies today. Please try again tomorrow."))
            return _data_page(request, partner, status=TOO_MANY)
        request_copy(partner=partner, by=request.user)
        return redirect("partners:data", partner_pk=partner.pk)
    return _data_page(request, partner)


def _data_page(request: PersonRequest, partner: Partner, status: int = 200) -> HttpResponse:
    latest = partner.data_exports.first()
    ready = partner.data_exports.filter(status=Status.READY, expires_at__gt=timezone.now())
    context = {
        "partner": partner,
        "room": "organisation",
        "running": latest if latest and latest.status in RUNNING else None,
        "failed": latest if latest and latest.status == Status.FAILED else None,
        "copies": ready[:MOST_COPIES],
        "sections": extensions.data_sections,
        "has_ended": partner.status in READ_ONLY,
        "may_leave": partner.status in ACTIVE,
        "kept_until": kept_until(partner),
        "retention_days": settings.PARTNER_RETENTION_DAYS,
    }
    # A page that htmx fetches as a whole (after a login, for example) is no answer to the question how far it is.
    part = "#copies" if request.headers.get("HX-Target") == "copies" else ""
    return render(request, f"partners/data.html{part}", context, status=status)


@never_cache
@require_safe
def data_download(request: PersonRequest, pk: int) -> FileResponse:
    """The ZIP, as a file to save. Only for owners of the partner it is about."""
    export = copy_for_owner(request.user, pk)
    try:
        content = export.file.open("rb")
    except FileNotFoundError as error:
        raise Http404("the file is gone") from error
    day = timezone.localtime(export.built_at or export.requested_at)
    name = f"{export.partner.slug[:60]}-data-{day:%Y-%m-%d}.zip"
    return FileResponse(content, as_attachment=True, filename=name, content_type="application/zip")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: PersonRequest, partner_pk: int) -> HttpResponse:
    """End the partnership, after showing what that does; afterwards what is kept how long, and the way back."""
    partner = partner_for_owner(request.user, partner_pk, also_inactive=True)
    if partner.status == Partner.Status.ENDED:
        context = {"partner": partner, "room": "organisation", "kept_until": kept_until(partner)}
        return render(request, "partners/leave_done.html", context)
    if partner.status not in ACTIVE:
        return redirect("partners:data", partner_pk=partner.pk)
    consequences = consequences_of(partner)
    form = LeaveForm(request.POST or None, partner=partner, calls_off=any(told.to_teachers for told in consequences))
    if request.method == "POST" and form.is_valid():
        words = form.cleaned_data
        leave_programme(partner=partner, by=request.user, reason=words["reason"], message=words.get("message", ""))
        return redirect("partners:leave", partner_pk=partner.pk)
    context = {
        "partner": partner,
        "room": "organisation",
        "consequences": consequences,
        "kept_until": kept_until(partner),
        "form": form,
    }
    return render(request, "partners/leave.html", context)
