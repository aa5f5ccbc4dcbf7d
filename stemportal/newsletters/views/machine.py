"""One-click unsubscription for mail programs (RFC 8058): no login, no cookie, no CSRF token, no language prefix."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from stemportal.newsletters import services
from stemportal.newsletters.models import Subscriber


@csrf_exempt
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def one_click(request: HttpRequest, token: str) -> HttpResponse:
    """POST unsubscribes at once. A person who opens the address gets the page with the button.

    The body should be ``List-Unsubscribe=One-Click``; it is not insisted upon, for a wish to leave is never refused.
    """
    subscriber = get_object_or_404(Subscriber, unsubscribe_token=token)
    if request.method == "POST":
        services.unsubscribe(token)
        return HttpResponse("Unsubscribed.\n", content_type="text/plain; charset=utf-8")
    with translation.override(subscriber.language):
        return redirect(reverse("newsletters:unsubscribe", args=[token]))
