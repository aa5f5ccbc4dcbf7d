"""Reads about partners for the public pages."""

from __future__ import annotations

from django.db.models import CharField, F, Func, Max, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Collate, Lower

from stemportal.partners.models import Partner, Signature
from stemportal.places.models import Municipality


def norwegian_order(field: str) -> Collate:
    """Return an expression that sorts names æ, ø, å last and without regard to case.

    A portable PostgreSQL has no Norwegian collation, so the three letters are put after z by hand.
    """
    letters = Func(Lower(F(field)), Value("æäøöå"), Value("{{||}"), function="translate", output_field=CharField())
    return Collate(letters, "C")


def directory() -> QuerySet[Partner]:
    """Approved partners for the directory, in alphabetical order, with what a line shows."""
    return (
        Partner.objects.approved()
        .select_related("municipality__county")
        .defer("about")
        .order_by(norwegian_order("display_name"), "pk")
    )


def signatories() -> QuerySet[Partner]:
    """Approved partners that signed, with ``signed_at`` and ``signed_version`` of the newest signature."""
    newest = Signature.objects.filter(partner=OuterRef("pk")).order_by("-declaration__version")
    return (
        directory()
        .annotate(
            signed_at=Max("signatures__signed_at"),
            signed_version=Subquery(newest.values("declaration__version")[:1]),
        )
        .filter(signed_at__isnull=False)
    )


def municipality_choices() -> list[tuple[str, list[tuple[int, str]]]]:
    """Return today's municipalities grouped by county, both in alphabetical order, as choices of a select."""
    rows = (
        Municipality.objects.filter(valid_to__isnull=True)
        .order_by(norwegian_order("county__name"), norwegian_order("name"))
        .values_list("county__name", "pk", "name")
    )
    groups: dict[str, list[tuple[int, str]]] = {}
    for county, pk, name in rows:
        groups.setdefault(county, []).append((pk, name))
    return list(groups.items())
