"""Addresses for programs: one-click unsubscription (RFC 8058), and what a mail provider tells about mails."""

from __future__ import annotations

from anymail import urls as providers
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from stemportal.newsletters.models import Subscriber
from stemportal.newsletters.services import consents, subscribing

# By the provider's name: django-anymail's view that checks and understands what this provider tells.
TRACKING = {
    str(pattern.name).removesuffix("_tracking_webhook"): pattern.callback
    for pattern in providers.urlpatterns
    if str(pattern.name).endswith("_tracking_webhook")
}


@csrf_exempt
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def one_click(request: HttpRequest, token: str) -> HttpResponse:
    """POST unsubscribes at once, without login, cookie or CSRF token. A person who opens it gets a page with a button.

    The body should be ``List-Unsubscribe=One-Click``; it is not insisted upon, for a wish to leave is never refused.
    """
    subscriber = get_object_or_404(Subscriber, unsubscribe_token=token)
    if request.method == "POST":
        subscribing.unsubscribe(token, source=consents.ONE_CLICK)
        return HttpResponse("Unsubscribed.\n", content_type="text/plain; charset=utf-8")
    with translation.override(subscriber.language):
        return redirect(reverse("newsletters:unsubscribe", args=[token]))


@csrf_exempt
@login_not_required
@never_cache
@require_http_methods(["HEAD", "POST"])
def provider(request: HttpRequest) -> HttpResponse:
    """Events of the mail provider in use, for ``provider_events``. Without a shared secret there is nothing here."""
    tell = TRACKING.get(settings.NEWSLETTER_PROVIDER)
    if tell is None or not settings.ANYMAIL["WEBHOOK_SECRET"]:
        raise Http404
    return tell(request)
