"""Making two registrations of one organisation one: find the other, compare them, choose the facts, merge."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from stemportal.partners.admin.common import back_to, page, partner_to_change, staff
from stemportal.partners.models import Partner
from stemportal.partners.queries.applications import possible_duplicates
from stemportal.partners.queries.merging import NEVER_IN, belongings, differences, refusal, suggested_order
from stemportal.partners.services.merging import CannotMerge, merge_partners

# Hits shown of a search for the other registration: more means that the words are too few.
HITS = 20


def find(model_admin: ModelAdmin[Any], request: HttpRequest, pk: int) -> HttpResponse:
    """Choose the other registration: those that look alike, or by name or number."""
    partner = partner_to_change(model_admin, request, pk)
    words = request.GET.get("q", "").strip()
    return page(
        model_admin,
        request,
        "merge_find",
        _("Merge %(partner)s with another registration") % {"partner": partner},
        partner=partner,
        words=words,
        hits=list(mergeable(partner, words)[:HITS]) if words else [],
        most=HITS,
        lookalikes=[found for found in possible_duplicates(partner) if can_be_chosen(found.partner)],
    )


def mergeable(partner: Partner, words: str) -> QuerySet[Partner]:
    """Registrations with these words in their name or this number, the closest names first."""
    number = "".join(words.split())
    match = Q(display_name__icontains=words) | Q(legal_name__icontains=words) | Q(organisation_number=number)
    others = Partner.objects.filter(match, merged_into=None).exclude(pk=partner.pk)
    return others.exclude(status__in=NEVER_IN).order_by("display_name", "pk")


def can_be_chosen(partner: Partner) -> bool:
    """Say whether a registration has anything to merge."""
    return partner.merged_into_id is None and partner.status not in NEVER_IN


def merge(model_admin: ModelAdmin[Any], request: HttpRequest, pk: int, other_pk: int) -> HttpResponse:
    """Show the two side by side and what moves; merge on POST. ``?keep=`` says which one stays."""
    one = partner_to_change(model_admin, request, pk)
    two = partner_to_change(model_admin, request, other_pk)
    keep, gone = suggested_order(one, two)
    if request.GET.get("keep") == str(gone.pk):
        keep, gone = gone, keep
    reason = refusal(keep, gone)
    if request.method == "POST" and not reason:
        facts = [found.name for found in differences(keep, gone) if request.POST.get(f"fact-{found.name}") == "other"]
        try:
            merge_partners(keep=keep, gone=gone, facts=facts, by=staff(request))
        except CannotMerge as refused:
            messages.error(request, str(refused.reason))
            return redirect("admin:partners_partner_merge_find", pk)
        messages.success(request, _("%(gone)s is now part of %(keep)s.") % {"gone": gone, "keep": keep})
        return back_to(keep)
    here = reverse("admin:partners_partner_merge", args=[pk, other_pk])
    return page(
        model_admin,
        request,
        "merge",
        _("Make %(one)s and %(two)s one") % {"one": one, "two": two},
        partner=one,
        keep=keep,
        gone=gone,
        refusal=reason,
        can_turn=not refusal(gone, keep),
        turned=f"{here}?keep={gone.pk}",
        action=f"{here}?keep={keep.pk}",
        differences=[] if reason else differences(keep, gone),
        belongings=[] if reason else belongings(keep, gone),
        people=gone.memberships.select_related("user").order_by("joined_at", "pk"),
    )
