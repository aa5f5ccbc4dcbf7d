"""What a partner says it did for pupils outside the portal: a list in its room, and a form."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stemportal.accounts.requests import PersonRequest
from stemportal.activities.access import own_word_for_member
from stemportal.activities.forms.own_words import OwnWordForm
from stemportal.activities.models import OwnWord
from stemportal.activities.services import own_words as services
from stemportal.partners.access import READ_ONLY, membership_of, partner_for_member
from stemportal.partners.models import Partner

PAGE_SIZE = 25


@require_safe
def own_words(request: HttpRequest, partner_pk: int) -> HttpResponse:
    """Everything the partner has told, the latest first."""
    membership = membership_of(request.user, partner_pk)
    partner = membership.partner
    rows = OwnWord.objects.filter(partner=partner).select_related("kind")
    context = {
        "partner": partner,
        "room": "reports",
        "page_obj": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "sums": rows.aggregate(pupils=Sum("pupils"), hours=Sum("hours")),
        "may_edit": membership.may_edit and partner.status not in READ_ONLY,
    }
    return render(request, "activities/own_words/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def own_word_add(request: PersonRequest, partner_pk: int) -> HttpResponse:
    """Tell of something new."""
    partner = partner_for_member(request.user, partner_pk, edit=True)
    form = OwnWordForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.add_own_word(partner=partner, facts=form.cleaned_data, by=request.user)
        except services.TooManyOwnWords:
            form.add_error(
                None,
                _("You have told of %(number)s things in that year, which is as many as fit. Put some together.")
                % {"number": services.MOST_A_YEAR},
            )
        else:
            messages.success(request, _("Saved. It stands in your figures as your own word."))
            return redirect("activities:own_words", partner.pk)
    return _editor(request, partner, form)


@require_http_methods(["GET", "HEAD", "POST"])
def own_word_edit(request: PersonRequest, pk: int) -> HttpResponse:
    """Put right what was told."""
    own_word = own_word_for_member(request.user, pk, edit=True)
    # A copy: what was typed must not stand in the heading.
    form = OwnWordForm(request.POST if request.method == "POST" else None, instance=OwnWord.objects.get(pk=pk))
    if request.method == "POST" and form.is_valid():
        services.change_own_word(own_word=own_word, facts=form.cleaned_data, by=request.user)
        messages.success(request, _("Saved."))
        return redirect("activities:own_words", own_word.partner_id)
    return _editor(request, own_word.partner, form, own_word=own_word)


def _editor(request: HttpRequest, partner: Partner, form: OwnWordForm, **more: Any) -> HttpResponse:
    context = {"partner": partner, "room": "reports", "form": form, **more}
    return render(request, "activities/own_words/edit.html", context, status=422 if form.errors else 200)


@require_POST
def own_word_delete(request: PersonRequest, pk: int) -> HttpResponse:
    """Take back what was told."""
    own_word = own_word_for_member(request.user, pk, edit=True)
    services.delete_own_word(own_word=own_word)
    messages.success(request, _("Deleted. Your figures no longer count it."))
    return redirect("activities:own_words", own_word.partner_id)
