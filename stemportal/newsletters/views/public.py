"""Subscribe, confirm, unsubscribe. A link in a mail opens a page; only its button changes anything."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from stemportal.lib.ratelimit import allowed
from stemportal.newsletters import services
from stemportal.newsletters.forms import SubscribeForm
from stemportal.newsletters.models import Subscriber


@login_not_required
def subscribe(request: HttpRequest) -> HttpResponse:
    """The form, and where the form in every page's footer is sent to."""
    status = 200
    form = SubscribeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if allowed(request, "subscribe"):
            _ask(request, form.cleaned_data["email"], _page_of_form(request))
            return redirect("newsletters:subscribed")
        form.add_error(None, _("That was many tries in a short time. Please wait an hour and try again."))
        status = 429
    context = {"form": form, "consent_text": services.CONSENT_TEXT}
    return render(request, "newsletters/subscribe.html", context, status=status)


def _ask(request: HttpRequest, email: str, source: str) -> None:
    """Above the address' own limit nothing is mailed, and the page says the same: nobody can learn or pester."""
    if allowed(request, "subscribe_address", key=email):
        services.subscribe(
            email=email,
            language=get_language() or "nb",
            source=source,
            consent_text=str(services.CONSENT_TEXT),
        )


def _page_of_form(request: HttpRequest) -> str:
    """Path of the page whose form was sent, without its query: a part of the proof of consent."""
    return urlsplit(request.headers.get("Referer", "")).path or request.path


@login_not_required
@require_safe
def subscribed(request: HttpRequest) -> HttpResponse:
    """The same answer for every address."""
    return render(request, "newsletters/subscribed.html", {"days": services.CONFIRM_WITHIN.days})


@login_not_required
@never_cache
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The page of the mailed link. Mail filters open links, so only the button (POST) subscribes."""
    subscriber = get_object_or_404(Subscriber, confirm_token=token)
    if request.method == "POST":
        services.confirm_subscription(token)
        return redirect("newsletters:confirm", token=token)
    context = {
        "subscriber": subscriber,
        "link_is_old": subscriber.asked_at < timezone.now() - services.CONFIRM_WITHIN,
    }
    return render(request, "newsletters/confirm.html", context)


@login_not_required
@never_cache
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """One button, and afterwards a way back."""
    subscriber = get_object_or_404(Subscriber, unsubscribe_token=token)
    if request.method == "POST":
        services.unsubscribe(token)
        return redirect("newsletters:unsubscribe", token=token)
    context = {"subscriber": subscriber, "consent_text": services.CONSENT_TEXT}
    return render(request, "newsletters/unsubscribe.html", context)


@login_not_required
@require_POST
def resubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """A new start by the mailed link once more: a forwarded newsletter must not let others sign its reader up."""
    subscriber = get_object_or_404(Subscriber, unsubscribe_token=token)
    _ask(request, subscriber.email.lower(), request.path.replace(token, "…"))
    return redirect("newsletters:subscribed")
