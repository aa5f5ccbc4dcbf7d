"""Reads for comparing partners with Enhetsregisteret."""

from __future__ import annotations

from django.db.models import OuterRef, QuerySet, Subquery

from stemportal.lib.brreg import Answer
from stemportal.partners.models import Partner, RegisterProposal
from stemportal.places.models import Municipality

# Who is compared: who is in the programme or wants to be.
COMPARED = [Partner.Status.APPLIED, Partner.Status.APPROVED, Partner.Status.PAUSED]
CHUNK = 100


def compared() -> QuerySet[Partner]:
    """Partners that the nightly comparison asks about."""
    return Partner.objects.filter(country="NO", status__in=COMPARED, organisation_number__regex=r"^[0-9]{9}$").order_by(
        "pk"
    )


def after(pk: int) -> QuerySet[Partner, tuple[int, str]]:
    """Return (id, number) of the next partners to ask about: at most CHUNK, so that memory does not grow with them."""
    return compared().filter(pk__gt=pk).values_list("pk", "organisation_number")[:CHUNK]


def in_trouble() -> QuerySet[Partner]:
    """Partners in the programme that the register calls deleted, bankrupt or being closed down.

    ``trouble_since`` is when it first said what it says now.
    """
    states = Partner.changes.rel.related_model.objects.filter(  # type: ignore[attr-defined]  # made by lib.history
        pgh_obj=OuterRef("pk"), register_status=OuterRef("register_status")
    )
    return Partner.objects.filter(status__in=COMPARED, register_status__in=[Answer.DELETED, Answer.BANKRUPT]).annotate(
        trouble_since=Subquery(states.order_by("pgh_id").values("pgh_created_at")[:1])
    )


def municipality_numbers() -> set[str]:
    """Return the numbers of today's municipalities."""
    return set(Municipality.objects.filter(valid_to__isnull=True).values_list("number", flat=True))


def with_place_names(proposals: QuerySet[RegisterProposal]) -> QuerySet[RegisterProposal]:
    """Add ``our_place`` and ``their_place``: the names of the municipalities, where a proposal is about one."""
    places = Municipality.objects.filter(valid_to__isnull=True).values("name")
    return proposals.annotate(
        our_place=Subquery(places.filter(number=OuterRef("ours"))[:1]),
        their_place=Subquery(places.filter(number=OuterRef("theirs"))[:1]),
    )
