"""What a subscriber gets: by the link in every newsletter, and among the account's pages for who is logged in."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from stemportal.newsletters.access import get_subscriber_of_link
from stemportal.newsletters.addresses import AddressError
from stemportal.newsletters.consent_story import story_of
from stemportal.newsletters.forms import ChoicesForm, WishesForm
from stemportal.newsletters.models import Subscriber
from stemportal.newsletters.services import consents, offering
from stemportal.newsletters.services.preferences import change_choices, send_new_link

ACTIVE = Subscriber.Status.ACTIVE


@login_not_required
@never_cache
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    """The choices behind a mailed link. One that has run out shows nothing about anybody, and offers a new one."""
    subscriber, has_run_out = get_subscriber_of_link(token)
    if has_run_out:
        return render(request, "newsletters/link_old.html", {"token": token})
    source = request.path.replace(token, "…")
    return _choices(request, subscriber, source=source, template="newsletters/preferences.html")


@login_not_required
@require_POST
def new_link(request: HttpRequest, token: str) -> HttpResponse:
    """A fresh link goes to the subscriber's own address. The answer is the same whether that still subscribes."""
    subscriber, _has_run_out = get_subscriber_of_link(token)
    send_new_link(subscriber.pk)
    messages.success(
        request, _("If you still subscribe, a mail with a new link is on its way. We send one a day at most.")
    )
    return redirect("newsletters:preferences", token=token)


@never_cache
def mine(request: HttpRequest) -> HttpResponse:
    """The newsletter among the account's pages: yes with the words beside the button, or the choices."""
    user = request.user
    subscriber = offering.subscription_of(user)  # type: ignore[arg-type]  # login is required
    if subscriber and subscriber.status == ACTIVE:
        return _choices(request, subscriber, source=request.path, template="newsletters/mine.html")
    form = WishesForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _accept(request, form)
    context = {"form": form, "consent_text": consents.words_now().text}
    return render(request, "newsletters/mine.html", context)


def _accept(request: HttpRequest, form: WishesForm) -> HttpResponse:
    try:
        is_done = offering.accept(
            user=request.user,  # type: ignore[arg-type]  # login is required
            language=get_language() or "nb",
            source=request.path,
            **form.choices,
        )
    except AddressError as error:
        messages.error(request, str(error))
        return redirect("newsletters:mine")
    if not is_done:
        return redirect("newsletters:subscribed")
    messages.success(request, _("Welcome! You get the next newsletter."))
    return redirect("newsletters:mine")


@require_POST
def not_now(request: HttpRequest) -> HttpResponse:
    """No, thank you: the box goes, and does not come back."""
    offering.decline(request.user)  # type: ignore[arg-type]  # login is required
    messages.success(request, _("All right. Should you want it later: it is under “Account and security”."))
    back = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return redirect(back)
    return redirect("newsletters:mine")


def _choices(request: HttpRequest, subscriber: Subscriber, *, source: str, template: str) -> HttpResponse:
    form = ChoicesForm(request.POST if request.method == "POST" else None, subscriber=subscriber)
    if request.method == "POST" and subscriber.status == ACTIVE and form.is_valid():
        change_choices(subscriber=subscriber, language=form.cleaned_data["language"], source=source, **form.choices)
        messages.success(request, _("Saved. The next newsletter comes as you have chosen."))
        return redirect(request.path)
    context = {
        "subscriber": subscriber,
        "subscribes": subscriber.status == ACTIVE,
        "form": form,
        "story": story_of(subscriber),
    }
    return render(request, template, context)
