"""Asking for what a search did not find."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from stemportal.activities.finding.sentences import understood
from stemportal.activities.forms.asking import AskForm
from stemportal.activities.models import search_address
from stemportal.activities.services.asking import ask_for
from stemportal.activities.services.saved import LONGEST_QUERY
from stemportal.lib.ratelimit import allowed

TOO_MANY = 429
# As much of what was looked for stands in the secretariat's queue.
LONGEST_WORDS = 300


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """What was looked for, a few words if one likes, and for visitors an address for the answer."""
    user = request.user if request.user.is_authenticated else None
    if request.method != "POST":
        query, words = understood(request.GET)
        return _page(request, AskForm(user=user), query, words)
    form = AskForm(request.POST, user=user)
    query, words = understood(QueryDict(request.POST.get("search", "")[:LONGEST_QUERY]))
    if not form.is_valid():
        return _page(request, form, query, words, status=422)
    facts = form.cleaned_data
    email = facts.get("email", "")
    if not _may_ask(request, email, has_proof=form.has_proof):
        form.only_say(_("That was many questions in a short time. Nothing is lost: please send it in an hour."))
        return _page(request, form, query, words, status=TOO_MANY)
    ask_for(
        query=query[:LONGEST_QUERY],
        words=words[:LONGEST_WORDS],
        user=user,
        email=email,
        message=facts["message"],
        language=get_language() or "nb",
    )
    return redirect("activities:asked")


def _may_ask(request: HttpRequest, email: str, *, has_proof: bool) -> bool:
    """Limits of the visitor, stricter without proof of work, and of the address that an answer goes to."""
    if not allowed(request, "ask"):
        return False
    if request.user.is_authenticated:
        return True
    if not has_proof and not allowed(request, "ask_without_proof"):
        return False
    return allowed(request, "ask_address", key=email)


def _page(request: HttpRequest, form: AskForm, query: str, words: str, status: int = 200) -> HttpResponse:
    context = {"form": form, "words": words, "query": query, "back": search_address(query)}
    return render(request, "activities/ask.html", context, status=status)


@login_not_required
@require_safe
def asked(request: HttpRequest) -> HttpResponse:
    """What happens next."""
    return render(request, "activities/asked.html")
