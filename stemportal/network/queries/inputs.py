"""Reads about input: lists for partners, what a hearing brought, and what a recommendation rests on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from stemportal.network.access_inputs import Reader, readable
from stemportal.network.models import Hearing, Input, InputQuerySet, InputSupport, Recommendation
from stemportal.partners.models import Partner

OURS, SUPPORTED = "ours", "supported"
NEWEST, MOST_SUPPORTED = "newest", "support"
# A hearing that ends within so many days is among the pressing tasks.
SOON = timedelta(days=7)


def inputs_for(reader: Reader, *, whose: str = "", status: str = "", order: str = "") -> InputQuerySet:
    """Return the input that the person may read, with partner, hearing, ``supporters`` and ``is_supported`` by its own.

    ``whose``: OURS, SUPPORTED or all; ``status``: one of Input.Status or any; ``order``: the newest first, or what
    has most support.
    """
    found = readable(reader)
    if whose == OURS:
        found = found.filter(partner__in=reader.partner_ids)
    elif whose == SUPPORTED:
        found = found.filter(_supported_by(reader)).exclude(partner__in=reader.partner_ids)
    else:
        found = found.exclude(status=Input.Status.WITHDRAWN)
    if status:
        found = found.filter(status=status)
    return listed(found, reader, order)


def listed(found: InputQuerySet, reader: Reader, order: str = "") -> InputQuerySet:
    """Add to input what a list shows of it."""
    shown: Any = (
        found.select_related("partner", "hearing").with_supporters().annotate(is_supported=_supported_by(reader))
    )
    first = ["-supporters"] if order == MOST_SUPPORTED else []
    ordered: InputQuerySet = shown.order_by(*first, "-at", "-pk")
    return ordered


def _supported_by(reader: Reader) -> Exists:
    return Exists(InputSupport.objects.filter(input=OuterRef("pk"), partner__in=reader.partner_ids))


def inputs_of_hearing(hearing: Hearing, reader: Reader, order: str = "") -> InputQuerySet:
    """Return what a hearing brought, as far as the person may read it."""
    found = readable(reader).filter(hearing=hearing).exclude(status=Input.Status.WITHDRAWN)
    return listed(found, reader, order)


def supporters_of(found: Input) -> QuerySet[InputSupport]:
    """Return the other partners that stand behind an input, the first one first."""
    return found.supports.exclude(partner=found.partner_id).select_related("partner").order_by("at", "pk")


def closed_hearings() -> QuerySet[Hearing]:
    """Return hearings that are over, the newest first."""
    return Hearing.objects.filter(closes_at__lte=timezone.now()).order_by("-closes_at", "-pk")


def to_answer(partner: Partner) -> QuerySet[Hearing]:
    """Return open hearings to which the partner has sent nothing, the one that ends first before the others."""
    sent = Input.objects.filter(hearing=OuterRef("pk"), partner=partner).exclude(status=Input.Status.WITHDRAWN)
    return Hearing.objects.open().filter(~Exists(sent))


def named_in(recommendation: Recommendation) -> QuerySet[Partner]:
    """Return the partners whose shared input a recommendation rests on, by name: for everybody's eyes."""
    shared = Input.objects.filter(recommendation=recommendation, is_shared=True, partner=OuterRef("pk"))
    return Partner.objects.approved().filter(Exists(shared)).order_by("display_name", "pk")
