"""Searches that a person saved, and the page from which anybody ends their mails without a login."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stemportal.accounts.requests import PersonRequest
from stemportal.activities.finding.sentences import understood
from stemportal.activities.forms.saved import SavedSearchForm
from stemportal.activities.models import SavedSearch, search_address
from stemportal.activities.queries.saved import saved_as, saved_searches_of
from stemportal.activities.services import saved as services


@require_safe
def saved_searches(request: PersonRequest) -> HttpResponse:
    """All of them on one page: there are at most thirty."""
    found = saved_searches_of(request.user)
    return render(request, "activities/saved_searches.html", {"searches": found, "most": services.MOST_SAVED})


@require_http_methods(["GET", "HEAD", "POST"])
def search_save(request: PersonRequest) -> HttpResponse:
    """A name, suggested from what was chosen, and how often to mail. The search stands in the address."""
    query, suggested = understood(request.GET)
    already = saved_as(request.user, query)
    begins = {"name": already.name, "frequency": already.frequency} if already else {"name": suggested}
    form = SavedSearchForm(request.POST if request.method == "POST" else None, initial=begins)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            saved = services.save_search(user=request.user, query=query, **form.cleaned_data)
        except services.TooManySaved:
            text = _("You have %(number)s saved searches already. Delete one you no longer need first.")
            form.add_error(None, text % {"number": services.MOST_SAVED})
        except services.TooLongToSave:
            form.add_error(None, _("This search is too long to be saved. Take away a few words or filters."))
        else:
            messages.success(request, _saved_sentence(saved))
            return redirect("activities:saved_searches")
    if form.errors:
        status = 422
    context = {"form": form, "already": already, "words": suggested, "back": search_address(query)}
    return render(request, "activities/saved_search.html", context, status=status)


def _saved_sentence(saved: SavedSearch) -> str:
    sentences: dict[str, Any] = {
        SavedSearch.Frequency.INSTANT: _("“%(name)s” is saved. We mail you within minutes after something new fits."),
        SavedSearch.Frequency.WEEKLY: _("“%(name)s” is saved. We mail you on Monday mornings when something new fits."),
        SavedSearch.Frequency.NEVER: _("“%(name)s” is saved. You get no mail; it waits for you here."),
    }
    return sentences[saved.frequency] % {"name": saved.name}


@require_http_methods(["GET", "HEAD", "POST"])
def saved_search(request: PersonRequest, pk: int) -> HttpResponse:
    """Rename a saved search or change how often it mails. Strangers get a 404."""
    saved = get_object_or_404(SavedSearch, pk=pk, user=request.user)
    begins = {"name": saved.name, "frequency": saved.frequency}
    form = SavedSearchForm(request.POST if request.method == "POST" else None, initial=begins)
    if request.method == "POST" and form.is_valid():
        services.change_search(saved=saved, **form.cleaned_data)
        messages.success(request, _saved_sentence(saved))
        return redirect("activities:saved_searches")
    _query, words = understood(QueryDict(saved.query))
    context = {"form": form, "already": saved, "words": words, "back": reverse("activities:saved_searches")}
    return render(request, "activities/saved_search.html", context, status=422 if form.errors else 200)


@require_POST
def search_delete(request: PersonRequest, pk: int) -> HttpResponse:
    """Delete a saved search, with its mails."""
    saved = get_object_or_404(SavedSearch, pk=pk, user=request.user)
    saved.delete()
    messages.success(request, _("“%(name)s” is deleted.") % {"name": saved.name})
    return redirect("activities:saved_searches")


# From the mails, without a login


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def search_stop(request: HttpRequest, token: str) -> HttpResponse:
    """One button that ends the mails. Mail filters open links, so only the button (POST) changes anything."""
    saved = get_object_or_404(SavedSearch, stop_token=token)
    if request.method == "POST":
        services.stop_mails(token)
        return redirect("activities:search_stop", token=token)
    return render(request, "activities/saved_search_stop.html", {"saved": saved})


@csrf_exempt
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def one_click(request: HttpRequest, token: str) -> HttpResponse:
    """For mail programs (RFC 8058): POST ends the mails at once. A person who opens it gets the page with the button.

    The body should be ``List-Unsubscribe=One-Click``; it is not insisted upon, for a wish to leave is never refused.
    """
    saved = get_object_or_404(SavedSearch.objects.select_related("user"), stop_token=token)
    if request.method == "POST":
        services.stop_mails(token)
        return HttpResponse("Unsubscribed.\n", content_type="text/plain; charset=utf-8")
    with translation.override(saved.user.language):
        return redirect(reverse("activities:search_stop", args=[token]))
