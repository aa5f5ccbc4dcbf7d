"""The visit pack to print."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from stemportal.activities.access import activity_visible_to
from stemportal.activities.visit_pack import kept_pack, make_pack, visit_pack_data
from stemportal.lib.ratelimit import allowed


@login_not_required
@require_safe
def visit_pack(request: HttpRequest, pk: int) -> HttpResponse:
    """The visit pack as PDF in the reader's language. Making one counts against the limit, fetching it again not."""
    activity = activity_visible_to(request.user, pk).activity
    data = visit_pack_data(activity)
    content = kept_pack(data)
    if content is None:
        if not allowed(request, "visit_pack"):
            messages.warning(request, _("That was many documents in a short time. Please try again in an hour."))
            return redirect(activity)
        content = make_pack(data)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{activity.slug}.pdf"'
    response["Cache-Control"] = "private, no-cache"
    response["X-Robots-Tag"] = "noindex"
    return response
