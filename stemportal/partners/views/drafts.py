"""Going on with a registration that was begun earlier: the mailed link, and the page after saving."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from stemportal.partners.models import DRAFT_DAYS, RegistrationDraft
from stemportal.partners.services import drafts
from stemportal.partners.views import registration


@login_not_required
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def resume(request: HttpRequest, token: str) -> HttpResponse:
    """The mailed link: the form as it was left, and a button that deletes it. Opening it changes nothing."""
    draft = drafts.open_draft(token)
    if request.method != "POST":
        if draft is None:
            return render(request, "partners/draft_gone.html", {"draft_days": DRAFT_DAYS}, status=404)
        return registration.begin(request, draft)
    if "delete" in request.POST:
        drafts.delete_draft(token=token)
        messages.success(request, _("What you typed has been deleted."))
        return redirect("partners:register")
    # A draft that has gone since the page was opened takes nothing with it: what stands in the page is sent on.
    return registration.answer(request, draft, token)


@login_not_required
@require_safe
@never_cache
def saved(request: HttpRequest) -> HttpResponse:
    """What was kept and what comes next; only the browser that saved it sees the address."""
    told = request.session.get(registration.DRAFT_SESSION_KEY) or {}
    draft = RegistrationDraft.objects.filter(pk=told.get("pk", 0)).first()
    return render(request, "partners/draft_saved.html", {"draft": draft, "told": told, "draft_days": DRAFT_DAYS})
