"""Keeping offers to find them again: a button on the page of an offer and in lists, and a page of its own."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from stemportal.accounts.requests import PersonRequest
from stemportal.activities.access import offer_to_keep
from stemportal.activities.queries.saved import favourites_of, with_cards
from stemportal.activities.services.favourites import MOST_KEPT, TooManyKept, keep_offer, let_go

PER_PAGE = 24


@require_safe
def favourites(request: PersonRequest) -> HttpResponse:
    """What the person keeps, also what is no longer offered."""
    page = Paginator(favourites_of(request.user), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "favourites": with_cards(list(page))}
    return render(request, "activities/favourites.html", context)


@require_POST
def favourite(request: PersonRequest, pk: int) -> HttpResponse:
    """Keep an offer, or let it go when ``keep`` is "no". Twice is as good as once."""
    activity = offer_to_keep(request.user, pk)
    keep = request.POST.get("keep") != "no"
    if not keep:
        let_go(user=request.user, activity_id=pk)
    else:
        try:
            keep_offer(user=request.user, activity=activity)
        except TooManyKept:
            text = _("You keep %(number)s offers already. Let go of some you no longer need.")
            messages.warning(request, text % {"number": MOST_KEPT})
            return _back(request)
    if request.htmx:  # type: ignore[attr-defined]
        context = {"activity": activity, "is_kept": keep, "here": request.POST.get("next", "")}
        return render(request, "activities/_keep_button.html", context)
    text = _("“%(title)s” is among your favourites.") if keep else _("“%(title)s” is no longer among your favourites.")
    messages.success(request, text % {"title": activity.title})
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    """To the page that the button stood on, if it is one of ours; else to the favourites. A script loads it anew."""
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(headers={"HX-Refresh": "true"})
    where = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(where, allowed_hosts={request.get_host()}):
        return redirect("activities:favourites")
    return redirect(where)
